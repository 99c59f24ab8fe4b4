/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_core_loss.c - segments that come twice, late, cut off or never, and bodies
 * longer than the sequence space.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "observed.h"

#define LENGTH(text) (sizeof(text) - 1)
#define GET_1 "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_2 "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK_HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define HEAD_300 "HTTP/1.1 201 OK\r\nContent-Length: 300\r\n\r\n"

static struct conversation c;
static struct observed o;
static char filler[64 << 10];

static int begin(void **state)
{
	(void)state;
	memset(filler, 'x', sizeof(filler));
	conversation_begin(&c, 3);
	return 0;
}

static int end(void **state)
{
	(void)state;
	conversation_end(&c);
	return 0;
}

static void observe(void)
{
	struct nl_config config = config_plain();

	observe_natively(&c.packets, &config, &o);
}

/* Record i: this request got this status, complete. */
static void check_pair(size_t i, const char *request_line, u16 status, u64 response_bytes)
{
	const struct nl_record *r = &o.records[i];

	assert_true(i < o.count);
	assert_true(r->head_bytes >= strlen(request_line));
	assert_memory_equal(r->head, request_line, strlen(request_line));
	assert_int_equal(r->outcome, NL_OUTCOME_OK);
	assert_int_equal(r->status, status);
	assert_int_equal(r->response_bytes, response_bytes);
}

static void test_retransmissions(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	conversation_segment(&c, NL_CLIENT, NL_TCP_ACK, LENGTH(GET_1), GET_1, LENGTH(GET_1));
	server_says(&c, HEAD_300);
	conversation_segment(&c, NL_SERVER, NL_TCP_ACK, LENGTH(HEAD_300), HEAD_300,
			     LENGTH(HEAD_300));
	conversation_sends(&c, NL_SERVER, filler, 200);
	conversation_segment(&c, NL_SERVER, NL_TCP_ACK, 100, filler, 100);
	conversation_sends(&c, NL_SERVER, filler, 100);
	client_says(&c, GET_2);
	server_says(&c, OK_HELLO);
	observe();
	assert_int_equal(o.count, 2);
	check_pair(0, "GET /1 ", 201, LENGTH(HEAD_300) + 300);
	check_pair(1, "GET /2 ", 200, LENGTH(OK_HELLO));
	assert_int_equal(o.records[0].retransmits, 3);
	assert_int_equal(o.records[0].grade, 0);
	assert_int_equal(o.records[1].retransmits, 0);
	assert_int_equal(o.counters[NL_COUNT_retransmission], 3);
	assert_int_equal(o.counters[NL_COUNT_requests], 2);
}

/* A retransmission that goes on with new bytes, at each distance. */
static void test_overlap(void **state)
{
	static const char response[] = HEAD_300;

	(void)state;
	for (u32 back = 1; back < LENGTH(HEAD_300); back++) {
		conversation_end(&c);
		conversation_begin(&c, 3);
		client_says(&c, GET_1);
		conversation_sends(&c, NL_SERVER, response, back);
		conversation_segment(&c, NL_SERVER, NL_TCP_ACK, back, response, LENGTH(HEAD_300));
		c.next_seq[NL_SERVER] += (u32)LENGTH(HEAD_300) - back;
		conversation_sends(&c, NL_SERVER, filler, 150);
		conversation_segment(&c, NL_SERVER, NL_TCP_ACK, back, filler, back + 150);
		observe();
		assert_int_equal(o.count, 1);
		check_pair(0, "GET /1 ", 201, LENGTH(HEAD_300) + 300);
	}
}

/* Body segments in every order: the count and the pairs are right. */
static void test_reordered_inside_a_body(void **state)
{
	static const u8 orders[5][3] = {
		{ 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 }
	};

	(void)state;
	for (int i = 0; i < 5; i++) {
		conversation_end(&c);
		conversation_begin(&c, 3);
		client_says(&c, GET_1);
		server_says(&c, HEAD_300);
		c.next_seq[NL_SERVER] += 300;
		for (int j = 0; j < 3; j++)
			conversation_segment(&c, NL_SERVER, NL_TCP_ACK, 300u - orders[i][j] * 100u,
					     filler, 100);
		client_says(&c, GET_2);
		server_says(&c, OK_HELLO);
		observe();
		assert_int_equal(o.count, 2);
		check_pair(0, "GET /1 ", 201, LENGTH(HEAD_300) + 300);
		check_pair(1, "GET /2 ", 200, LENGTH(OK_HELLO));
		assert_int_equal(o.records[1].grade, 0);
		assert_int_equal(o.counters[NL_COUNT_gaps], 0);
		/* The last byte may close the message before the others have come. */
		assert_true(o.records[0].grade & (NL_GRADE_reordered | NL_GRADE_gap));
	}
}

static void test_head_behind_its_body(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	server_says(&c, HEAD_300);
	conversation_sends(&c, NL_SERVER, filler, 100);
	conversation_sends(&c, NL_SERVER, filler, 200);
	packet_list_move(&c.packets, 4, 6);
	client_says(&c, GET_2);
	server_says(&c, OK_HELLO);
	observe();
	assert_int_equal(o.count, 2);
	check_pair(0, "GET /1 ", 201, LENGTH(HEAD_300) + 300);
	check_pair(1, "GET /2 ", 200, LENGTH(OK_HELLO));
	assert_true(o.records[0].grade & NL_GRADE_reordered);
	assert_int_equal(o.records[1].grade, 0);
}

/* The halves of a head swapped: right, or said to be uncertain, and never a wrong pair. */
static void test_reordered_inside_a_head(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	server_says(&c, "HTTP/1.1 201 OK\r\n");
	server_says(&c, "Content-Length: 3\r\n\r\nabc");
	packet_list_move(&c.packets, 4, 5);
	client_says(&c, GET_2);
	server_says(&c, OK_HELLO);
	observe();
	assert_int_equal(o.count, 2);
	assert_int_equal(memcmp(o.records[0].head, "GET /1 ", 7), 0);
	assert_true(o.records[0].status == 201 || o.records[0].status == 0);
	assert_true(o.records[0].grade & (NL_GRADE_reordered | NL_GRADE_gap));
	check_pair(1, "GET /2 ", 200, LENGTH(OK_HELLO));
}

static void test_lost_inside_a_body(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	server_says(&c, HEAD_300);
	conversation_sends(&c, NL_SERVER, filler, 100);
	conversation_loses(&c, NL_SERVER, 100);
	conversation_sends(&c, NL_SERVER, filler, 100);
	client_says(&c, GET_2);
	server_says(&c, OK_HELLO);
	observe();
	assert_int_equal(o.count, 2);
	check_pair(0, "GET /1 ", 201, LENGTH(HEAD_300) + 300);
	check_pair(1, "GET /2 ", 200, LENGTH(OK_HELLO));
	assert_int_equal(o.records[0].grade, NL_GRADE_gap);
	assert_int_equal(o.records[1].grade, 0);
	assert_int_equal(o.counters[NL_COUNT_gap_bytes], 100);
}

/* The end of a body is lost: the next request shows that the response is over. */
static void test_lost_end_of_a_body(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	server_says(&c, HEAD_300);
	conversation_sends(&c, NL_SERVER, filler, 200);
	conversation_loses(&c, NL_SERVER, 100);
	client_says(&c, GET_2);
	server_says(&c, OK_HELLO);
	observe();
	assert_int_equal(o.count, 2);
	assert_int_equal(memcmp(o.records[0].head, "GET /1 ", 7), 0);
	assert_int_equal(o.records[0].status, 201);
	assert_true(o.records[0].grade & NL_GRADE_gap);
	check_pair(1, "GET /2 ", 200, LENGTH(OK_HELLO));
}

/* A head never seen, with or without its body: the next pair is right. */
static void test_lost_response_head(void **state)
{
	(void)state;
	for (int with_body = 0; with_body < 2; with_body++) {
		conversation_end(&c);
		conversation_begin(&c, 3);
		client_says(&c, GET_1);
		conversation_loses(&c, NL_SERVER, 50);
		if (with_body)
			conversation_sends(&c, NL_SERVER, filler, 300);
		client_says(&c, GET_2);
		server_says(&c, OK_HELLO);
		client_says(&c, GET_1);
		server_says(&c, OK_HELLO);
		observe();
		assert_int_equal(o.count, 3);
		assert_int_equal(o.records[0].outcome, NL_OUTCOME_UNANSWERED);
		assert_int_equal(o.records[0].reason, NL_END_gap);
		assert_true(o.records[0].grade & NL_GRADE_gap);
		assert_int_equal(o.records[0].status, 0);
		check_pair(1, "GET /2 ", 200, LENGTH(OK_HELLO));
		check_pair(2, "GET /1 ", 200, LENGTH(OK_HELLO));
		assert_int_equal(o.records[2].grade, 0);
	}
}

/* A request never seen: its response is an orphan, not the next request's. */
static void test_lost_request(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	server_says(&c, OK_HELLO);
	conversation_loses(&c, NL_CLIENT, 60);
	server_says(&c, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	client_says(&c, GET_2);
	server_says(&c, OK_HELLO);
	observe();
	assert_int_equal(o.count, 2);
	check_pair(0, "GET /1 ", 200, LENGTH(OK_HELLO));
	check_pair(1, "GET /2 ", 200, LENGTH(OK_HELLO));
	assert_int_equal(o.counters[NL_COUNT_orphan], 1);
	assert_int_equal(o.counters[NL_COUNT_responses], 3);
}

/* Any one packet of a keep-alive connection lost: at most its transaction is hurt. */
static void test_any_one_packet_lost(void **state)
{
	size_t count = 100;

	(void)state;
	for (size_t lost = 3; lost < count; lost++) {
		conversation_end(&c);
		conversation_begin(&c, 3);
		for (int i = 0; i < 4; i++) {
			client_says(&c, i & 1 ? GET_1 : GET_2);
			server_says(&c, i & 1 ? HEAD_300 : OK_HELLO);
			if (i & 1)
				conversation_sends(&c, NL_SERVER, filler, 300);
		}
		client_says(&c, GET_1);
		server_says(&c, "HTTP/1.1 299 End\r\nContent-Length: 0\r\n\r\n");
		count = c.packets.count;
		packet_list_drop(&c.packets, lost);
		observe();
		for (size_t i = 0; i < o.count; i++) {
			const struct nl_record *r = &o.records[i];
			bool first = memcmp(r->head, "GET /1 ", 7) == 0;

			/* No status but the one that this target was answered with. */
			if (r->status && r->status != 299 && r->status != (first ? 201 : 200))
				fail_msg("packet %zu lost: a wrong pair", lost);
		}
		if (o.counters[NL_COUNT_paired] < 4 && lost + 2 < count)
			fail_msg("packet %zu lost: %llu paired", lost, o.counters[NL_COUNT_paired]);
	}
}

static void test_mid_stream(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	server_says(&c, HEAD_300);
	conversation_sends(&c, NL_SERVER, filler, 300);
	client_says(&c, GET_2);
	server_says(&c, OK_HELLO);
	/* Without the handshake and the first request; then without the head, too. */
	for (int i = 0; i < 4; i++)
		packet_list_drop(&c.packets, 0);
	observe();
	assert_int_equal(o.count, 1);
	check_pair(0, "GET /2 ", 200, LENGTH(OK_HELLO));
	assert_true(o.records[0].grade & NL_GRADE_mid_stream);
	assert_int_equal(o.counters[NL_COUNT_orphan], 1);
	packet_list_drop(&c.packets, 0);
	observe();
	assert_int_equal(o.count, 1);
	check_pair(0, "GET /2 ", 200, LENGTH(OK_HELLO));
	assert_int_equal(o.counters[NL_COUNT_orphan], 0);
	assert_int_equal(o.counters[NL_COUNT_not_http], 1);
}

/* Sequence numbers wrap around inside every message. */
static void test_wrap_around(void **state)
{
	(void)state;
	for (u32 before = 0; before < 60; before++) {
		conversation_handshake(&c, 0u - before, 0u - before - 3);
		client_says(&c, GET_1);
		server_says(&c, HEAD_300);
		conversation_sends(&c, NL_SERVER, filler, 300);
		client_says(&c, GET_2);
		server_says(&c, OK_HELLO);
	}
	observe();
	assert_int_equal(o.count, 120);
	for (size_t i = 0; i < o.count; i += 2) {
		check_pair(i, "GET /1 ", 201, LENGTH(HEAD_300) + 300);
		check_pair(i + 1, "GET /2 ", 200, LENGTH(OK_HELLO));
		assert_int_equal(o.records[i].grade | o.records[i + 1].grade, 0);
	}
}

/* More than 4 GB, in super-packets of which only the headers were captured. */
static void test_body_beyond_4_gb(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 4295967296\r\n\r\n";
	u64 left = 4295967296ULL;

	(void)state;
	client_says(&c, GET_1);
	server_says(&c, head);
	while (left) {
		u32 part = left > 65000 ? 65000 : (u32)left;

		conversation_segment(&c, NL_SERVER, NL_TCP_ACK, 0, NULL, part);
		c.next_seq[NL_SERVER] += part;
		left -= part;
	}
	client_says(&c, GET_2);
	server_says(&c, OK_HELLO);
	observe();
	assert_int_equal(o.count, 2);
	check_pair(0, "GET /1 ", 200, LENGTH(head) + 4295967296ULL);
	check_pair(1, "GET /2 ", 200, LENGTH(OK_HELLO));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_retransmissions),
		TEST(test_overlap),
		TEST(test_reordered_inside_a_body),
		TEST(test_head_behind_its_body),
		TEST(test_reordered_inside_a_head),
		TEST(test_lost_inside_a_body),
		TEST(test_lost_end_of_a_body),
		TEST(test_lost_response_head),
		TEST(test_lost_request),
		TEST(test_any_one_packet_lost),
		TEST(test_mid_stream),
		TEST(test_wrap_around),
		TEST(test_body_beyond_4_gb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
