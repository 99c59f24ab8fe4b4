/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* budget.h - how large the kernel's maps are, and what they cost. */
#ifndef NETLAT_BUDGET_H
#define NETLAT_BUDGET_H

#include <stdbool.h>

#include "abi.h"

#define BUDGET_ROWS 2000	     /* pairs of service and client, and `other` rows */
#define BUDGET_SERIES 2000	     /* services by method, status, version and end reason */
#define BUDGET_SHARDS_MAX 16	     /* CPUs beyond this share shards of the statistics */
#define BUDGET_SERIES_SHARDS_MAX 4   /* of series: to add atomically takes less than the memory */
#define BUDGET_RING_BYTES (4u << 20) /* of records */
#define BUDGET_RING_BYTES_SAMPLES (1u << 20)
#define BUDGET_RING_BYTES_MIN 4096u /* a page, the least that the kernel takes */

/* Sizes of the maps, and the kernel memory that each takes. */
struct budget {
	u32 flows;
	u32 flow_sets; /* of eight flows each */
	u32 rows;
	u32 series;
	u32 shards; /* a power of two */
	u32 series_shards;
	u32 cpus;
	u32 ring_bytes;
	u32 copy_chunks[NL_COPY_KINDS]; /* in a CPU's ring of the flight recorder; 0: there is none
					 */
	u32 heads;			/* excerpts of request heads; 1 if no records are wanted */
	u64 flows_bytes;
	u64 heads_bytes;
	u64 rows_bytes;
	u64 stats_bytes;
	u64 series_bytes; /* their statistics and the table of their numbers */
	u64 work_bytes;
	u64 handshakes_bytes;
	u64 recorder_bytes;
	u64 total_bytes;
};

/*
 * Plan for `cpus` possible CPUs, a table of `flows` connections and a flight recorder of at most
 * recorder_mb * 10^6 bytes (0: none), but of the least it can be on each CPU. `records` are
 * NL_RECORDS_*: what only records need is left out where they are not wanted.
 */
struct budget budget_plan(u32 cpus, u32 flows, u32 recorder_mb, u32 records);

/* Whether there is a flight recorder. */
bool budget_has_recorder(const struct budget *budget);

/* Chunks of all its rings. */
u32 budget_copy_chunks(const struct budget *budget);

#endif
