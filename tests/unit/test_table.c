/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_table.c - the table as it is read: numbers, order, colors, what stands around. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"

static void test_numbers(void **state)
{
	const struct table_style style = { .title = "br0 (3 ports)" };

	(void)state;
	add_usual_rows();
	write_table(&style, NULL);
	assert_string_equal(find_line("netlat:", NULL), "netlat: br0 (3 ports), 10.0s since start");
	check_line("service / client",
		   "service / client requests answered success 4xx 5xx answer req/s p50 p90 p99 "
		   "max avg p50 p99");
	/* 1.25 s reads back as 1.24 s, the middle of its bucket (quantiles are within
	 * 4.4 %, and within minimum and maximum); maximum and mean are exact. */
	check_line("172.18.0.2:8080", "172.18.0.2:8080 104 97.1% 80.0% 5 15 3 10.4 6.4ms 6.4ms "
				      "1.24s 1.25s 131ms 3.2ms 621ms");
	check_line("  172.18.0.3", "172.18.0.3 90 100% 77.8% 5 15 0 9.0 6.4ms 6.4ms 6.4ms 6.4ms "
				   "6.4ms 3.2ms 3.2ms");
	check_line("  172.18.0.4", "172.18.0.4 14 76.9% 100% 0 0 3 1.4 1.25s 1.25s 1.25s 1.25s "
				   "1.25s 625ms 625ms");
	check_line("[2001:db8::2]:80", "[2001:db8::2]:80 200 100% 100% 0 0 0 20.0 812us 812us "
				       "812us 812us 812us 406us 406us");
	check_line("total", "total 304 99.0% 93.3% 5 15 3 30.4 812us 6.3ms 1.24s 1.25s 44ms "
			    "406us 621ms");
	assert_null(strstr(text, "lost"));
	assert_null(strstr(text, "\033"));
}

static void test_order(void **state)
{
	const struct table_style style = { .title = "" };
	static const char *const starts[] = {
		"netlat",	 "service / client", "[2001:db8::2]:80",
		"  2001:db8::3", "172.18.0.2",	     "  172.18.0.3",
		"  172.18.0.4",	 "  other",	     "other",
		"total",	 "lost/uncertain",
	};
	int last = -1, number;

	(void)state;
	add_row(NL_ROW_OTHER, "::", 0, "::", 5000, 0, 0, 1000);
	add_usual_rows();
	add_row(NL_ROW_SERVICE, "172.18.0.2", 8080, "::", 20, 0, 0, 1000);
	now.counters[NL_COUNT_rows_other] = 3;
	write_table(&style, NULL);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		assert_non_null(find_line(starts[i], &number));
		assert_true(number > last);
		last = number;
	}
}

/* Rows that were given to others are still in the total, even if there is no other row. */
static void test_expired(void **state)
{
	const struct table_style style = { .title = "x", .final = true };
	int expired, total;

	(void)state;
	write_table(&style, NULL);
	assert_null(find_line("total", NULL));
	now.expired.requests = now.expired.responses[2] = 7;
	write_table(&style, NULL);
	assert_non_null(find_line("expired", &expired));
	assert_non_null(find_line("total", &total));
	assert_int_equal(total, expired + 1);
	memset(&now.expired, 0, sizeof(now.expired));
}

static void test_rate_since_the_last_drawing(void **state)
{
	const struct table_style style = { .title = "x" };

	(void)state;
	add_usual_rows();
	before.rows = calloc(2, sizeof(*before.rows));
	before.row_count = 2;
	before.taken_ns = now.taken_ns - 2 * SECOND;
	before.started_ns = now.started_ns;
	/* In another order, and one row did not exist yet. */
	before.rows[0] = now.rows[2];
	before.rows[0].stats.requests = 100;
	before.rows[1] = now.rows[0];
	before.rows[1].stats.requests = 80;
	write_table(&style, &before);
	assert_non_null(strstr(text, "req/s over the last 2.0s"));
	check_line("  172.18.0.3", "172.18.0.3 90 100% 77.8% 5 15 0 5.0 6.4ms 6.4ms 6.4ms 6.4ms "
				   "6.4ms 3.2ms 3.2ms");
	assert_non_null(strstr(find_line("  172.18.0.4", NULL), " 7.0 "));
	assert_non_null(strstr(find_line("  2001:db8::3", NULL), " 50.0 "));
	assert_non_null(strstr(find_line("total", NULL), " 62.0 ")); /* 5 + 7 + 50 */
}

static void test_nothing_answered_has_no_times(void **state)
{
	const struct table_style style = { .title = "x" };
	struct nl_stats *stats = add_row(NL_ROW_PAIR, "10.0.0.1", 80, "10.0.0.2", 0, 0, 0, 0);

	(void)state;
	memset(stats, 0, sizeof(*stats));
	stats->requests = stats->unanswered = 7;
	write_table(&style, NULL);
	check_line("  10.0.0.2", "10.0.0.2 7 0% - 0 0 7 0.7 - - - - - - -");
}

/* The same text, but for the colors; red where it burns. */
static void test_colors(void **state)
{
	struct table_style style = { .title = "x", .columns = 100 };
	char *plain, *stripped;

	(void)state;
	add_usual_rows();
	write_table(&style, NULL);
	assert_null(strchr(text, '\033'));
	plain = strdup(text);
	style.color = true;
	write_table(&style, NULL);
	assert_non_null(strstr(text, "\033[1m172.18.0.2:8080"));
	assert_non_null(strstr(text, "\033[31m  80.0%\033[0m"));
	assert_non_null(strstr(text, "\033[32m   100%\033[0m"));
	assert_non_null(strstr(text, "\033[31m  15\033[0m"));
	stripped = strdup(text);
	for (char *from = stripped, *to = stripped;; from++) {
		if (*from == '\033')
			from = strchr(from, 'm') + 1;
		*to++ = *from == '\033' ? *from-- : *from;
		if (to[-1] == '\033')
			to--;
		if (!*from)
			break;
	}
	assert_string_equal(stripped, plain);
	free(plain);
	free(stripped);
}

/* The lines around the numbers; what they say is tested with their module. */
static void test_losses_and_ledger(void **state)
{
	struct table_style style = { .title = "x", .columns = 100, .lines = 30 };

	(void)state;
	add_usual_rows();
	now.counters[NL_COUNT_orphan] = 7;
	now.counters[NL_COUNT_record_ring_full] = 123;
	write_table(&style, NULL);
	assert_non_null(find_line("lost/uncertain: 123 record_ring_full (", NULL));
	assert_non_null(find_line("                7 orphan (", NULL));
	style.lines = 10; /* too low for a line each */
	write_table(&style, NULL);
	assert_non_null(find_line("lost/uncertain: 123 record_ring_full, 7 orphan", NULL));
	assert_int_equal(count_lines(), 10);
	style.final = true;
	write_table(&style, NULL);
	assert_non_null(find_line("netlat: x, summary of 10.0s; req/s over all of it", NULL));
	assert_non_null(find_line("requests 304 = paired 300 + ", NULL));
	assert_null(strstr(text, "           123 record_ring_full"));
	style.verbose = true;
	write_table(&style, NULL);
	assert_non_null(find_line("           123 record_ring_full", NULL));
}

static void test_nothing_yet(void **state)
{
	struct table_style style = { .title = "eth0", .columns = 80 };

	(void)state;
	now.counters[NL_COUNT_packets] = now.counters[NL_COUNT_not_tcp] = 1000;
	now.counters[NL_COUNT_fragment] = 1;
	for (style.lines = 0; style.lines < 10; style.lines++) {
		write_table(&style, NULL);
		assert_true(style.lines == 0 || count_lines() <= style.lines);
		assert_non_null(find_line("no HTTP yet: 1000 packets", NULL));
		if (style.lines != 1)
			assert_non_null(find_line("netlat: eth0, 10.0s since start", NULL));
		if (style.lines > 2)
			assert_non_null(find_line("lost/uncertain: 1 fragment", NULL));
	}
	/* The row `other` is there from the start, and says nothing while it is empty. */
	add_row(NL_ROW_OTHER, "::", 0, "::", 0, 0, 0, 0);
	write_table(&style, NULL);
	assert_non_null(find_line("no HTTP yet", NULL));
	assert_null(find_line("total", NULL));
}

static void test_title_is_not_trusted(void **state)
{
	const struct table_style style = { .title = "a\033[2Jb\nc\xc3\xbc.pcap", .columns = 40 };

	(void)state;
	add_usual_rows();
	write_table(&style, NULL);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "netlat: a?[2Jb?c\xc3\xbc.pcap, 10.0s since s...\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, drawn_set_up, drawn_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_numbers),
		TEST(test_order),
		TEST(test_expired),
		TEST(test_rate_since_the_last_drawing),
		TEST(test_nothing_answered_has_no_times),
		TEST(test_colors),
		TEST(test_losses_and_ledger),
		TEST(test_nothing_yet),
		TEST(test_title_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
