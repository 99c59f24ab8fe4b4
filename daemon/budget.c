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

/*
 * A ring that overwrites has to be larger than what is read of it at a time; an eighth of
 * the memory is for handshakes, which are small and wait for their connection's slow one.
 */
static void plan_recorder(struct budget *b, u32 recorder_mb)
{
	u64 chunks = (u64)recorder_mb * 1000000 / NL_COPY_CHUNK_BYTES / b->cpus;
	u32 handshakes = (u32)(chunks / 8);

	if (!recorder_mb)
		return;
	b->copy_chunks[NL_COPY_HANDSHAKES] = handshakes > 2 ? handshakes : 2;
	b->copy_chunks[NL_COPY_FLOWS] = chunks > handshakes + 4 ? (u32)chunks - handshakes : 4;
	b->recorder_bytes = (u64)budget_copy_chunks(b) * NL_COPY_CHUNK_BYTES +
			    (u64)b->cpus * NL_COPY_KINDS * sizeof(struct nl_copy_ring);
}

bool budget_has_recorder(const struct budget *budget)
{
	return budget->copy_chunks[NL_COPY_FLOWS] != 0;
}

u32 budget_copy_chunks(const struct budget *budget)
{
	return budget->cpus *
	       (budget->copy_chunks[NL_COPY_FLOWS] + budget->copy_chunks[NL_COPY_HANDSHAKES]);
}

struct budget budget_plan(u32 cpus, u32 flows, u32 recorder_mb, u32 records)
{
	struct budget b = {
		.flows = flows,
		.rows = BUDGET_ROWS,
		.series = BUDGET_SERIES,
		.shards = power_of_two_from(cpus),
		.cpus = cpus,
		.ring_bytes = records == NL_RECORDS_SAMPLED ? BUDGET_RING_BYTES_SAMPLES
			      : records			    ? BUDGET_RING_BYTES
							    : BUDGET_RING_BYTES_MIN,
		.heads = 1,
	};

	if (b.shards > BUDGET_SHARDS_MAX)
		b.shards = BUDGET_SHARDS_MAX;
	b.series_shards = b.shards > BUDGET_SERIES_SHARDS_MAX ? BUDGET_SERIES_SHARDS_MAX : b.shards;
	b.flow_sets = (flows + NL_SET_WAYS - 1) / NL_SET_WAYS;
	b.flows_bytes = (u64)b.flow_sets * sizeof(struct nl_flow_set);
	if (records & NL_RECORDS_ALL)
		b.heads = b.flow_sets * NL_SET_WAYS;
	else if (records & NL_RECORDS_SAMPLED)
		b.heads = NL_SAMPLED_HEADS;
	b.heads_bytes = (u64)b.heads * sizeof(struct nl_head);
	b.rows_bytes = hash_bytes(b.rows, sizeof(struct nl_row_key), sizeof(u32)) +
		       (u64)b.rows * (2 * sizeof(u32) + sizeof(u64)); /* free ones, and marks */
	b.stats_bytes = (u64)b.rows * b.shards * sizeof(struct nl_stats);
	b.series_bytes = hash_bytes(b.series, sizeof(struct nl_series_key), sizeof(u32)) +
			 (u64)b.series * sizeof(u32) +
			 (u64)b.series * b.series_shards * sizeof(struct nl_series);
	b.work_bytes =
		(u64)cpus * 2 * sizeof(struct nl_work) + (cpus + 1ULL) * sizeof(struct nl_counters);
	b.handshakes_bytes = (u64)NL_HANDSHAKE_SETS * sizeof(struct nl_handshake_set);
	plan_recorder(&b, recorder_mb);
	b.total_bytes = b.flows_bytes + b.rows_bytes + b.stats_bytes + b.series_bytes +
			b.work_bytes + b.ring_bytes + b.heads_bytes + b.handshakes_bytes +
			b.recorder_bytes;
	return b;
}
