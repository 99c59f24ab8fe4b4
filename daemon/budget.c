/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* budget.c - how large the kernel's maps are, and what they cost. */
#include "budget.h"

#include "core/work.h"

/* What the kernel adds to a hash entry: struct htab_elem (48 bytes on 64-bit, 6.x),
 * and a bucket of 16 bytes for each of the next power of two of entries. */
#define HASH_ENTRY_BYTES 48
#define HASH_BUCKET_BYTES 16

static u32 power_of_two_from(u32 value)
{
	u32 power = 1;

	while (power < value)
		power *= 2;
	return power;
}

static u64 hash_bytes(u32 entries, u32 key_bytes, u32 value_bytes)
{
	return (u64)entries *
		       (HASH_ENTRY_BYTES + (key_bytes + 7) / 8 * 8 + (value_bytes + 7) / 8 * 8) +
	       (u64)power_of_two_from(entries) * HASH_BUCKET_BYTES;
}

struct budget budget_plan(u32 cpus, u32 flows)
{
	struct budget b = {
		.flows = flows,
		.rows = BUDGET_ROWS,
		.shards = power_of_two_from(cpus),
		.cpus = cpus,
		.ring_bytes = BUDGET_RING_BYTES,
	};

	if (b.shards > BUDGET_SHARDS_MAX)
		b.shards = BUDGET_SHARDS_MAX;
	b.flow_sets = (flows + NL_SET_WAYS - 1) / NL_SET_WAYS;
	b.flows_bytes = (u64)b.flow_sets * sizeof(struct nl_flow_set);
	b.rows_bytes = hash_bytes(b.rows, sizeof(struct nl_row_key), sizeof(u32));
	b.stats_bytes = (u64)b.rows * b.shards * sizeof(struct nl_stats);
	b.work_bytes =
		(u64)cpus * 2 * sizeof(struct nl_work) + (cpus + 1ULL) * sizeof(struct nl_counters);
	b.total_bytes = b.flows_bytes + b.rows_bytes + b.stats_bytes + b.work_bytes + b.ring_bytes;
	return b;
}
