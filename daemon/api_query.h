/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_query.h - the query parameters of GET /api/v1/slow. */
#ifndef NETLAT_API_QUERY_H
#define NETLAT_API_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "abi.h"

#define API_LIMIT_DEFAULT 100
#define API_LIMIT_MAX 256
#define API_ERROR_BYTES_MAX 256

struct api_query {
	size_t limit;
	int cause; /* enum nl_cause; -1: any */
	u64 min_duration_ns;
};

void api_query_init(struct api_query *query);

/*
 * Take in one parameter, of which `value` is NULL where there was no `=`. Lengths are those of
 * the decoded bytes, which may hold zeros. False, and a sentence for a person in `error`,
 * if there is no such parameter or its value is none.
 */
bool api_query_set(struct api_query *query, const char *name, size_t name_length, const char *value,
		   size_t value_length, char error[API_ERROR_BYTES_MAX]);

#endif
