/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export_histogram.c - the histogram of core/histogram.h as scrapers take it. */
#include "export_histogram.h"

/* Bucket 160 ends at 1 s, which in Prometheus' numbers is bucket 0. */
#define NATIVE_OFFSET (-NL_HISTOGRAM_MIN_LOG2 * NL_HISTOGRAM_PER_OCTAVE)
/* So many empty buckets cost less between two others than a span of their own. */
#define EMPTY_BUCKETS_KEPT 2

const struct export_bound export_bounds[EXPORT_BOUNDS] = {
	{ 0.005, "0.005", "0.005", 99 },  { 0.01, "0.01", "0.01", 107 },
	{ 0.025, "0.025", "0.025", 117 }, { 0.05, "0.05", "0.05", 125 },
	{ 0.075, "0.075", "0.075", 130 }, { 0.1, "0.1", "0.1", 133 },
	{ 0.25, "0.25", "0.25", 144 },	  { 0.5, "0.5", "0.5", 152 },
	{ 0.75, "0.75", "0.75", 157 },	  { 1, "1", "1.0", 160 },
	{ 2.5, "2.5", "2.5", 171 },	  { 5, "5", "5.0", 179 },
	{ 7.5, "7.5", "7.5", 183 },	  { 10, "10", "10.0", 187 },
};

/* Several sums at a time: each addition would wait for the one before. */
static u64 sum_of(const u64 *from, const u64 *end)
{
	u64 sums[4] = { 0 };

	for (; end - from >= 4; from += 4)
		for (unsigned i = 0; i < 4; i++)
			sums[i] += from[i];
	for (; from < end; from++)
		sums[0] += *from;
	return sums[0] + sums[1] + sums[2] + sums[3];
}

void export_classic(const u64 buckets[NL_HISTOGRAM_BUCKETS], u64 ret_cumulative[EXPORT_CLASSIC])
{
	const u64 *from = buckets;
	u64 below = 0;

	for (unsigned i = 0; i < EXPORT_CLASSIC; i++) {
		const u64 *end = buckets + (i < EXPORT_BOUNDS ? export_bounds[i].last_bucket + 1
							      : NL_HISTOGRAM_BUCKETS);

		below += sum_of(from, end);
		ret_cumulative[i] = below;
		from = end;
	}
}

u32 export_classic_bucket(u32 bucket)
{
	u32 i = 0;

	while (i < EXPORT_BOUNDS && bucket > export_bounds[i].last_bucket)
		i++;
	return i;
}

static void add_native(struct export_native *native, s32 index, u64 count, s32 *next, u64 *last)
{
	s32 empty = index - *next;

	if (!native->span_count || empty > EMPTY_BUCKETS_KEPT) {
		native->spans[native->span_count++] = (struct export_span){ empty, 0 };
	} else {
		for (; empty > 0; empty--) {
			native->deltas[native->delta_count++] = -(s64)*last;
			native->spans[native->span_count - 1].length++;
			*last = 0;
		}
	}
	native->deltas[native->delta_count++] = (s64)(count - *last);
	native->spans[native->span_count - 1].length++;
	*last = count;
	*next = index + 1;
}

void export_native(const u64 buckets[NL_HISTOGRAM_BUCKETS], struct export_native *ret_native)
{
	u64 last = 0;
	s32 next = 0; /* the index behind the last span: a first span counts from 0 */

	ret_native->span_count = ret_native->delta_count = 0;
	ret_native->zero_count = ret_native->count = buckets[0];
	for (u32 k = 1; k < NL_HISTOGRAM_BUCKETS; k++) {
		if (!buckets[k])
			continue;
		add_native(ret_native, (s32)k - NATIVE_OFFSET, buckets[k], &next, &last);
		ret_native->count += buckets[k];
	}
}
