/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series_entry.c - one series of series_budget.c. Its words are given as an array, or NULL for 0.
 */
#include "series_entry.h"

#include <stdlib.h>
#include <string.h>

/* `*array`, made of zeros where it is not there yet. */
static u64 *zeros(u64 **array, size_t words)
{
	if (!*array)
		*array = calloc(words, sizeof(u64));
	return *array;
}

void series_add_words(u64 *to, const u64 *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] += words[i];
}

void series_keep_parts(struct series *series, size_t words)
{
	bool is_known = series->last != NULL;

	if ((!is_known && series->counts != series->sum) || !zeros(&series->last, words))
		return;
	for (size_t i = 0; i < words; i++) {
		u64 value = series->counts[i] + (series->given_up ? series->given_up[i] : 0);

		if (is_known && (s64)(value - series->last[i]) < 0 &&
		    zeros(&series->given_up, words)) {
			series->given_up[i] += series->last[i] - value;
			value = series->last[i];
		}
		series->last[i] = value;
	}
	series->counts = series->last;
}

bool series_leave_overflow(struct series *series, size_t words)
{
	if (!zeros(&series->base, words))
		return false;
	memcpy(series->base, series->counts, words * sizeof(u64));
	return true;
}

bool series_enter_overflow(struct series *series, size_t words)
{
	u64 *forgotten = series->forgotten;

	if (!forgotten)
		forgotten = calloc(words, sizeof(u64));
	if (!forgotten)
		return false;
	for (size_t i = 0; i < words; i++)
		forgotten[i] += series->counts[i] - (series->base ? series->base[i] : 0);
	free(series->base);
	series->base = NULL;
	series->forgotten = forgotten;
	series->place = PLACE_NONE;
	return true;
}

void series_note_in_overflow(struct series *series, size_t words)
{
	if (series->place == PLACE_NONE && series->counts != series->last &&
	    zeros(&series->last, words))
		memcpy(series->last, series->counts, words * sizeof(u64));
}

void series_add_overflow(const struct series *series, size_t words, u64 *to)
{
	const u64 *in = series->place == PLACE_NONE ? series->counts : series->base;

	if (in)
		series_add_words(to, in, words);
	if (series->forgotten)
		for (size_t i = 0; i < words; i++)
			to[i] -= series->forgotten[i];
}

void series_add_gone(const struct series *series, size_t words, u64 *to)
{
	const u64 *in = series->place == PLACE_NONE ? series->last : series->base;

	for (size_t i = 0; i < words; i++)
		to[i] += (in ? in[i] : 0) - (series->forgotten ? series->forgotten[i] : 0);
}

void series_free(struct series *series)
{
	free(series->sum);
	free(series->last);
	free(series->given_up);
	free(series->base);
	free(series->forgotten);
	free(series->attachment);
	free(series);
}
