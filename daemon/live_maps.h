/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live_maps.h - what the kernel counts, through memory that it shares: no system call a value. */
#ifndef NETLAT_LIVE_MAPS_H
#define NETLAT_LIVE_MAPS_H

#include "budget.h"
#include "core/table.h"
#include "live_array.h"
#include "metrics.h"
#include "recorder.h"

struct live_maps {
	struct budget budget;
	int rows_fd, series_numbers_fd;
	struct live_array stats;	    /* rows * shards of struct nl_stats */
	struct live_array series;	    /* series * series_shards of struct nl_series */
	const struct nl_counters *counters; /* mapped: by CPU, and the sweep's */
	const struct nl_flow_set *flows;    /* mapped, with a flight recorder */
	struct recorder recorder;	    /* mapped, with a flight recorder */
};

/* Descriptors of the maps that are read, by their names in bpf/maps.bpf.h. */
struct live_map_fds {
	int rows, stats, series_numbers, series, counters, flows, copy_rings, copies;
};

/*
 * Map maps of the sizes in *budget. 0 or negative errno; live_maps_close() undoes either.
 */
int live_maps_open(struct live_maps *maps, const struct budget *budget,
		   const struct live_map_fds *fds);
void live_maps_close(struct live_maps *maps);

/* Fill *snapshot with rows, series and counters, not with times. 0 or negative errno. */
int live_maps_snapshot(struct live_maps *maps, struct snapshot *snapshot);

/* What a row has counted, by shard; valid until the next call. NULL and errno on failure. */
const struct nl_stats *live_maps_row(struct live_maps *maps, u32 number);

/* Add what a row or series has counted on all its shards to *to. 0 or negative errno. */
int live_maps_add_row(struct live_maps *maps, u32 number, struct nl_stats *to);
int live_maps_add_series(struct live_maps *maps, u32 number, struct nl_series *to);

/* The keys of a hash map and their numbers, `room` at most. How many, or a negative errno. */
int live_maps_list(int fd, void *keys, u32 *numbers, u32 room);

/*
 * Position of the latest copy of the connection of *record in the flight recorder; 0: it is
 * not in the flow table any more.
 */
u64 live_maps_latest_copy(const struct live_maps *maps, const struct nl_record *record);

#endif
