/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_body.c - bodies of answers, and the memory that they hold until clients took them. */
#include "api_body.h"

#include <stdlib.h>

struct body {
	size_t *body_bytes;
	size_t length;
	char *text;
};

static void free_body(void *userdata)
{
	struct body *body = userdata;

	*body->body_bytes -= body->length;
	free(body->text);
	free(body);
}

struct MHD_Response *api_body_response(size_t *body_bytes, char *text, size_t length)
{
	struct body *body = malloc(sizeof(*body));
	struct MHD_Response *response;

	if (!body) {
		free(text);
		return NULL;
	}
	*body = (struct body){ body_bytes, length, text };
	*body_bytes += length;
	response = MHD_create_response_from_buffer_with_free_callback_cls(length, text, free_body,
									  body);
	if (!response)
		free_body(body);
	return response;
}
