/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_services.h - services and clients for the API: the rows of a snapshot, two ways added up. */
#ifndef NETLAT_API_SERVICES_H
#define NETLAT_API_SERVICES_H

#include "api_reply.h"

enum MHD_Result api_answer_services(const struct api_request *request);
enum MHD_Result api_answer_clients(const struct api_request *request);

#endif
