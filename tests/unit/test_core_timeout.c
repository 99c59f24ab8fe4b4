/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_core_timeout.c - what ends without a packet: time-outs, idle connections, the end
 * of the observation; and that it does not matter when the flow table is swept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "observed.h"
#include "timeout.h"

#define SECOND_NS 1000000000ULL
#define TIMEOUT_S 60
#define GET(n) "GET /" #n " HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK(n) "HTTP/1.1 20" #n " OK\r\nContent-Length: 5\r\n\r\nhello"
#define OK_10 "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"

/* When the flow table is swept for time-outs; the last sweep is always. */
enum sweeps { SWEEPS_NONE, SWEEPS_EACH_PACKET, SWEEPS_EACH_SECOND, SWEEPS };

static struct conversation c;
static struct observed o[SWEEPS];

static int begin(void **state)
{
	(void)state;
	conversation_begin(&c, 5);
	return 0;
}

static int end(void **state)
{
	(void)state;
	conversation_end(&c);
	return 0;
}

static void wait_s(double seconds)
{
	c.now_ns += (u64)(seconds * 1e9);
}

static void sweep_until(struct replay_core *core, enum sweeps sweeps, u64 from_ns, u64 to_ns)
{
	for (u64 at_ns = from_ns + SECOND_NS; sweeps == SWEEPS_EACH_SECOND && at_ns < to_ns;
	     at_ns += SECOND_NS)
		replay_core_sweep(core, NL_SWEEP_TIMEOUTS, at_ns);
	if (sweeps == SWEEPS_EACH_PACKET)
		replay_core_sweep(core, NL_SWEEP_TIMEOUTS, to_ns);
}

/* All packets, then nothing for `after_s`; the records that are there by then. */
static void observe_with(enum sweeps sweeps, double after_s)
{
	struct nl_config config = config_plain();
	struct snapshot snapshot = { 0 };
	struct observed *observed = &o[sweeps];
	struct replay_core *core;
	u64 now_ns = c.packets.packets[0].now_ns;
	u64 end_ns = c.packets.packets[c.packets.count - 1].now_ns + (u64)(after_s * 1e9);

	timeout_configure(&config, TIMEOUT_S);
	observed->count = 0;
	core = replay_core_new(&config, 1024, observed_add, observed);
	assert_non_null(core);
	for (size_t i = 0; i < c.packets.count; i++) {
		const struct sent_packet *p = &c.packets.packets[i];

		sweep_until(core, sweeps, now_ns, p->now_ns);
		now_ns = p->now_ns;
		replay_core_packet(core, REPLAY_ETHERNET, p->bytes, p->captured, p->wire_bytes,
				   now_ns, 1);
	}
	sweep_until(core, sweeps, now_ns, end_ns);
	replay_core_sweep(core, NL_SWEEP_TIMEOUTS, end_ns);
	replay_core_sweep(core, NL_SWEEP_END, end_ns);
	assert_int_equal(replay_core_snapshot(core, &snapshot), 0);
	memcpy(observed->counters, snapshot.counters, sizeof(observed->counters));
	snapshot_clear(&snapshot);
	replay_core_free(core);
	check_ledger(observed->counters);
}

/* The same records and counters whenever the table is swept. */
static const struct observed *observe_for(double after_s)
{
	for (enum sweeps sweeps = SWEEPS_NONE; sweeps < SWEEPS; sweeps++) {
		observe_with(sweeps, after_s);
		assert_int_equal(o[sweeps].count, o[0].count);
		for (size_t i = 0; i < o[0].count; i++)
			assert_memory_equal(&o[sweeps].records[i], &o[0].records[i],
					    NL_RECORD_FIXED_BYTES);
		assert_memory_equal(o[sweeps].counters, o[0].counters, sizeof(o[0].counters));
	}
	return &o[0];
}

static void check(const struct nl_record *record, enum nl_outcome outcome,
		  enum nl_end_reason reason, u16 status)
{
	assert_int_equal(record->outcome, outcome);
	assert_int_equal(record->reason, reason);
	assert_int_equal(record->status, status);
}

static void test_answer_in_time(void **state)
{
	const struct observed *got;

	(void)state;
	client_says(&c, GET(1));
	wait_s(59.9);
	server_says(&c, OK(1));
	got = observe_for(1);
	assert_int_equal(got->count, 1);
	check(&got->records[0], NL_OUTCOME_OK, NL_END_none, 201);
}

/* The late answer is no one's, and the next request gets its own. */
static void test_answer_too_late(void **state)
{
	const struct observed *got;

	(void)state;
	client_says(&c, GET(1));
	wait_s(61);
	server_says(&c, OK(1));
	client_says(&c, GET(2));
	server_says(&c, OK(2));
	got = observe_for(1);
	assert_int_equal(got->count, 2);
	check(&got->records[0], NL_OUTCOME_UNANSWERED, NL_END_timeout, 0);
	assert_int_equal(got->records[0].end_ns - got->records[0].request_last_ns,
			 TIMEOUT_S * SECOND_NS);
	check(&got->records[1], NL_OUTCOME_OK, NL_END_none, 202);
	assert_int_equal(got->counters[NL_COUNT_orphan], 1);
}

/* Also when the client does not wait for it. */
static void test_next_request_before_the_late_answer(void **state)
{
	const struct observed *got;

	(void)state;
	client_says(&c, GET(1));
	client_says(&c, GET(2));
	wait_s(61);
	client_says(&c, GET(3));
	server_says(&c, OK(1));
	server_says(&c, OK(2));
	server_says(&c, OK(3));
	got = observe_for(1);
	assert_int_equal(got->count, 3);
	check(&got->records[0], NL_OUTCOME_UNANSWERED, NL_END_timeout, 0);
	check(&got->records[1], NL_OUTCOME_UNANSWERED, NL_END_timeout, 0);
	check(&got->records[2], NL_OUTCOME_OK, NL_END_none, 203);
	assert_int_equal(got->counters[NL_COUNT_orphan], 2);
}

/* Any new byte on the connection is a sign of life; a repeated one is not. */
static void test_signs_of_life(void **state)
{
	const struct observed *got;

	(void)state;
	client_says(&c, GET(1));
	for (int i = 0; i < 10; i++) {
		wait_s(50);
		server_says(&c, "HTTP/1.1 102 Processing\r\n\r\n");
	}
	server_says(&c, OK(1));
	client_says(&c, GET(2));
	wait_s(50);
	conversation_segment(&c, NL_CLIENT, 0x18, strlen(GET(2)), GET(2), strlen(GET(2)));
	wait_s(50);
	server_says(&c, OK(2));
	got = observe_for(1);
	assert_int_equal(got->count, 2);
	check(&got->records[0], NL_OUTCOME_OK, NL_END_none, 201);
	check(&got->records[1], NL_OUTCOME_UNANSWERED, NL_END_timeout, 0);
	assert_int_equal(got->records[1].retransmits, 1);
}

/* A response that stands still is aborted; what still comes of it belongs to no one. */
static void test_response_stands_still(void **state)
{
	const struct observed *got;

	(void)state;
	client_says(&c, GET(1));
	server_says(&c, OK_10 "01234");
	wait_s(61);
	server_says(&c, "56789");
	client_says(&c, GET(2));
	server_says(&c, OK(2));
	got = observe_for(1);
	assert_int_equal(got->count, 2);
	check(&got->records[0], NL_OUTCOME_ABORTED, NL_END_timeout, 200);
	assert_int_equal(got->records[0].response_bytes, strlen(OK_10) + 5);
	check(&got->records[1], NL_OUTCOME_OK, NL_END_none, 202);
	assert_int_equal(got->counters[NL_COUNT_orphan], 1);
}

/* Complete but for a hole that nothing has filled. */
static void test_hole_that_stays(void **state)
{
	const struct observed *got;

	(void)state;
	client_says(&c, GET(1));
	server_says(&c, OK_10 "01");
	conversation_loses(&c, NL_SERVER, 3);
	server_says(&c, "56789");
	got = observe_for(100);
	assert_int_equal(got->count, 1);
	check(&got->records[0], NL_OUTCOME_OK, NL_END_none, 200);
	assert_int_equal(got->records[0].grade, NL_GRADE_gap);
	assert_int_equal(got->counters[NL_COUNT_gap_bytes], 3);
}

static void test_idle_connections_leave(void **state)
{
	const struct observed *got;

	(void)state;
	client_says(&c, GET(1));
	server_says(&c, OK(1));
	wait_s(TIMEOUT_S * NL_IDLE_TIMEOUTS - 1);
	client_says(&c, GET(2));
	server_says(&c, OK(2));
	got = observe_for(TIMEOUT_S * NL_IDLE_TIMEOUTS - 1);
	assert_int_equal(got->counters[NL_COUNT_flows_idle], 0);
	assert_int_equal(got->counters[NL_COUNT_flows], 1);
	wait_s(TIMEOUT_S * NL_IDLE_TIMEOUTS + 1);
	client_says(&c, GET(3)); /* which is known again by itself */
	server_says(&c, OK(3));
	got = observe_for(1);
	assert_int_equal(got->count, 3);
	assert_int_equal(got->counters[NL_COUNT_flows_idle], 1);
	assert_int_equal(got->counters[NL_COUNT_flows], 2);
}

/* What is not over when the observation is. */
static void test_in_flight(void **state)
{
	const struct observed *got;

	(void)state;
	client_says(&c, GET(1));
	client_says(&c, GET(2));
	client_says(&c, "GET /3 HTTP");
	server_says(&c, OK_10 "01234");
	got = observe_for(1);
	assert_int_equal(got->count, 2);
	check(&got->records[0], NL_OUTCOME_IN_FLIGHT, NL_END_observation_over, 200);
	check(&got->records[1], NL_OUTCOME_IN_FLIGHT, NL_END_observation_over, 0);
	assert_int_equal(got->counters[NL_COUNT_in_flight], 2);
	assert_int_equal(got->counters[NL_COUNT_partial_heads], 1);
}

/* Sent after the server's FIN (the keep-alive race): how long the connection was idle. */
static void test_idle_before_an_unanswered_request(void **state)
{
	const struct observed *got;

	(void)state;
	client_says(&c, GET(1));
	server_says(&c, OK(1));
	conversation_fin(&c, NL_SERVER);
	wait_s(5);
	client_says(&c, GET(2));
	conversation_rst(&c, NL_SERVER);
	got = observe_for(1);
	assert_int_equal(got->count, 2);
	assert_int_equal(got->records[0].idle_ns, 0);
	check(&got->records[1], NL_OUTCOME_UNANSWERED, NL_END_after_server_fin, 0);
	assert_int_equal(got->records[1].idle_ns,
			 got->records[1].request_first_ns - got->records[0].response_last_ns);
	assert_true(got->records[1].idle_ns >= 5 * SECOND_NS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answer_in_time),
		TEST(test_answer_too_late),
		TEST(test_next_request_before_the_late_answer),
		TEST(test_signs_of_life),
		TEST(test_response_stands_still),
		TEST(test_hole_that_stays),
		TEST(test_idle_connections_leave),
		TEST(test_in_flight),
		TEST(test_idle_before_an_unanswered_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
