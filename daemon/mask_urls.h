/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mask_urls.h - which bytes of an HTTP/1 stream are secrets of URLs (redact.h): of targets, and
 * of the values of Referer, Location and other fields that have URLs.
 *
 * Rather too many than too few: every line is looked at, also those of bodies, as it is not
 * always sure where these end.
 */
#ifndef NETLAT_MASK_URLS_H
#define NETLAT_MASK_URLS_H

#include <stdbool.h>
#include <stddef.h>

#include "abi.h"

/* Set MASK_SECRET in the marks of such bytes. All that are known in a row have to come at once. */
void mask_urls(const u8 *bytes, size_t count, bool is_response, u8 *marks);

#endif
