/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* explain.h - why a transaction took as long as it did, in words. */
#ifndef NETLAT_EXPLAIN_H
#define NETLAT_EXPLAIN_H

#include <stddef.h>

#include "server_timing.h"

#define EXPLAIN_BYTES_MAX 320

/* record_whole_ns(), and the time of the handshake where that is the cause. */
u64 explain_whole_ns(const struct nl_record *record);

/*
 * One sentence without a full stop, of at most `size` bytes with its terminating zero: the whole
 * time, what most of it went to, and what is known of why. Returns its length.
 */
size_t explain_sentence(char *text, size_t size, const struct nl_record *record);

/* The same, and beside it what the server says that it took, if it says so. */
size_t explain_with_timing(char *text, size_t size, const struct nl_record *record,
			   const struct server_timing *timing);

#endif
