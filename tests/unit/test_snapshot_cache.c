/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_snapshot_cache.c - how old a snapshot may be, and what is known of the one before it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "snapshot_cache.h"

#define SECOND 1000000000ULL

static u64 clock_ns, requests;
static unsigned taken;
static int result;

/* Two rows: one has as many requests as there were, the other comes with the third snapshot. */
static int take(struct engine *engine, struct snapshot *snapshot)
{
	(void)engine;
	if (result < 0)
		return result;
	taken++;
	assert_null(snapshot->rows); /* the one before it is gone */
	snapshot->taken_ns = clock_ns;
	snapshot->rows = calloc(2, sizeof(*snapshot->rows));
	assert_non_null(snapshot->rows);
	snapshot->row_count = taken > 2 ? 2 : 1;
	for (u16 i = 0; i < 2; i++) {
		snapshot->rows[i].key.server_port = (u16)(80 - i);
		snapshot->rows[i].stats.requests = requests + i;
	}
	return 0;
}

static const struct engine_ops ops = { .snapshot = take };
static struct engine engine = { &ops };
static struct engine *opened;

static int set_up(void **state)
{
	taken = 0;
	result = 0;
	opened = NULL;
	*state = snapshot_cache_new(&opened, SECOND);
	opened = &engine; /* opened after it */
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	snapshot_cache_free(*state);
	return 0;
}

static const struct snapshot *get_at(struct snapshot_cache *cache, u64 now_ns, u64 now_requests)
{
	clock_ns = now_ns;
	requests = now_requests;
	return snapshot_cache_get(cache, now_ns);
}

static void test_age(void **state)
{
	const struct snapshot *first = get_at(*state, 5 * SECOND, 10);

	assert_int_equal(first->rows[0].stats.requests, 10);
	assert_int_equal(get_at(*state, 6 * SECOND, 20)->rows[0].stats.requests, 10);
	assert_int_equal(taken, 1);
	assert_int_equal(get_at(*state, 6 * SECOND + 1, 20)->rows[0].stats.requests, 20);
	assert_int_equal(taken, 2);
}

static void test_before(void **state)
{
	const struct nl_row_key first = { .server_port = 80 }, second = { .server_port = 79 };
	u64 before = 7, at_ns = 7;

	assert_false(snapshot_cache_before(*state, &first, &before, &at_ns));
	get_at(*state, 5 * SECOND, 10);
	assert_false(snapshot_cache_before(*state, &first, &before, &at_ns));
	assert_int_equal(before, 7);
	get_at(*state, 7 * SECOND, 30);
	assert_true(snapshot_cache_before(*state, &first, &before, &at_ns));
	assert_int_equal(before, 10);
	assert_int_equal(at_ns, 5 * SECOND);
	get_at(*state, 9 * SECOND, 50);
	assert_true(snapshot_cache_before(*state, &second, &before, &at_ns));
	assert_int_equal(before, 0); /* it was not there */
	assert_true(snapshot_cache_before(*state, &first, &before, &at_ns));
	assert_int_equal(before, 30);
	get_at(*state, 69 * SECOND, 60);
	assert_true(snapshot_cache_before(*state, &second, &before, &at_ns));
	assert_int_equal(before, 51);
	get_at(*state, 130 * SECOND, 60); /* nobody asked for 61 s */
	assert_false(snapshot_cache_before(*state, &first, &before, &at_ns));
}

static const struct snapshot *get_younger_at(struct snapshot_cache *cache, u64 now_ns,
					     u64 now_requests)
{
	clock_ns = now_ns;
	requests = now_requests;
	return snapshot_cache_get_younger(cache, now_ns, SECOND / 10);
}

/* Who needs young ones takes away nobody's rates of late. */
static void test_younger(void **state)
{
	const struct nl_row_key key = { .server_port = 80 };
	u64 before = 7, at_ns = 7;

	get_at(*state, 5 * SECOND, 10);
	assert_int_equal(get_younger_at(*state, 5 * SECOND + 1, 11)->rows[0].stats.requests, 10);
	assert_int_equal(
		get_younger_at(*state, 5 * SECOND + SECOND / 2, 12)->rows[0].stats.requests, 12);
	assert_false(snapshot_cache_before(*state, &key, &before, &at_ns)); /* too young */
	for (unsigned half = 12; half < 130; half++) {
		get_younger_at(*state, half * (SECOND / 2), half);
		assert_int_equal(get_at(*state, half * (SECOND / 2), 0)->rows[0].stats.requests,
				 half);
		assert_true(snapshot_cache_before(*state, &key, &before, &at_ns));
		assert_int_equal(at_ns, 5 * SECOND);
		assert_int_equal(before, 10);
	}
	/* Now it is too old, and a new one will be there within a second. */
	get_younger_at(*state, 65 * SECOND + 1, 131);
	assert_false(snapshot_cache_before(*state, &key, &before, &at_ns));
	get_younger_at(*state, 66 * SECOND, 132);
	assert_true(snapshot_cache_before(*state, &key, &before, &at_ns));
	assert_int_equal(before, 129);
}

static void test_failure(void **state)
{
	const struct nl_row_key key = { .server_port = 80 };
	u64 before, at_ns;

	get_at(*state, 5 * SECOND, 10);
	result = -ENOMEM;
	errno = 0;
	assert_null(get_at(*state, 7 * SECOND, 20));
	assert_int_equal(errno, ENOMEM);
	assert_false(snapshot_cache_before(*state, &key, &before, &at_ns));
	result = 0;
	assert_int_equal(get_at(*state, 7 * SECOND, 30)->rows[0].stats.requests, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_age, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_before, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_younger, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failure, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
