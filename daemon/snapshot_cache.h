/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snapshot_cache.h - one snapshot for all who ask within a second: with thousands of rows
 * each takes milliseconds, in which nothing else is done.
 */
#ifndef NETLAT_SNAPSHOT_CACHE_H
#define NETLAT_SNAPSHOT_CACHE_H

#include "engine.h"

#define SNAPSHOT_CACHE_AGE_NS 1000000000ULL /* the usual age */
/* Rates of late are over no more than this. */
#define SNAPSHOT_CACHE_RECENT_NS (60 * 1000000000ULL)

struct snapshot_cache;

/*
 * Of the engine that *engine is when a snapshot is asked for: it may be opened after this. NULL and
 * errno on lack of memory.
 */
struct snapshot_cache *snapshot_cache_new(struct engine *const *engine, u64 age_max_ns);
void snapshot_cache_free(struct snapshot_cache *cache);

/*
 * A snapshot that is at most age_max_ns old at now_ns (of its clock, that of taken_ns); else it is
 * taken anew. Valid until the next call. NULL and errno where none can be had.
 */
const struct snapshot *snapshot_cache_get(struct snapshot_cache *cache, u64 now_ns);

/* The same for who needs a younger one: rates that others compute suffer from its age. */
const struct snapshot *snapshot_cache_get_younger(struct snapshot_cache *cache, u64 now_ns,
						  u64 age_max_ns);

/*
 * Requests of a row up to the moment *ret_taken_ns, which is at least age_max_ns and at most
 * SNAPSHOT_CACHE_RECENT_NS before the current snapshot was taken: 0 for a row that was not there
 * then. False if nobody asked at such a moment.
 */
bool snapshot_cache_before(const struct snapshot_cache *cache, const struct nl_row_key *key,
			   u64 *ret_requests, u64 *ret_taken_ns);

#endif
