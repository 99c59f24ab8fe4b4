/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_histogram.c - the buckets of core/histogram.h against 2^(k/8) seconds themselves. */
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

/* Upper bound of a bucket in nanoseconds. */
static long double bound(unsigned bucket)
{
	return 1e9L * exp2l(NL_HISTOGRAM_MIN_LOG2 + (long double)bucket / NL_HISTOGRAM_PER_OCTAVE);
}

static void test_each_bound_and_its_neighbors(void **state)
{
	(void)state;
	for (unsigned k = 0; k <= LAST_BOUND; k++) {
		long double exact = bound(k);
		u64 inside = (u64)floorl(exact);

		/* The reference must itself be certain on which side the integer is: of the
		 * powers of two, 2^-9 s and those above it are whole nanoseconds. */
		if (k % NL_HISTOGRAM_PER_OCTAVE != 0 || k < 11 * NL_HISTOGRAM_PER_OCTAVE) {
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

/* Each value for itself, as far as that goes: 2^24 ns is 16.8 ms. */
static void test_every_value_of_14_octaves(void **state)
{
	unsigned k = 0;

	(void)state;
	for (u64 value_ns = 0; value_ns < 1 << 24; value_ns++) {
		while ((long double)value_ns > bound(k))
			k++;
		if (histogram_bucket(value_ns) != k)
			fail_msg("%llu ns: in %u, not in %u", value_ns, histogram_bucket(value_ns),
				 k);
	}
}

static void test_powers_of_two_seconds_close_their_octave(void **state)
{
	(void)state;
	for (unsigned k = 11 * NL_HISTOGRAM_PER_OCTAVE; k <= LAST_BOUND;
	     k += NL_HISTOGRAM_PER_OCTAVE) {
		u64 value_ns = 1953125ULL << (k / NL_HISTOGRAM_PER_OCTAVE - 11);

		assert_true((long double)value_ns == bound(k));
		assert_int_equal(histogram_bucket(value_ns), k);
		assert_int_equal(histogram_bucket(value_ns + 1), k + 1);
	}
	assert_int_equal(histogram_bucket(1000000000), 20 * NL_HISTOGRAM_PER_OCTAVE);
}

static void test_both_ends(void **state)
{
	(void)state;
	assert_int_equal(histogram_bucket(0), 0);
	assert_int_equal(histogram_bucket(1), 0);
	assert_int_equal(histogram_bucket(953), 0);
	assert_int_equal(histogram_bucket(954), 1);
	assert_int_equal(histogram_bucket(1023), 1);
	assert_int_equal(histogram_bucket(1024), 1);
	assert_int_equal(histogram_bucket(1024000000000), LAST_BOUND);
	assert_int_equal(histogram_bucket(1024000000001), LAST_BUCKET);
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
	for (double value = 954; value < 1024e9; value *= 1.001) {
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
		cmocka_unit_test(test_every_value_of_14_octaves),
		cmocka_unit_test(test_powers_of_two_seconds_close_their_octave),
		cmocka_unit_test(test_both_ends),
		cmocka_unit_test(test_monotone),
		cmocka_unit_test(test_random_values_lie_within_their_bounds),
		cmocka_unit_test(test_log2_floor),
		cmocka_unit_test(test_middle_is_within_4_4_percent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
