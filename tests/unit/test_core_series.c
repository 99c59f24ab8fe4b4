/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_core_series.c - which series a transaction is counted in, and when there is no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "observed.h"

static struct conversation c;
static struct snapshot snapshot;
static struct nl_config config;

static int begin(void **state)
{
	(void)state;
	config = config_plain();
	conversation_begin(&c, 7);
	return 0;
}

static int end(void **state)
{
	(void)state;
	conversation_end(&c);
	snapshot_clear(&snapshot);
	return 0;
}

static void observe(void)
{
	struct replay_core *core = replay_core_new(&config, 1024, NULL, NULL);

	assert_non_null(core);
	for (size_t i = 0; i < c.packets.count; i++) {
		const struct sent_packet *p = &c.packets.packets[i];

		replay_core_packet(core, REPLAY_ETHERNET, p->bytes, p->captured, p->wire_bytes,
				   p->now_ns, p->ifindex);
	}
	assert_int_equal(replay_core_snapshot(core, &snapshot), 0);
	assert_true(metrics_series_add_up(&snapshot));
	replay_core_free(core);
}

static void transaction(const char *method, const char *version, int status)
{
	char text[128];

	snprintf(text, sizeof(text), "%s / HTTP/%s\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
		 method, version);
	client_says(&c, text);
	c.now_ns += 3000000;
	snprintf(text, sizeof(text), "HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n", status);
	server_says(&c, text);
}

/* The one series of these; fails if there is none. */
static const struct metrics_series *find(u8 method, u16 status, u8 reason)
{
	const struct metrics_series *found = NULL;

	for (size_t i = 0; i < snapshot.series_count; i++) {
		const struct metrics_series *s = &snapshot.series[i];

		if (s->key.method != method || s->key.status != status || s->key.reason != reason)
			continue;
		assert_null(found);
		found = s;
	}
	assert_non_null(found);
	return found;
}

static u64 sum_buckets(const u64 buckets[NL_HISTOGRAM_BUCKETS])
{
	u64 sum = 0;

	for (unsigned i = 0; i < NL_HISTOGRAM_BUCKETS; i++)
		sum += buckets[i];
	return sum;
}

static void test_alike(void **state)
{
	const struct metrics_series *s;

	(void)state;
	for (int i = 0; i < 3; i++)
		transaction("GET", "1.1", 200);
	observe();
	assert_int_equal(snapshot.series_count, 1);
	s = find(NL_METHOD_GET, 200, NL_END_none);
	assert_int_equal(s->stats.count, 3);
	assert_int_equal(s->stats.wait_count, 3);
	assert_int_equal(sum_buckets(s->stats.duration), 3);
	assert_int_equal(sum_buckets(s->stats.wait), 3);
	assert_int_equal(s->stats.wait_sum_ns, 3 * (3000000 + c.step_ns));
	assert_int_equal(s->key.version, 0x11);
	assert_int_equal(s->key.server_port, c.frame[NL_SERVER].source_port);
	assert_false(s->is_overflow);
}

/* More kinds than a row remembers, each twice, so that memory and table are both asked. */
static void test_each_kind_apart(void **state)
{
	static const int statuses[] = { 200, 201, 204, 301, 304, 400, 404, 500, 503 };
	static const char *const methods[] = { "GET", "POST", "PUT", "BREW" };

	(void)state;
	for (int round = 0; round < 2; round++)
		for (size_t m = 0; m < 4; m++)
			for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
				transaction(methods[m], "1.1", statuses[i]);
	observe();
	assert_int_equal(snapshot.series_count, 36);
	for (size_t i = 0; i < 36; i++)
		assert_int_equal(snapshot.series[i].stats.count, 2);
	find(NL_METHOD_OTHER, 503, NL_END_none);
	/* Neither the 404s nor those of BREW make a client known. */
	assert_int_equal(snapshot.row_count, 1);
	assert_int_equal(snapshot.rows[0].stats.known, 2 * 3 * 8);
}

static void test_versions(void **state)
{
	(void)state;
	transaction("GET", "1.1", 200);
	transaction("GET", "1.0", 200);
	observe();
	assert_int_equal(snapshot.series_count, 2);
	assert_int_equal(snapshot.series[0].key.version + snapshot.series[1].key.version,
			 0x11 + 0x10);
}

/* What a client claims beside these makes no series of its own. */
static void test_versions_claimed(void **state)
{
	char version[4] = "0.0";

	(void)state;
	for (version[0] = '0'; version[0] <= '9'; version[0]++)
		for (version[2] = '0'; version[2] <= '9'; version[2]++)
			transaction("GET", version, 200);
	client_says(&c, "GET /\r\nHost: a\r\n\r\n");
	server_says(&c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	observe();
	assert_int_equal(snapshot.series_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(snapshot.series[i].stats.count,
				 snapshot.series[i].key.version == 0x10 ? 12 : 89);
}

static void test_unanswered(void **state)
{
	const struct metrics_series *s;

	(void)state;
	transaction("GET", "1.1", 200);
	client_says(&c, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
	c.now_ns += 50000000;
	conversation_rst(&c, NL_SERVER);
	observe();
	s = find(NL_METHOD_GET, 0, NL_END_server_reset);
	assert_int_equal(s->stats.count, 1);
	assert_int_equal(s->stats.wait_count, 0);
	assert_true(s->stats.duration_sum_ns >= 50000000);
}

/* Its status is known, and so is that it is no success. */
static void test_aborted(void **state)
{
	const struct metrics_series *s;

	(void)state;
	client_says(&c, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
	server_says(&c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
	conversation_rst(&c, NL_SERVER);
	observe();
	s = find(NL_METHOD_GET, 200, NL_END_server_reset);
	assert_int_equal(s->stats.count, 1);
	assert_int_equal(s->stats.wait_count, 1);
}

static void next_client(void)
{
	c.frame[NL_CLIENT].source[3]++;
	c.frame[NL_SERVER].destination[3]++;
	conversation_handshake(&c, 77, 99);
}

/* How many series have a number of their own, each of `count`; the overflow has the others. */
static size_t count_own(u64 count, u64 others)
{
	size_t own = 0;

	for (size_t i = 0; i < snapshot.series_count; i++) {
		own += !snapshot.series[i].is_overflow;
		assert_int_equal(snapshot.series[i].stats.count,
				 snapshot.series[i].is_overflow ? others : count);
	}
	return own;
}

/* One client gets but a part of the table, and others theirs; number 0 takes the rest. */
static void test_share(void **state)
{
	(void)state;
	config.series = 32;
	for (int round = 0; round < 2; round++)
		for (int status = 200; status < 210; status++)
			transaction("GET", "1.1", status);
	next_client();
	for (int round = 0; round < 2; round++)
		for (int status = 300; status < 303; status++)
			transaction("GET", "1.1", status);
	observe();
	assert_int_equal(count_own(2, 12), 4 + 3);
	find(NL_METHOD_GET, 302, NL_END_none);
}

/* What others have already takes nothing of a client's part. */
static void test_share_of_known(void **state)
{
	(void)state;
	config.series = 16;
	for (int client = 0; client < 4; client++, next_client())
		for (int status = 200; status < 202 + 2 * client; status++)
			transaction("GET", "1.1", status);
	observe();
	for (u16 status = 200; status < 208; status++)
		assert_int_equal(find(NL_METHOD_GET, status, NL_END_none)->stats.count,
				 4 - (status - 200) / 2);
}

/* Nothing is lost where the table is full. */
static void test_no_room(void **state)
{
	(void)state;
	config.series = 16;
	for (int client = 0; client < 20; client++, next_client())
		transaction("GET", "1.1", 200 + client);
	observe();
	assert_int_equal(count_own(1, 5), 15);
}

/* Connections without a row are together: their service is not told apart. */
static void test_no_row(void **state)
{
	(void)state;
	config.stats_rows = 1;
	transaction("GET", "1.1", 200);
	observe();
	assert_int_equal(snapshot.series_count, 1);
	assert_int_equal(snapshot.series[0].key.server_port, 0);
	assert_int_equal(snapshot.series[0].key.status, 200);
	assert_false(snapshot.series[0].is_overflow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_alike, begin, end),
		cmocka_unit_test_setup_teardown(test_each_kind_apart, begin, end),
		cmocka_unit_test_setup_teardown(test_versions, begin, end),
		cmocka_unit_test_setup_teardown(test_versions_claimed, begin, end),
		cmocka_unit_test_setup_teardown(test_unanswered, begin, end),
		cmocka_unit_test_setup_teardown(test_aborted, begin, end),
		cmocka_unit_test_setup_teardown(test_share, begin, end),
		cmocka_unit_test_setup_teardown(test_share_of_known, begin, end),
		cmocka_unit_test_setup_teardown(test_no_room, begin, end),
		cmocka_unit_test_setup_teardown(test_no_row, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
