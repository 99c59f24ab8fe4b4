/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_export_json.c - every field of a record, read back from its line by jansson. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exported.h"

static const char *const names[] = {
	"time",
	"client_address",
	"client_port",
	"server_address",
	"server_port",
	"protocol",
	"method",
	"target",
	"host",
	"status",
	"outcome",
	"reason",
	"request_bytes",
	"response_bytes",
	"request_first_ns",
	"request_last_ns",
	"response_first_ns",
	"response_last_ns",
	"wait_ns",
	"duration_ns",
	"idle_ns",
	"waited_ns",
	"cause",
	"connect_ns",
	"request_ns",
	"response_ns",
	"client_ns",
	"upload_ns",
	"server_ns",
	"network_ns",
	"download_ns",
	"timer_retransmit_ns",
	"fast_retransmit_ns",
	"zero_window_ns",
	"retransmit_ns",
	"server_rtt_ns",
	"client_rtt_ns",
	"syn_retransmits",
	"retransmits",
	"interim",
	"grade",
	"interface",
	"client_name",
	"client_service",
	"client_image",
	"server_name",
	"server_service",
	"server_image",
};

static void test_every_field(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	export_record(&record);
	check_string("time", "2025-11-21T01:53:21.000000001Z");
	check_string("client_address", "172.18.0.3");
	check_integer("client_port", 40000);
	check_string("server_address", "2001:db8::2");
	check_integer("server_port", 8080);
	check_string("protocol", "HTTP/1.1");
	check_string("method", "GET");
	check_string("target", "/path?q=REDACTED");
	check_string("host", "example.org:8080");
	check_integer("status", 200);
	check_string("outcome", "ok");
	check_null("reason");
	check_integer("request_bytes", 77);
	check_integer("response_bytes", 1234);
	check_integer("request_first_ns", EXPORTED_EPOCH_NS + 1000000001);
	check_integer("request_last_ns", EXPORTED_EPOCH_NS + 1000000501);
	check_integer("response_first_ns", EXPORTED_EPOCH_NS + 1005000501);
	check_integer("response_last_ns", EXPORTED_EPOCH_NS + 1006000501);
	check_integer("wait_ns", 5000000);
	check_integer("duration_ns", 6000500);
	check_null("idle_ns");
	check_null("waited_ns");
	check_integer("retransmits", 0);
	check_list("interim", "[]");
	check_list("grade", "[]");
	check_string("interface", "veth1");
}

static void test_fields_and_their_order(void **state)
{
	const size_t count = sizeof(names) / sizeof(names[0]);
	struct nl_record record = exported_sample();
	const char *name;
	json_t *value;
	size_t i = 0;

	(void)state;
	export_record(&record);
	assert_int_equal(json_object_size(exported), count);
	json_object_foreach(exported, name, value) assert_string_equal(name, names[i++]);
	assert_int_equal(i, count);
}

static void test_unanswered(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	record.outcome = NL_OUTCOME_UNANSWERED;
	record.reason = NL_END_server_closed;
	record.status = 0;
	record.response_first_ns = record.response_last_ns = record.response_bytes = 0;
	record.end_ns = record.request_last_ns + 42;
	export_with(&record, EXPORTED_EPOCH_NS, NULL);
	check_string("outcome", "unanswered");
	check_string("reason", "server_closed");
	check_null("status");
	check_null("response_first_ns");
	check_null("response_last_ns");
	check_null("response_bytes");
	check_null("wait_ns");
	check_null("duration_ns");
	check_null("idle_ns");
	check_integer("waited_ns", 42);
	check_null("interface");
	/* And nothing of it stays for the next one. */
	test_every_field(state);
}

static void test_aborted(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	record.outcome = NL_OUTCOME_ABORTED;
	record.reason = NL_END_client_reset;
	record.status = 502;
	record.retransmits = 65535;
	record.end_ns = record.request_last_ns + 9000000;
	export_record(&record);
	check_string("outcome", "aborted");
	check_string("reason", "client_reset");
	check_integer("status", 502);
	check_integer("response_bytes", 1234);
	check_integer("wait_ns", 5000000);
	check_null("duration_ns");
	check_integer("waited_ns", 9000000);
	check_integer("retransmits", 65535);
}

static void test_times_that_are_missing_or_early(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	record.grade = NL_GRADE_early;
	record.response_first_ns = record.request_last_ns - 100;
	export_record(&record);
	check_integer("wait_ns", 0);
	check_integer("duration_ns", 6000500);
	record.request_last_ns = 0; /* the answer was over before the request was */
	export_record(&record);
	check_null("request_last_ns");
	check_integer("wait_ns", 0);
	record.outcome = NL_OUTCOME_ABORTED;
	export_record(&record);
	check_null("idle_ns");
	check_null("waited_ns");
	record.grade = 0;
	export_record(&record);
	check_null("wait_ns");
}

static void test_all_names(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	record.outcome = NL_OUTCOME_UNANSWERED;
	record.head_bytes = 0;
#define X(number, name, help)                                                                      \
	record.reason = number;                                                                    \
	export_record(&record);                                                                    \
	check_string("reason", #name);
	NL_END_REASONS(X)
#undef X
#define X(number, name, help)                                                                      \
	record.grade = 1 << (number);                                                              \
	export_record(&record);                                                                    \
	check_list("grade", "[\"" #name "\"]");
	NL_GRADES(X)
#undef X
#define X(number, name, text)                                                                      \
	record.method = number;                                                                    \
	export_record(&record);                                                                    \
	check_string("method", text);                                                              \
	check_null("target");                                                                      \
	check_null("host");
	NL_METHODS(X)
#undef X
#define X(number, name, help)                                                                      \
	record.cause = number;                                                                     \
	export_record(&record);                                                                    \
	check_string("cause", (number) ? #name : NULL);
	NL_CAUSES(X)
#undef X
	record.cause = NL_CAUSE_COUNT; /* without a name yet */
	export_record(&record);
	check_null("cause");
}

static void test_lists_and_versions(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	record.grade = NL_GRADE_mid_stream | NL_GRADE_pipelined | NL_GRADE_head_cut;
	record.interim_responses = 2;
	record.interim[0] = 0;
	record.interim[1] = 3;
	record.request_version = 0x10;
	export_record(&record);
	check_list("grade", "[\"mid_stream\",\"pipelined\",\"head_cut\"]");
	check_list("interim", "[100,103]");
	check_string("protocol", "HTTP/1.0");
	record.interim_responses = 200; /* only the first ones are kept */
	export_record(&record);
	assert_int_equal(json_array_size(json_object_get(exported, "interim")), NL_INTERIM_MAX);
	record.grade = 0xffff; /* bits without a name yet: left out, and still JSON */
	export_record(&record);
	assert_true(json_array_size(json_object_get(exported, "grade")) < 16);
}

static void check_target(const char *bytes, size_t length, const char *expected)
{
	struct nl_record record = exported_sample();

	memcpy(record.head, "GET ", 4);
	memcpy(record.head + 4, bytes, length);
	memcpy(record.head + 4 + length, " HTTP/1.1\r\n\r\n", 13);
	record.head_bytes = (u16)(4 + length + 13);
	export_record(&record);
	check_string("target", expected);
}

#define CHECK_TARGET(bytes, expected) check_target(bytes, sizeof(bytes) - 1, expected)
#define FFFD "\xef\xbf\xbd"

static void test_bytes_that_are_not_text(void **state)
{
	json_t *target;

	(void)state;
	CHECK_TARGET("/\"quoted\"\\", "/\"quoted\"\\");
	CHECK_TARGET("/\x01\x1f\t\x7f", "/\x01\x1f\t\x7f");
	CHECK_TARGET("/gr\xc3\xbc\xc3\x9f/\xe2\x82\xac/\xf0\x9f\x98\x80",
		     "/gr\xc3\xbc\xc3\x9f/\xe2\x82\xac/\xf0\x9f\x98\x80");
	CHECK_TARGET("/\xff\xfe", "/" FFFD FFFD);
	CHECK_TARGET("/a\0b", "/a");
	target = json_object_get(exported, "target");
	assert_int_equal(json_string_length(target), 4);
	assert_memory_equal(json_string_value(target), "/a\0b", 4);
}

/* Whatever a head holds, and however full it is, the line is JSON and never too long. */
static void test_any_bytes_give_json(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	srandom(4);
	for (unsigned round = 0; round < 20000; round++) {
		unsigned alphabet = (unsigned)random() % 4;
		size_t length = (size_t)random() % (NL_HEAD_BYTES_MAX + 1);
		static const char syntax[] = " \r\n:\"\\/\x01Host:HTTP/1.1\xff\xc3\xbc";

		for (size_t i = 0; i < length; i++)
			record.head[i] = alphabet == 0 ? (u8)random()
					 : alphabet == 1
						 ? (u8)syntax[(size_t)random() % sizeof(syntax)]
					 : alphabet == 2 ? 1
							 : 0xff;
		if (length > 5)
			memcpy(record.head, "GET /", 5);
		record.head_bytes = (u16)length;
		export_record(&record);
		assert_int_equal(json_object_size(exported), sizeof(names) / sizeof(names[0]));
	}
	record.head_bytes = 60000; /* never beyond head[] */
	export_record(&record);
}

static void test_wall_time_across_seconds(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	record.request_first_ns = 999999999;
	export_record(&record);
	check_string("time", "2025-11-21T01:53:20.999999999Z");
	record.request_first_ns = 1000000000;
	export_record(&record);
	check_string("time", "2025-11-21T01:53:21.000000000Z");
	record.request_first_ns = 5; /* records do not come in the order of their beginnings */
	export_record(&record);
	check_string("time", "2025-11-21T01:53:20.000000005Z");
	export_with(&record, 0, NULL); /* a replay's times are since the epoch already */
	check_string("time", "1970-01-01T00:00:00.000000005Z");
	check_integer("request_first_ns", 5);
}

static void test_no_room(void **state)
{
	struct nl_record record = exported_sample();
	struct json_text text;

	(void)state;
	assert_int_equal(json_text_init(&text, 100), 0);
	json_exporter_line(exporter, &text, &record, 0, NULL);
	assert_int_equal(text.error, -ENOBUFS);
	json_text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field),
		cmocka_unit_test(test_fields_and_their_order),
		cmocka_unit_test(test_unanswered),
		cmocka_unit_test(test_aborted),
		cmocka_unit_test(test_times_that_are_missing_or_early),
		cmocka_unit_test(test_all_names),
		cmocka_unit_test(test_lists_and_versions),
		cmocka_unit_test(test_bytes_that_are_not_text),
		cmocka_unit_test(test_any_bytes_give_json),
		cmocka_unit_test(test_wall_time_across_seconds),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, exported_set_up, exported_tear_down);
}
