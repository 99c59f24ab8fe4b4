/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * output.bpf.h - the seam of core/observe.h towards maps: flow table, rows of
 * statistics, the record ring.
 */
#ifndef NETLAT_OUTPUT_BPF_H
#define NETLAT_OUTPUT_BPF_H

#include "context.bpf.h"
/* The core declares what the seam needs; the seam is only used behind it. */
struct nl_work;
struct nl_flow;
struct nl_flow_set;
static struct nl_flow_set *seam_flow_set(u32 number);
struct nl_head;
static struct nl_head *seam_head(u32 slot);
static u32 seam_row(struct nl_flow *f, struct nl_work *work);
static struct nl_stats *seam_stats(const struct nl_flow *f);
static struct nl_stats *seam_first_stats(const struct nl_flow *f);
static u32 seam_series_number(const struct nl_series_key *key, u32 limit);
static struct nl_series *seam_series(u32 number);
static void seam_mark_row(u32 row, u32 sweep);
static int seam_emit(const struct nl_record *record, u32 bytes);
struct nl_handshake_set;
static struct nl_handshake_set *seam_handshakes(u32 number);
static struct nl_copy_ring *seam_copy_ring(u32 kind);
static u32 seam_copy_ring_number(u32 kind);
static struct nl_copy_chunk *seam_copy_chunk(u32 kind, u32 number);

#include "core/observe.h"
#include "maps.bpf.h"

static __always_inline struct nl_flow_set *seam_flow_set(u32 number)
{
	return bpf_map_lookup_elem(&flows, &number);
}

static __always_inline struct nl_head *seam_head(u32 slot)
{
	return bpf_map_lookup_elem(&heads, &slot);
}

/* What `table` has for a key; 0: nothing. */
static __always_inline u32 number_known(void *table, const void *key)
{
	u32 *known = bpf_map_lookup_elem(table, key), number;

	if (!known)
		return 0;
	number = *(volatile u32 *)known;
	/* The daemon may have taken the key out meanwhile, and another CPU have put its own, with
	 * another number, into the same memory: then the key is not found again. */
	known = bpf_map_lookup_elem(table, key);
	return known && *(volatile u32 *)known == number ? number : 0;
}

/* CPUs that want a number at once, of which each but one tries again. */
#define NUMBER_TRIES 4

/* A number below limit that was never given out. 0: none is left. */
static __always_inline u32 number_new(u32 *used, u32 limit)
{
	for (int i = 0; i < NUMBER_TRIES; i++) {
		u32 number = *(volatile u32 *)used;

		if (number >= limit)
			break;
		if (__sync_val_compare_and_swap(used, number, number + 1) == number)
			return number;
	}
	return 0;
}

/* A number below limit that nobody has: given back, or never given out. 0: none is left. */
static __always_inline u32 number_take(void *free, u32 *used, u32 limit)
{
	u32 number;

	if (bpf_map_pop_elem(free, &number) == 0)
		return number;
	return number_new(used, limit);
}

/* Have `table` map key to a new number, or find that another CPU just did. 0: none is left. */
static __always_inline u32 number_give(void *table, const void *key, void *free, u32 *used,
				       u32 limit)
{
	u32 number = number_take(free, used, limit);

	if (!number)
		return 0;
	if (bpf_map_update_elem(table, key, &number, BPF_NOEXIST) == 0)
		return number;
	bpf_map_push_elem(free, &number, BPF_ANY);
	return number_known(table, key);
}

/* Number of the row that a flow's transactions are counted in. */
NL_STEP int row_of_flow(struct nl_flow *f, struct nl_work *work)
{
	struct nl_row_key key = {};
	u32 row, limit = config.stats_rows, cpu = bpf_get_smp_processor_id();
	struct nl_counters *count;

	if (!f || !work)
		return 0;
	if (f->flags & NL_FLOW_CLIENT_IS_B) {
		key.client_addr = work->key.b_addr;
		key.server_addr = work->key.a_addr;
		key.server_port = work->key.a_port;
	} else {
		key.client_addr = work->key.a_addr;
		key.server_addr = work->key.b_addr;
		key.server_port = work->key.b_port;
	}
	key.kind = NL_ROW_PAIR;
	row = number_known(&rows, &key);
	if (!row)
		row = number_give(&rows, &key, &pairs_free, &rows_used, NL_ROWS_PAIR_SHARE(limit));
	if (row)
		return (int)row;
	count = bpf_map_lookup_elem(&counters, &cpu);
	if (count)
		count->count[NL_COUNT_rows_other]++;
	key.kind = NL_ROW_SERVICE;
	key.client_addr.words[0] = key.client_addr.words[1] = 0;
	row = number_known(&rows, &key);
	if (!row)
		row = number_give(&rows, &key, &services_free, &rows_used, limit);
	return (int)row;
}

static __always_inline u32 seam_row(struct nl_flow *f, struct nl_work *work)
{
	return (u32)row_of_flow(f, work);
}

static __always_inline struct nl_stats *seam_stats(const struct nl_flow *f)
{
	u32 index = (f->row - 1) * (config.stats_shard_mask + 1) +
		    (bpf_get_smp_processor_id() & config.stats_shard_mask);

	return bpf_map_lookup_elem(&stats, &index);
}

static __always_inline struct nl_stats *seam_first_stats(const struct nl_flow *f)
{
	u32 index = (f->row - 1) * (config.stats_shard_mask + 1);

	return bpf_map_lookup_elem(&stats, &index);
}

static __always_inline u32 seam_series_number(const struct nl_series_key *key, u32 limit)
{
	if (!limit)
		return number_known(&series_numbers, key);
	return number_give(&series_numbers, key, &series_free, &series_used, limit);
}

static __always_inline void seam_mark_row(u32 row, u32 sweep)
{
	u32 *mark = bpf_map_lookup_elem(&row_marks, &row);

	if (mark)
		*mark = sweep;
}

static __always_inline struct nl_series *seam_series(u32 number)
{
	u32 index = number * (config.series_shard_mask + 1) +
		    (bpf_get_smp_processor_id() & config.series_shard_mask);

	return bpf_map_lookup_elem(&series, &index);
}

static __always_inline struct nl_handshake_set *seam_handshakes(u32 number)
{
	return bpf_map_lookup_elem(&handshakes, &number);
}

static __always_inline u32 seam_copy_ring_number(u32 kind)
{
	return bpf_get_smp_processor_id() * NL_COPY_KINDS + kind;
}

static __always_inline struct nl_copy_ring *seam_copy_ring(u32 kind)
{
	u32 number = seam_copy_ring_number(kind);

	return bpf_map_lookup_elem(&copy_rings, &number);
}

/* A CPU's chunks lie together, those of flows first. */
static __always_inline struct nl_copy_chunk *seam_copy_chunk(u32 kind, u32 number)
{
	u32 flows = config.copy_chunks[NL_COPY_FLOWS];
	u32 index = bpf_get_smp_processor_id() * (flows + config.copy_chunks[NL_COPY_HANDSHAKES]) +
		    (kind == NL_COPY_FLOWS ? 0 : flows) + number;

	return bpf_map_lookup_elem(&copies, &index);
}

static __always_inline int seam_emit(const struct nl_record *record, u32 bytes)
{
	/* No wakeup: waking the daemon for each record cost more than all else together. */
	return (int)bpf_ringbuf_output(&records, (void *)record, bytes, BPF_RB_NO_WAKEUP);
}

#endif
