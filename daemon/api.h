/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api.h - the HTTP API, in the event loop (--listen).
 *
 * api_routes.c lists what there is, openapi.json describes it. HEAD is taken, too. Errors are
 * {"error":"code","message":"for a person"}.
 */
#ifndef NETLAT_API_H
#define NETLAT_API_H

#include <systemd/sd-event.h>

#include "api_source.h"

struct api;

struct api_settings {
	const char *const *listen; /* listen_address.h */
	size_t listen_count;
	const char *token_file; /* NULL: requests need no token */
	const char *tls_cert;	/* NULL: no TLS; else with its key */
	const char *tls_key;
	bool is_open_knowingly; /* --insecure: nothing is said of tokens in the clear */
	bool is_optional;	/* what cannot be listened on is said with -v only */
};

/*
 * Listen, and answer from `loop`, without threads, until api_free(). What `source` and `settings`
 * point to is read at requests and reloads. SIGPIPE must be ignored. NULL and errno on failure,
 * which has been said then.
 *
 * Unix sockets need neither token nor TLS: who can open their file is let in.
 */
struct api *api_new(sd_event *loop, const struct api_settings *settings,
		    const struct api_source *source);
void api_free(struct api *api);

/*
 * Read token, certificate and key again. A new certificate ends the connections that have TLS. What
 * is wrong is said, and the old ones stay: then a negative errno. 0.
 */
int api_reload(struct api *api);

/* The port of the first that is no path; with port 0 the one that was free. */
u16 api_port(const struct api *api);

#endif
