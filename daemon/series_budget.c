/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series_budget.c - which series have labels of their own, and what the overflow is. */
#include "series_budget.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "series_entry.h"

struct series_budget {
	struct series *series; /* hash */
	size_t key_bytes, words;
	unsigned max, used, left_out;
	u64 expire_ns, now_ns;
	u64 *overflow;	 /* of this snapshot; then with the correction */
	u64 *correction; /* what the kernel gave up */
	u64 *shown;	 /* the overflow of the last snapshot */
	u64 *difference; /* of series_counts() */
	bool has_overflow;
};

struct series_budget *series_budget_new(size_t key_bytes, size_t words, unsigned max, u64 expire_ns)
{
	struct series_budget *budget = calloc(1, sizeof(*budget));

	if (!budget)
		return NULL;
	budget->key_bytes = key_bytes;
	budget->words = words;
	budget->max = max;
	budget->expire_ns = expire_ns;
	budget->overflow = calloc(4 * words, sizeof(u64));
	if (!budget->overflow) {
		free(budget);
		return NULL;
	}
	budget->correction = budget->overflow + words;
	budget->shown = budget->correction + words;
	budget->difference = budget->shown + words;
	return budget;
}

static void delete_series(struct series_budget *budget, struct series *series)
{
	HASH_DEL(budget->series, series);
	series_free(series);
}

void series_budget_free(struct series_budget *budget)
{
	struct series *series, *next;

	if (!budget)
		return;
	HASH_ITER(hh, budget->series, series, next)
	delete_series(budget, series);
	free(budget->overflow);
	free(budget);
}

void series_budget_begin(struct series_budget *budget, u64 now_ns)
{
	for (struct series *series = budget->series; series; series = series->hh.next)
		series->counts = NULL;
	memset(budget->overflow, 0, budget->words * sizeof(u64));
	budget->now_ns = now_ns;
}

static struct series *find(const struct series_budget *budget, const void *key)
{
	struct series *series;

	HASH_FIND(hh, budget->series, key, budget->key_bytes, series);
	return series;
}

static struct series *add(struct series_budget *budget, const void *key)
{
	struct series *series = calloc(1, sizeof(*series));

	if (!series)
		return NULL;
	memcpy(series->key, key, budget->key_bytes);
	series->last_life_ns = budget->now_ns;
	HASH_ADD(hh, budget->series, key, budget->key_bytes, series);
	if (!series->hh.tbl) {
		free(series);
		return NULL;
	}
	return series;
}

int series_budget_put(struct series_budget *budget, const void *key, const u64 *counts,
		      bool is_worthy)
{
	struct series *series = find(budget, key);
	size_t bytes = budget->words * sizeof(u64);

	if (!series)
		series = add(budget, key);
	if (!series)
		return -ENOMEM;
	series->is_worthy = is_worthy || (series->counts && series->is_worthy);
	if (!series->counts) {
		series->counts = counts;
		return 0;
	}
	if (!series->sum)
		series->sum = malloc(bytes);
	if (!series->sum)
		return -ENOMEM;
	if (series->counts != series->sum)
		memcpy(series->sum, series->counts, bytes);
	series_add_words(series->sum, counts, budget->words);
	series->counts = series->sum;
	return 0;
}

void series_budget_put_overflow(struct series_budget *budget, const u64 *counts)
{
	series_add_words(budget->overflow, counts, budget->words);
}

static bool own_silence(const struct series_budget *budget, const struct series *series)
{
	return budget->now_ns - series->last_life_ns >= budget->expire_ns;
}

bool series_budget_is_silent(const struct series_budget *budget, const void *key)
{
	const struct series *series = find(budget, key);

	return series && own_silence(budget, series);
}

static void watch_life(const struct series_budget *budget, struct series *series)
{
	if (series->life == series->counts[0])
		return;
	series->life = series->counts[0];
	series->last_life_ns = budget->now_ns;
}

static void lose_place(struct series_budget *budget, struct series *series)
{
	series->place = PLACE_EXPIRED;
	free(series->attachment);
	series->attachment = NULL;
	budget->used--;
}

static void seek_place(struct series_budget *budget, struct series *series)
{
	bool has_room = budget->used < budget->max;

	if (series->place == PLACE_OWN || (series->place == PLACE_EXPIRED && !series->is_worthy))
		return;
	if (series->place == PLACE_EXPIRED && !has_room)
		series_enter_overflow(series, budget->words);
	if (!has_room || !series->is_worthy)
		return;
	if (series->place == PLACE_NONE && series->was_seen &&
	    !series_leave_overflow(series, budget->words))
		return;
	series->place = PLACE_OWN;
	budget->used++;
}

/* What left the kernel's table while it was in the overflow is kept there. */
static void settle_overflow(struct series_budget *budget)
{
	budget->has_overflow = false;
	for (size_t i = 0; i < budget->words; i++) {
		u64 value = budget->overflow[i] + budget->correction[i];

		if ((s64)(value - budget->shown[i]) < 0) {
			budget->correction[i] += budget->shown[i] - value;
			value = budget->shown[i];
		}
		budget->overflow[i] = budget->shown[i] = value;
		budget->has_overflow = budget->has_overflow || value;
	}
}

/* What is gone or silent loses its place. */
static void free_places(struct series_budget *budget, series_is_silent_fn is_silent,
			const void *userdata)
{
	struct series *series, *next;

	HASH_ITER(hh, budget->series, series, next)
	{
		bool silent;

		if (!series->counts) {
			budget->used -= series->place == PLACE_OWN;
			series_add_gone(series, budget->words, budget->correction);
			delete_series(budget, series);
			continue;
		}
		series_keep_parts(series, budget->words);
		watch_life(budget, series);
		silent = is_silent ? is_silent(series->key, userdata) : own_silence(budget, series);
		if (series->place == PLACE_OWN && silent)
			lose_place(budget, series);
		series->is_worthy = series->is_worthy && !silent;
	}
}

void series_budget_end(struct series_budget *budget, series_is_silent_fn is_silent,
		       const void *userdata)
{
	free_places(budget, is_silent, userdata);
	budget->left_out = 0;
	for (struct series *series = budget->series; series; series = series->hh.next) {
		seek_place(budget, series);
		series->was_seen = true;
		budget->left_out += series->place == PLACE_NONE;
		series_note_in_overflow(series, budget->words);
		series_add_overflow(series, budget->words, budget->overflow);
	}
	settle_overflow(budget);
}

static struct series *own_from(struct series *series)
{
	while (series && series->place != PLACE_OWN)
		series = series->hh.next;
	return series;
}

struct series *series_budget_first(struct series_budget *budget)
{
	return own_from(budget->series);
}

struct series *series_budget_next(struct series *series)
{
	return own_from(series->hh.next);
}

const void *series_key(const struct series *series)
{
	return series->key;
}

const u64 *series_counts(struct series_budget *budget, const struct series *series)
{
	if (!series->base)
		return series->counts;
	for (size_t i = 0; i < budget->words; i++)
		budget->difference[i] = series->counts[i] - series->base[i];
	return budget->difference;
}

void **series_attachment(struct series *series)
{
	return &series->attachment;
}

const u64 *series_budget_overflow(const struct series_budget *budget)
{
	return budget->has_overflow ? budget->overflow : NULL;
}

unsigned series_budget_max(const struct series_budget *budget)
{
	return budget->max;
}

unsigned series_budget_used(const struct series_budget *budget)
{
	return budget->used;
}

unsigned series_budget_left_out(const struct series_budget *budget)
{
	return budget->left_out;
}
