/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_reply.c - how the API's answers are sent. */
#include "api_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
static struct MHD_Response *text_response(struct json_text *text)
{
	struct MHD_Response *response = NULL;

	if (text->begin && !text->error) {
		response = MHD_create_response_from_buffer((size_t)(text->at - text->begin),
							   text->begin, MHD_RESPMEM_MUST_FREE);
		if (response)
			text->begin = NULL;
	}
	json_text_free(text);
	return response;
}

enum MHD_Result api_reply_json(const struct api_request *request, unsigned status,
			       struct json_text *text)
{
	return api_reply(request, status, text_response(text), API_JSON_TYPE);
}

static struct MHD_Response *error_response(const char *code, const char *message)
{
	struct json_text text;

	if (json_text_init(&text, ERROR_BYTES_MAX) != 0)
		return NULL;
	json_text_literal(&text, "{\"error\":");
	api_json_text(&text, code);
	API_JSON_KEY(&text, "message");
	api_json_text(&text, message);
	json_text_literal(&text, "}\n");
	return text_response(&text);
}

enum MHD_Result api_reply_error(const struct api_request *request, unsigned status,
				const char *code, const char *message)
{
	return api_reply(request, status, error_response(code, message), API_JSON_TYPE);
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
	struct MHD_Response *response;

	snprintf(message, sizeof(message), "only %s (nothing here can be changed)", allowed);
	response = error_response("method_not_allowed", message);
	if (response &&
	    MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allowed) == MHD_NO) {
		MHD_destroy_response(response);
		return MHD_NO;
	}
	return api_reply(request, MHD_HTTP_METHOD_NOT_ALLOWED, response, API_JSON_TYPE);
}
