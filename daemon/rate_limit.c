/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rate_limit.c - so many a minute: a token bucket that holds a minute's tokens. */
#include "rate_limit.h"

#define MINUTE_NS 60000000000ULL /* also what a token costs, of the credit */

_Static_assert(RATE_LIMIT_MAX *MINUTE_NS <= ~0ULL / 2, "a full bucket, and what refills it");

void rate_limit_init(struct rate_limit *limit, u32 per_minute)
{
	u64 tokens = per_minute < RATE_LIMIT_MAX ? per_minute : RATE_LIMIT_MAX;

	*limit = (struct rate_limit){ .per_minute = tokens, .credit = tokens * MINUTE_NS };
}

bool rate_limit_take(struct rate_limit *limit, u64 now_ns)
{
	u64 full = limit->per_minute * MINUTE_NS, elapsed_ns = 0;

	if (limit->per_minute == 0)
		return true;
	if (!limit->is_started) {
		limit->is_started = true;
		limit->latest_ns = now_ns;
	} else if (now_ns > limit->latest_ns) {
		elapsed_ns = now_ns - limit->latest_ns;
		limit->latest_ns = now_ns;
	}
	if (elapsed_ns > MINUTE_NS)
		elapsed_ns = MINUTE_NS;
	limit->credit += elapsed_ns * limit->per_minute;
	if (limit->credit > full)
		limit->credit = full;
	if (limit->credit < MINUTE_NS)
		return false;
	limit->credit -= MINUTE_NS;
	return true;
}
