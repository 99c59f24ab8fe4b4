/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* budgeted.c - keys, their counts, and who of them has a place. */
#include "budgeted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct series_budget *budgeted;
u64 budgeted_now_s;

int budgeted_make(void **state)
{
	(void)state;
	budgeted_now_s = 1;
	budgeted = series_budget_new(sizeof(u64), WORDS, 2, EXPIRE_S * SECOND_NS);
	return budgeted ? 0 : -1;
}

int budgeted_drop(void **state)
{
	(void)state;
	series_budget_free(budgeted);
	return 0;
}

void budgeted_begin(void)
{
	series_budget_begin(budgeted, budgeted_now_s++ * SECOND_NS);
}

void budgeted_put(u64 key, const u64 counts[WORDS], bool is_worthy)
{
	assert_int_equal(series_budget_put(budgeted, &key, counts, is_worthy), 0);
}

struct series *budgeted_find(u64 key)
{
	struct series *series = series_budget_first(budgeted);

	while (series && memcmp(series_key(series), &key, sizeof(key)) != 0)
		series = series_budget_next(series);
	return series;
}

/* The second word of a key's own series, or -1. */
s64 budgeted_own(u64 key)
{
	const struct series *series = budgeted_find(key);

	return series ? (s64)series_counts(budgeted, series)[1] : -1;
}

s64 budgeted_overflow(void)
{
	const u64 *words = series_budget_overflow(budgeted);

	return words ? (s64)words[1] : -1;
}
