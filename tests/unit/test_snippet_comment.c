/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_snippet_comment.c - lines at the frames of a transaction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "snippet_comment.h"
#include "utf8.h"

static const struct server_timing no_timing;
static struct snippet_comment comment;

static void set_head(struct nl_record *record, const char *head)
{
	record->head_bytes = (u16)strlen(head);
	memcpy(record->head, head, record->head_bytes);
}

static void check_ends_with(const char *expected)
{
	assert_int_equal(comment.length, strlen(comment.text));
	assert_true(comment.length >= strlen(expected));
	assert_string_equal(comment.text + comment.length - strlen(expected), expected);
}

static const struct nl_record slow = {
	.request_first_ns = 1000,
	.request_last_ns = 1100,
	.response_first_ns = 5000,
	.response_last_ns = 6000,
	.end_ns = 6000,
	.request_bytes = 40,
	.response_bytes = 90,
	.client_addr = { .bytes = { 0x20, 1, 0xd, 0xb8, [15] = 1 } },
	.server_addr = { .bytes = { [10] = 0xff, 0xff, 192, 0, 2, 1 } },
	.client_port = 40000,
	.server_port = 80,
	.status = 200,
	.grade = NL_GRADE_gap | NL_GRADE_head_cut,
	.retransmits = 2,
	.method = NL_METHOD_GET,
	.part_ns = { [NL_PART_upload] = 100,
		     [NL_PART_server] = 3000,
		     [NL_PART_network] = 900,
		     [NL_PART_download] = 600,
		     [NL_PART_timer_retransmit] = 400 },
	.connect_ns = 77,
	.longest_stall_ns = 400,
	.server_rtt_ns = 900,
	.client_rtt_ns = 11,
	.syn_retransmits = 1,
	.synack_retransmits = 3,
	.cause = NL_CAUSE_server,
};

static void test_whole(void **state)
{
	const struct server_timing timing = { 2900, SERVER_TIMING_W3C };
	struct nl_record record = slow;

	(void)state;
	set_head(&record, "GET /a?b HTTP/1.1\r\nHost: h.example\r\n\r\n");
	snippet_comment_transaction(&comment, &record, "5.0us, most of it the server's", &timing);
	assert_string_equal(
		comment.text,
		"netlat=transaction\nmethod=GET\ntarget=/a?REDACTED\nhost=h.example\nstatus=200\n"
		"outcome=ok\ncause=server\nexplanation=5.0us, most of it the server's\n"
		"duration_ns=5000\nrequest_ns=100\nwait_ns=3900\nresponse_ns=1000\n"
		"connect_ns=77\nclient_ns=0\nupload_ns=100\nserver_ns=3000\n"
		"network_ns=900\ndownload_ns=600\ntimer_retransmit_ns=400\n"
		"fast_retransmit_ns=0\nzero_window_ns=0\nserver_stated_ns=2900\n"
		"server_stated_by=Server-Timing\nretransmits=2\n"
		"longest_stall_ns=400\nsyn_retransmits=1\nsynack_retransmits=3\n"
		"server_rtt_ns=900\nclient_rtt_ns=11\ngrade=gap,head_cut\n"
		"request_bytes=40\nresponse_bytes=90\nclient_address=2001:db8::1\n"
		"client_port=40000\nserver_address=192.0.2.1\nserver_port=80");
	assert_int_equal(comment.length, strlen(comment.text));
}

static void test_response(void **state)
{
	(void)state;
	snippet_comment_response_first(&comment, &slow);
	assert_string_equal(comment.text, "netlat=response_first\nstatus=200\nwait_ns=3900\n"
					  "server_ns=3000\nnetwork_ns=900");
	snippet_comment_response_last(&comment, &slow);
	assert_string_equal(comment.text,
			    "netlat=response_last\nresponse_ns=1000\nresponse_bytes=90\n"
			    "download_ns=600\ntimer_retransmit_ns=400\nfast_retransmit_ns=0\n"
			    "zero_window_ns=0\nretransmits=2");
}

/* What does not apply is not there. */
static void test_unanswered(void **state)
{
	const struct nl_record record = {
		.request_first_ns = 1000,
		.request_last_ns = 1100,
		.end_ns = 9000,
		.idle_ns = 5,
		.client_addr = { .bytes = { [10] = 0xff, 0xff, 192, 0, 2, 2 } },
		.server_addr = { .bytes = { [10] = 0xff, 0xff, 192, 0, 2, 1 } },
		.method = NL_METHOD_POST,
		.outcome = NL_OUTCOME_UNANSWERED,
		.reason = NL_END_timeout,
		.cause = 200, /* none that is known */
	};

	(void)state;
	snippet_comment_transaction(&comment, &record, NULL, &no_timing);
	assert_string_equal(comment.text,
			    "netlat=transaction\nmethod=POST\noutcome=unanswered\nreason=timeout\n"
			    "request_ns=100\nidle_ns=5\nwaited_ns=7900\nretransmits=0\n"
			    "request_bytes=0\nclient_address=192.0.2.2\nclient_port=0\n"
			    "server_address=192.0.2.1\nserver_port=0");
}

/* Nothing from the wire begins a line of its own, or a sequence of the terminal. */
static void test_cleaned(void **state)
{
	struct nl_record record = slow;

	(void)state;
	set_head(&record,
		 "GET /\rstatus=1\x1b[2J\x7f\xc2\x9b\xc3\xa4\xff HTTP/1.1\r\nHost: a\tb\r\n");
	snippet_comment_transaction(&comment, &record, "one\ntwo=3", &no_timing);
	assert_non_null(strstr(comment.text,
			       "\ntarget=/\xef\xbf\xbdstatus=1\xef\xbf\xbd[2J\xef\xbf\xbd"
			       "\xef\xbf\xbd\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\n"));
	assert_non_null(strstr(comment.text, "\nhost=a\xef\xbf\xbd"
					     "b\n"));
	assert_non_null(strstr(comment.text, "\nexplanation=one\xef\xbf\xbdtwo=3\n"));
	assert_null(strstr(comment.text, "\ntwo"));
	assert_true(utf8_is_valid(comment.text, comment.length));
}

/* The longest heads and names leave room for all that follows. */
static void test_longest(void **state)
{
	struct nl_record record;
	char explanation[5000];

	(void)state;
	/* The target that grows most where values are left out */
	memset(&record, 0xff, sizeof(record));
	record.head_bytes = NL_HEAD_BYTES_MAX;
	for (u32 i = 0; i < NL_HEAD_BYTES_MAX; i++)
		record.head[i] = (u8) "&x"[i % 2];
	memcpy(record.head, "G /?", 4);
	snippet_comment_transaction(&comment, &record, NULL, &no_timing);
	check_ends_with("\nserver_port=65535");
	for (u32 split = 1; split < NL_HEAD_BYTES_MAX - 1; split += 50) {
		memset(&record, 0xff, sizeof(record));
		record.head_bytes = NL_HEAD_BYTES_MAX;
		record.head[split] = ' ';
		record.outcome = NL_OUTCOME_ABORTED;
		memset(explanation, 0xfe, sizeof(explanation) - 1);
		explanation[sizeof(explanation) - 1] = '\0';
		snippet_comment_transaction(&comment, &record, explanation, &no_timing);
		assert_true(comment.length < sizeof(comment.text));
		check_ends_with("\nserver_port=65535");
		assert_true(utf8_is_valid(comment.text, comment.length));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	   cmocka_unit_test(test_response),
		cmocka_unit_test(test_unanswered), cmocka_unit_test(test_cleaned),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
