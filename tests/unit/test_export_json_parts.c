/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_export_json_parts.c - the parts of a transaction's time in its line of JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exported.h"

/* Each part has its own number, so that one taken for another shows. */
static void test_parts_of_the_time(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	for (unsigned i = 0; i < NL_PART_COUNT; i++)
		record.part_ns[i] = 1000 + i;
	record.connect_ns = 77;
	record.server_rtt_ns = 4294967295;
	record.client_rtt_ns = 78;
	record.syn_retransmits = 255;
	record.cause = NL_CAUSE_loss;
	export_record(&record);
	check_string("cause", "loss");
	check_integer("connect_ns", 77);
	check_integer("request_ns", 500);
	check_integer("response_ns", 1000000);
	check_integer("client_ns", 1000);
	check_integer("upload_ns", 1001);
	check_integer("server_ns", 1002);
	check_integer("network_ns", 1003);
	check_integer("download_ns", 1004);
	check_integer("timer_retransmit_ns", 1005);
	check_integer("fast_retransmit_ns", 1006);
	check_integer("zero_window_ns", 1007);
	check_integer("retransmit_ns", 1005 + 1006);
	check_integer("server_rtt_ns", 4294967295);
	check_integer("client_rtt_ns", 78);
	check_integer("syn_retransmits", 255);
}

static void test_parts_that_do_not_apply(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	record.part_ns[NL_PART_server] = 6000500;
	export_record(&record);
	check_null("cause");
	check_null("connect_ns");
	check_integer("server_ns", 6000500);
	check_integer("client_ns", 0); /* known, and nothing */
	check_integer("retransmit_ns", 0);
	check_null("network_ns"); /* no round trip was measured */
	check_null("server_rtt_ns");
	check_null("client_rtt_ns");
	check_integer("syn_retransmits", 0);
	record.server_rtt_ns = 1;
	export_record(&record);
	check_integer("network_ns", 0);
	record.server_rtt_ns = 0;
	record.part_ns[NL_PART_network] = 5;
	export_record(&record);
	check_integer("network_ns", 5);
	record.request_last_ns = record.response_first_ns = record.response_last_ns = 0;
	export_record(&record); /* the parts still are of the time until it was over */
	check_null("request_ns");
	check_null("response_ns");
	check_integer("server_ns", 6000500);
	record.request_first_ns = 0;
	export_record(&record);
	check_null("request_ns");
#define X(number, name, help) check_null(#name "_ns");
	NL_PARTS(X)
#undef X
	check_null("retransmit_ns");
}

static void test_times_against_the_clock(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	record.request_last_ns = record.request_first_ns - 1;
	record.response_last_ns = record.response_first_ns - 1;
	export_record(&record);
	check_integer("request_ns", 0);
	check_integer("response_ns", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_of_the_time),
		cmocka_unit_test(test_parts_that_do_not_apply),
		cmocka_unit_test(test_times_against_the_clock),
	};

	return cmocka_run_group_tests(tests, exported_set_up, exported_tear_down);
}
