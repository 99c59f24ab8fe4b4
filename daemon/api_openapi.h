/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_openapi.h - the API described for programs: openapi.json, as it is in the source tree. */
#ifndef NETLAT_API_OPENAPI_H
#define NETLAT_API_OPENAPI_H

#include "api_reply.h"

extern const char api_openapi_begin[], api_openapi_end[];

enum MHD_Result api_answer_openapi(const struct api_request *request);

#endif
