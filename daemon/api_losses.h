/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_losses.h - every counter for the API, and whether they add up. */
#ifndef NETLAT_API_LOSSES_H
#define NETLAT_API_LOSSES_H

#include "api_reply.h"

enum MHD_Result api_answer_losses(const struct api_request *request);

#endif
