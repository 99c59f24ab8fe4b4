/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* container_request.h - a request to the container engine, which may be made repeatedly. */
#ifndef NETLAT_CONTAINER_REQUEST_H
#define NETLAT_CONTAINER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "curl_loop.h"

/* What is asked, and who is told. Fields that do not apply are 0 or NULL. */
struct container_request_spec {
	const char *url;
	long timeout_ms;	    /* for all of the answer; 0: none */
	curl_off_t bytes_per_s_max; /* slower than it could come; 0: no limit */
	/* The head of the answer is there. */
	void (*answered)(void *userdata);
	/* The next bytes of the answer. What it returns ends the request, as its error. */
	const char *(*take)(void *userdata, const char *bytes, size_t length);
	/* It is over; error NULL: the answer was whole. Not called after a stop. */
	void (*done)(void *userdata, const char *error);
};

struct container_request;

/* `spec` is not copied. NULL and errno on failure. */
struct container_request *container_request_new(struct curl_loop *curl_loop,
						const struct container_request_spec *spec,
						void *userdata);
void container_request_free(struct container_request *request);

/* Ask on the UNIX socket `path`; it must not be running. 0 or negative errno. */
int container_request_start(struct container_request *request, const char *path);
void container_request_stop(struct container_request *request);

#endif
