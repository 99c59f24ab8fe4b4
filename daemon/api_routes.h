/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_routes.h - every resource of the API: a line here, a handler, and its description in
 * openapi.json, which tests compare with this.
 */
#ifndef NETLAT_API_ROUTES_H
#define NETLAT_API_ROUTES_H

#include "api_reply.h"

struct api_route {
	const char *path; /* `{id}` in it stands for any text, which the handler judges */
	const char *description;
	struct api_query_form query; /* the parameters it takes; any other gets 400 */
	enum MHD_Result (*answer)(const struct api_request *request);
};

/* The last has no path. */
extern const struct api_route api_routes[];

/* NULL if there is none. */
const struct api_route *api_route_find(const char *path);

#endif
