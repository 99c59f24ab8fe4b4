/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_reply.h - a request to the API, and how its answer is sent. */
#ifndef NETLAT_API_REPLY_H
#define NETLAT_API_REPLY_H

#include <microhttpd.h>

#include "api_query.h"
#include "api_source.h"
#include "export_json.h"

struct api_request {
	const struct api_source *source;
	size_t *body_bytes; /* of all answers that clients did not take yet: api_body.h */
	struct json_exporter *exporter;
	struct MHD_Connection *connection;
	const char *path; /* decoded, without the query */
	const char *method;
	const struct api_query *query; /* the route's parameters; set once the route is known */
};

/* Of all that is JSON. */
#define API_JSON_TYPE "application/json"

/*
 * Queue an answer and take its response, NULL of which closes the connection. It is marked as not
 * to be kept, and as being of `type` and nothing else.
 */
enum MHD_Result api_reply(const struct api_request *request, unsigned status,
			  struct MHD_Response *response, const char *type);

/* The same of JSON that json_text_init() began; an error in it closes the connection. */
enum MHD_Result api_reply_json(const struct api_request *request, unsigned status,
			       struct json_text *text);

/* {"error":code,"message":message}, and a field of the head (name NULL: none). */
struct api_error {
	unsigned status;
	const char *code;
	const char *message; /* for a person */
	const char *field_name, *field_value;
};

enum MHD_Result api_reply_error_with(const struct api_request *request,
				     const struct api_error *error);

/* The same without a field. */
enum MHD_Result api_reply_error(const struct api_request *request, unsigned status,
				const char *code, const char *message);

/* 404 with the path. */
enum MHD_Result api_reply_not_found(const struct api_request *request);

/* 500 of a negative errno. */
enum MHD_Result api_reply_failure(const struct api_request *request, int error);

/* 405 of a method that is none of `allowed` ("GET, HEAD"). */
enum MHD_Result api_reply_method(const struct api_request *request, const char *allowed);

#endif
