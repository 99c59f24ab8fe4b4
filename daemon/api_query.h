/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_query.h - the query parameters of the API. */
#ifndef NETLAT_API_QUERY_H
#define NETLAT_API_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "abi.h"

#define API_ERROR_BYTES_MAX 256
#define API_VALUE_BYTES_MAX 128 /* of one, decoded */

/* Which parameters there are. */
enum api_parameter {
	API_LIMIT = 0x01,
	API_CAUSE = 0x02,
	API_MIN_DURATION = 0x04, /* min_duration_ms */
	API_SERVICE = 0x08,
	API_CLIENT = 0x10,
	API_STATUS = 0x20,
	API_SINCE = 0x40,
	/* `after`, where a page begins: the last entry of the one before it. */
	API_AFTER_ID = 0x080,
	API_AFTER_SERVICE = 0x100,
	API_AFTER_CLIENT = 0x200,
};

/* Which of them a resource takes. */
struct api_query_form {
	unsigned parameters; /* enum api_parameter */
	size_t limit_default, limit_max;
};

/* One end of connections. */
struct api_endpoint {
	union nl_addr addr;
	u16 port; /* 0: any */
};

#define API_STATUS_MAX 599
#define API_STATUS_WORDS (API_STATUS_MAX / 64 + 1)

/* Only what `given` has (enum api_parameter) is set, but for the limit. */
struct api_query {
	const struct api_query_form *form;
	unsigned given;
	size_t limit;
	u32 cause; /* enum nl_cause */
	u64 min_duration_ns;
	struct api_endpoint service;
	union nl_addr client;
	u64 status[API_STATUS_WORDS]; /* bit n: status n is wanted; 0: transactions without one */
	u64 since_ns;		      /* since 1970 */
	u64 after_id;
	struct api_endpoint after; /* of a client: without a port */
};

/* Nothing given yet. The form must outlive the query. */
void api_query_init(struct api_query *query, const struct api_query_form *form);

/*
 * Take in one parameter, of which `value` is NULL where there was no `=`. Lengths are those of
 * the decoded bytes, which may hold zeros. False, and a sentence for a person in `error`, if the
 * form has no such parameter, it was given already, or its value is none.
 */
bool api_query_set(struct api_query *query, const char *name, size_t name_length, const char *value,
		   size_t value_length, char error[API_ERROR_BYTES_MAX]);

static inline bool api_query_has(const struct api_query *query, enum api_parameter parameter)
{
	return query->given & parameter;
}

/* Whether a status is among those asked for; every one is if none is asked for. */
bool api_query_wants_status(const struct api_query *query, unsigned status);

/* The same of a service, and of a client. */
bool api_query_wants_service(const struct api_query *query, const union nl_addr *addr, u16 port);
bool api_query_wants_client(const struct api_query *query, const union nl_addr *addr);

#endif
