/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* drawn.c - a snapshot drawn as a table, and looked at; part of several tests. */
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

#define ROWS_MAX 400

struct snapshot now, before;
char *text;

static union nl_addr address_of(const char *name)
{
	struct nl_filter_net net;

	assert_true(net_parse(name, &net));
	return net.addr;
}

struct nl_stats *add_row(unsigned kind, const char *server, u16 port, const char *client, u64 ok,
			 u64 not_found, u64 failed, u64 duration_ns)
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

void write_table(const struct table_style *style, const struct snapshot *earlier)
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

const char *find_line(const char *start, int *ret_number)
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

void check_line(const char *start, const char *expected_words)
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

size_t count_lines(void)
{
	size_t lines = 0;

	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	return lines;
}

void check_fits(unsigned columns)
{
	for (const char *at = text; *at; at = strchr(at, '\n') + 1) {
		if (strcspn(at, "\n") > columns)
			fail_msg("wider than %u columns:\n%s", columns, text);
	}
}

void add_usual_rows(void)
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

int drawn_set_up(void **state)
{
	(void)state;
	memset(&now, 0, sizeof(now));
	memset(&before, 0, sizeof(before));
	now.rows = calloc(ROWS_MAX, sizeof(*now.rows));
	now.started_ns = 5 * SECOND;
	now.taken_ns = 15 * SECOND;
	return now.rows ? 0 : -1;
}

int drawn_tear_down(void **state)
{
	(void)state;
	snapshot_clear(&now);
	snapshot_clear(&before);
	free(text);
	text = NULL;
	return 0;
}
