/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_reply.c - how the API's answers are sent. */
#include "api_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_body.h"
#include "api_json.h"

#define ERROR_BYTES_MAX 4096
#define SHOWN_BYTES_MAX 80 /* of a path, in an error */

enum MHD_Result api_reply(const struct api_request *request, unsigned status,
			  struct MHD_Response *response, const char *type)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	/* It changes by itself, and a browser shall not guess what it is. */
	if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_NO ||
	    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store") ==
		    MHD_NO ||
	    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_NO)
		result = MHD_NO;
	else
		result = MHD_queue_response(request->connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* Takes the text, which may be NULL where there was no memory for it. */
static struct MHD_Response *text_response(const struct api_request *request, struct json_text *text)
{
	struct MHD_Response *response = NULL;

	if (text->begin && !text->error) {
		response = api_body_response(request->body_bytes, text->begin,
					     (size_t)(text->at - text->begin));
		text->begin = NULL;
	}
	json_text_free(text);
	return response;
}

enum MHD_Result api_reply_json(const struct api_request *request, unsigned status,
			       struct json_text *text)
{
	return api_reply(request, status, text_response(request, text), API_JSON_TYPE);
}

enum MHD_Result api_reply_error_with(const struct api_request *request,
				     const struct api_error *error)
{
	struct MHD_Response *response;
	struct json_text text;

	if (json_text_init(&text, ERROR_BYTES_MAX) != 0)
		return MHD_NO;
	json_text_literal(&text, "{\"error\":");
	api_json_text(&text, error->code);
	API_JSON_KEY(&text, "message");
	api_json_text(&text, error->message);
	json_text_literal(&text, "}\n");
	response = text_response(request, &text);
	if (response && error->field_name &&
	    MHD_add_response_header(response, error->field_name, error->field_value) == MHD_NO) {
		MHD_destroy_response(response);
		return MHD_NO;
	}
	return api_reply(request, error->status, response, API_JSON_TYPE);
}

enum MHD_Result api_reply_error(const struct api_request *request, unsigned status,
				const char *code, const char *message)
{
	const struct api_error error = { .status = status, .code = code, .message = message };

	return api_reply_error_with(request, &error);
}

enum MHD_Result api_reply_not_found(const struct api_request *request)
{
	char message[128];

	snprintf(message, sizeof(message), "%.*s: no such resource (GET / lists them)",
		 SHOWN_BYTES_MAX, request->path);
	return api_reply_error(request, MHD_HTTP_NOT_FOUND, "not_found", message);
}

enum MHD_Result api_reply_failure(const struct api_request *request, int error)
{
	return api_reply_error(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "internal_error",
			       strerror(-error));
}

enum MHD_Result api_reply_method(const struct api_request *request, const char *allowed)
{
	char message[128];
	const struct api_error error = {
		.status = MHD_HTTP_METHOD_NOT_ALLOWED,
		.code = "method_not_allowed",
		.message = message,
		.field_name = MHD_HTTP_HEADER_ALLOW,
		.field_value = allowed,
	};

	snprintf(message, sizeof(message), "only %s (nothing here can be changed)", allowed);
	return api_reply_error_with(request, &error);
}
