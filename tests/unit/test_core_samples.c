/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_core_samples.c - records of a sample of requests, and the places their heads share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "observed.h"
#include "request_head.h"

#define MS 1000000ULL
#define MAX_FLOWS 65536
#define OK_HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static struct nl_config config;
static struct replay_core *core;
static struct observed o;
static u64 now_ns;

static int begin(void **state)
{
	(void)state;
	config = config_plain();
	config.records_wanted = NL_RECORDS_SAMPLED;
	o.count = 0;
	now_ns = 1000 * MS;
	core = replay_core_new(&config, MAX_FLOWS, observed_add, &o);
	assert_non_null(core);
	return 0;
}

static int end(void **state)
{
	(void)state;
	replay_core_free(core);
	return 0;
}

static void begin_with_interval(u64 interval_ns)
{
	replay_core_free(core);
	config.sample_interval_ns = (u32)interval_ns;
	core = replay_core_new(&config, MAX_FLOWS, observed_add, &o);
	assert_non_null(core);
}

/* Feed what the conversation has said since it was fed last. */
static void feed(struct conversation *c)
{
	for (size_t i = 0; i < c->packets.count; i++) {
		const struct sent_packet *p = &c->packets.packets[i];

		replay_core_packet(core, REPLAY_ETHERNET, p->bytes, p->captured, p->wire_bytes,
				   now_ns, p->ifindex);
		now_ns += 1000;
	}
	packet_list_free(&c->packets);
	memset(&c->packets, 0, sizeof(c->packets));
}

static void ask(struct conversation *c, u32 number)
{
	char text[64];

	snprintf(text, sizeof(text), "GET /%u HTTP/1.1\r\nHost: a\r\n\r\n", number);
	client_says(c, text);
	feed(c);
}

static void answer(struct conversation *c)
{
	server_says(c, OK_HELLO);
	feed(c);
}

static void check_target(const struct nl_record *record, const char *target)
{
	struct request_head head;

	request_head_read(&head, record->head, record->head_bytes);
	assert_int_equal(head.target.length, strlen(target));
	assert_memory_equal(head.target.begin, target, head.target.length);
}

/* Counted is everything, as if there were no samples. */
static void check_counted(u64 transactions)
{
	struct snapshot snapshot = { 0 };

	assert_int_equal(replay_core_snapshot(core, &snapshot), 0);
	assert_int_equal(snapshot.counters[NL_COUNT_paired], transactions);
	assert_int_equal(snapshot.counters[NL_COUNT_records], o.count);
	assert_int_equal(snapshot.counters[NL_COUNT_graded], 0);
	snapshot_clear(&snapshot);
}

static void test_one_in_an_interval(void **state)
{
	struct conversation c;
	char target[24];

	(void)state;
	begin_with_interval(10 * MS);
	conversation_begin(&c, 1);
	feed(&c); /* the handshake */
	for (u32 i = 0; i < 100; i++) {
		now_ns = (1000 + i) * MS;
		ask(&c, i);
		answer(&c);
	}
	assert_int_equal(o.count, 10);
	for (size_t i = 0; i < o.count; i++) {
		snprintf(target, sizeof(target), "/%zu", i * 10);
		check_target(&o.records[i], target);
	}
	check_counted(100);
	conversation_end(&c);
}

/* A pipelined request is behind another one, and none of the sample. */
static void test_pipelined(void **state)
{
	struct conversation c;

	(void)state;
	conversation_begin(&c, 1);
	for (u32 i = 0; i < 3; i++)
		ask(&c, i);
	for (u32 i = 0; i < 3; i++)
		answer(&c);
	assert_int_equal(o.count, 1);
	check_target(&o.records[0], "/0");
	ask(&c, 3); /* its place was given back, and can be had again */
	answer(&c);
	assert_int_equal(o.count, 2);
	check_target(&o.records[1], "/3");
	conversation_end(&c);
}

static void test_long_head(void **state)
{
	static char text[2000];
	struct conversation c;

	(void)state;
	conversation_begin(&c, 1);
	snprintf(text, sizeof(text), "GET /long HTTP/1.1\r\nX: %01500d\r\n\r\n", 7);
	client_says(&c, text);
	feed(&c);
	answer(&c);
	assert_int_equal(o.count, 1);
	assert_int_equal(o.records[0].head_bytes, NL_HEAD_BYTES_MAX);
	check_counted(1);
	conversation_end(&c);
}

/* More at a time than there are places: the others are not sampled, and later ones are again. */
static void test_places(void **state)
{
	enum { COUNT = 3000 };
	static struct conversation all[COUNT];
	size_t first;

	(void)state;
	for (u32 i = 0; i < COUNT; i++) {
		conversation_begin(&all[i], i + 1);
		ask(&all[i], i);
	}
	for (u32 i = 0; i < COUNT; i++)
		answer(&all[i]);
	assert_in_range(o.count, NL_SAMPLED_HEADS / 2, NL_SAMPLED_HEADS);
	for (size_t i = 0; i < o.count; i++) {
		char target[16];

		snprintf(target, sizeof(target), "/%u",
			 (u32)o.records[i].client_addr.bytes[14] * 256 +
				 o.records[i].client_addr.bytes[15] - 1);
		check_target(&o.records[i], target);
	}
	first = o.count;
	for (u32 i = 0; i < COUNT; i++) {
		ask(&all[i], i);
		answer(&all[i]);
	}
	assert_int_equal(o.count - first, COUNT);
	check_counted(2 * COUNT);
	for (u32 i = 0; i < COUNT; i++)
		conversation_end(&all[i]);
}

/* Heads that never end take no place from others for longer than their connection lives. */
static void test_abandoned_heads(void **state)
{
	struct conversation c;

	(void)state;
	for (u32 i = 0; i < 5000; i++) {
		conversation_begin(&c, i + 1);
		client_says(&c, "GET / HTTP/1.1\r\nHost: ");
		conversation_rst(&c, NL_CLIENT);
		feed(&c);
		conversation_end(&c);
	}
	assert_int_equal(o.count, 0);
	for (u32 i = 0; i < 2000; i++) {
		conversation_begin(&c, 10000 + i);
		ask(&c, i);
		answer(&c);
		conversation_end(&c);
	}
	assert_int_equal(o.count, 2000);
}

/* So many that all places would be taken; each says `text` and is not heard of again. */
static void crowd(const char *text)
{
	struct conversation c;

	for (u32 i = 0; i < 3000; i++) {
		conversation_begin(&c, i + 1);
		client_says(&c, text);
		feed(&c);
		conversation_end(&c);
	}
	assert_int_equal(o.count, 0);
}

/* After a crowd: of the requests of 1000 connections, how many are sampled. */
static size_t count_samples(u32 first)
{
	struct conversation c;

	o.count = 0;
	for (u32 i = 0; i < 1000; i++) {
		conversation_begin(&c, first + i);
		ask(&c, i);
		answer(&c);
		conversation_end(&c);
	}
	return o.count;
}

/* Requests that take long, as those for streams of events do, leave places to others. */
static void test_long_requests(void **state)
{
	(void)state;
	crowd("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_in_range(count_samples(10000), 0, 100);
	replay_core_sweep(core, NL_SWEEP_TIMEOUTS, now_ns);
	assert_in_range(count_samples(11000), 0, 100); /* they may be over soon */
	now_ns += NL_SAMPLE_NS_MAX;
	replay_core_sweep(core, NL_SWEEP_TIMEOUTS, now_ns);
	assert_int_equal(count_samples(12000), 1000);
	o.count = 0;
	replay_core_sweep(core, NL_SWEEP_END, now_ns);
	assert_int_equal(o.count, 0); /* and there are no records of them */
}

/* The same of those who send a head and never come to its end, for as long as they go on. */
static void test_slow_heads(void **state)
{
	(void)state;
	crowd("GET / HTTP/1.1\r\nHost: a\r\nX: ");
	now_ns += NL_SAMPLE_NS_MAX;
	replay_core_sweep(core, NL_SWEEP_TIMEOUTS, now_ns);
	assert_int_equal(count_samples(12000), 1000);
}

/* A blank line before a request, cut in the middle, is the beginning of none. */
static void test_blank_lines(void **state)
{
	static struct conversation c;

	(void)state;
	begin_with_interval(1);
	for (u32 i = 0; i < 3000; i++) {
		conversation_begin(&c, i + 1);
		ask(&c, i);
		answer(&c);
		client_says(&c, "\r");
		client_says(&c, "\n");
		feed(&c);
		conversation_end(&c);
	}
	replay_core_sweep(core, NL_SWEEP_TIMEOUTS, now_ns);
	assert_int_equal(count_samples(12000), 1000);
}

/* Without its beginning a head is no sample, even where it goes on as if it began anew. */
static void test_head_behind_fin(void **state)
{
	struct snapshot snapshot = { 0 };
	struct conversation c;

	(void)state;
	begin_with_interval(10 * MS);
	conversation_begin(&c, 1);
	ask(&c, 0);
	answer(&c);
	client_says(&c, "GET /1 HTTP/1.1\r\nHo");
	conversation_fin(&c, NL_SERVER);
	feed(&c);
	now_ns += 20 * MS;
	client_says(&c, "st: a\r\n\r\n");
	feed(&c);
	replay_core_sweep(core, NL_SWEEP_END, now_ns);
	assert_int_equal(o.count, 1);
	check_target(&o.records[0], "/0");
	assert_int_equal(replay_core_snapshot(core, &snapshot), 0);
	assert_int_equal(snapshot.counters[NL_COUNT_requests], 1);
	assert_int_equal(snapshot.counters[NL_COUNT_partial_heads], 1);
	snapshot_clear(&snapshot);
	conversation_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_in_an_interval, begin, end),
		cmocka_unit_test_setup_teardown(test_pipelined, begin, end),
		cmocka_unit_test_setup_teardown(test_long_head, begin, end),
		cmocka_unit_test_setup_teardown(test_places, begin, end),
		cmocka_unit_test_setup_teardown(test_abandoned_heads, begin, end),
		cmocka_unit_test_setup_teardown(test_long_requests, begin, end),
		cmocka_unit_test_setup_teardown(test_slow_heads, begin, end),
		cmocka_unit_test_setup_teardown(test_blank_lines, begin, end),
		cmocka_unit_test_setup_teardown(test_head_behind_fin, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
