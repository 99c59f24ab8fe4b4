/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_core_table.c - thousands of connections at once, and more than the table holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "observed.h"

#define GET_1 "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define CONNECTIONS 10000

static struct conversation talks_of[CONNECTIONS];
static struct observed o;

/* The status that connection i is answered with, and no other near it. */
static u32 status_of(u32 i)
{
	return 200 + i % 397;
}

/* All ask, then all are answered, each by its own status. */
static void ask_and_answer(struct packets *list, u32 connections)
{
	u64 now_ns = 1000000000;

	for (u32 i = 0; i < connections; i++) {
		struct conversation *c = &talks_of[i];
		char response[100];

		conversation_begin(c, i);
		client_says(c, GET_1);
		snprintf(response, sizeof(response), "HTTP/1.1 %u So\r\nContent-Length: 0\r\n\r\n",
			 status_of(i));
		server_says(c, response);
	}
	for (size_t step = 0; step < 5; step++) {
		for (u32 i = 0; i < connections; i++) {
			struct sent_packet *p = &talks_of[i].packets.packets[step];

			p->now_ns = now_ns += 100000;
			packet_list_add(list, p);
		}
	}
	for (u32 i = 0; i < connections; i++)
		conversation_end(&talks_of[i]);
}

static void check_statuses(void)
{
	for (size_t i = 0; i < o.count; i++) {
		const struct nl_record *r = &o.records[i];
		const u8 *address = r->client_addr.bytes + 14;

		if (r->outcome == NL_OUTCOME_OK)
			assert_int_equal(r->status, status_of(load_be16(address)));
		else
			assert_int_equal(r->status, 0);
	}
}

static void test_ten_thousand_idle(void **state)
{
	struct nl_config config = config_plain();
	struct packets list = { 0 };

	(void)state;
	ask_and_answer(&list, CONNECTIONS);
	observe_in_table(&list, &config, 65536, &o);
	assert_int_equal(o.count, CONNECTIONS);
	assert_int_equal(o.counters[NL_COUNT_paired], CONNECTIONS);
	assert_int_equal(o.counters[NL_COUNT_flows_evicted], 0);
	check_statuses();
	packet_list_free(&list);
}

static void test_more_than_the_table_holds(void **state)
{
	static const unsigned sizes[] = { 1, 8, 9, 64, 512, 4096, 9999 };
	struct packets list = { 0 };

	(void)state;
	ask_and_answer(&list, CONNECTIONS);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct nl_config config = config_plain();
		const u64 *c = o.counters;

		config.flow_hash_seed = i * 0x9876543210fedcbaULL;
		observe_in_table(&list, &config, sizes[i], &o);
		check_statuses();
		assert_int_equal(c[NL_COUNT_requests], CONNECTIONS);
		assert_int_equal(c[NL_COUNT_responses], CONNECTIONS);
		assert_int_equal(c[NL_COUNT_flow_table_error], 0);
		/* Nothing else can have become of them, and none is open: all were answered. */
		assert_int_equal(c[NL_COUNT_paired] + c[NL_COUNT_evicted], CONNECTIONS);
		assert_int_equal(c[NL_COUNT_orphan], c[NL_COUNT_evicted]);
		assert_int_equal(o.count, CONNECTIONS);
		assert_true(c[NL_COUNT_evicted] >= CONNECTIONS - (sizes[i] + 7) / 8 * 8);
	}
	packet_list_free(&list);
}

/* A key has two sets of eight to lie in: hardly any is evicted while there is room. */
static void test_nearly_full(void **state)
{
	struct nl_config config = config_plain();
	struct packets list = { 0 };

	(void)state;
	ask_and_answer(&list, CONNECTIONS);
	observe_in_table(&list, &config, CONNECTIONS * 4 / 3, &o);
	check_statuses();
	assert_int_equal(o.counters[NL_COUNT_flows_evicted], 0);
	/* Nine tenths: places drawn at random would give 0.7 %. */
	observe_in_table(&list, &config, CONNECTIONS * 10 / 9, &o);
	check_statuses();
	assert_in_range(o.counters[NL_COUNT_flows_evicted], 0, CONNECTIONS / 50);
	packet_list_free(&list);
}

/* A connection in use outlives any number of others that come and stay idle. */
static void test_the_busy_one_stays(void **state)
{
	struct nl_config config = config_plain();
	struct packets list = { 0 };
	struct conversation busy;
	u32 number = 1000;
	size_t of_busy = 0;

	(void)state;
	conversation_begin(&busy, 1);
	for (int i = 0; i < 500; i++) {
		client_says(&busy, GET_1);
		server_says(&busy, OK_EMPTY);
	}
	for (size_t i = 0; i < busy.packets.count; i++) {
		struct conversation idle;

		conversation_begin(&idle, number++);
		client_says(&idle, GET_1);
		idle.packets.packets[3].now_ns = (i + 1) << 23;
		busy.packets.packets[i].now_ns = ((i + 1) << 23) + (1 << 22);
		packet_list_add(&list, &idle.packets.packets[3]);
		packet_list_add(&list, &busy.packets.packets[i]);
		conversation_end(&idle);
	}
	observe_in_table(&list, &config, 16, &o);
	for (size_t i = 0; i < o.count; i++) {
		const struct nl_record *r = &o.records[i];

		if (r->client_port != busy.frame[NL_CLIENT].source_port) {
			assert_int_equal(r->outcome, NL_OUTCOME_EVICTED);
			assert_int_equal(r->reason, NL_END_evicted);
			continue;
		}
		assert_int_equal(r->outcome, NL_OUTCOME_OK);
		of_busy++;
	}
	assert_int_equal(of_busy, 500);
	assert_true(o.counters[NL_COUNT_flows_evicted] > 900);
	conversation_end(&busy);
	packet_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ten_thousand_idle),
		cmocka_unit_test(test_more_than_the_table_holds),
		cmocka_unit_test(test_nearly_full),
		cmocka_unit_test(test_the_busy_one_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
