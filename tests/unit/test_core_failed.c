/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_core_failed.c - which records the core offers where only failures are wanted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observed.h"
#include "slow_wanted.h"

#define GET "GET / HTTP/1.1\r\n\r\n"
#define END_NS (1ULL << 62)

static struct conversation c;
static struct observed o;
static u64 causes; /* in the statistics: transactions put down to one */

static int begin(void **state)
{
	(void)state;
	conversation_begin(&c, 3);
	return 0;
}

static int end(void **state)
{
	(void)state;
	conversation_end(&c);
	return 0;
}

static u64 count_causes(const struct replay_core *core)
{
	struct snapshot snapshot = { 0 };
	u64 count = 0;

	assert_int_equal(replay_core_snapshot(core, &snapshot), 0);
	for (size_t i = 0; i < snapshot.row_count; i++)
		for (u32 cause = 1; cause < NL_CAUSE_COUNT; cause++)
			count += snapshot.rows[i].stats.causes[cause];
	snapshot_clear(&snapshot);
	return count;
}

/* All packets, and the end of the observation. */
static void observe(u32 wanted)
{
	struct nl_config config = config_plain();
	struct replay_core *core;

	config.records_wanted = wanted;
	config.failed = 1;
	o.count = 0;
	core = replay_core_new(&config, 16, observed_add, &o);
	assert_non_null(core);
	for (size_t i = 0; i < c.packets.count; i++) {
		const struct sent_packet *p = &c.packets.packets[i];

		replay_core_packet(core, REPLAY_ETHERNET, p->bytes, p->captured, p->wire_bytes,
				   p->now_ns, 1);
	}
	replay_core_sweep(core, NL_SWEEP_END, END_NS);
	causes = count_causes(core);
	replay_core_free(core);
}

/* Of one transaction, however it went: the core offers it if the daemon finds that it failed. */
static void check(bool is_failed)
{
	observe(NL_RECORDS_ALL);
	assert_int_equal(o.count, 1);
	assert_int_equal(slow_is_failed(&o.records[0]), is_failed);
	assert_int_equal(o.records[0].cause != NL_CAUSE_none, is_failed);
	observe(NL_RECORDS_FAILED);
	assert_int_equal(o.count, is_failed);
	observe(0); /* counted all the same */
	assert_int_equal(o.count, 0);
	assert_int_equal(causes, is_failed);
}

static void test_complete(void **state)
{
	(void)state;
	client_says(&c, GET);
	server_says(&c, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
	check(false);
}

static void test_server_error(void **state)
{
	(void)state;
	client_says(&c, GET);
	server_says(&c, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
	check(true);
}

static void test_unanswered(void **state)
{
	(void)state;
	client_says(&c, GET);
	conversation_rst(&c, NL_SERVER);
	check(true);
}

static void test_aborted(void **state)
{
	(void)state;
	client_says(&c, GET);
	server_says(&c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
	conversation_rst(&c, NL_SERVER);
	check(true);
}

static void test_in_flight(void **state)
{
	(void)state;
	client_says(&c, GET);
	check(false);
}

static void test_in_flight_with_a_good_status(void **state)
{
	(void)state;
	client_says(&c, GET);
	server_says(&c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
	check(false);
}

/* That it failed is known from its head. */
static void test_in_flight_with_a_server_error(void **state)
{
	(void)state;
	client_says(&c, GET);
	server_says(&c, "HTTP/1.1 503 No\r\nContent-Length: 10\r\n\r\n12345");
	check(true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_complete),
		TEST(test_server_error),
		TEST(test_unanswered),
		TEST(test_aborted),
		TEST(test_in_flight),
		TEST(test_in_flight_with_a_good_status),
		TEST(test_in_flight_with_a_server_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
