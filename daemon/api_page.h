/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_page.h - lists of which an answer has a page: `limit` entries from behind `after` on, and the
 * address of the next page. Entries are in an order that does not change, so who follows `next` to
 * its end gets each once, whatever is added meanwhile.
 */
#ifndef NETLAT_API_PAGE_H
#define NETLAT_API_PAGE_H

#include "api_json.h"
#include "api_reply.h"

/* Room for what follows the entries: API_PAGE_BYTES_MAX bytes at most. */
#define API_PAGE_BYTES_MAX 8192

/*
 * `,"count":...,"limit":...,"next":...}` and a newline: the end of an answer of `count` entries.
 * `after` is what the next page comes after; NULL: this is the last.
 */
void api_page_end(struct json_text *text, const struct api_request *request, size_t count,
		  const char *after);

/*
 * `{"taken":...,"started":...,"recent_s":...,` of the snapshot that `cache` gave last; without
 * recent_s if `cache` is NULL.
 */
void api_page_begin(struct json_text *text, const struct snapshot_cache *cache,
		    const struct snapshot *snapshot);

#endif
