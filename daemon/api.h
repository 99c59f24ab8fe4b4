/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api.h - a small HTTP API on a loopback address, in the event loop (--listen).
 *
 * api_routes.c lists what there is, openapi.json describes it. HEAD is taken, too. Errors are
 * {"error":"code","message":"for a person"}.
 */
#ifndef NETLAT_API_H
#define NETLAT_API_H

#include <systemd/sd-event.h>

#include "api_source.h"

struct api;

/*
 * Listen on `listen` (listen_address.h) and answer from `loop`, without threads, until
 * api_free(). What `source` points to is read at each request. SIGPIPE must be ignored. NULL
 * and errno on failure, which has been said then.
 */
struct api *api_new(sd_event *loop, const char *listen, const struct api_source *source);
void api_free(struct api *api);

/* The port it listens on: with port 0 the one that was free. */
u16 api_port(const struct api *api);

#endif
