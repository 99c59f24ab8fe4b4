/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_transactions.h - the most recent transactions for the API. */
#ifndef NETLAT_API_TRANSACTIONS_H
#define NETLAT_API_TRANSACTIONS_H

#include "api_reply.h"

enum MHD_Result api_answer_transactions(const struct api_request *request);

#endif
