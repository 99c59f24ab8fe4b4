/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session_api.h - what a live run serves by HTTP (--listen): the API, fed from the session. */
#ifndef NETLAT_SESSION_API_H
#define NETLAT_SESSION_API_H

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "api.h"
#include "api_metrics.h"
#include "session_common.h"

struct session_api {
	struct api *api; /* NULL: nothing is served */
	struct api_source source;
	struct snapshot_cache *snapshots;
	struct api_metrics *metrics;
	struct transaction_list *transactions;
};

/*
 * Listen where the options say, or else on LISTEN_ADDRESS_STANDARD if that can be had, and answer
 * from `loop` about `session`, whose engine may be opened after this, but before the loop runs. So
 * sockets are there before any hook is. False, and said, if it cannot.
 */
bool session_api_open(struct session_api *session_api, struct session *session, sd_event *loop);

/* Read token, certificate and key again: api_reload(). 0 or a negative errno, which was said. */
int session_api_reload(struct session_api *session_api);

void session_api_close(struct session_api *session_api);

#endif
