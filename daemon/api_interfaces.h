/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_interfaces.h - what is observed by which hooks, for the API, and whether that is all of it.
 */
#ifndef NETLAT_API_INTERFACES_H
#define NETLAT_API_INTERFACES_H

#include "api_reply.h"

enum MHD_Result api_answer_interfaces(const struct api_request *request);

/* 200 while every interface asked for is observed; else 503 and the reason. */
enum MHD_Result api_answer_health(const struct api_request *request);

#endif
