/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * export_histogram.h - the histogram of core/histogram.h as scrapers take it: OpenTelemetry's
 * fixed bounds, and Prometheus' native histogram.
 */
#ifndef NETLAT_EXPORT_HISTOGRAM_H
#define NETLAT_EXPORT_HISTOGRAM_H

#include <stddef.h>

#include "abi.h"

#define EXPORT_BOUNDS 14 /* of OpenTelemetry's, `+Inf` not counted */
#define EXPORT_CLASSIC (EXPORT_BOUNDS + 1)

/* A bound of a classic bucket. */
struct export_bound {
	double upper_s;
	const char *text;	      /* `0.005`, `10` */
	const char *openmetrics_text; /* the same, a canonical number there: `10.0` */
	u32 last_bucket; /* that is counted under it: the one whose own bound is nearest, 3.8 % off
			    at most */
};
extern const struct export_bound export_bounds[EXPORT_BOUNDS];

/*
 * Counts at or below each bound, and of all at last. As whole buckets are counted, none ever
 * decreases while the buckets do not, and counts of histograms add up to those of their sum.
 */
void export_classic(const u64 buckets[NL_HISTOGRAM_BUCKETS], u64 ret_cumulative[EXPORT_CLASSIC]);

/* The classic bucket (0..EXPORT_CLASSIC-1) that bucket `bucket` is counted in. */
u32 export_classic_bucket(u32 bucket);

#define EXPORT_NATIVE_SCHEMA 3
#define EXPORT_NATIVE_ZERO_THRESHOLD_S (1.0 / (1 << 20)) /* bucket 0 */

struct export_span {
	s32 offset; /* empty buckets since the last span; of the first: its index */
	u32 length;
};

/* The positive buckets: as spans, and as differences from one to the next. */
struct export_native {
	struct export_span spans[NL_HISTOGRAM_BUCKETS];
	s64 deltas[NL_HISTOGRAM_BUCKETS];
	size_t span_count, delta_count;
	u64 zero_count;
	u64 count;
};

/*
 * Exact, but for what is above 2^10 s: nothing is known of it but that, and it is put into the
 * bucket from there to 2^(81/8) s.
 */
void export_native(const u64 buckets[NL_HISTOGRAM_BUCKETS], struct export_native *ret_native);

#endif
