/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_container_table.c - containers that come, go, and are known for a while after. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "container_table.h"

static struct container_table *table;

static union nl_addr address_of(unsigned number)
{
	union nl_addr address = { .bytes = { 0xfd } };

	memcpy(address.bytes + 8, &number, sizeof(number));
	return address;
}

static int put(unsigned number, const char *name)
{
	union nl_addr address = address_of(number);
	struct container container = { .service = "s", .image = "i" };

	snprintf(container.name, sizeof(container.name), "%s", name);
	return container_table_put(table, &address, &container);
}

static const char *name_of(unsigned number, u64 now_us)
{
	union nl_addr address = address_of(number);
	const struct container *container = container_table_find(table, &address, now_us);

	return container ? container->name : NULL;
}

static int set_up(void **state)
{
	(void)state;
	table = container_table_new();
	return table ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	container_table_free(table);
	return 0;
}

static void test_listings(void **state)
{
	const u64 gone_us = 1000;

	(void)state;
	assert_null(name_of(1, 0));
	container_table_begin(table);
	assert_int_equal(put(1, "one"), 0);
	assert_int_equal(put(2, "two"), 0);
	assert_int_equal(put(2, "other"), 0); /* the first counts */
	container_table_end(table, 500);
	assert_string_equal(name_of(1, 10 * CONTAINER_KEPT_US), "one");
	assert_string_equal(name_of(2, 500), "two");
	container_table_begin(table);
	assert_int_equal(put(2, "renamed"), 0);
	container_table_end(table, gone_us);
	assert_string_equal(name_of(2, gone_us), "renamed");
	/* 1 has gone; later listings do not make it younger. */
	container_table_begin(table);
	container_table_end(table, gone_us + CONTAINER_KEPT_US);
	assert_string_equal(name_of(1, gone_us + CONTAINER_KEPT_US), "one");
	assert_null(name_of(1, gone_us + CONTAINER_KEPT_US + 1));
	assert_string_equal(name_of(2, gone_us + CONTAINER_KEPT_US + 1), "renamed");
	container_table_begin(table);
	assert_int_equal(put(1, "again"), 0);
	container_table_end(table, gone_us + CONTAINER_KEPT_US + 2);
	assert_string_equal(name_of(1, 10 * CONTAINER_KEPT_US), "again");
}

static void test_listing_without_end(void **state)
{
	(void)state;
	container_table_begin(table);
	put(1, "one");
	put(2, "two");
	container_table_end(table, 0);
	container_table_begin(table);
	put(1, "new");
	container_table_begin(table); /* the last one broke off */
	put(1, "newer");
	assert_string_equal(name_of(1, 10 * CONTAINER_KEPT_US), "newer");
	assert_string_equal(name_of(2, 10 * CONTAINER_KEPT_US), "two");
}

/* Those that have gone make room, at the latest when they are forgotten. */
static void test_full(void **state)
{
	(void)state;
	container_table_begin(table);
	for (unsigned i = 0; i < CONTAINER_ADDRESSES_MAX; i++)
		assert_int_equal(put(i, "x"), 0);
	assert_int_equal(put(CONTAINER_ADDRESSES_MAX, "y"), -ENOSPC);
	assert_int_equal(put(7, "x"), 0);
	container_table_end(table, 0);
	assert_null(name_of(CONTAINER_ADDRESSES_MAX, 0));
	container_table_begin(table);
	container_table_end(table, 0);
	container_table_begin(table);
	container_table_end(table, CONTAINER_KEPT_US + 1);
	container_table_begin(table);
	assert_int_equal(put(CONTAINER_ADDRESSES_MAX, "y"), 0);
	assert_string_equal(name_of(CONTAINER_ADDRESSES_MAX, 0), "y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_listings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_listing_without_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
	};

	container_table_free(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
