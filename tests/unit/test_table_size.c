/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_table_size.c - whatever the terminal, the table fits, and what matters stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"

/* Whatever the terminal, it fits, and the important columns are the last to go. */
static void test_every_size(void **state)
{
	static const char *const by_rank[] = { "requests", "success", "p50", "p99", "5xx",
					       "answer",   "req/s",   "4xx", "max", "p90" };
	struct table_style style = { .title = "a title that is longer than narrow terminals are" };

	(void)state;
	add_usual_rows();
	add_row(NL_ROW_PAIR, "2001:db8:1111:2222:3333:4444:5555:6666", 65535,
		"2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", 4000000000, 1, 1, 999);
	for (unsigned i = 0; i < 40; i++) {
		char client[32];

		snprintf(client, sizeof(client), "10.0.0.%u", i);
		add_row(NL_ROW_PAIR, "10.1.1.1", (u16)(80 + i % 7), client, i + 1, 0, 0, 5000);
	}
	now.counters[NL_COUNT_gaps] = now.counters[NL_COUNT_orphan] = 12345678;
	now.counters[NL_COUNT_malformed] = 1;
	for (style.columns = 34; style.columns < 200; style.columns++) {
		bool is_gone = false;

		style.lines = style.columns % 50 + 1;
		write_table(&style, style.columns % 2 ? &before : NULL);
		check_fits(style.columns);
		assert_true(count_lines() <= style.lines);
		assert_non_null(find_line("total", NULL));
		if (style.lines < 6)
			continue;
		for (size_t i = 0; i < sizeof(by_rank) / sizeof(by_rank[0]); i++) {
			bool is_there = strstr(find_line("service / client", NULL), by_rank[i]);

			assert_false(is_there && is_gone);
			is_gone = !is_there;
		}
		if (style.columns >= 120 || style.columns < 70)
			assert_int_equal(is_gone, style.columns < 70);
	}
}

static void test_narrow_names_keep_both_ends(void **state)
{
	const struct table_style style = { .title = "x", .columns = 60 };

	(void)state;
	add_row(NL_ROW_PAIR, "2001:db8:1111:2222:3333:4444:5555:6666", 65535,
		"2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", 1, 0, 0, 1000);
	write_table(&style, NULL);
	check_fits(60);
	assert_non_null(find_line("[2001:db8", NULL));
	assert_non_null(strstr(find_line("[2001:db8", NULL), "..."));
	assert_non_null(strstr(find_line("[2001:db8", NULL), "6]:65535 "));
	assert_non_null(strstr(find_line("  2001:d", NULL), "ee:ffff "));
}

/* What is left out is counted: shown and hidden are all there are. */
static void test_height(void **state)
{
	struct table_style style = { .title = "x", .columns = 80 };

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		char client[32];

		snprintf(client, sizeof(client), "10.0.0.%u", i);
		add_row(NL_ROW_PAIR, "10.1.1.1", (u16)(1000 + i % 3), client, i + 1, 0, 0, 5000);
	}
	for (style.lines = 6; style.lines < 50; style.lines++) {
		unsigned clients = 0, services = 0, hidden_clients = 0, hidden_services = 0;
		const char *more;

		write_table(&style, NULL);
		assert_true(count_lines() <= style.lines);
		for (const char *at = text; *at; at = strchr(at, '\n') + 1) {
			clients += strncmp(at, "  10.0.0.", 9) == 0;
			services += strncmp(at, "10.1.1.1:", 9) == 0;
		}
		more = find_line("... and ", NULL);
		if (more)
			assert_true(sscanf(more, "... and %u more clients, %u", &hidden_clients,
					   &hidden_services) >= 1);
		assert_int_equal(clients + hidden_clients, 30);
		assert_int_equal(services + hidden_services, 3);
		assert_int_equal(more != NULL, style.lines < 37); /* 4 + 3 + 30 */
		if (more)					  /* no room is wasted */
			assert_int_equal(count_lines(), style.lines);
	}
	/* Each service shown has its largest client before any has two. */
	style.lines = 4 + 1 + 6;
	write_table(&style, NULL);
	assert_non_null(find_line("  10.0.0.29 ", NULL));
	assert_non_null(find_line("  10.0.0.28 ", NULL));
	assert_non_null(find_line("  10.0.0.27 ", NULL));
	assert_null(find_line("  10.0.0.26 ", NULL));
}

/* A service without further clients leaves its turn to the others. */
static void test_height_with_uneven_services(void **state)
{
	struct table_style style = { .title = "x", .columns = 80, .lines = 4 + 3 + 1 + 10 };
	unsigned clients = 0;

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		char client[32];

		snprintf(client, sizeof(client), "10.0.0.%u", i);
		add_row(NL_ROW_PAIR, "10.1.1.1", i < 2 ? 80 : 81, client, i + 1, 0, 0, 5000);
	}
	add_row(NL_ROW_OTHER, "::", 0, "::", 1, 0, 0, 5000);
	write_table(&style, NULL);
	for (const char *at = text; *at; at = strchr(at, '\n') + 1)
		clients += strncmp(at, "  10.0.0.", 9) == 0;
	assert_int_equal(clients, 10);
	assert_int_equal(count_lines(), style.lines);
	assert_non_null(find_line("  10.0.0.0 ", NULL));
	assert_non_null(find_line("... and 20 more clients (in the totals)", NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, drawn_set_up, drawn_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_size),
		TEST(test_narrow_names_keep_both_ends),
		TEST(test_height),
		TEST(test_height_with_uneven_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
