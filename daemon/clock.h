/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* clock.h - the time now, in ns. Packets and records have the monotonic clock's. */
#ifndef NETLAT_CLOCK_H
#define NETLAT_CLOCK_H

#include <time.h>

#include "abi.h"

static inline u64 clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
}

static inline u64 monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* To be added to a monotonic time to have it since the epoch: changes as the clock is set. */
static inline u64 epoch_offset_ns(void)
{
	return clock_ns(CLOCK_REALTIME) - monotonic_ns();
}

#endif
