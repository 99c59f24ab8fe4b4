/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_table_names.c - names of containers in the table: aligned, and within its width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"
#include "drawn.h"

/* The containers of the test. */
struct known {
	const char *address;
	struct container container;
};

static struct known known[] = {
	{ "172.18.0.2", { .name = "shop-web-1" } },
	{ "172.18.0.3", { .name = "shop-cart-1" } },
	{ "2001:db8::2", { .name = "a-name-as-long-as-people-make-them-who-have-tools-for-it-1" } },
};

static const struct container *find(const void *userdata, const union nl_addr *address)
{
	char name[ADDRESS_TEXT_MAX];

	(void)userdata;
	address_format(name, address);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].address, name) == 0)
			return &known[i].container;
	return NULL;
}

static const struct name_source names = { find, NULL };

static void test_name_and_address(void **state)
{
	const struct table_style style = { .title = "br0", .names = &names };
	const char *line;

	(void)state;
	add_usual_rows();
	add_row(NL_ROW_OTHER, "::", 0, "::", 5000, 0, 0, 1000);
	write_table(&style, NULL);
	line = find_line("shop-web-1 172.18.0.2:8080 ", NULL);
	assert_non_null(line);
	assert_non_null(strstr(line, " 104 "));
	assert_non_null(find_line("  shop-cart-1 172.18.0.3 ", NULL));
	assert_non_null(find_line("  172.18.0.4 ", NULL)); /* no container */
	assert_non_null(find_line(
		"a-name-as-long-as-people-make-them-who-have-tools-for-it-1 [2001:db8::2]:80 ",
		NULL));
	assert_non_null(find_line("other ", NULL));
	assert_non_null(find_line("total ", NULL));
}

static void test_without_names(void **state)
{
	const struct table_style style = { .title = "br0" };

	(void)state;
	add_usual_rows();
	write_table(&style, NULL);
	assert_non_null(find_line("172.18.0.2:8080 ", NULL));
	assert_null(strstr(text, "shop"));
}

/* Where the column `requests` ends in the lines of a table. */
static size_t end_of_requests(void)
{
	const char *title = find_line("service / client", NULL);

	assert_non_null(title);
	return (size_t)(strstr(title, "requests") - title) + strlen("requests");
}

/* The first number ends there in each line of a service or client, and of the totals. */
static void check_aligned(size_t end)
{
	static const char *const starts[] = { "a",    "  2001:", "shop", "  shop-cart",
					      "  sh", "  172.",	 "total" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		const char *line = find_line(starts[i], NULL);

		if (line && (line[end - 1] < '0' || line[end - 1] > '9' ||
			     (line[end] != ' ' && line[end] != '\0')))
			fail_msg("not aligned at %zu:\n%s", end, text);
	}
	assert_non_null(find_line("total", NULL));
	assert_non_null(find_line("  172.", NULL));
}

/* Whatever the width: it fits, columns stand below each other, and none goes as it grows. */
static void test_every_width(void **state)
{
	struct table_style style = { .title = "br0", .names = &names };
	unsigned shown_before = 0;

	(void)state;
	add_usual_rows();
	for (style.columns = 34; style.columns < 260; style.columns++) {
		unsigned shown = 0;

		write_table(&style, NULL);
		check_fits(style.columns);
		check_aligned(end_of_requests());
		for (const char *at = find_line("service / client", NULL); *at; at++)
			shown += *at != ' ' && at[1] == ' ';
		assert_true(shown >= shown_before);
		shown_before = shown;
		if (style.columns >= 80) /* names are told apart */
			assert_non_null(find_line("  shop-cart-1 172.18.0.3 ", NULL));
	}
	assert_non_null(find_line(
		"a-name-as-long-as-people-make-them-who-have-tools-for-it-1 [2001:db8::2]:80 ",
		NULL));
	style.columns = 80;
	write_table(&style, NULL);
	assert_non_null(find_line("shop-web-1 172.18.0.2:8080 ", NULL));
	assert_non_null(find_line("a-name-as...s-for-it-1 [2001:db8::2]:80 ", NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, drawn_set_up, drawn_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_name_and_address),
		TEST(test_without_names),
		TEST(test_every_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
