/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_answer.h - what the API says to a request, and of itself. */
#ifndef NETLAT_API_ANSWER_H
#define NETLAT_API_ANSWER_H

#include "api_reply.h"

/* GET and HEAD; what it says to any other is 405. */
bool api_is_method_taken(const char *method);

/* Queue the answer; the request's query is read here. MHD_NO closes the connection. */
enum MHD_Result api_answer(const struct api_request *request);

/* Handler of /. */
enum MHD_Result api_answer_root(const struct api_request *request);

#endif
