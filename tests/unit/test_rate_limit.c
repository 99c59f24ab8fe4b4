/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_rate_limit.c - how many a minute get through, to the token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rate_limit.h"

#define SECOND_NS 1000000000ULL
#define MINUTE_NS (60 * SECOND_NS)
#define BEGIN_NS (1ULL << 60)

static struct rate_limit limit;

/* How many of `tries` get through at a time. */
static unsigned take(unsigned tries, u64 now_ns)
{
	unsigned taken = 0;

	while (tries-- > 0)
		taken += rate_limit_take(&limit, now_ns);
	return taken;
}

static void test_burst_and_refill(void **state)
{
	(void)state;
	rate_limit_init(&limit, 60);
	assert_int_equal(take(100, BEGIN_NS), 60);
	assert_int_equal(take(1, BEGIN_NS + SECOND_NS - 1), 0);
	assert_int_equal(take(2, BEGIN_NS + SECOND_NS), 1);
	assert_int_equal(take(2, BEGIN_NS + 2 * SECOND_NS - 1), 0);
	assert_int_equal(take(9, BEGIN_NS + 5 * SECOND_NS), 4);
	/* However long nothing came, a minute's tokens are all there is. */
	assert_int_equal(take(200, BEGIN_NS + 1000 * MINUTE_NS), 60);
	assert_int_equal(take(200, ~0ULL), 60);
}

/* Of a number that does not divide a minute nothing is lost, however often one asks. */
static void test_nothing_is_lost_by_rounding(void **state)
{
	unsigned taken = 0;

	(void)state;
	rate_limit_init(&limit, 7);
	assert_int_equal(take(8, BEGIN_NS), 7);
	for (u64 at_ns = 1000003; at_ns <= 10 * MINUTE_NS; at_ns += 1000003)
		taken += take(1, BEGIN_NS + at_ns);
	taken += take(1, BEGIN_NS + 10 * MINUTE_NS);
	assert_int_equal(taken, 70);
}

static void test_time_that_goes_back(void **state)
{
	(void)state;
	rate_limit_init(&limit, 1);
	assert_int_equal(take(2, BEGIN_NS), 1);
	assert_int_equal(take(2, BEGIN_NS - 10 * MINUTE_NS), 0);
	assert_int_equal(take(2, BEGIN_NS + MINUTE_NS - 1), 0);
	assert_int_equal(take(2, BEGIN_NS + MINUTE_NS), 1);
}

static void test_extremes(void **state)
{
	(void)state;
	rate_limit_init(&limit, 0);
	assert_int_equal(take(100000, 0), 100000);
	rate_limit_init(&limit, ~0U);
	assert_int_equal(take(3, 0), 3);
	assert_int_equal(take(3, ~0ULL), 3);
	assert_true(limit.credit == RATE_LIMIT_MAX * MINUTE_NS - 3 * MINUTE_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_burst_and_refill),
		cmocka_unit_test(test_nothing_is_lost_by_rounding),
		cmocka_unit_test(test_time_that_goes_back),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
