/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_export_histogram.c - buckets as fixed bounds, and as a native histogram. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "export_histogram.h"
#include "metrics.h"

static void test_bounds_are_the_nearest(void **state)
{
	static const double otel[EXPORT_BOUNDS] = { 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
						    0.5,   0.75, 1,	2.5,  5,     7.5, 10 };

	(void)state;
	for (unsigned i = 0; i < EXPORT_BOUNDS; i++) {
		const struct export_bound *bound = &export_bounds[i];
		double upper_s = metrics_bucket_upper_ns(bound->last_bucket) / 1e9;

		assert_true(bound->upper_s == otel[i]);
		assert_true(strtod(bound->text, NULL) == otel[i]);
		assert_true(strtod(bound->openmetrics_text, NULL) == otel[i]);
		/* A canonical number of OpenMetrics has a point. */
		assert_non_null(strchr(bound->openmetrics_text, '.'));
		/* Nearest by ratio: at most half a bucket; README.md says 3.8 %. */
		assert_true(fabs(log2(upper_s / otel[i])) <= 1.0 / 16);
		assert_true(fabs(upper_s / otel[i] - 1) < 0.038);
	}
	assert_true(metrics_bucket_upper_ns(export_bounds[9].last_bucket) == 1e9);
}

static void test_classic(void **state)
{
	u64 buckets[NL_HISTOGRAM_BUCKETS] = { 0 }, cumulative[EXPORT_CLASSIC];

	(void)state;
	buckets[0] = 1;
	buckets[histogram_bucket(4000000)] += 2;      /* 4 ms */
	buckets[histogram_bucket(60000000)] += 4;     /* 60 ms */
	buckets[histogram_bucket(1000000000)] += 8;   /* 1 s: at the bound is within it */
	buckets[histogram_bucket(11000000000)] += 16; /* 11 s */
	buckets[NL_HISTOGRAM_BUCKETS - 1] = 32;
	export_classic(buckets, cumulative);
	assert_int_equal(cumulative[0], 3);
	assert_int_equal(cumulative[3], 3); /* 50 ms */
	assert_int_equal(cumulative[4], 7); /* 75 ms */
	assert_int_equal(cumulative[8], 7); /* 0.75 s */
	assert_int_equal(cumulative[9], 15);
	assert_int_equal(cumulative[13], 15);
	assert_int_equal(cumulative[14], 63);
}

/* Whatever is counted where: no count decreases, and all are at or below the next. */
static void test_classic_is_monotone(void **state)
{
	u64 buckets[NL_HISTOGRAM_BUCKETS] = { 0 }, before[EXPORT_CLASSIC] = { 0 };
	u64 after[EXPORT_CLASSIC];

	(void)state;
	for (u32 bucket = 0; bucket < NL_HISTOGRAM_BUCKETS; bucket++) {
		u32 in = export_classic_bucket(bucket);

		buckets[bucket]++;
		export_classic(buckets, after);
		for (unsigned i = 0; i < EXPORT_CLASSIC; i++) {
			assert_int_equal(after[i], before[i] + (i >= in));
			assert_true(i == 0 || after[i] >= after[i - 1]);
		}
		memcpy(before, after, sizeof(before));
	}
	assert_int_equal(after[EXPORT_BOUNDS], NL_HISTOGRAM_BUCKETS);
}

/* Read a native histogram as Prometheus does, by index. */
static void decode(const struct export_native *native, u64 *counts, s32 first, size_t room)
{
	size_t delta = 0;
	s64 count = 0;
	s32 index = 0;

	for (size_t i = 0; i < native->span_count; i++) {
		if (i > 0)
			assert_true(native->spans[i].offset > 2); /* else it is no span */
		index += native->spans[i].offset;
		for (u32 j = 0; j < native->spans[i].length; j++, index++) {
			count += native->deltas[delta++];
			assert_true(count >= 0);
			assert_in_range(index - first, 0, room - 1);
			counts[index - first] = (u64)count;
		}
	}
	assert_int_equal(delta, native->delta_count);
}

static void check_native(const u64 *buckets)
{
	static struct export_native native;
	u64 counts[NL_HISTOGRAM_BUCKETS] = { 0 }, sum = 0;
	const s32 first = -159; /* of bucket 1, whose upper bound is 2^(-159/8) s */

	export_native(buckets, &native);
	decode(&native, counts, first, NL_HISTOGRAM_BUCKETS - 1);
	assert_int_equal(native.zero_count, buckets[0]);
	for (u32 k = 1; k < NL_HISTOGRAM_BUCKETS; k++)
		assert_int_equal(counts[k - 1], buckets[k]);
	for (u32 k = 0; k < NL_HISTOGRAM_BUCKETS; k++)
		sum += buckets[k];
	assert_int_equal(native.count, sum);
}

static void test_native(void **state)
{
	u64 buckets[NL_HISTOGRAM_BUCKETS] = { 0 };

	(void)state;
	check_native(buckets);
	buckets[0] = 7;
	check_native(buckets);
	for (u32 k = 0; k < NL_HISTOGRAM_BUCKETS; k++) {
		memset(buckets, 0, sizeof(buckets));
		buckets[k] = k + 1;
		check_native(buckets);
	}
	srandom(1);
	for (unsigned i = 0; i < 2000; i++) {
		unsigned sparse = 1 + (unsigned)random() % 8;

		for (u32 k = 0; k < NL_HISTOGRAM_BUCKETS; k++)
			buckets[k] = random() % sparse ? 0 : (u64)random() << (random() % 20);
		check_native(buckets);
	}
}

/* Bucket i of schema 3 is (2^((i-1)/8), 2^(i/8)] s: a second closes number 0. */
static void test_native_index(void **state)
{
	u64 buckets[NL_HISTOGRAM_BUCKETS] = { 0 };
	static struct export_native native;

	(void)state;
	buckets[histogram_bucket(1000000000)] = 5;
	buckets[histogram_bucket(1000000001)] = 2;
	export_native(buckets, &native);
	assert_int_equal(native.span_count, 1);
	assert_int_equal(native.spans[0].offset, 0);
	assert_int_equal(native.spans[0].length, 2);
	assert_int_equal(native.deltas[0], 5);
	assert_int_equal(native.deltas[1], -3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds_are_the_nearest), cmocka_unit_test(test_classic),
		cmocka_unit_test(test_classic_is_monotone),    cmocka_unit_test(test_native),
		cmocka_unit_test(test_native_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
