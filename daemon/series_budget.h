/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * series_budget.h - which series have labels of their own: at most so many at a time, and the
 * rest together in one overflow series (--max-series, --expire).
 *
 * A series is a key and what was counted of it, an array of words that only grow. Between
 * series_budget_begin() and series_budget_end() everything a snapshot has is put in; after it,
 * who has a place can be asked, and what the overflow is. So that no counter that a scraper
 * sees goes backwards,
 *
 * - who has a place keeps it, until its service has been silent for --expire seconds;
 * - what was once counted in the overflow stays there: a series that gets a place later begins
 *   at 0, and one that loses its place and comes back when all are taken brings only what
 *   is new to the overflow;
 * - neither the overflow nor a series of several parts shrinks when the kernel gives up one that
 *   was in it.
 */
#ifndef NETLAT_SERIES_BUDGET_H
#define NETLAT_SERIES_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

#include "abi.h"

#define SERIES_KEY_BYTES_MAX sizeof(struct nl_row_key)

struct series_budget;

struct series;

/*
 * Of keys of key_bytes (at most SERIES_KEY_BYTES_MAX) and `words` words each, the first of which
 * tells by its growing that there is life in it. NULL and errno on failure.
 */
struct series_budget *series_budget_new(size_t key_bytes, size_t words, unsigned max,
					u64 expire_ns);
void series_budget_free(struct series_budget *budget);

void series_budget_begin(struct series_budget *budget, u64 now_ns);

/*
 * `counts` of a key, which must stay where they are until the next begin; given again for the
 * same key they are added. One that is not worthy gets no place now. 0 or -ENOMEM.
 */
int series_budget_put(struct series_budget *budget, const void *key, const u64 *counts,
		      bool is_worthy);

/* Counts that belong to the overflow in any case. */
void series_budget_put_overflow(struct series_budget *budget, const u64 *counts);

/*
 * Whether a key's service has been silent for too long, where it is not the key's own life that
 * counts.
 */
typedef bool (*series_is_silent_fn)(const void *key, const void *userdata);

/* Give places. is_silent may be NULL: then it is each key's own life. */
void series_budget_end(struct series_budget *budget, series_is_silent_fn is_silent,
		       const void *userdata);

/* Whether a key that was put has been silent for too long; of one that was not: false. */
bool series_budget_is_silent(const struct series_budget *budget, const void *key);

/* The series that have a place, in the order in which they came: NULL at the end. */
struct series *series_budget_first(struct series_budget *budget);
struct series *series_budget_next(struct series *series);

const void *series_key(const struct series *series);

/*
 * What is shown of a series: its words less what was counted in the overflow before. Valid
 * until the next call.
 */
const u64 *series_counts(struct series_budget *budget, const struct series *series);

/* Where the owner keeps what belongs to a series while it has a place; freed by free(). */
void **series_attachment(struct series *series);

/* The words of the overflow; NULL while there is nothing in it. */
const u64 *series_budget_overflow(const struct series_budget *budget);

/* Series that may have a place, those that have one, and those of the last snapshot without. */
unsigned series_budget_max(const struct series_budget *budget);
unsigned series_budget_used(const struct series_budget *budget);
unsigned series_budget_left_out(const struct series_budget *budget);

#endif
