/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_explain.c - the sentence that says why a transaction took so long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/flow.h"
#include "explain.h"

#define MS 1000000ULL
#define SECOND (1000 * MS)

/* One that took `whole_ns`, of which `part_ns` was the server's. */
static struct nl_record a_record(enum nl_cause cause, u64 whole_ns, enum nl_part part, u64 part_ns)
{
	struct nl_record record = {
		.request_first_ns = SECOND,
		.request_last_ns = SECOND,
		.response_first_ns = SECOND + whole_ns,
		.response_last_ns = SECOND + whole_ns,
		.end_ns = SECOND + whole_ns,
		.request_bytes = 80,
		.response_bytes = 1200000,
		.status = 200,
		.cause = cause,
	};

	record.part_ns[part] = part_ns;
	return record;
}

static struct nl_record a_failure(enum nl_outcome outcome, enum nl_end_reason reason, u64 whole_ns)
{
	struct nl_record record = a_record(NL_CAUSE_none, whole_ns, NL_PART_server, 0);

	record.outcome = outcome;
	record.reason = reason;
	record.response_first_ns = record.response_last_ns = record.response_bytes = 0;
	return record;
}

static void check(const struct nl_record *record, const char *expected)
{
	char text[EXPLAIN_BYTES_MAX];
	size_t length = explain_sentence(text, sizeof(text), record);

	assert_string_equal(text, expected);
	assert_int_equal(length, strlen(expected));
}

static void test_whole(void **state)
{
	struct nl_record record = a_record(NL_CAUSE_server, 5 * MS, NL_PART_server, 5 * MS);

	(void)state;
	record.connect_ns = 7 * MS;
	record.end_ns += 100 * MS; /* known to be over later */
	assert_int_equal(explain_whole_ns(&record), 5 * MS);
	record.cause = NL_CAUSE_connect;
	assert_int_equal(explain_whole_ns(&record), 12 * MS);
	record.connect_ns = ~0ULL;
	assert_int_equal(explain_whole_ns(&record), ~0ULL);
	record.cause = NL_CAUSE_none;
	record.outcome = NL_OUTCOME_ABORTED;
	assert_int_equal(explain_whole_ns(&record), 105 * MS);
	record.end_ns = 1;
	assert_int_equal(explain_whole_ns(&record), 0);
}

static void test_server(void **state)
{
	struct nl_record record = a_record(NL_CAUSE_server, 412 * MS, NL_PART_server, 405 * MS);

	(void)state;
	check(&record, "412ms, of which 405ms the server took to answer");
	record.response_first_ns = record.request_last_ns + 10 * MS;
	check(&record, "412ms, of which 405ms the server paused in its response");
	record.request_last_ns = record.response_first_ns = record.response_last_ns - MS;
	check(&record, "412ms, of which 405ms the server did not take more of the request");
	record.request_last_ns = record.request_first_ns + 150 * MS;
	record.response_first_ns = record.request_first_ns + 300 * MS;
	check(&record, "412ms, of which 405ms spent by the server");
}

static void test_network_and_client(void **state)
{
	struct nl_record record = a_record(NL_CAUSE_network, 250 * MS, NL_PART_network, 200 * MS);

	(void)state;
	check(&record, "250ms, of which 200ms on the way to the server and back");
	record.server_rtt_ns = 200 * MS;
	check(&record,
	      "250ms, of which 200ms on the way to the server and back (round trip 200ms)");
	record = a_record(NL_CAUSE_client, 3200 * MS, NL_PART_zero_window, 3100 * MS);
	check(&record, "3.20s, of which 3.10s the client would not take more (zero window)");
	record.part_ns[NL_PART_client] = 3150 * MS;
	check(&record, "3.20s, of which 3.15s the client sent nothing");
}

static void test_connect(void **state)
{
	struct nl_record record = a_record(NL_CAUSE_connect, 30 * MS, NL_PART_server, 30 * MS);

	(void)state;
	record.connect_ns = 1020 * MS;
	check(&record, "1.05s, of which 1.02s for the handshake");
	record.syn_retransmits = 1;
	check(&record, "1.05s, of which 1.02s for the handshake: the SYN was sent twice");
	record.synack_retransmits = 2;
	check(&record, "1.05s, of which 1.02s for the handshake: the SYN was sent twice, "
		       "the SYN-ACK 3 times");
	record.syn_retransmits = 0;
	record.synack_retransmits = 255;
	check(&record, "1.05s, of which 1.02s for the handshake: the SYN-ACK was sent 256 times");
}

static void test_loss(void **state)
{
	struct nl_record record =
		a_record(NL_CAUSE_loss, 996 * MS, NL_PART_timer_retransmit, 990 * MS);

	(void)state;
	check(&record, "996ms, of which 990ms waiting for retransmissions (by timer)");
	record.stall_role = NL_SERVER;
	record.longest_stall_ns = 990 * MS;
	check(&record, "996ms, of which 990ms waiting for one retransmission (by timer): "
		       "the server's first segment was lost");
	record.stall_offset = 14480;
	record.longest_stall_ns = 600 * MS;
	check(&record, "996ms, of which 990ms waiting for retransmissions (by timer): "
		       "the longest, 600ms, for the segment at byte 14480 of the response");
	record.part_ns[NL_PART_timer_retransmit] = 900 * MS;
	record.part_ns[NL_PART_fast_retransmit] = 90 * MS;
	record.stall_role = NL_CLIENT;
	check(&record, "996ms, of which 990ms waiting for retransmissions (900ms by timer, "
		       "90ms fast): the longest, 600ms, for the segment at byte 14480 of "
		       "the request");
	record.part_ns[NL_PART_timer_retransmit] = 0;
	record.longest_stall_ns = 90 * MS;
	record.stall_offset = 0;
	check(&record, "996ms, of which 90ms waiting for one retransmission (fast): "
		       "the client's first segment was lost");
}

static void test_transfers(void **state)
{
	struct nl_record record =
		a_record(NL_CAUSE_download, 2400 * MS, NL_PART_download, 2300 * MS);

	(void)state;
	check(&record, "2.40s, of which 2.30s receiving 1.2MB of response (4.2Mbit/s)");
	record = a_record(NL_CAUSE_upload, 20 * SECOND, NL_PART_upload, 16 * SECOND);
	record.request_bytes = 2000;
	check(&record, "20.0s, of which 16.0s sending 2.0kB of request (1.0kbit/s)");
}

static void test_no_cause(void **state)
{
	struct nl_record record = a_record(NL_CAUSE_none, 12 * MS, NL_PART_server, 11 * MS);

	(void)state;
	check(&record, "12ms");
	record.cause = NL_CAUSE_COUNT; /* of a newer netlat */
	check(&record, "12ms");
	record.cause =
		NL_CAUSE_upload; /* of no time at all: nothing to say, nothing to divide by */
	check(&record, "12ms");
}

static void test_unanswered(void **state)
{
	struct nl_record record = a_failure(NL_OUTCOME_UNANSWERED, NL_END_timeout, 60 * SECOND);

	(void)state;
	check(&record, "no answer within 60.0s");
	record.cause = NL_CAUSE_server;
	record.part_ns[NL_PART_server] = 60 * SECOND;
	check(&record, "no answer within 60.0s");
	record.reason = NL_END_client_reset;
	check(&record, "no answer after 60.0s: the client reset the connection; "
		       "60.0s of it waiting for the server");
	record.cause = NL_CAUSE_loss;
	record.part_ns[NL_PART_timer_retransmit] = 59 * SECOND;
	record.longest_stall_ns = 59 * SECOND;
	record.stall_role = NL_CLIENT;
	record.reason = NL_END_timeout;
	check(&record, "no answer within 60.0s; 59.0s of it waiting for one retransmission "
		       "(by timer): the client's first segment was lost");
	record = a_failure(NL_OUTCOME_UNANSWERED, NL_END_server_reset, MS);
	check(&record, "no answer after 1.0ms: the server reset the connection");
	record.reason = NL_END_after_server_fin;
	check(&record, "no answer after 1.0ms: it was sent after the server's FIN "
		       "(keep-alive race)");
	record.idle_ns = 65 * SECOND;
	record.cause = NL_CAUSE_client; /* whatever the time went to */
	record.part_ns[NL_PART_client] = MS;
	check(&record, "no answer after 1.0ms: it was sent after the server's FIN "
		       "(keep-alive race), on a connection idle for 65.0s");
}

static void test_other_ends(void **state)
{
	struct nl_record record = a_failure(NL_OUTCOME_ABORTED, NL_END_server_closed, 3 * SECOND);

	(void)state;
	record.response_first_ns = record.response_last_ns = SECOND + MS;
	record.response_bytes = 1200000;
	check(&record, "response not complete after 3.00s and 1.2MB: the server closed the "
		       "connection");
	record.reason = NL_END_timeout;
	check(&record, "response not complete after 3.00s and 1.2MB: nothing more came");
	record = a_failure(NL_OUTCOME_EVICTED, NL_END_evicted, 3 * SECOND);
	check(&record, "not seen to end within 3.00s: its connection was evicted from the full "
		       "flow table");
	record = a_failure(NL_OUTCOME_IN_FLIGHT, NL_END_observation_over, 3 * SECOND);
	check(&record, "not seen to end within 3.00s: the observation ended");
	record.reason = 200; /* of a newer netlat */
	check(&record, "not seen to end within 3.00s");
}

/* Every field at its ends: always terminated, never over-long, always one line of ASCII. */
static void check_any(const struct nl_record *record)
{
	static const struct server_timing longest = { 1234567, SERVER_TIMING_ENVOY };
	char text[EXPLAIN_BYTES_MAX + 1], cut[EXPLAIN_BYTES_MAX + 1];
	size_t length;

	memset(text, '#', sizeof(text));
	length = explain_with_timing(text, EXPLAIN_BYTES_MAX, record, &longest);
	assert_int_equal(text[EXPLAIN_BYTES_MAX], '#');
	assert_true(length > 0 && length < EXPLAIN_BYTES_MAX);
	assert_int_equal(strlen(text), length);
	assert_true(length + 1 < EXPLAIN_BYTES_MAX); /* nothing was cut off */
	for (size_t i = 0; i < length; i++)
		assert_true(text[i] >= ' ' && text[i] < 0x7f);
	assert_null(strstr(text, "nan"));
	assert_null(strstr(text, "inf"));
	for (size_t size = 0; size <= length + 1; size += 1 + size / 8) {
		size_t expected = size == 0 ? 0 : size - 1 < length ? size - 1 : length;

		memset(cut, '#', sizeof(cut));
		assert_int_equal(explain_with_timing(cut, size, record, &longest), expected);
		assert_int_equal(cut[size], '#');
		if (size)
			assert_memory_equal(cut, text, expected);
		if (size)
			assert_int_equal(cut[expected], '\0');
	}
}

static void test_what_the_server_says(void **state)
{
	struct nl_record record = a_record(NL_CAUSE_server, 412 * MS, NL_PART_server, 405 * MS);
	struct server_timing timing = { 398 * MS, SERVER_TIMING_W3C };
	char text[EXPLAIN_BYTES_MAX];

	(void)state;
	explain_with_timing(text, sizeof(text), &record, &timing);
	assert_string_equal(text, "412ms, of which 405ms the server took to answer; "
				  "the server says it took 398ms (Server-Timing)");
	timing = (struct server_timing){ 0, SERVER_TIMING_ENVOY };
	explain_with_timing(text, sizeof(text), &record, &timing);
	assert_non_null(
		strstr(text, "; the server says it took 0ns (x-envoy-upstream-service-time)"));
	timing.field = SERVER_TIMING_NONE;
	explain_with_timing(text, sizeof(text), &record, &timing);
	assert_string_equal(text, "412ms, of which 405ms the server took to answer");
}

static void fill(struct nl_record *record, unsigned choice, u64 value)
{
	u64 *const fields[] = {
		&record->request_first_ns, &record->request_last_ns, &record->response_first_ns,
		&record->response_last_ns, &record->end_ns,	     &record->idle_ns,
		&record->request_bytes,	   &record->response_bytes,  &record->connect_ns,
		&record->longest_stall_ns,
	};
	const size_t count = sizeof(fields) / sizeof(fields[0]);

	for (size_t i = 0; i < count; i++)
		if (choice >> i & 1)
			*fields[i] = value;
	for (size_t i = 0; i < NL_PART_COUNT; i++)
		if (choice >> (count + i) & 1)
			record->part_ns[i] = value;
	if (choice >> 19 & 1)
		record->stall_offset = record->server_rtt_ns = ~0U;
	if (choice >> 20 & 1)
		record->syn_retransmits = record->synack_retransmits = 255;
}

static void test_extremes(void **state)
{
	static const u64 values[] = { 0, 1, 999, SECOND, 1ULL << 63, ~0ULL };

	(void)state;
	srandom(7);
	for (unsigned round = 0; round < 30000; round++) {
		struct nl_record record = { 0 };

		fill(&record, (unsigned)random(), values[(unsigned)random() % 6]);
		fill(&record, (unsigned)random() & (unsigned)random(), ~0ULL);
		record.cause = (u8)(round % (NL_CAUSE_COUNT + 1));
		record.outcome = (u8)((unsigned)random() % (NL_OUTCOME_IN_FLIGHT + 2));
		record.reason = (u8)((unsigned)random() % (NL_END_observation_over + 2));
		record.stall_role = (u8)random();
		check_any(&record);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	   cmocka_unit_test(test_what_the_server_says),
		cmocka_unit_test(test_server),	   cmocka_unit_test(test_network_and_client),
		cmocka_unit_test(test_connect),	   cmocka_unit_test(test_loss),
		cmocka_unit_test(test_transfers),  cmocka_unit_test(test_no_cause),
		cmocka_unit_test(test_unanswered), cmocka_unit_test(test_other_ends),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
