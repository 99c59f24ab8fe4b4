/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_core_ends.c - how transactions end when no response completes them, when
 * each part of them was, and what is none at all.
 */
#include <arpa/inet.h>
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
#define OK_10 "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"

static struct conversation c;
static struct observed o;

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

static void observe(void)
{
	struct nl_config config = config_plain();

	observe_natively(&c.packets, &config, &o);
}

static u64 open_requests(void)
{
	return metrics_open_requests(o.counters);
}

/* GET_1 alone was asked and ended so, without a byte of response. */
static void check_unanswered(u8 reason)
{
	struct expected expected = { .method = NL_METHOD_GET,
				     .target = "/1",
				     .outcome = NL_OUTCOME_UNANSWERED,
				     .reason = reason,
				     .request_bytes = LENGTH(GET_1) };

	observe();
	check_records(&o, &expected, 1);
	assert_int_equal(o.counters[NL_COUNT_unanswered], 1);
	assert_int_equal(o.counters[NL_COUNT_paired], 0);
	assert_int_equal(open_requests(), 0);
}

static void test_never_answered(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	observe();
	assert_int_equal(o.count, 0);
	assert_int_equal(o.counters[NL_COUNT_requests], 1);
	assert_int_equal(open_requests(), 1);
}

static void test_server_closes(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	conversation_fin(&c, NL_SERVER);
	check_unanswered(NL_END_server_closed);
}

static void test_client_gives_up(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	conversation_fin(&c, NL_CLIENT);
	conversation_fin(&c, NL_SERVER);
	check_unanswered(NL_END_client_closed);
}

/* Half-closed by the client is no end: the answer may still come (RFC 9293, 3.6). */
static void test_answer_after_client_fin(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	conversation_fin(&c, NL_CLIENT);
	server_says(&c, OK_HELLO);
	conversation_fin(&c, NL_SERVER);
	observe();
	assert_int_equal(o.count, 1);
	assert_int_equal(o.records[0].outcome, NL_OUTCOME_OK);
	assert_int_equal(o.counters[NL_COUNT_paired], 1);
}

static void test_resets_before_the_answer(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	conversation_rst(&c, NL_SERVER);
	check_unanswered(NL_END_server_reset);
	conversation_end(&c);
	conversation_begin(&c, 3);
	client_says(&c, GET_1);
	conversation_rst(&c, NL_CLIENT);
	check_unanswered(NL_END_client_reset);
}

static void check_aborted(u8 reason)
{
	struct expected expected = { .method = NL_METHOD_GET,
				     .target = "/1",
				     .status = 200,
				     .outcome = NL_OUTCOME_ABORTED,
				     .reason = reason,
				     .request_bytes = LENGTH(GET_1),
				     .response_bytes = LENGTH(OK_10) + 4 };

	observe();
	check_records(&o, &expected, 1);
	assert_int_equal(o.counters[NL_COUNT_aborted], 1);
	assert_int_equal(o.counters[NL_COUNT_responses], 0); /* none was complete */
	assert_int_equal(open_requests(), 0);
}

static void test_aborted(void **state)
{
	(void)state;
	for (int how = 0; how < 3; how++) {
		conversation_end(&c);
		conversation_begin(&c, 3);
		client_says(&c, GET_1);
		server_says(&c, OK_10 "four");
		if (how == 0)
			conversation_rst(&c, NL_SERVER);
		else if (how == 1)
			conversation_rst(&c, NL_CLIENT);
		else
			conversation_fin(&c, NL_SERVER);
		check_aborted(how == 0	 ? NL_END_server_reset
			      : how == 1 ? NL_END_client_reset
					 : NL_END_server_closed);
	}
}

/* A chunked response without its last chunk is not complete (RFC 9112, 8). */
static void test_chunked_cut_short(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	server_says(&c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
	conversation_fin(&c, NL_SERVER);
	observe();
	assert_int_equal(o.count, 1);
	assert_int_equal(o.records[0].outcome, NL_OUTCOME_ABORTED);
	assert_int_equal(o.records[0].reason, NL_END_server_closed);
}

/* RST, not FIN: a body delimited by the end of the connection is not complete. */
static void test_close_delimited_reset(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	server_says(&c, "HTTP/1.1 200 OK\r\n\r\nsome");
	conversation_rst(&c, NL_SERVER);
	observe();
	assert_int_equal(o.count, 1);
	assert_int_equal(o.records[0].outcome, NL_OUTCOME_ABORTED);
	assert_int_equal(o.records[0].reason, NL_END_server_reset);
	assert_true(o.records[0].grade & NL_GRADE_closed);
}

/* The keep-alive race: the server closed an idle connection just then. */
static void test_request_after_server_fin(void **state)
{
	(void)state;
	for (int by_reset = 0; by_reset < 2; by_reset++) {
		conversation_end(&c);
		conversation_begin(&c, 3);
		client_says(&c, GET_2);
		server_says(&c, OK_HELLO);
		conversation_fin(&c, NL_SERVER);
		client_says(&c, GET_1);
		if (by_reset)
			conversation_rst(&c, NL_SERVER);
		else
			conversation_fin(&c, NL_CLIENT);
		observe();
		assert_int_equal(o.counters[NL_COUNT_paired], 1);
		assert_int_equal(o.counters[NL_COUNT_unanswered], 1);
		assert_int_equal(open_requests(), 0);
		assert_int_equal(o.count, 2);
		assert_int_equal(o.records[1].outcome, NL_OUTCOME_UNANSWERED);
		assert_int_equal(o.records[1].reason, NL_END_after_server_fin);
		assert_int_equal(o.records[1].status, 0);
	}
}

/* Several outstanding: the first began to be answered, the others were not. */
static void test_reset_amid_pipelined(void **state)
{
	(void)state;
	client_says(&c, GET_1 GET_2 GET_2);
	server_says(&c, OK_HELLO OK_10);
	conversation_rst(&c, NL_SERVER);
	observe();
	assert_int_equal(o.count, 3);
	assert_int_equal(o.records[0].outcome, NL_OUTCOME_OK);
	assert_int_equal(o.records[1].outcome, NL_OUTCOME_ABORTED);
	assert_int_equal(o.records[2].outcome, NL_OUTCOME_UNANSWERED);
	assert_int_equal(o.records[2].status, 0);
	assert_int_equal(o.records[2].response_bytes, 0);
	assert_int_equal(open_requests(), 0);
}

/* Port reuse: a SYN on the same addresses and ports ends what was there. */
static void test_new_connection_on_the_same_ports(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	conversation_handshake(&c, 0x80001234, 0xfffffff0);
	client_says(&c, GET_2);
	server_says(&c, OK_HELLO);
	observe();
	assert_int_equal(o.count, 2);
	assert_int_equal(o.records[0].outcome, NL_OUTCOME_UNANSWERED);
	assert_int_equal(o.records[0].reason, NL_END_connection_reused);
	assert_int_equal(o.records[1].outcome, NL_OUTCOME_OK);
	assert_int_equal(o.records[1].grade, 0);
	assert_int_equal(o.counters[NL_COUNT_flows], 2);
	assert_int_equal(o.counters[NL_COUNT_retransmission], 0);
}

/* Half a head is no request, and no answer either: it is counted as what it is. */
static void test_partial_head(void **state)
{
	(void)state;
	client_says(&c, GET_2);
	server_says(&c, OK_HELLO);
	client_says(&c, "GET /1 HTTP/1.1\r\nHost:");
	conversation_rst(&c, NL_CLIENT);
	observe();
	assert_int_equal(o.count, 1);
	assert_int_equal(o.counters[NL_COUNT_requests], 1);
	assert_int_equal(o.counters[NL_COUNT_partial_heads], 1);
}

/* DESIGN.md, 5: first and last new byte of each message; interim responses do not count. */
static void test_times(void **state)
{
	const struct nl_record *r = &o.records[0];

	(void)state;
	c.now_ns = 10000000;
	client_says(&c, "POST /t HTTP/1.1\r\n");
	c.now_ns = 20000000;
	client_says(&c, "Content-Length: 4\r\n\r\n12");
	c.now_ns = 25000000;
	server_says(&c, "HTTP/1.1 100 Continue\r\n\r\n");
	c.now_ns = 30000000;
	client_says(&c, "34");
	c.now_ns = 35000000;
	conversation_segment(&c, NL_CLIENT, NL_TCP_ACK, 2, "34", 2);
	c.now_ns = 40000000;
	server_says(&c, "HTTP/1.1 103 Early Hints\r\n\r\n");
	c.now_ns = 50000000;
	server_says(&c, "HTTP");
	c.now_ns = 60000000;
	server_says(&c, "/1.1 200 OK\r\nContent-Length: 4\r\n\r\n12");
	c.now_ns = 70000000;
	server_says(&c, "34");
	c.now_ns = 80000000;
	conversation_segment(&c, NL_SERVER, NL_TCP_ACK, 2, "34", 2);
	observe();
	assert_int_equal(o.count, 1);
	assert_int_equal(r->request_first_ns, 10000000);
	assert_int_equal(r->request_last_ns, 30000000);
	assert_int_equal(r->response_first_ns, 50000000);
	assert_int_equal(r->response_last_ns, 70000000);
	assert_int_equal(r->end_ns, 70000000);
	assert_int_equal(r->interim_responses, 2);
	assert_int_equal(r->interim[0], 0);
	assert_int_equal(r->interim[1], 3);
	assert_int_equal(r->retransmits, 1);
	assert_int_equal(r->grade, 0);
}

/* Two messages in one segment have its time; the body of the second comes later. */
static void test_times_of_pipelined(void **state)
{
	(void)state;
	c.now_ns = 10000000;
	client_says(&c, GET_1 "POST /t HTTP/1.1\r\nContent-Length: 2\r\n\r\n1");
	c.now_ns = 20000000;
	client_says(&c, "2");
	c.now_ns = 30000000;
	server_says(&c, OK_HELLO "HTTP/1.1 204 None\r\n");
	c.now_ns = 40000000;
	server_says(&c, "\r\n");
	observe();
	assert_int_equal(o.count, 2);
	assert_int_equal(o.records[0].request_last_ns, 10000000);
	assert_int_equal(o.records[0].response_last_ns, 30000000);
	assert_int_equal(o.records[1].request_first_ns, 10000000);
	assert_int_equal(o.records[1].request_last_ns, 20000000);
	assert_int_equal(o.records[1].response_first_ns, 30000000);
	assert_int_equal(o.records[1].response_last_ns, 40000000);
}

/* A request sent bit by bit while its final response is out already: no wait, and said so. */
static void test_times_of_early_response(void **state)
{
	const struct nl_record *r = &o.records[0];

	(void)state;
	c.now_ns = 10000000;
	client_says(&c, "POST /t HTTP/1.1\r\nContent-Length: 4\r\n\r\n12");
	c.now_ns = 20000000;
	server_says(&c, OK_10);
	c.now_ns = 30000000;
	client_says(&c, "34");
	c.now_ns = 40000000;
	server_says(&c, "0123456789");
	observe();
	assert_int_equal(o.count, 1);
	assert_true(r->grade & NL_GRADE_early);
	assert_int_equal(r->request_last_ns, 30000000);
	assert_int_equal(r->response_first_ns, 20000000);
	assert_int_equal(r->response_last_ns, 40000000);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_never_answered),
		TEST(test_server_closes),
		TEST(test_client_gives_up),
		TEST(test_answer_after_client_fin),
		TEST(test_resets_before_the_answer),
		TEST(test_aborted),
		TEST(test_chunked_cut_short),
		TEST(test_close_delimited_reset),
		TEST(test_request_after_server_fin),
		TEST(test_reset_amid_pipelined),
		TEST(test_new_connection_on_the_same_ports),
		TEST(test_partial_head),
		TEST(test_times),
		TEST(test_times_of_pipelined),
		TEST(test_times_of_early_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
