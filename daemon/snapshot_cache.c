/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snapshot_cache.c - one snapshot for all who ask within a second. */
#include "snapshot_cache.h"

#include <errno.h>
#include <stdlib.h>

/* Of an older snapshot only this is kept: a whole one may have 8 MB. */
struct past_row {
	struct nl_row_key key;
	u64 requests;
};

struct snapshot_cache {
	struct engine *const *engine;
	u64 age_max_ns;
	struct snapshot snapshot;
	bool is_taken;
	struct past_row *past; /* sorted by key */
	size_t past_count;
	u64 past_taken_ns; /* 0: there is none */
};

struct snapshot_cache *snapshot_cache_new(struct engine *const *engine, u64 age_max_ns)
{
	struct snapshot_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->engine = engine;
	cache->age_max_ns = age_max_ns;
	return cache;
}

void snapshot_cache_free(struct snapshot_cache *cache)
{
	if (!cache)
		return;
	snapshot_clear(&cache->snapshot);
	free(cache->past);
	free(cache);
}

static int compare_past(const void *a, const void *b)
{
	const struct past_row *x = a, *y = b;

	return metrics_compare_keys(&x->key, &y->key);
}

static void forget_past(struct snapshot_cache *cache)
{
	free(cache->past);
	cache->past = NULL;
	cache->past_count = 0;
	cache->past_taken_ns = 0;
}

/* Without memory for it there are no rates of late. */
static void keep_past(struct snapshot_cache *cache)
{
	const struct snapshot *snapshot = &cache->snapshot;

	forget_past(cache);
	cache->past = calloc(snapshot->row_count + 1, sizeof(*cache->past));
	if (!cache->past)
		return;
	for (size_t i = 0; i < snapshot->row_count; i++)
		cache->past[i] = (struct past_row){ snapshot->rows[i].key,
						    snapshot->rows[i].stats.requests };
	cache->past_count = snapshot->row_count;
	cache->past_taken_ns = snapshot->taken_ns;
	qsort(cache->past, cache->past_count, sizeof(*cache->past), compare_past);
}

/* One that is asked for sooner than usual leaves the past as it is, while that is of use. */
static bool is_time_for_past(const struct snapshot_cache *cache, u64 now_ns)
{
	return now_ns > cache->snapshot.taken_ns + cache->age_max_ns || !cache->past_taken_ns ||
	       now_ns > cache->past_taken_ns + SNAPSHOT_CACHE_RECENT_NS;
}

const struct snapshot *snapshot_cache_get(struct snapshot_cache *cache, u64 now_ns)
{
	return snapshot_cache_get_younger(cache, now_ns, cache->age_max_ns);
}

const struct snapshot *snapshot_cache_get_younger(struct snapshot_cache *cache, u64 now_ns,
						  u64 age_max_ns)
{
	struct engine *engine = *cache->engine;
	int r;

	if (cache->is_taken && now_ns <= cache->snapshot.taken_ns + age_max_ns)
		return &cache->snapshot;
	if (cache->is_taken && is_time_for_past(cache, now_ns))
		keep_past(cache);
	/* The old one goes first: there is never memory for two. */
	snapshot_clear(&cache->snapshot);
	r = engine->ops->snapshot(engine, &cache->snapshot);
	cache->is_taken = r >= 0;
	if (r >= 0)
		return &cache->snapshot;
	snapshot_clear(&cache->snapshot);
	errno = -r;
	return NULL;
}

bool snapshot_cache_before(const struct snapshot_cache *cache, const struct nl_row_key *key,
			   u64 *ret_requests, u64 *ret_taken_ns)
{
	struct past_row wanted = { .key = *key };
	const struct past_row *found;

	if (!cache->is_taken || !cache->past_taken_ns ||
	    cache->snapshot.taken_ns - cache->past_taken_ns < cache->age_max_ns ||
	    cache->snapshot.taken_ns - cache->past_taken_ns > SNAPSHOT_CACHE_RECENT_NS)
		return false;
	found = bsearch(&wanted, cache->past, cache->past_count, sizeof(wanted), compare_past);
	*ret_requests = found ? found->requests : 0;
	*ret_taken_ns = cache->past_taken_ns;
	return true;
}
