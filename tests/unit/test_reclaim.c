/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_reclaim.c - which rows and series are taken back, on tables that are only arrays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_tables.h"

#define SECOND_NS 1000000000ULL
#define EXPIRE_NS (10 * SECOND_NS)

static struct reclaim *reclaim;
static u64 now_ns;
static u32 sweep;

static void pass_after(u64 ns)
{
	now_ns += ns;
	sweep++;
	assert_int_equal(reclaim_after_sweep(reclaim, sweep, now_ns), 0);
}

static u64 expired(void)
{
	struct nl_stats stats;

	assert_int_equal(reclaim_expired(reclaim, &stats), 0);
	return stats.requests;
}

static int begin(void **state)
{
	const struct reclaim_tables tables = fake_tables_of(&sweep);

	(void)state;
	fake_tables_clear();
	now_ns = 1000 * SECOND_NS;
	sweep = 0;
	reclaim = reclaim_new(&tables, EXPIRE_NS);
	return reclaim ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	reclaim_free(reclaim);
	return 0;
}

static void test_silent_row(void **state)
{
	(void)state;
	fake_row_add(3, 1, 80, 7);
	pass_after(0);
	pass_after(EXPIRE_NS - 1);
	assert_true(fake_rows[3].listed);
	pass_after(1);
	assert_false(fake_rows[3].listed);
	assert_int_equal(fake_rows[3].freed, 0); /* a connection may just have found it */
	assert_int_equal(expired(), 7);
	pass_after(SECOND_NS);
	assert_int_equal(fake_rows[3].freed, 1);
	assert_int_equal(expired(), 7);
	pass_after(100 * EXPIRE_NS);
	assert_int_equal(fake_rows[3].freed, 1);

	fake_row_add(3, 9, 81, 2); /* the number is somebody else's */
	pass_after(0);
	pass_after(EXPIRE_NS - 1);
	assert_true(fake_rows[3].listed);
	pass_after(1);
	pass_after(1);
	assert_int_equal(fake_rows[3].freed, 2);
	assert_int_equal(expired(), 9);
}

static void test_active_row(void **state)
{
	(void)state;
	fake_row_add(3, 1, 80, 7);
	for (int i = 0; i < 50; i++) {
		pass_after(EXPIRE_NS - 1);
		fake_rows[3].stats.requests++;
	}
	assert_true(fake_rows[3].listed);
	assert_int_equal(expired(), 0);
}

/* A connection that says nothing keeps its row. */
static void test_row_that_is_met(void **state)
{
	(void)state;
	fake_row_add(3, 1, 80, 7);
	fake_rows[3].met = true;
	for (int i = 0; i < 5; i++)
		pass_after(EXPIRE_NS);
	assert_true(fake_rows[3].listed);
	fake_rows[3].met = false;
	pass_after(1);
	assert_false(fake_rows[3].listed);
}

/* The row was found a moment before its key was taken out. */
static void test_found_meanwhile(void **state)
{
	(void)state;
	fake_row_add(3, 1, 80, 7);
	pass_after(0);
	pass_after(EXPIRE_NS);
	assert_false(fake_rows[3].listed);
	fake_rows[3].met = true;
	pass_after(SECOND_NS);
	assert_true(fake_rows[3].listed);
	assert_int_equal(fake_rows[3].freed, 0);

	fake_rows[3].met = false; /* the same by a connection that has already gone */
	pass_after(EXPIRE_NS);
	assert_false(fake_rows[3].listed);
	fake_rows[3].stats.requests++;
	pass_after(SECOND_NS);
	assert_true(fake_rows[3].listed);
	pass_after(EXPIRE_NS);
	pass_after(EXPIRE_NS);
	pass_after(EXPIRE_NS);
	assert_int_equal(fake_rows[3].freed, 1);
	assert_int_equal(expired(), 8);
}

/* And its service and client have a new row by then: the old one waits for its connection. */
static void test_two_rows_of_one_key(void **state)
{
	(void)state;
	fake_row_add(3, 1, 80, 7);
	pass_after(0);
	pass_after(EXPIRE_NS);
	fake_rows[3].met = true;
	fake_row_add(4, 1, 80, 1);
	pass_after(SECOND_NS);
	assert_false(fake_rows[3].listed);
	assert_int_equal(fake_rows[3].freed, 0);
	fake_rows[3].stats.requests = 8;
	fake_rows[3].met = false;
	pass_after(SECOND_NS);
	assert_int_equal(fake_rows[3].freed, 1);
	assert_int_equal(expired(), 8);
	assert_true(fake_rows[4].listed);
}

/* Series go with the last row of their service, those of no service never. */
static void test_series(void **state)
{
	(void)state;
	fake_row_add(3, 1, 80, 7);
	fake_row_add(4, 2, 80, 7);
	fake_row_add(5, 2, 81, 7);
	fake_series_add(1, 80, 200);
	fake_series_add(2, 80, 404);
	fake_series_add(3, 81, 200);
	fake_series_add(4, 0, 200);
	fake_rows[4].met = fake_rows[5].met = true;
	pass_after(0);
	pass_after(EXPIRE_NS);
	pass_after(SECOND_NS);
	assert_int_equal(fake_rows[3].freed, 1);
	pass_after(SECOND_NS);
	assert_true(fake_series[1].listed && fake_series[2].listed);
	fake_rows[4].met = false;
	pass_after(SECOND_NS); /* retires the row, ... */
	pass_after(SECOND_NS); /* frees it, retires its series, ... */
	assert_int_equal(fake_rows[4].freed, 1);
	assert_false(fake_series[1].listed || fake_series[2].listed);
	assert_int_equal(fake_series[1].freed, 0);
	pass_after(SECOND_NS); /* and frees these */
	assert_int_equal(fake_series[1].freed, 1);
	assert_int_equal(fake_series[2].freed, 1);
	assert_true(fake_series[3].listed && fake_series[4].listed);
}

/* A service came back before its series had gone: a row may remember its number. */
static void test_series_of_a_service_that_comes_back(void **state)
{
	(void)state;
	fake_series_add(1, 80, 200);
	pass_after(0);
	assert_false(fake_series[1].listed);
	fake_row_add(3, 1, 80, 7);
	pass_after(SECOND_NS);
	assert_true(fake_series[1].listed);
	assert_int_equal(fake_series[1].freed, 0);
}

/* What the services that go on had in rows that were taken back. */
static u64 given_back(u16 port)
{
	struct metrics_row *of;
	u64 requests = 0;
	size_t count;

	assert_int_equal(reclaim_given_back(reclaim, &of, &count), 0);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(of[i].key.kind, NL_ROW_SERVICE);
		assert_int_equal(of[i].key.server_addr.bytes[15], 1);
		assert_int_equal(of[i].key.client_addr.bytes[15], 0);
		requests += of[i].key.server_port == port ? of[i].stats.requests : 0;
	}
	free(of);
	return requests;
}

/* A service loses nothing by clients that leave, until it leaves itself. */
static void test_given_back(void **state)
{
	(void)state;
	fake_row_add(3, 1, 80, 7);
	fake_row_add(4, 2, 80, 5);
	fake_row_add(5, 2, 81, 3);
	pass_after(0);
	assert_int_equal(given_back(80), 0);
	fake_rows[4].met = true;
	pass_after(EXPIRE_NS);
	assert_false(fake_rows[3].listed); /* taken out of the table, ... */
	assert_int_equal(given_back(80), 7);
	assert_int_equal(given_back(81), 3);
	pass_after(SECOND_NS); /* and free */
	assert_int_equal(fake_rows[3].freed, 1);
	assert_int_equal(given_back(80), 7);
	assert_int_equal(given_back(81), 0);
	fake_row_add(3, 3, 80, 2);
	pass_after(0);
	pass_after(EXPIRE_NS);
	pass_after(SECOND_NS);
	assert_int_equal(fake_rows[3].freed, 2);
	assert_int_equal(given_back(80), 9);
	fake_rows[4].met = false;
	pass_after(SECOND_NS);
	assert_int_equal(given_back(80), 14);
	pass_after(SECOND_NS);
	assert_int_equal(fake_rows[4].freed, 1);
	assert_int_equal(given_back(80), 0);
	assert_int_equal(expired(), 17);
}

/* Port 0 is nobody's, but what is sent there is not for ever. */
static void test_series_of_port_zero(void **state)
{
	(void)state;
	fake_series_add(1, 0, 200);
	fake_series[1].key.server_addr.bytes[15] = 1;
	fake_row_add(3, 1, 0, 7);
	pass_after(0);
	pass_after(EXPIRE_NS); /* retires the row, ... */
	pass_after(SECOND_NS); /* frees it, retires its series, ... */
	pass_after(SECOND_NS); /* and frees that */
	assert_int_equal(fake_series[1].freed, 1);
}

/* What a snapshot has of a series, which it has but once, beside the overflow series. */
static u64 shown(u16 port, u16 status)
{
	struct snapshot snapshot = { .series_count = 1 };
	u64 count = 0;

	snapshot.series = calloc(1 + FAKE_SERIES, sizeof(*snapshot.series));
	assert_non_null(snapshot.series);
	snapshot.series[0].is_overflow = true;
	for (u32 i = 1; i < FAKE_SERIES; i++) {
		if (!fake_series[i].listed)
			continue;
		snapshot.series[snapshot.series_count].key = fake_series[i].key;
		snapshot.series[snapshot.series_count++].stats.count = fake_series[i].count;
	}
	assert_int_equal(reclaim_add_series(reclaim, &snapshot), 0);
	assert_int_equal(snapshot.series[0].stats.count, 0);
	for (size_t i = 1; i < snapshot.series_count; i++) {
		const struct metrics_series *s = &snapshot.series[i];

		if (s->key.server_port != port || s->key.status != status)
			continue;
		assert_int_equal(count, 0);
		count = s->stats.count;
	}
	snapshot_clear(&snapshot);
	return count;
}

/* Back before it is given back it has never been away. */
static void test_series_between(void **state)
{
	(void)state;
	fake_series_add(1, 80, 200);
	fake_series[1].count = 5;
	assert_int_equal(shown(80, 200), 5);
	pass_after(0);
	assert_false(fake_series[1].listed);
	assert_int_equal(shown(80, 200), 5);
	fake_row_add(3, 1, 80, 7);
	pass_after(SECOND_NS);
	assert_true(fake_series[1].listed);
	assert_int_equal(shown(80, 200), 5);
}

/* The same, and another number has its key by then: both are one, and the older goes last. */
static void test_two_series_of_one_key(void **state)
{
	(void)state;
	fake_series_add(1, 80, 200);
	fake_series[1].count = 5;
	pass_after(0);
	fake_row_add(3, 1, 80, 7);
	fake_series_add(2, 80, 200);
	fake_series[2].count = 2;
	pass_after(SECOND_NS);
	assert_int_equal(fake_series[1].freed, 0);
	fake_series[1].count++; /* its number was looked up before it was taken out */
	assert_int_equal(shown(80, 200), 6 + 2);
	pass_after(EXPIRE_NS);
	pass_after(SECOND_NS);
	assert_int_equal(fake_rows[3].freed, 1);
	assert_int_equal(fake_series[1].freed, 1);
	pass_after(SECOND_NS);
	assert_int_equal(fake_series[2].freed, 1);
	assert_int_equal(shown(80, 200), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_silent_row, begin, end),
		cmocka_unit_test_setup_teardown(test_active_row, begin, end),
		cmocka_unit_test_setup_teardown(test_row_that_is_met, begin, end),
		cmocka_unit_test_setup_teardown(test_found_meanwhile, begin, end),
		cmocka_unit_test_setup_teardown(test_two_rows_of_one_key, begin, end),
		cmocka_unit_test_setup_teardown(test_series, begin, end),
		cmocka_unit_test_setup_teardown(test_series_of_a_service_that_comes_back, begin,
						end),
		cmocka_unit_test_setup_teardown(test_given_back, begin, end),
		cmocka_unit_test_setup_teardown(test_series_of_port_zero, begin, end),
		cmocka_unit_test_setup_teardown(test_series_between, begin, end),
		cmocka_unit_test_setup_teardown(test_two_series_of_one_key, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
