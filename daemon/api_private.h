/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_private.h - what api.c (the loop) and api_accept.c (connections) share. */
#ifndef NETLAT_API_PRIVATE_H
#define NETLAT_API_PRIVATE_H

#include "api.h"
#include "api_server.h"
#include "listener.h"
#include "options.h"

/* How often it is looked for connections that take too long, while there are any. */
#define API_LOOK_US 500000
/* Records are drained, and signals taken, first. */
#define API_PRIORITY (SD_EVENT_PRIORITY_NORMAL + 10)

/* With TLS the connections of TCP are another library daemon's than those of unix sockets. */
enum { PLAIN, SECURE, SERVER_COUNT };

struct api_listener {
	struct api *api;
	struct listener listener;
	sd_event_source *io;
};

struct api {
	struct api_settings settings;
	struct api_host host;
	struct api_tls tls;
	struct api_listener listeners[OPTIONS_LISTEN_MAX];
	size_t listener_count;
	struct MHD_Daemon *servers[SERVER_COUNT]; /* may be NULL */
	sd_event_source *ios[SERVER_COUNT];
	sd_event_source *timer;
	bool is_paused;	       /* connections wait, as none can be taken */
	u64 look_ns;	       /* when it is next looked for connections that take too long */
	sd_event_source *turn; /* the next, for what is queued */
	sd_event *loop;
};

/* Let the library do what there is to do. */
void api_run_servers(struct api *api);

/* The same, and see to it that it is done again in time. Negative on failure. */
int api_run(struct api *api);

/* Listen on one more. 0 or a negative errno, which was said. */
int api_listen(struct api *api, const char *text);

#endif
