/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_query_values.h - what the API's query parameters have as values. All return false, and leave
 * the output untouched, for what is none.
 */
#ifndef NETLAT_API_QUERY_VALUES_H
#define NETLAT_API_QUERY_VALUES_H

#include "api_query.h"

/* Digits alone, from `min` to `max`. */
bool api_value_integer(const char *value, u64 min, u64 max, u64 *ret);

/* Milliseconds, 0 to 1000000000, with or without a decimal point, as nanoseconds. */
bool api_value_milliseconds(const char *value, u64 *ret_ns);

/* `192.0.2.1` or `2001:db8::1`. */
bool api_value_address(const char *value, union nl_addr *ret);

/* ADDR, ADDR:PORT or [ADDR]:PORT; of an IPv6 address without brackets all is address. */
bool api_value_endpoint(const char *value, struct api_endpoint *ret);

/* A comma list of 503, 5xx and none. */
bool api_value_status(const char *value, u64 ret[API_STATUS_WORDS]);

/*
 * A time as nanoseconds since 1970: RFC 3339 (2026-01-31T12:00:00Z, with or without a fraction,
 * or an offset instead of Z), seconds with or without a fraction, or the nanoseconds that records
 * have (19 digits). A space is taken for the plus of an offset, which it is in a URL.
 */
bool api_value_time(const char *value, u64 *ret_ns);

#endif
