/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table.h - the flow table: sets of eight flows, two sets for each key, the least
 * recently used of a full set evicted.
 *
 * Why not the kernel's LRU hash: an element of that is given to another flow while
 * a CPU still works on it, and silently, so that requests would vanish from the
 * ledger and a response could meet another connection's request. Here a flow
 * changes hands under its own lock, whoever finds it looks at its key again once
 * it holds that, and what was pending on an evicted flow is ended and counted. It
 * is also faster: no call for a look-up. bpf/README.md has the figures.
 *
 * A key has two sets to lie in, and goes where there is more room: filled at random,
 * the table evicts nothing up to three quarters of its size, and some 0.7 % at nine
 * tenths.
 */
#ifndef NETLAT_CORE_TABLE_H
#define NETLAT_CORE_TABLE_H

#include "flow.h"

#define NL_SET_WAYS 8

/* The tags are one cache line: all that a search touches of a set without the flow. */
struct nl_flow_set {
	u32 lock;	      /* held by who inserts */
	u32 tag[NL_SET_WAYS]; /* of each flow's key; 0: free */
	u32 zero;	      /* for NL_WIDEN */
	u32 reserved[22];
	struct nl_flow flow[NL_SET_WAYS];
};
_Static_assert(__builtin_offsetof(struct nl_flow_set, flow) == 128, "a pair of cache lines");

/* Where a flow may lie. */
struct nl_place {
	u32 set[2]; /* numbers of its two sets */
	u32 tag;
	u32 way; /* of the first set, if it is free when the flow comes: found without the tags */
};

/* Tries for a lock: some microseconds, where it is held for some hundred nanoseconds. */
#define NL_LOCK_ROUNDS 16
#define NL_LOCK_TRIES 16

/* A round of tries; steps, as the verifier would walk each try anew with all that follows it. */
NL_STEP int lock_try(u32 *lock)
{
	if (!lock)
		return 0;
	for (int i = 0; i < NL_LOCK_TRIES; i++)
		if (__sync_lock_test_and_set(lock, 1) == 0)
			return 1;
	return 0;
}

/* The lock was not free: wait for it. */
NL_STEP int lock_wait(u32 *lock)
{
	for (int i = 0; i < NL_LOCK_ROUNDS; i++)
		if (lock_try(lock))
			return 1;
	return 0;
}

/*
 * The segments of one connection, even of one direction, are met by two CPUs at
 * once. A lock is held with bottom halves off, so nothing on this CPU can want it
 * meanwhile; and never for longer than one packet takes.
 */
NL_CORE bool lock_take(u32 *lock)
{
	return NL_LIKELY(__sync_lock_test_and_set(lock, 1) == 0) || lock_wait(lock);
}

NL_CORE void lock_drop(u32 *lock)
{
#if defined(__bpf__) && !defined(__TARGET_ARCH_x86)
	__sync_lock_test_and_set(lock, 0); /* BPF has no store with release semantics */
#else
	/* x86 does not reorder stores with earlier loads or stores; a replay has one thread. */
	asm volatile("" ::: "memory");
	*(volatile u32 *)lock = 0;
#endif
}

/*
 * Where the flow of `key` may lie in a table of `sets` sets. The seed keeps an
 * outsider from choosing ports that all fall into one set.
 */
NL_CORE struct nl_place table_place(const struct nl_flow_key *key, u64 seed, u32 sets)
{
	const u64 *w = (const u64 *)key;
	struct nl_place place;
	u64 h;

	/* Two independent products at a time, for the multiplier's pipeline. */
	h = ((w[0] ^ seed) + w[1]) * 0x9e3779b97f4a7c15ULL;
	h ^= ((w[2] ^ seed) - w[3]) * 0xc2b2ae3d27d4eb4fULL;
	h ^= h >> 29;
	h = (h + w[4]) * 0xbf58476d1ce4e5b9ULL;
	h ^= h >> 32;
	h *= 0x94d049bb133111ebULL;
	place.tag = (u32)(h >> 32) | 1;
	place.way = (u32)(h >> 33) & (NL_SET_WAYS - 1);
	/* The low half, scaled to 0..sets-1; and once more, differently mixed. */
	place.set[0] = (u32)(((h & 0xffffffff) * sets) >> 32);
	place.set[1] = (u32)((((h * 0xd6e8feb86659fd93ULL) >> 32) * sets) >> 32);
	return place;
}

/*
 * Way of a set that has the tag; NL_SET_WAYS: none. No two ways have the same tag.
 * Without a branch: which way it is would be guessed wrong nearly every time.
 */
NL_STEP int table_way(const struct nl_flow_set *set, u32 tag)
{
	u64 way = NL_SET_WAYS;

	if (!set)
		return NL_SET_WAYS;
	for (u32 i = 0; i < NL_SET_WAYS; i++) {
		u64 below = (u64)(set->tag[i] ^ tag) - 1; /* negative only if equal */

		NL_OPAQUE(below);
		way -= (below >> 63) * (NL_SET_WAYS - i);
	}
	return (int)way;
}

NL_CORE bool table_key_equals(const struct nl_flow *f, const struct nl_flow_key *key)
{
	const u64 *a = (const u64 *)&f->key, *b = (const u64 *)key;

	return !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) | (a[4] ^ b[4]));
}

NL_CORE u32 table_free_ways(const struct nl_flow_set *set)
{
	u32 count = 0;

	for (u32 i = 0; i < NL_SET_WAYS; i++)
		count += set->tag[i] == 0;
	NL_WIDEN(count, set->zero);
	return count;
}

/* Way to give to a new flow: `preferred` or another free one, else that used longest ago. */
NL_CORE u32 table_victim(const struct nl_flow_set *set, u32 preferred, u32 now)
{
	u32 way = 0, oldest = 0;

	if (set->tag[preferred & (NL_SET_WAYS - 1)] == 0)
		return preferred;

	for (u32 i = 0; i < NL_SET_WAYS; i++) {
		u32 age = now - set->flow[i].used;

		if (set->tag[i] == 0)
			age = 0xffffffff;
		if (age >= oldest) {
			oldest = age;
			way = i;
		}
		NL_WIDEN(oldest, set->zero);
		NL_WIDEN(way, set->zero);
	}
	return way;
}

/* Make a slot ready for a new flow. What lies behind the streams needs no clearing. */
NL_CORE void table_clear_flow(struct nl_flow *f)
{
	u64 *rare = (u64 *)f->ifindex, *streams = (u64 *)f->stream;

	f->row = 0;
	f->flags = 0;
	f->pending_first = f->pending_count = f->request_open = f->response_retransmits = 0;
	f->timing.flags = f->timing.synacks_behind = 0;
	f->copy = 0;
	for (u32 i = 0; i < 8; i++) {
		rare[i] = 0;
		streams[i] = streams[i + 16] = 0; /* without what they carry */
	}
}

#endif
