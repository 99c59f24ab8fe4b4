/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_reclaim.c - which rows and series are taken back, on tables that are only arrays. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics.h"
#include "reclaim.h"

#define ROWS 16
#define SERIES 16
#define SECOND_NS 1000000000ULL
#define EXPIRE_NS (10 * SECOND_NS)

static struct {
	struct nl_row_key key;
	bool listed; /* in the table of keys */
	bool met;    /* a connection has it */
	struct nl_stats stats;
	unsigned freed;
} rows[ROWS];

static struct {
	struct nl_series_key key;
	bool listed;
	unsigned freed;
} series[SERIES];

static struct reclaim *reclaim;
static u64 now_ns;
static u32 sweep;

static int list_rows(void *userdata, struct nl_row_key *keys, u32 *numbers)
{
	int count = 0;

	(void)userdata;
	for (u32 i = 0; i < ROWS; i++) {
		if (!rows[i].listed)
			continue;
		keys[count] = rows[i].key;
		numbers[count++] = i;
	}
	return count;
}

static int list_series(void *userdata, struct nl_series_key *keys, u32 *numbers)
{
	int count = 0;

	(void)userdata;
	for (u32 i = 0; i < SERIES; i++) {
		if (!series[i].listed)
			continue;
		keys[count] = series[i].key;
		numbers[count++] = i;
	}
	return count;
}

static int forget_row(void *userdata, const struct nl_row_key *key)
{
	(void)userdata;
	for (u32 i = 0; i < ROWS; i++)
		if (rows[i].listed && memcmp(&rows[i].key, key, sizeof(*key)) == 0)
			rows[i].listed = false;
	return 0;
}

static int restore_row(void *userdata, const struct nl_row_key *key, u32 number)
{
	(void)userdata;
	for (u32 i = 0; i < ROWS; i++)
		if (rows[i].listed && memcmp(&rows[i].key, key, sizeof(*key)) == 0)
			return -EEXIST;
	rows[number].listed = true;
	return 0;
}

static int forget_series(void *userdata, const struct nl_series_key *key)
{
	(void)userdata;
	for (u32 i = 0; i < SERIES; i++)
		if (series[i].listed && memcmp(&series[i].key, key, sizeof(*key)) == 0)
			series[i].listed = false;
	return 0;
}

static int restore_series(void *userdata, const struct nl_series_key *key, u32 number)
{
	(void)userdata;
	(void)key;
	series[number].listed = true;
	return 0;
}

static u64 row_activity(void *userdata, u32 number)
{
	(void)userdata;
	return rows[number].stats.requests;
}

static bool row_is_met(void *userdata, u32 number, u32 of)
{
	(void)userdata;
	assert_int_equal(of, sweep);
	return rows[number].met;
}

static int add_row(void *userdata, u32 number, struct nl_stats *to)
{
	(void)userdata;
	metrics_add(to, &rows[number].stats);
	return 0;
}

static int free_row(void *userdata, u32 number)
{
	(void)userdata;
	assert_false(rows[number].listed);
	memset(&rows[number].stats, 0, sizeof(rows[number].stats));
	rows[number].freed++;
	return 0;
}

static int free_series(void *userdata, u32 number)
{
	(void)userdata;
	assert_false(series[number].listed);
	series[number].freed++;
	return 0;
}

static void add(u32 number, u8 client, u16 port, u64 requests)
{
	rows[number].key = (struct nl_row_key){ .server_port = port };
	rows[number].key.client_addr.bytes[15] = client;
	rows[number].key.server_addr.bytes[15] = 1;
	rows[number].listed = true;
	rows[number].stats.requests = requests;
}

static void add_series(u32 number, u16 port, u16 status)
{
	series[number].key = (struct nl_series_key){ .server_port = port, .status = status };
	series[number].key.server_addr.bytes[15] = port ? 1 : 0;
	series[number].listed = true;
}

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
	const struct reclaim_tables tables = {
		.rows = ROWS,
		.series = SERIES,
		.list_rows = list_rows,
		.list_series = list_series,
		.forget_row = forget_row,
		.restore_row = restore_row,
		.forget_series = forget_series,
		.restore_series = restore_series,
		.row_activity = row_activity,
		.row_is_met = row_is_met,
		.add_row = add_row,
		.free_row = free_row,
		.free_series = free_series,
	};

	(void)state;
	memset(rows, 0, sizeof(rows));
	memset(series, 0, sizeof(series));
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
	add(3, 1, 80, 7);
	pass_after(0);
	pass_after(EXPIRE_NS - 1);
	assert_true(rows[3].listed);
	pass_after(1);
	assert_false(rows[3].listed);
	assert_int_equal(rows[3].freed, 0); /* a connection may just have found it */
	assert_int_equal(expired(), 7);
	pass_after(SECOND_NS);
	assert_int_equal(rows[3].freed, 1);
	assert_int_equal(expired(), 7);
	pass_after(100 * EXPIRE_NS);
	assert_int_equal(rows[3].freed, 1);

	add(3, 9, 81, 2); /* the number is somebody else's */
	pass_after(0);
	pass_after(EXPIRE_NS - 1);
	assert_true(rows[3].listed);
	pass_after(1);
	pass_after(1);
	assert_int_equal(rows[3].freed, 2);
	assert_int_equal(expired(), 9);
}

static void test_active_row(void **state)
{
	(void)state;
	add(3, 1, 80, 7);
	for (int i = 0; i < 50; i++) {
		pass_after(EXPIRE_NS - 1);
		rows[3].stats.requests++;
	}
	assert_true(rows[3].listed);
	assert_int_equal(expired(), 0);
}

/* A connection that says nothing keeps its row. */
static void test_row_that_is_met(void **state)
{
	(void)state;
	add(3, 1, 80, 7);
	rows[3].met = true;
	for (int i = 0; i < 5; i++)
		pass_after(EXPIRE_NS);
	assert_true(rows[3].listed);
	rows[3].met = false;
	pass_after(1);
	assert_false(rows[3].listed);
}

/* The row was found a moment before its key was taken out. */
static void test_found_meanwhile(void **state)
{
	(void)state;
	add(3, 1, 80, 7);
	pass_after(0);
	pass_after(EXPIRE_NS);
	assert_false(rows[3].listed);
	rows[3].met = true;
	pass_after(SECOND_NS);
	assert_true(rows[3].listed);
	assert_int_equal(rows[3].freed, 0);

	rows[3].met = false; /* the same by a connection that has already gone */
	pass_after(EXPIRE_NS);
	assert_false(rows[3].listed);
	rows[3].stats.requests++;
	pass_after(SECOND_NS);
	assert_true(rows[3].listed);
	pass_after(EXPIRE_NS);
	pass_after(EXPIRE_NS);
	pass_after(EXPIRE_NS);
	assert_int_equal(rows[3].freed, 1);
	assert_int_equal(expired(), 8);
}

/* And its service and client have a new row by then: the old one waits for its connection. */
static void test_two_rows_of_one_key(void **state)
{
	(void)state;
	add(3, 1, 80, 7);
	pass_after(0);
	pass_after(EXPIRE_NS);
	rows[3].met = true;
	add(4, 1, 80, 1);
	pass_after(SECOND_NS);
	assert_false(rows[3].listed);
	assert_int_equal(rows[3].freed, 0);
	rows[3].stats.requests = 8;
	rows[3].met = false;
	pass_after(SECOND_NS);
	assert_int_equal(rows[3].freed, 1);
	assert_int_equal(expired(), 8);
	assert_true(rows[4].listed);
}

/* Series go with the last row of their service, those of no service never. */
static void test_series(void **state)
{
	(void)state;
	add(3, 1, 80, 7);
	add(4, 2, 80, 7);
	add(5, 2, 81, 7);
	add_series(1, 80, 200);
	add_series(2, 80, 404);
	add_series(3, 81, 200);
	add_series(4, 0, 200);
	rows[4].met = rows[5].met = true;
	pass_after(0);
	pass_after(EXPIRE_NS);
	pass_after(SECOND_NS);
	assert_int_equal(rows[3].freed, 1);
	pass_after(SECOND_NS);
	assert_true(series[1].listed && series[2].listed);
	rows[4].met = false;
	pass_after(SECOND_NS); /* retires the row, ... */
	pass_after(SECOND_NS); /* frees it, retires its series, ... */
	assert_int_equal(rows[4].freed, 1);
	assert_false(series[1].listed || series[2].listed);
	assert_int_equal(series[1].freed, 0);
	pass_after(SECOND_NS); /* and frees these */
	assert_int_equal(series[1].freed, 1);
	assert_int_equal(series[2].freed, 1);
	assert_true(series[3].listed && series[4].listed);
}

/* A service came back before its series had gone: a row may remember its number. */
static void test_series_of_a_service_that_comes_back(void **state)
{
	(void)state;
	add_series(1, 80, 200);
	pass_after(0);
	assert_false(series[1].listed);
	add(3, 1, 80, 7);
	pass_after(SECOND_NS);
	assert_true(series[1].listed);
	assert_int_equal(series[1].freed, 0);
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
	add(3, 1, 80, 7);
	add(4, 2, 80, 5);
	add(5, 2, 81, 3);
	pass_after(0);
	assert_int_equal(given_back(80), 0);
	rows[4].met = true;
	pass_after(EXPIRE_NS);
	assert_false(rows[3].listed); /* taken out of the table, ... */
	assert_int_equal(given_back(80), 7);
	assert_int_equal(given_back(81), 3);
	pass_after(SECOND_NS); /* and free */
	assert_int_equal(rows[3].freed, 1);
	assert_int_equal(given_back(80), 7);
	assert_int_equal(given_back(81), 0);
	add(3, 3, 80, 2);
	pass_after(0);
	pass_after(EXPIRE_NS);
	pass_after(SECOND_NS);
	assert_int_equal(rows[3].freed, 2);
	assert_int_equal(given_back(80), 9);
	rows[4].met = false;
	pass_after(SECOND_NS);
	assert_int_equal(given_back(80), 14);
	pass_after(SECOND_NS);
	assert_int_equal(rows[4].freed, 1);
	assert_int_equal(given_back(80), 0);
	assert_int_equal(expired(), 17);
}

static void test_another_time(void **state)
{
	(void)state;
	add(3, 1, 80, 7);
	pass_after(0);
	reclaim_set_expire(reclaim, SECOND_NS);
	pass_after(SECOND_NS);
	assert_false(rows[3].listed);
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
		cmocka_unit_test_setup_teardown(test_another_time, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
