/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* server_timing.h - how long a server says that it took, from the head of its response. */
#ifndef NETLAT_SERVER_TIMING_H
#define NETLAT_SERVER_TIMING_H

#include <stddef.h>

#include "abi.h"

/* Which field said so. */
enum server_timing_field {
	SERVER_TIMING_NONE = 0,
	SERVER_TIMING_W3C,     /* Server-Timing (W3C Server Timing) */
	SERVER_TIMING_RUNTIME, /* X-Runtime: seconds, by Rails */
	SERVER_TIMING_ENVOY,   /* x-envoy-upstream-service-time: milliseconds, by Envoy */
};

/* What is longer than this (11 days) is not believed. */
#define SERVER_TIMING_NS_MAX 1000000000000000ULL

struct server_timing {
	u64 duration_ns; /* 0 may have been said, too: see `field` */
	enum server_timing_field field;
};

/*
 * Read the first `length` bytes of a response (RFC 9112, 4), which may be cut anywhere; heads of
 * interim ones may come before its own, and say nothing of it. Only whole lines count, and only
 * numbers of digits with or without a decimal point.
 *
 * Of several fields the first in the order of enum server_timing_field counts, as it is
 * closest to who did the work. Of several Server-Timing metrics with a `dur`, in any
 * number of lines, it is the first named `total`, else the largest: metrics may be parts
 * of each other, so their sum means nothing. Of the other fields it is the first line with a
 * number.
 */
void server_timing_read(struct server_timing *ret_timing, const u8 *bytes, size_t length);

/* The field as it is commonly written; NULL for none. */
const char *server_timing_field_name(enum server_timing_field field);

#endif
