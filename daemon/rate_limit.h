/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rate_limit.h - so many a minute: a token bucket that holds a minute's tokens. */
#ifndef NETLAT_RATE_LIMIT_H
#define NETLAT_RATE_LIMIT_H

#include <stdbool.h>

#include "abi.h"

#define RATE_LIMIT_MAX 100000000 /* a minute; what is beyond is taken as this */

struct rate_limit {
	u64 per_minute; /* 0: no limit */
	u64 credit;	/* in tokens times nanoseconds of a minute: no remainder is ever lost */
	u64 latest_ns;	/* up to when it was refilled */
	bool is_started;
};

/* A full bucket. */
void rate_limit_init(struct rate_limit *limit, u32 per_minute);

/*
 * Take a token; false if there is none. Time is of any clock; where it goes back, nothing is
 * refilled until it is past its latest again.
 */
bool rate_limit_take(struct rate_limit *limit, u64 now_ns);

#endif
