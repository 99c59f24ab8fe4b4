/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * output.bpf.h - the seam of core/observe.h towards maps: flow table and its lock,
 * rows of statistics, the record ring.
 */
#ifndef NETLAT_OUTPUT_BPF_H
#define NETLAT_OUTPUT_BPF_H

#include "context.bpf.h"
/* The core declares what the seam needs; the seam is only used behind it. */
struct nl_work;
struct nl_flow;
static u64 seam_now(struct __sk_buff *skb, struct nl_work *work);
static struct nl_flow *seam_flow_find(struct nl_work *work);
static struct nl_flow *seam_flow_insert(struct nl_work *work);
static void seam_flow_delete(struct nl_work *work);
static bool seam_flow_lock(struct nl_flow *f);
static void seam_flow_unlock(struct nl_flow *f);
static struct nl_stats *seam_stats(struct nl_flow *f, struct nl_work *work);
static int seam_emit(const struct nl_record *record, u32 bytes);

#include "core/observe.h"
#include "maps.bpf.h"

/* Tries for a flow's lock: some microseconds, where it is held for some hundred nanoseconds. */
#define NL_LOCK_TRIES 256

/* Pair rows may take this part of the table; the rest is for services' `other` rows. */
#define NL_ROWS_PAIR_SHARE(rows) ((rows) - (rows) / 8)

static __always_inline u64 seam_now(struct __sk_buff *skb, struct nl_work *work)
{
	(void)work;
	return seam_clock(skb);
}

static __always_inline struct nl_flow *seam_flow_find(struct nl_work *work)
{
	return bpf_map_lookup_elem(&flows, &work->key);
}

static __always_inline struct nl_flow *seam_flow_insert(struct nl_work *work)
{
	/* If another CPU was first, its flow is found below. */
	bpf_map_update_elem(&flows, &work->key, &work->fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&flows, &work->key);
}

static __always_inline void seam_flow_delete(struct nl_work *work)
{
	bpf_map_delete_elem(&flows, &work->key);
}

/*
 * Segments of one connection, even of one direction, are met by two CPUs at once.
 * bpf_spin_lock is not to be had in an LRU map; the lock is held with bottom
 * halves off, so nothing on this CPU can want it meanwhile.
 */
static __always_inline bool seam_flow_lock(struct nl_flow *f)
{
	for (int i = 0; i < NL_LOCK_TRIES; i++)
		if (__sync_lock_test_and_set(&f->lock, 1) == 0)
			return true;
	return false;
}

static __always_inline void seam_flow_unlock(struct nl_flow *f)
{
#ifdef __TARGET_ARCH_x86
	/* Stores are not reordered with earlier loads or stores: no locked instruction needed. */
	asm volatile("" ::: "memory");
	*(volatile u32 *)&f->lock = 0;
#else
	__sync_lock_test_and_set(&f->lock, 0);
#endif
}

/* Give out a row, or find that another CPU just did. 0: none is left. */
static __always_inline u32 row_insert(const struct nl_row_key *key, u32 limit)
{
	u32 *known, row;

	if (rows_used >= limit)
		return 0;
	row = __sync_fetch_and_add(&rows_used, 1);
	if (row >= limit)
		return 0;
	if (bpf_map_update_elem(&rows, key, &row, BPF_NOEXIST) == 0)
		return row;
	known = bpf_map_lookup_elem(&rows, key);
	return known ? *known : 0;
}

/* Number of the row that a flow's transactions are counted in. */
NL_STEP int row_of_flow(struct nl_flow *f, struct nl_work *work)
{
	struct nl_row_key key = {};
	u32 *known, row, limit = config.stats_rows, cpu = bpf_get_smp_processor_id();
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
	known = bpf_map_lookup_elem(&rows, &key);
	if (known)
		return (int)*known;
	row = row_insert(&key, NL_ROWS_PAIR_SHARE(limit));
	if (row)
		return (int)row;
	count = bpf_map_lookup_elem(&counters, &cpu);
	if (count)
		count->count[NL_COUNT_rows_other]++;
	key.kind = NL_ROW_SERVICE;
	key.client_addr.words[0] = key.client_addr.words[1] = 0;
	known = bpf_map_lookup_elem(&rows, &key);
	if (known)
		return (int)*known;
	return (int)row_insert(&key, limit);
}

static __always_inline struct nl_stats *seam_stats(struct nl_flow *f, struct nl_work *work)
{
	u32 index;

	if (!f->row)
		f->row = (u32)row_of_flow(f, work) + 1;
	index = (f->row - 1) * (config.stats_shard_mask + 1) +
		(bpf_get_smp_processor_id() & config.stats_shard_mask);
	return bpf_map_lookup_elem(&stats, &index);
}

static __always_inline int seam_emit(const struct nl_record *record, u32 bytes)
{
	/* No wakeup: waking the daemon for each record cost more than all else together. */
	return (int)bpf_ringbuf_output(&records, (void *)record, bytes, BPF_RB_NO_WAKEUP);
}

#endif
