/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_table_notes.c - losses, the ledger, and why there is nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "table_notes.h"

static u64 counters[NL_COUNTER_MAX];
static char *text;
static size_t text_size;
static FILE *out;

static FILE *begin(void)
{
	free(text);
	out = open_memstream(&text, &text_size);
	return out;
}

static size_t count_lines(void)
{
	size_t lines = 0;

	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	return lines;
}

static void write_nothing(size_t lines, bool is_final)
{
	table_write_nothing(begin(), 100, lines, is_final, counters);
	fclose(out);
}

static void test_text(void **state)
{
	(void)state;
	table_write_text(begin(), 0, "as it is");
	table_write_text(out, 8, "as it is");
	table_write_text(out, 7, "as it is");
	table_write_text(out, 2, "as it is");
	table_write_text(out, 5, "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"); /* five characters */
	table_write_text(out, 4, "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc");
	table_write_text(out, 0, "\033[2J\r\n\x7f");
	fclose(out);
	assert_string_equal(text, "as it is\nas it is\nas i...\nas\n"
				  "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\n\xc3\xbc...\n"
				  "?[2J???\n");
}

static void test_losses(void **state)
{
	(void)state;
	assert_int_equal(table_count_losses(counters), 0);
	counters[NL_COUNT_not_http] = 9; /* no loss */
	counters[NL_COUNT_records] = 10;
	assert_int_equal(table_count_losses(counters), 0);
	counters[NL_COUNT_orphan] = 7;
	counters[NL_COUNT_record_ring_full] = 123;
	assert_int_equal(table_count_losses(counters), 2);
	table_write_losses(begin(), 100, 2, counters);
	fclose(out);
	assert_string_equal(text, "lost/uncertain: 123 record_ring_full (records lost because the "
				  "daemon did not read in time)\n"
				  "                7 orphan (complete responses whose request was "
				  "not seen, or had timed out)\n");
	table_write_losses(begin(), 30, 1, counters);
	fclose(out);
	assert_string_equal(text, "lost/uncertain: 123 record_...\n");
	table_write_losses(begin(), 0, 1, counters);
	fclose(out);
	assert_string_equal(text, "lost/uncertain: 123 record_ring_full, 7 orphan\n");
}

/* Each reason for which numbers may be wrong is told, and nothing that is no loss. */
static void test_which_are_losses(void **state)
{
	static const enum nl_counter no_loss[] = {
		NL_COUNT_parsed,    NL_COUNT_control,	     NL_COUNT_no_payload,
		NL_COUNT_not_http,  NL_COUNT_not_ip,	     NL_COUNT_not_tcp,
		NL_COUNT_filtered,  NL_COUNT_retransmission, NL_COUNT_duplicate,
		NL_COUNT_packets,   NL_COUNT_packet_bytes,   NL_COUNT_requests,
		NL_COUNT_responses, NL_COUNT_paired,	     NL_COUNT_unanswered,
		NL_COUNT_aborted,   NL_COUNT_interim,	     NL_COUNT_flows,
		NL_COUNT_tunnels,   NL_COUNT_records,	     NL_COUNT_in_flight,
		NL_COUNT_clean,	    NL_COUNT_flows_idle,     NL_COUNT_graded,
	};

	(void)state;
	for (unsigned i = 0; i < NL_COUNT_GRADES; i++) {
		bool is_loss = counter_name(i) != NULL;

		for (size_t j = 0; j < sizeof(no_loss) / sizeof(no_loss[0]); j++)
			is_loss = is_loss && no_loss[j] != i;
		memset(counters, 0, sizeof(counters));
		counters[i] = 1;
		if (table_count_losses(counters) != is_loss)
			fail_msg("%s: is it a loss or not?", counter_name(i));
	}
}

static void test_nothing(void **state)
{
	(void)state;
	write_nothing(0, false);
	assert_string_equal(text, "no HTTP yet: not one packet has passed (is it the right "
				  "interface?)\n");
	counters[NL_COUNT_packets] = 1000;
	counters[NL_COUNT_not_ip] = 5;
	counters[NL_COUNT_not_tcp] = 15;
	counters[NL_COUNT_no_payload] = 280;
	counters[NL_COUNT_not_http] = 700;
	write_nothing(0, false);
	assert_non_null(strstr(text, "no HTTP yet: 1000 packets seen, of which\n"
				     "         700 not_http (TCP payload"));
	assert_non_null(strstr(text, "\n         280 no_payload (TCP"));
	assert_non_null(strstr(text, "\n          15 not_tcp (IP, but not TCP)\n"));
	assert_null(strstr(text, "not_ip"));
	for (size_t lines = 1; lines < 8; lines++) {
		write_nothing(lines, true);
		assert_true(count_lines() <= lines);
		assert_memory_equal(text, "no HTTP was seen: 1000 packets", 30);
	}
	assert_int_equal(count_lines(), 5);
}

static void check_advice(enum nl_counter most, const char *expected)
{
	memset(counters, 0, sizeof(counters));
	counters[NL_COUNT_packets] = counters[most] = 100;
	write_nothing(0, false);
	if (!strstr(text, expected))
		fail_msg("no `%s` in\n%s", expected, text);
}

static void test_advice(void **state)
{
	(void)state;
	check_advice(NL_COUNT_filtered, "--port or --net");
	check_advice(NL_COUNT_not_http, "TLS");
	check_advice(NL_COUNT_no_payload, "none of them carried data");
	check_advice(NL_COUNT_not_tcp, "is this the interface");
	check_advice(NL_COUNT_not_ip, "is this the interface");
	check_advice(NL_COUNT_parsed, "no request has been seen whole");
}

static void test_ledger(void **state)
{
	(void)state;
	counters[NL_COUNT_requests] = 304;
	counters[NL_COUNT_paired] = 300;
	counters[NL_COUNT_unanswered] = 2;
	counters[NL_COUNT_aborted] = 1;
	counters[NL_COUNT_in_flight] = 1;
	counters[NL_COUNT_responses] = counters[NL_COUNT_paired];
	counters[NL_COUNT_packets] = 1000;
	counters[NL_COUNT_parsed] = 990;
	counters[NL_COUNT_not_ip] = 10;
	counters[NL_COUNT_clean] = 299;
	counters[NL_COUNT_graded] = 5;
	counters[NL_COUNT_grade_gap] = 5;
	counters[NL_COUNT_grade_early] = 2;
	table_write_ledger(begin(), 0, counters);
	fclose(out);
	assert_string_equal(text,
			    "requests 304 = paired 300 + unanswered 2 + aborted 1 + evicted 0 "
			    "+ in_flight 1\n"
			    "responses 300 = paired 300 + orphan 0\n"
			    "packets 1000 = parsed 990 + skipped 10\n"
			    "grades: 299 of 304 transactions are clean; of the others 5 gap, 2 "
			    "early\n");
	counters[NL_COUNT_parsed]--;
	table_write_ledger(begin(), 0, counters);
	fclose(out);
	assert_non_null(strstr(text, "\nthe lines above DO NOT ADD UP: please report\n"));
}

static void test_counters(void **state)
{
	(void)state;
	counters[NL_COUNT_not_ip] = 10;
	counters[NL_COUNT_unanswered] = 2;
	counters[NL_COUNT_grade_gap] = 5;
	table_write_counters(begin(), 0, counters);
	fclose(out);
	assert_non_null(strstr(text, "            10 not_ip             neither IPv4"));
	assert_non_null(strstr(text, "\n             2 unanswered "));
	assert_non_null(strstr(text, "\n             5 grade_gap "));
	assert_int_equal(count_lines(), 3);
}

static int set_up(void **state)
{
	(void)state;
	memset(counters, 0, sizeof(counters));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_text),     TEST(test_losses), TEST(test_which_are_losses),
		TEST(test_nothing),  TEST(test_advice), TEST(test_ledger),
		TEST(test_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
