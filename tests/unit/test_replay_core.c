/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_replay_core.c - rows of statistics are bounded, whoever asks whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "budget.h"
#include "replay_core.h"
#include "packets.h"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static struct nl_config config;
static struct snapshot snapshot;
static struct replay_core *core;

static void begin(u32 stats_rows)
{
	config = (struct nl_config){ .stats_rows = stats_rows };
	core = replay_core_new(&config, 4096, NULL, NULL);
	assert_non_null(core);
}

static int end(void **state)
{
	(void)state;
	snapshot_clear(&snapshot);
	replay_core_free(core);
	core = NULL;
	return 0;
}

/* Client number `client` opens a connection to a service, asks once and is answered. */
static void ask(u32 client, u16 service_port)
{
	struct conversation c;

	conversation_begin(&c, client);
	c.frame[NL_CLIENT].destination_port = c.frame[NL_SERVER].source_port = service_port;
	client_says(&c, GET);
	server_says(&c, OK_EMPTY);
	conversation_fin(&c, NL_CLIENT);
	conversation_fin(&c, NL_SERVER);
	for (size_t i = 0; i < c.packets.count; i++) {
		const struct sent_packet *p = &c.packets.packets[i];

		replay_core_packet(core, REPLAY_ETHERNET, p->bytes, p->captured, p->wire_bytes,
				   p->now_ns, 1);
	}
	conversation_end(&c);
}

static u64 requests_of(enum nl_row_kind kind, u16 service_port, size_t *ret_rows)
{
	u64 requests = 0;

	*ret_rows = 0;
	for (size_t i = 0; i < snapshot.row_count; i++) {
		const struct metrics_row *row = &snapshot.rows[i];

		if (row->key.kind != kind || (service_port && row->key.server_port != service_port))
			continue;
		requests += row->stats.requests;
		assert_int_equal(metrics_answered(&row->stats), row->stats.requests);
		++*ret_rows;
	}
	return requests;
}

/* 16 rows: `other`, 13 pairs, and 2 that only services may take. */
static void test_rows_run_out(void **state)
{
	size_t rows;

	(void)state;
	begin(16);
	for (u32 client = 1; client <= 100; client++)
		ask(client, 80);
	for (u16 port = 81; port <= 84; port++)
		for (u32 client = 1; client <= 10; client++)
			ask(client, port);
	for (u32 client = 1; client <= 20; client++) /* 13 have a row, and find it again */
		ask(client, 80);
	assert_int_equal(replay_core_snapshot(core, &snapshot), 0);

	assert_int_equal(snapshot.row_count, 16);
	assert_int_equal(requests_of(NL_ROW_PAIR, 0, &rows), 2 * 13);
	assert_int_equal(rows, 13);
	assert_int_equal(requests_of(NL_ROW_SERVICE, 80, &rows), 87 + 7);
	assert_int_equal(rows, 1);
	assert_int_equal(requests_of(NL_ROW_SERVICE, 81, &rows), 10);
	assert_int_equal(rows, 1);
	assert_int_equal(requests_of(NL_ROW_OTHER, 0, &rows), 30);
	assert_int_equal(rows, 1);
	assert_int_equal(snapshot.counters[NL_COUNT_requests], 160);
	assert_int_equal(snapshot.counters[NL_COUNT_paired], 160);
	assert_int_equal(snapshot.counters[NL_COUNT_rows_other], 87 + 40 + 7);
}

/* What a replay has if nobody says otherwise: the table of the kernel. */
static void test_rows_by_default(void **state)
{
	size_t rows;

	(void)state;
	begin(0);
	for (u32 client = 1; client <= 3000; client++)
		ask(client, 80);
	assert_int_equal(replay_core_snapshot(core, &snapshot), 0);
	assert_int_equal(requests_of(NL_ROW_PAIR, 0, &rows), NL_ROWS_PAIR_SHARE(BUDGET_ROWS) - 1);
	assert_int_equal(rows, 1749); /* as README.md says */
	assert_int_equal(requests_of(NL_ROW_SERVICE, 80, &rows), 3000 - 1749);
	assert_int_equal(rows, 1);
	assert_int_equal(requests_of(NL_ROW_OTHER, 0, &rows), 0);
	assert_int_equal(snapshot.counters[NL_COUNT_rows_other], 3000 - 1749);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_rows_run_out, end),
		cmocka_unit_test_teardown(test_rows_by_default, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
