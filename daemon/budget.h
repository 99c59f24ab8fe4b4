/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* budget.h - how large the kernel's maps are, and what they cost. */
#ifndef NETLAT_BUDGET_H
#define NETLAT_BUDGET_H

#include "abi.h"

#define BUDGET_ROWS 2048	     /* pairs of service and client, and `other` rows */
#define BUDGET_SHARDS_MAX 16	     /* CPUs beyond this share shards of the statistics */
#define BUDGET_RING_BYTES (4u << 20) /* of records */

/* Sizes of the maps, and the kernel memory that each takes. */
struct budget {
	u32 flows;
	u32 flow_sets; /* of eight flows each */
	u32 rows;
	u32 shards; /* a power of two */
	u32 cpus;
	u32 ring_bytes;
	u64 flows_bytes;
	u64 rows_bytes;
	u64 stats_bytes;
	u64 work_bytes;
	u64 total_bytes;
};

/* Plan for `cpus` possible CPUs and a table of `flows` connections. */
struct budget budget_plan(u32 cpus, u32 flows);

#endif
