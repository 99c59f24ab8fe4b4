/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_histogram.c - the buckets of core/histogram.h against 2^(k/8) itself. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/histogram.h"
#include "metrics.h"

#define LAST_BOUND (NL_HISTOGRAM_BUCKETS - 2)
#define LAST_BUCKET (NL_HISTOGRAM_BUCKETS - 1)

static long double bound(unsigned bucket)
{
	return exp2l(NL_HISTOGRAM_MIN_LOG2 + (long double)bucket / NL_HISTOGRAM_PER_OCTAVE);
}

static void test_each_bound_and_its_neighbors(void **state)
{
	(void)state;
	for (unsigned k = 0; k <= LAST_BOUND; k++) {
		long double exact = bound(k);
		u64 inside = (u64)floorl(exact);

		/* The reference must itself be certain on which side the integer is. */
		if (k % NL_HISTOGRAM_PER_OCTAVE != 0) {
			assert_true(exact - floorl(exact) > 1e-6L);
			assert_true(ceill(exact) - exact > 1e-6L);
		}
		if (histogram_bucket(inside) != k || histogram_bucket(inside + 1) != k + 1)
			fail_msg("bound %u: %llu is in %u, %llu in %u", k, inside,
				 histogram_bucket(inside), inside + 1,
				 histogram_bucket(inside + 1));
		assert_int_equal(histogram_bucket(inside - 1), k);
	}
}

static void test_powers_of_two_close_their_octave(void **state)
{
	(void)state;
	for (unsigned log2 = NL_HISTOGRAM_MIN_LOG2; log2 <= NL_HISTOGRAM_MAX_LOG2; log2++) {
		unsigned bucket = (log2 - NL_HISTOGRAM_MIN_LOG2) * NL_HISTOGRAM_PER_OCTAVE;

		assert_int_equal(histogram_bucket(1ULL << log2), bucket);
		assert_int_equal(histogram_bucket((1ULL << log2) + 1), bucket + 1);
	}
}

static void test_both_ends(void **state)
{
	(void)state;
	assert_int_equal(histogram_bucket(0), 0);
	assert_int_equal(histogram_bucket(1), 0);
	assert_int_equal(histogram_bucket(1024), 0);
	assert_int_equal(histogram_bucket(1025), 1);
	assert_int_equal(histogram_bucket(1ULL << 40), LAST_BOUND);
	assert_int_equal(histogram_bucket((1ULL << 40) + 1), LAST_BUCKET);
	assert_int_equal(histogram_bucket(UINT64_MAX), LAST_BUCKET);
}

static void test_monotone(void **state)
{
	unsigned last = 0;

	(void)state;
	for (u64 value = 0; value < 1 << 20; value++) {
		unsigned bucket = histogram_bucket(value);

		assert_true(bucket == last || bucket == last + 1);
		last = bucket;
	}
	for (double value = 1 << 20; value < 0x1p42; value *= 1.0001) {
		unsigned bucket = histogram_bucket((u64)value);

		assert_true(bucket == last || bucket == last + 1);
		last = bucket;
	}
	assert_int_equal(last, LAST_BUCKET);
}

static void test_random_values_lie_within_their_bounds(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned i = 0; i < 1000000; i++) {
		u64 value = ((u64)random() << 31 | (u64)random()) >> (random() % 52 + 10);
		unsigned bucket = histogram_bucket(value);

		if (bucket > 0)
			assert_true((long double)value > bound(bucket - 1));
		if (bucket < LAST_BUCKET)
			assert_true((long double)value <= bound(bucket));
	}
}

static void test_log2_floor(void **state)
{
	(void)state;
	for (unsigned log2 = 0; log2 < 64; log2++) {
		assert_int_equal(log2_floor(1ULL << log2), log2);
		assert_int_equal(log2_floor((2ULL << log2) - 1), log2);
	}
}

/* Any value read back as the middle of its bucket is at most 2^(1/16) - 1 off. */
static void test_middle_is_within_4_4_percent(void **state)
{
	static u64 buckets[NL_HISTOGRAM_BUCKETS];
	const double limit = exp2(1.0 / 16) * (1 + 1e-3); /* and rounding to 1 ns near 1 us */

	(void)state;
	for (double value = 1025; value < 0x1p40; value *= 1.001) {
		unsigned bucket = histogram_bucket((u64)value);
		double read;

		buckets[bucket] = 1;
		read = (double)metrics_quantile_ns(buckets, 0.5, 0, UINT64_MAX);
		buckets[bucket] = 0;
		assert_true(read / floor(value) < limit);
		assert_true(floor(value) / read < limit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_bound_and_its_neighbors),
		cmocka_unit_test(test_powers_of_two_close_their_octave),
		cmocka_unit_test(test_both_ends),
		cmocka_unit_test(test_monotone),
		cmocka_unit_test(test_random_values_lie_within_their_bounds),
		cmocka_unit_test(test_log2_floor),
		cmocka_unit_test(test_middle_is_within_4_4_percent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
