/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_table_columns.c - columns that are only there if there is something to show in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record_view.h"
#include "table_columns.h"

#define WIDTHS_MAX 240

static const struct table_name name = { .named.address = "10.0.0.1:80" };
static struct nl_stats stats;
static struct table_line line = { .stats = &stats };
static struct table_layout layout;
static char text[4096]; /* titles (two lines) and the line, as shown last */

static int set_up(void **state)
{
	(void)state;
	memset(&stats, 0, sizeof(stats));
	stats.requests = stats.responses[2] = 7;
	return 0;
}

static void show(unsigned columns)
{
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	table_layout_init(&layout, false, 1);
	table_layout_measure(&layout, &name, &line);
	table_layout_fit(&layout, columns);
	table_write_titles(out, &layout);
	table_write_line(out, &layout, &name, false, &line);
	fclose(out);
}

static bool has_title(const char *title)
{
	return strstr(text, title) != NULL;
}

/* The last words of the last line. */
static void check_end(const char *expected)
{
	size_t length = strlen(text), end = strlen(expected);

	assert_true(length > end && text[length - 1] == '\n');
	text[length - 1] = '\0';
	assert_string_equal(text + length - 1 - end, expected);
}

static void test_not_used(void **state)
{
	(void)state;
	show(0);
	assert_false(has_title("cause"));
	assert_false(has_title("rtt to"));
	assert_false(has_title("resent"));
	assert_false(has_title("resets"));
	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		assert_int_equal(layout.is_shown[i], i < COLUMN_CAUSE);
		assert_int_equal(layout.is_used[i], i < COLUMN_CAUSE);
	}
}

/* Each by itself: it is shown, and no other of its kind. */
static void test_each_alone(void **state)
{
	(void)state;
	stats.causes[NL_CAUSE_server] = 1;
	show(0);
	assert_true(has_title("slow by") && has_title("cause"));
	assert_false(has_title("rtt to") || has_title("resent") || has_title("resets"));
	check_end(" server");

	set_up(NULL);
	stats.handshakes = 4;
	stats.server_rtt_sum_ns = 4 * 2000000;
	stats.client_rtt_sum_ns = 4 * 30000;
	show(0);
	assert_true(has_title("- rtt to -"));
	assert_false(has_title("cause") || has_title("resent") || has_title("resets"));
	assert_non_null(strstr(text, " 2.0ms"));
	check_end(" 30us");

	set_up(NULL);
	stats.retransmits = 12;
	show(0);
	assert_true(has_title("resent"));
	assert_false(has_title("cause") || has_title("rtt to") || has_title("resets"));
	check_end(" 12");

	for (unsigned i = 0; i < 2; i++) {
		set_up(NULL);
		stats.client_resets = i ? 0 : 3;
		stats.server_resets = i ? 3 : 0;
		show(0);
		assert_true(has_title("resets"));
		assert_false(has_title("cause") || has_title("rtt to") || has_title("resent"));
		check_end(" 3");
	}
}

static void test_commonest_cause(void **state)
{
	(void)state;
	stats.causes[NL_CAUSE_none] = 1000; /* neither slow nor failed */
	show(0);
	assert_false(has_title("cause"));
	for (unsigned cause = NL_CAUSE_none + 1; cause < NL_CAUSE_COUNT; cause++) {
		char expected[64];

		for (unsigned i = NL_CAUSE_none + 1; i < NL_CAUSE_COUNT; i++)
			stats.causes[i] = i == cause ? 11 : 10;
		snprintf(expected, sizeof(expected), " %s", record_cause_name(cause));
		show(0);
		check_end(expected);
	}
}

/* Where some line has something to show, the others have a dash or a 0. */
static void test_lines_without(void **state)
{
	static struct nl_stats other;
	struct table_line other_line = { .stats = &other };
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_non_null(out);
	stats.causes[NL_CAUSE_loss] = stats.handshakes = stats.retransmits = 1;
	stats.server_rtt_sum_ns = stats.client_rtt_sum_ns = 1000000;
	stats.client_resets = 1;
	other.requests = 1;
	table_layout_init(&layout, false, 1);
	table_layout_measure(&layout, &name, &line);
	table_layout_measure(&layout, &name, &other_line);
	table_layout_fit(&layout, 0);
	table_write_line(out, &layout, &name, false, &other_line);
	fclose(out);
	check_end(" -       -       -       0       0");
}

/*
 * All are used. At every width what is shown fits, more width never shows less, what is optional
 * goes before anything that is not, and in its order.
 */
static void test_every_width(void **state)
{
	static const enum table_column optional[] = { COLUMN_RESETS, COLUMN_RESENT,
						      COLUMN_RTT_CLIENT, COLUMN_RTT_SERVER };
	unsigned shown_before = 0;

	(void)state;
	stats.causes[NL_CAUSE_download] = stats.handshakes = stats.retransmits = 123456;
	stats.server_rtt_sum_ns = stats.client_rtt_sum_ns = 123456 * 1500000000ULL;
	stats.client_resets = stats.server_resets = 1234567;
	for (unsigned columns = 34; columns < WIDTHS_MAX; columns++) {
		unsigned shown = 0;

		show(columns);
		for (const char *at = text; *at; at = strchr(at, '\n') + 1)
			assert_true(strcspn(at, "\n") <= columns);
		for (unsigned i = 0; i < COLUMN_COUNT; i++) {
			shown += layout.is_shown[i];
			/* Nothing is wasted on the least important while another is missing. */
			if (!layout.is_shown[i])
				assert_false(layout.is_shown[COLUMN_RESETS]);
		}
		for (size_t i = 0; i + 1 < sizeof(optional) / sizeof(optional[0]); i++)
			assert_true(!layout.is_shown[optional[i]] ||
				    layout.is_shown[optional[i + 1]]);
		assert_true(shown >= shown_before);
		shown_before = shown;
	}
	assert_int_equal(shown_before, COLUMN_COUNT);
	assert_true(has_title("--- rtt to ---"));
}

/* One of two columns of a group fits: its heading stands over it alone. */
static void test_half_a_group(void **state)
{
	unsigned columns = 34;

	(void)state;
	stats.handshakes = 1;
	stats.server_rtt_sum_ns = stats.client_rtt_sum_ns = 1000000;
	do
		show(columns++);
	while (!layout.is_shown[COLUMN_RTT_SERVER] && columns < WIDTHS_MAX);
	assert_true(layout.is_shown[COLUMN_RTT_SERVER]);
	assert_false(layout.is_shown[COLUMN_RTT_CLIENT]);
	assert_true(has_title(" rtt to\n"));
	assert_true(has_title(" server\n"));
	assert_false(has_title("- rtt to -"));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_not_used),	  TEST(test_each_alone),  TEST(test_commonest_cause),
		TEST(test_lines_without), TEST(test_every_width), TEST(test_half_a_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
