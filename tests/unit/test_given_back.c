/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_given_back.c - what services had counted in rows that were given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "given_back.h"

static struct given_back *given_back;

static int make(void **state)
{
	(void)state;
	given_back = given_back_new();
	return given_back ? 0 : -1;
}

static int drop(void **state)
{
	(void)state;
	given_back_free(given_back);
	return 0;
}

static void add(u8 client, u16 port, u64 requests)
{
	struct nl_row_key key = { .server_port = port, .kind = NL_ROW_PAIR };
	struct nl_stats stats = { .requests = requests, .duration_max_ns = requests };

	key.client_addr.bytes[15] = client;
	key.server_addr.bytes[15] = 1;
	assert_int_equal(given_back_add(given_back, &key, &stats), 0);
}

static bool keeps(const struct nl_row_key *service, void *userdata)
{
	return service->server_port == *(u16 *)userdata;
}

static void test_sums_by_service(void **state)
{
	struct metrics_row rows[2];
	u16 kept = 81;

	(void)state;
	assert_int_equal(given_back_count(given_back), 0);
	add(1, 80, 5);
	add(2, 80, 7);
	add(1, 81, 2);
	assert_int_equal(given_back_count(given_back), 2);
	given_back_list(given_back, rows);
	assert_int_equal(rows[0].key.server_port, 80);
	assert_int_equal(rows[0].key.kind, NL_ROW_SERVICE);
	assert_int_equal(rows[0].key.client_addr.bytes[15], 0);
	assert_int_equal(rows[0].stats.requests, 12);
	assert_int_equal(rows[0].stats.duration_max_ns, 7);
	assert_int_equal(rows[1].stats.requests, 2);

	given_back_forget(given_back, keeps, &kept);
	assert_int_equal(given_back_count(given_back), 1);
	add(1, 80, 3);
	given_back_list(given_back, rows);
	assert_int_equal(rows[0].key.server_port, 81);
	assert_int_equal(rows[1].stats.requests, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sums_by_service, make, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
