/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_slow_name.c - names of files, and which names are of that form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"
#include "slow_name.h"

#define EPOCH_NS 1795167960000000000ULL /* 2026-11-20T09:46:00Z */
#define OWN "2026-11-20T09-46-00.123Z_10.0.0.1-51224_10.0.0.2-80_GET_503_996ms.pcapng"

static char name[SLOW_NAME_BYTES];

static union nl_addr address_of(const char *text)
{
	struct nl_filter_net net;

	assert_true(net_parse(text, &net));
	return net.addr;
}

static void set_head(struct nl_record *record, const char *text, size_t length)
{
	memcpy(record->head, text, length);
	record->head_bytes = (u16)length;
}

/* A complete GET that took 996.9 ms, answered with a 503. */
static struct nl_record sample(void)
{
	struct nl_record record = { .request_first_ns = 123999999,
				    .response_last_ns = 123999999 + 996900000,
				    .end_ns = 5000000000,
				    .client_addr = address_of("10.0.0.1"),
				    .server_addr = address_of("10.0.0.2"),
				    .client_port = 51224,
				    .server_port = 80,
				    .status = 503,
				    .method = NL_METHOD_GET };

	set_head(&record, "GET / HTTP/1.1\r\n", 16);
	return record;
}

/* The name ends as given, and is one of ours that failed or not. */
static void check(const struct nl_record *record, const char *expected_end, bool is_failed)
{
	bool is_read_failed = !is_failed;
	size_t length;

	slow_name_format(name, record, EPOCH_NS, 1);
	length = strlen(name);
	assert_true(length >= strlen(expected_end));
	assert_string_equal(name + length - strlen(expected_end), expected_end);
	assert_true(slow_name_read(name, &is_read_failed));
	assert_int_equal(is_read_failed, is_failed);
}

static void test_form(void **state)
{
	struct nl_record record = sample();

	(void)state;
	check(&record, OWN, true);
	assert_int_equal(strlen(name), strlen(OWN));
	record.request_first_ns = 0;
	record.response_last_ns = 999999;
	check(&record, "_GET_503_0ms.pcapng", true);
	assert_memory_equal(name, "2026-11-20T09-46-00.000Z_", 25);
	slow_name_format(name, &record, 0, 1); /* a capture without a clock */
	assert_memory_equal(name, "1970-01-01T00-00-00.000Z_", 25);
	slow_name_format(name, &record, 951827696789000000, 1);
	assert_memory_equal(name, "2000-02-29T12-34-56.789Z_", 25);
}

static void test_ipv6(void **state)
{
	struct nl_record record = sample();

	(void)state;
	record.client_addr = address_of("2001:db8::1");
	record.server_addr = address_of("::1");
	check(&record, "Z_2001-db8--1-51224_--1-80_GET_503_996ms.pcapng", true);
	record.client_addr = address_of("fe80::");
	record.server_addr = address_of("2001:db8:1111:2222:3333:4444:5555:6666");
	check(&record,
	      "Z_fe80---51224_2001-db8-1111-2222-3333-4444-5555-6666-80_GET_503_996ms.pcapng",
	      true);
	record.client_addr = address_of("::");
	check(&record, "-80_GET_503_996ms.pcapng", true);
}

static void test_results(void **state)
{
	static const struct {
		unsigned outcome, status;
		const char *end;
		bool is_failed;
	} cases[] = {
		{ NL_OUTCOME_OK, 200, "_GET_200_996ms.pcapng", false },
		{ NL_OUTCOME_OK, 404, "_GET_404_996ms.pcapng", false },
		{ NL_OUTCOME_OK, 599, "_GET_599_996ms.pcapng", true },
		{ NL_OUTCOME_OK, 600, "_GET_600_996ms.pcapng", false },
		{ NL_OUTCOME_OK, 0, "_GET_ok_996ms.pcapng", false },
		/* Until it was over, not until the last byte of a response. */
		{ NL_OUTCOME_UNANSWERED, 0, "_GET_unanswered_4876ms.pcapng", true },
		{ NL_OUTCOME_ABORTED, 0, "_GET_aborted_4876ms.pcapng", true },
		{ NL_OUTCOME_ABORTED, 200, "_GET_aborted_4876ms.pcapng", true },
		{ NL_OUTCOME_EVICTED, 0, "_GET_evicted_4876ms.pcapng", false },
		{ NL_OUTCOME_IN_FLIGHT, 0, "_GET_in-flight_4876ms.pcapng", false },
		{ NL_OUTCOME_IN_FLIGHT, 502, "_GET_502_4876ms.pcapng", true },
	};
	struct nl_record record = sample();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		record.outcome = (u8)cases[i].outcome;
		record.status = (u16)cases[i].status;
		check(&record, cases[i].end, cases[i].is_failed);
	}
}

/* A client chooses its method: no path, no control character, no endless name comes of it. */
static void test_methods(void **state)
{
	static const struct {
		const char *head;
		size_t length;
		unsigned method;
		const char *end;
	} cases[] = {
		{ "PROPFIND /", 10, NL_METHOD_OTHER, "-80_PROPFIND_503_996ms.pcapng" },
		{ "M-SEARCH * HTTP/1.1", 19, NL_METHOD_OTHER, "-80_M-SEARCH_503_996ms.pcapng" },
		{ "A_B.C!|~ /", 10, NL_METHOD_OTHER, "-80_A-B-C---_503_996ms.pcapng" },
		{ "VERSION-CONTROL-AND-MORE / ", 27, NL_METHOD_OTHER,
		  "-80_VERSION-CONTROL-_503_996ms.pcapng" },
		{ "", 0, NL_METHOD_POST, "-80_POST_503_996ms.pcapng" },
		{ "", 0, NL_METHOD_OTHER, "-80_OTHER_503_996ms.pcapng" },
		{ "", 0, 250, "-80_OTHER_503_996ms.pcapng" },
	};
	struct nl_record record = sample();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_head(&record, cases[i].head, cases[i].length);
		record.method = (u8)cases[i].method;
		check(&record, cases[i].end, true);
	}
	/* Whatever the bytes: one name, in this directory, of ours. */
	for (unsigned byte = 0; byte < 256; byte++) {
		char head[] = "G?T / HTTP/1.1";
		bool is_failed;

		head[1] = (char)byte;
		set_head(&record, head, sizeof(head) - 1);
		slow_name_format(name, &record, EPOCH_NS, 1);
		assert_true(slow_name_read(name, &is_failed));
		assert_null(strchr(name, '/'));
	}
}

static void test_numbers(void **state)
{
	struct nl_record record = sample();
	bool is_failed = false;

	(void)state;
	slow_name_format(name, &record, EPOCH_NS, 2);
	assert_string_equal(strrchr(name, '_'), "_996ms-2.pcapng");
	assert_true(slow_name_read(name, &is_failed));
	assert_true(is_failed);
	slow_name_format(name, &record, EPOCH_NS, ~0U);
	assert_string_equal(strrchr(name, '_'), "_996ms-4294967295.pcapng");
	assert_true(slow_name_read(name, &is_failed));
}

static void test_longest(void **state)
{
	struct nl_record record = sample();
	bool is_failed;

	(void)state;
	record.client_addr = record.server_addr =
		address_of("2001:db8:1111:2222:3333:4444:5555:6666");
	record.client_port = record.server_port = 65535;
	set_head(&record, "ABCDEFGHIJKLMNOPQRSTUVWXYZ /", 28);
	record.outcome = NL_OUTCOME_UNANSWERED;
	record.status = 0;
	record.end_ns = ~0ULL;
	slow_name_format(name, &record, EPOCH_NS, ~0U);
	assert_true(strlen(name) < 200);
	assert_string_equal(strrchr(name, '_'), "_18446744073585ms-4294967295.pcapng");
	assert_true(slow_name_read(name, &is_failed));
	record.head_bytes = 65535; /* more than there is */
	slow_name_format(name, &record, EPOCH_NS, 1);
	assert_true(slow_name_read(name, &is_failed));
}

/* Nothing but the whole form is ours: others' files are never removed. */
static void test_foreign_names(void **state)
{
	static const char *const foreign[] = {
		"",
		"notes.txt",
		"capture.pcapng",
		".netlat-1-1.pcapng.part",
		"2026-11-20.pcapng",
		"2026-11-20T09-46-00.123Z.pcapng",
		"2026-11-20T09:46:00.123Z_10.0.0.1-51224_10.0.0.2-80_GET_503_996ms.pcapng",
		"2026-11-20T09-46-00Z_10.0.0.1-51224_10.0.0.2-80_GET_503_996ms.pcapng",
		"2026-11-20T09-46-00.123Z_10.0.0.1_10.0.0.2-80_GET_503_996ms.pcapng",
		"2026-11-20T09-46-00.123Z_-51224_10.0.0.2-80_GET_503_996ms.pcapng",
		"2026-11-20T09-46-00.123Z_10.0.0.1-51224_10.0.0.2-_GET_503_996ms.pcapng",
		"2026-11-20T09-46-00.123Z_host-51224_10.0.0.2-80_GET_503_996ms.pcapng",
		"2026-11-20T09-46-00.123Z_10.0.0.1-51224_10.0.0.2-80__503_996ms.pcapng",
		"2026-11-20T09-46-00.123Z_10.0.0.1-51224_10.0.0.2-80_GET_5xx_996ms.pcapng",
		"2026-11-20T09-46-00.123Z_10.0.0.1-51224_10.0.0.2-80_GET_slow_996ms.pcapng",
		"2026-11-20T09-46-00.123Z_10.0.0.1-51224_10.0.0.2-80_GET_503_ms.pcapng",
		"2026-11-20T09-46-00.123Z_10.0.0.1-51224_10.0.0.2-80_GET_503_996us.pcapng",
		OWN ".gz",
		OWN "~",
		"my-" OWN,
		"2026-11-20T09-46-00.123Z_10.0.0.1-51224_10.0.0.2-80_GET_503_996ms-.pcapng",
		"2026-11-20T09-46-00.123Z_10.0.0.1-51224_10.0.0.2-80_GET_503_996ms-b.pcapng",
		"2026-11-20T09-46-00.123Z_10.0.0.1-51224_10.0.0.2-80_GET_503_996ms (1).pcapng",
		"2026-11-20T09-46-00.123Z_10.0.0.1-51224_10.0.0.2-80_GET_503_996ms.pcap",
	};
	bool is_failed = false;

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		if (slow_name_read(foreign[i], &is_failed))
			fail_msg("`%s` was taken for one of ours", foreign[i]);
	}
	for (size_t length = 0; length < strlen(OWN); length++) {
		snprintf(name, sizeof(name), "%.*s", (int)length, OWN);
		assert_false(slow_name_read(name, &is_failed));
	}
	assert_false(is_failed); /* untouched */
	assert_true(slow_name_read(OWN, &is_failed));
	assert_true(is_failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),	      cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_results),	      cmocka_unit_test(test_methods),
		cmocka_unit_test(test_numbers),	      cmocka_unit_test(test_longest),
		cmocka_unit_test(test_foreign_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
