/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live_maps.h - what the kernel counts, through memory that it shares: no system call a value. */
#ifndef NETLAT_LIVE_MAPS_H
#define NETLAT_LIVE_MAPS_H

#include "budget.h"
#include "metrics.h"

struct live_maps {
	struct budget budget;
	int rows_fd;
	const struct nl_stats *stats;	    /* mapped: rows * shards */
	const struct nl_counters *counters; /* mapped: by CPU, and the sweep's */
};

/*
 * Map the statistics and counters of maps of the sizes in *budget. 0 or negative errno;
 * live_maps_close() undoes either.
 */
int live_maps_open(struct live_maps *maps, const struct budget *budget, int rows_fd, int stats_fd,
		   int counters_fd);
void live_maps_close(struct live_maps *maps);

/* Fill *snapshot with rows and counters, not with times. 0 or negative errno. */
int live_maps_snapshot(const struct live_maps *maps, struct snapshot *snapshot);

#endif
