/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session_api.c - what a live run serves by HTTP (--listen): the API, fed from the session. */
#include "session_api.h"

#include "log.h"
#include "version.h"

bool session_api_open(struct session_api *session_api, struct session *session, sd_event *loop)
{
	if (!session->options->listen)
		return true;
	session_api->snapshots = snapshot_cache_new(&session->engine, SNAPSHOT_CACHE_AGE_NS);
	if (!session_api->snapshots) {
		log_error("out of memory");
		return false;
	}
	session_api->source = (struct api_source){
		.slow = session->slow ? slow_run_list(session->slow) : NULL,
		.service = "netlat",
		.version = NETLAT_VERSION,
		.engine = &session->engine,
		.snapshots = session_api->snapshots,
		.names = session->names,
	};
	session_api->api = api_new(loop, session->options->listen, &session_api->source);
	return session_api->api != NULL;
}

void session_api_close(struct session_api *session_api)
{
	api_free(session_api->api);
	session_api->api = NULL;
	snapshot_cache_free(session_api->snapshots);
	session_api->snapshots = NULL;
}
