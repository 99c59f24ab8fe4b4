/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_answer.h - what the API says to a request. */
#ifndef NETLAT_API_ANSWER_H
#define NETLAT_API_ANSWER_H

#include <microhttpd.h>

#include "api_slow.h"

struct api_request {
	const struct api_source *source;
	struct json_exporter *exporter;
	struct MHD_Connection *connection;
	const char *path; /* decoded, without the query */
	const char *method;
};

/* GET and HEAD; what it says to any other is 405. */
bool api_is_method_taken(const char *method);

/* Queue the answer. MHD_NO closes the connection. */
enum MHD_Result api_answer(const struct api_request *request);

#endif
