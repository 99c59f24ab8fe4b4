/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_access.h - who may be answered. */
#ifndef NETLAT_API_ACCESS_H
#define NETLAT_API_ACCESS_H

#include <stdbool.h>

#include "api_reply.h"
#include "api_token.h"

/*
 * Whether a request may be answered; else with *ret_error. Where it came to a loopback address,
 * it needs_own_host: a browser of this host may have sent it for a web page. A token keeps it out,
 * too, so one of the two is enough. GET /health needs no token, so that what restarts a service
 * need not have it.
 */
bool api_access_check(const struct api_request *request, bool needs_own_host,
		      const struct api_token *token, struct api_error *ret_error);

#endif
