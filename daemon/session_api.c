/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session_api.c - what a live run serves by HTTP (--listen): the API, fed from the session. */
#include "session_api.h"

#include "version.h"

static const char *title(void *userdata)
{
	struct engine *engine = ((struct session *)userdata)->engine;

	return engine->ops->title(engine);
}

static const char *interface_name(void *userdata, u32 ifindex)
{
	struct engine *engine = ((struct session *)userdata)->engine;

	return engine->ops->interface_name(engine, ifindex);
}

bool session_api_open(struct session_api *session_api, struct session *session, sd_event *loop)
{
	if (!session->options->listen)
		return true;
	session_api->source = (struct api_source){
		.slow = slow_run_list(session->slow),
		.service = "netlat",
		.version = NETLAT_VERSION,
		.title = title,
		.interface_name = interface_name,
		.userdata = session,
		.names = session->names,
	};
	session_api->api = api_new(loop, session->options->listen, &session_api->source);
	return session_api->api != NULL;
}

void session_api_close(struct session_api *session_api)
{
	api_free(session_api->api);
	session_api->api = NULL;
}
