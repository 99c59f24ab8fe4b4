/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* process_stats.h - what this process takes, as every client of Prometheus tells it. */
#ifndef NETLAT_PROCESS_STATS_H
#define NETLAT_PROCESS_STATS_H

#include <stdbool.h>

#include "abi.h"

struct process_stats {
	u64 cpu_ns; /* user and system, of all threads */
	u64 resident_bytes;
	u64 virtual_bytes;
	u64 open_fds;
	u64 max_fds;
	u64 start_time_ns; /* since the epoch, to a clock tick */
};

/* False, and *ret_stats untouched, where /proc does not tell. */
bool process_stats_read(struct process_stats *ret_stats);

#endif
