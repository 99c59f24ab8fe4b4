/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_server.h - libmicrohttpd as the API uses it: connections are handed to it, it calls back
 * with requests, and it runs only when it is told to.
 */
#ifndef NETLAT_API_SERVER_H
#define NETLAT_API_SERVER_H

#include <microhttpd.h>

#include "api_places.h"
#include "api_source.h"
#include "api_tls.h"
#include "api_token.h"
#include "export_json.h"
#include "rate_limit.h"

/* What requests of all connections share. */
struct api_host {
	struct api_source source;
	struct json_exporter *exporter;
	struct api_token token;
	struct places places;
	size_t body_bytes; /* api_body.h */
	/*
	 * Answers are made one after the other; what is asked when API_TURN_NS have passed since
	 * the turn began waits for the next, so that records are drained between two.
	 */
	u64 turn_begun_ns;
	struct rate_limit said; /* by the library, with -v: clients have a part in it */
	bool has_queued;
};

#define API_TURN_NS 10000000ULL

/*
 * Without threads and without a socket to listen on; with TLS if `tls` is not NULL, which need not
 * outlive the call. NULL and errno on failure.
 */
struct MHD_Daemon *api_server_start(struct api_host *host, const struct api_tls *tls);

/* With all its connections. */
void api_server_stop(struct api_host *host, struct MHD_Daemon *daemon);

/* Let go on what waited for the next turn; it does when the library is run. */
void api_server_resume(struct api_host *host);

/*
 * Hand over a connection that has its place; what becomes of the descriptor is the library's. False
 * if it could not take it: then the place is free again.
 */
bool api_server_add(struct MHD_Daemon *daemon, struct place *place, const struct sockaddr *address,
		    socklen_t length);

/* Close a connection: it is gone when the library is run. What its client did not take is dropped.
 */
void api_server_drop(struct place *place);

#endif
