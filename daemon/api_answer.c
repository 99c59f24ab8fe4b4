/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_answer.c - what the API says to a request, and of itself.
 *
 * Nothing of a request becomes part of a file's path: an id is looked up, and the path is
 * that of the entry.
 */
#include "api_answer.h"

#include <stdio.h>
#include <string.h>

#include "api_json.h"
#include "api_routes.h"

#define ROOT_BYTES_MAX 16384
#define METHODS_TAKEN "GET, HEAD"
#define DESCRIPTION "Latency, errors and rate of HTTP/1 by service and client, from packets"

bool api_is_method_taken(const char *method)
{
	return strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
	       strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

static const char *observed(const struct api_source *source)
{
	struct engine *engine = *source->engine;

	return engine->ops->title(engine);
}

enum MHD_Result api_answer_root(const struct api_request *request)
{
	const struct api_source *source = request->source;
	struct json_text text;

	if (json_text_init(&text, ROOT_BYTES_MAX) != 0)
		return MHD_NO;
	json_text_literal(&text, "{\"service\":");
	api_json_text(&text, source->service);
	API_JSON_KEY(&text, "version");
	api_json_text(&text, source->version);
	json_text_literal(&text, ",\"description\":\"" DESCRIPTION "\",\"observed\":");
	api_json_text(&text, observed(source));
	json_text_literal(&text, ",\"endpoints\":{");
	for (const struct api_route *route = api_routes; route->path; route++) {
		if (route != api_routes)
			json_text_literal(&text, ",");
		json_text_literal(&text, "\"GET ");
		api_json_append(&text, route->path);
		json_text_literal(&text, "\":");
		api_json_text(&text, route->description);
	}
	json_text_literal(&text, "}}\n");
	return api_reply_json(request, MHD_HTTP_OK, &text);
}

struct query_reading {
	struct api_query query;
	bool is_bad;
	char error[API_ERROR_BYTES_MAX];
};

static enum MHD_Result read_parameter(void *userdata, enum MHD_ValueKind kind, const char *name,
				      size_t name_length, const char *value, size_t value_length)
{
	struct query_reading *reading = userdata;

	(void)kind;
	reading->is_bad = !api_query_set(&reading->query, name, name_length, value, value_length,
					 reading->error);
	return reading->is_bad ? MHD_NO : MHD_YES;
}

static enum MHD_Result answer_route(const struct api_request *request,
				    const struct api_route *route)
{
	struct query_reading reading = { .is_bad = false };
	struct api_request asked = *request;

	api_query_init(&reading.query, &route->query);
	MHD_get_connection_values_n(request->connection, MHD_GET_ARGUMENT_KIND, read_parameter,
				    &reading);
	if (reading.is_bad)
		return api_reply_error(request, MHD_HTTP_BAD_REQUEST, "bad_request", reading.error);
	asked.query = &reading.query;
	return route->answer(&asked);
}

enum MHD_Result api_answer(const struct api_request *request)
{
	const struct api_route *route = api_route_find(request->path);

	if (!api_is_method_taken(request->method))
		return api_reply_method(request, METHODS_TAKEN);
	return route ? answer_route(request, route) : api_reply_not_found(request);
}
