/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_table.c - the table as it is read: numbers, order, width, height, colors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"
#include "table.h"

#define SECOND 1000000000ULL
#define ROWS_MAX 400

static struct snapshot now, before;
static char *text; /* what was written last */

static union nl_addr address_of(const char *name)
{
	struct nl_filter_net net;

	assert_true(net_parse(name, &net));
	return net.addr;
}

/* Add a row; every answer takes duration_ns, its first byte half of that. */
static struct nl_stats *add_row(unsigned kind, const char *server, u16 port, const char *client,
				u64 ok, u64 not_found, u64 failed, u64 duration_ns)
{
	struct metrics_row *row = &now.rows[now.row_count++];
	struct nl_stats *stats = &row->stats;
	u64 answered = ok + not_found + failed;

	assert_true(now.row_count <= ROWS_MAX);
	memset(row, 0, sizeof(*row));
	row->key.kind = (u16)kind;
	row->key.server_addr = address_of(server);
	row->key.server_port = port;
	row->key.client_addr = address_of(client);
	stats->requests = answered;
	stats->responses[2] = ok;
	stats->responses[4] = not_found;
	stats->responses[5] = failed;
	stats->duration_sum_ns = answered * duration_ns;
	stats->duration_max_ns = duration_ns;
	stats->duration_min_complement_ns = ~duration_ns;
	stats->duration[histogram_bucket(duration_ns)] = answered;
	stats->ttfb_max_ns = duration_ns / 2;
	stats->ttfb_min_complement_ns = ~(duration_ns / 2);
	stats->ttfb[histogram_bucket(duration_ns / 2)] = answered;
	return stats;
}

static void write_table(const struct table_style *style, const struct snapshot *earlier)
{
	size_t size;
	FILE *out;

	free(text);
	out = open_memstream(&text, &size);
	metrics_sort(&now);
	table_write(out, &now, earlier, style);
	fclose(out);
	assert_true(size > 0 && text[size - 1] == '\n');
}

/* The line beginning with `start`, copied, and its number from 0; NULL if there is none. */
static const char *find_line(const char *start, int *ret_number)
{
	static char line[1024];
	int number = 0;

	for (const char *at = text; *at; at = strchr(at, '\n') + 1, number++) {
		if (strncmp(at, start, strlen(start)) != 0)
			continue;
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
		if (ret_number)
			*ret_number = number;
		return line;
	}
	return NULL;
}

static void check_line(const char *start, const char *expected_words)
{
	char words[1024] = "", copy[1024], *rest = copy, *word;
	const char *line = find_line(start, NULL);

	if (!line)
		fail_msg("no line `%s` in\n%s", start, text);
	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, " "))) {
		if (!*word)
			continue;
		if (*words)
			strcat(words, " ");
		strcat(words, word);
	}
	assert_string_equal(words, expected_words);
}

static size_t count_lines(void)
{
	size_t lines = 0;

	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	return lines;
}

static void check_fits(unsigned columns)
{
	for (const char *at = text; *at; at = strchr(at, '\n') + 1) {
		if (strcspn(at, "\n") > columns)
			fail_msg("wider than %u columns:\n%s", columns, text);
	}
}

static void add_usual_rows(void)
{
	struct nl_stats *stats;

	add_row(NL_ROW_PAIR, "172.18.0.2", 8080, "172.18.0.3", 70, 5, 15, 6400000);
	stats = add_row(NL_ROW_PAIR, "172.18.0.2", 8080, "172.18.0.4", 10, 0, 0, 1250000000);
	stats->requests += 4; /* one is still open */
	stats->unanswered = 2;
	stats->aborted = 1;
	add_row(NL_ROW_PAIR, "2001:db8::2", 80, "2001:db8::3", 200, 0, 0, 812000);
	now.counters[NL_COUNT_requests] = 304;
	now.counters[NL_COUNT_paired] = 300;
	now.counters[NL_COUNT_unanswered] = 2;
	now.counters[NL_COUNT_aborted] = 1;
	now.counters[NL_COUNT_packets] = now.counters[NL_COUNT_parsed] = 1000;
}

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

static int set_up(void **state)
{
	(void)state;
	memset(&now, 0, sizeof(now));
	memset(&before, 0, sizeof(before));
	now.rows = calloc(ROWS_MAX, sizeof(*now.rows));
	now.started_ns = 5 * SECOND;
	now.taken_ns = 15 * SECOND;
	return now.rows ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	snapshot_clear(&now);
	snapshot_clear(&before);
	free(text);
	text = NULL;
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_numbers),
		TEST(test_order),
		TEST(test_rate_since_the_last_drawing),
		TEST(test_nothing_answered_has_no_times),
		TEST(test_every_size),
		TEST(test_narrow_names_keep_both_ends),
		TEST(test_height),
		TEST(test_height_with_uneven_services),
		TEST(test_colors),
		TEST(test_losses_and_ledger),
		TEST(test_nothing_yet),
		TEST(test_title_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
