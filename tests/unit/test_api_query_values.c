/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_api_query_values.c - addresses, statuses and times in queries of the API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"
#include "api_query_values.h"

#define CHECK_EACH_BAD(values, call)                                                               \
	for (size_t i = 0; i < sizeof(values) / sizeof((values)[0]); i++)                          \
		if (call)                                                                          \
	fail_msg("%s", (values)[i])

static void check_endpoint(const char *value, const char *expected, u16 port)
{
	struct api_endpoint endpoint = { .port = 7 };
	char text[ADDRESS_TEXT_MAX];

	if (!api_value_endpoint(value, &endpoint))
		fail_msg("%s", value);
	address_format(text, &endpoint.addr);
	assert_string_equal(text, expected);
	assert_int_equal(endpoint.port, port);
}

static void test_endpoints(void **state)
{
	static const char *const bad[] = {
		"",
		":80",
		"192.0.2.1:",
		"192.0.2.1:0",
		"192.0.2.1:65536",
		"192.0.2.1:80 ",
		"192.0.2.1:+80",
		"192.0.2.1/32",
		"192.0.2:80",
		"[192.0.2.1]:80",
		"[2001:db8::1",
		"[2001:db8::1]80",
		"[2001:db8::1]:",
		"[]:80",
		"[",
		"]",
		"localhost:80",
		"[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd]:80",
	};
	struct api_endpoint endpoint = { .port = 7 };

	(void)state;
	check_endpoint("192.0.2.1", "192.0.2.1", 0);
	check_endpoint("192.0.2.1:80", "192.0.2.1", 80);
	check_endpoint("2001:db8::1", "2001:db8::1", 0);
	check_endpoint("[2001:db8::1]", "2001:db8::1", 0);
	check_endpoint("[2001:db8::1]:65535", "2001:db8::1", 65535);
	check_endpoint("::1", "::1", 0);
	CHECK_EACH_BAD(bad, api_value_endpoint(bad[i], &endpoint));
	assert_int_equal(endpoint.port, 7);
}

static bool has_status(const u64 *statuses, unsigned status)
{
	return statuses[status / 64] >> status % 64 & 1;
}

static void test_statuses(void **state)
{
	static const char *const bad[] = { "",	   ",",	  "200,", ",200",  "600",     "099", "99",
					   "2x",   "xx2", "2XX",  "2xx ",  "20x",     "0xx", "6xx",
					   "NONE", "non", "2000", "200;3", "200,,5xx" };
	u64 statuses[API_STATUS_WORDS] = { 0 };

	(void)state;
	CHECK_EACH_BAD(bad, api_value_status(bad[i], statuses));
	for (unsigned i = 0; i < API_STATUS_WORDS; i++)
		assert_int_equal(statuses[i], 0);
	assert_true(api_value_status("503,4xx,none,599", statuses));
	for (unsigned status = 0; status <= API_STATUS_MAX; status++)
		assert_int_equal(has_status(statuses, status), status == 0 || status / 100 == 4 ||
								       status == 503 ||
								       status == 599);
}

static void check_time(const char *value, u64 expected_ns)
{
	u64 time_ns = 1;

	if (!api_value_time(value, &time_ns))
		fail_msg("%s", value);
	if (time_ns != expected_ns)
		fail_msg("%s: %llu, not %llu", value, time_ns, expected_ns);
}

static void test_times(void **state)
{
	static const char *const bad[] = {
		"",
		"yesterday",
		"T",
		"-1",
		"+1",
		".5",
		"1.",
		"1.1234567890",
		"1e9",
		"12345678901",
		"9223372036",
		"12345678901234567890",
		"1234567890123456789.5",
		"2026-01-31",
		"2026-01-31T12:00:00",
		"2026-01-31 12:00:00Z",
		"2026-01-31t12:00:00Z",
		"2026-1-31T12:00:00Z",
		"2026-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z",
		"2026-01-31T24:00:00Z",
		"2026-01-31T12:60:00Z",
		"2026-01-31T12:00:61Z",
		"2026-01-31T12:00:00.Z",
		"2026-01-31T12:00:00.1234567890Z",
		"2026-01-31T12:00:00+1:00",
		"2026-01-31T12:00:00+01",
		"2026-01-31T12:00:00+24:00",
		"2026-01-31T12:00:00+01:60",
		"2026-01-31T12:00:00ZZ",
		"1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00+00:01",
		"2026-01-31T12: 0:00Z",
		"9999-12-31T23:59:59Z",
	};
	u64 time_ns = 7;

	(void)state;
	check_time("0", 0);
	check_time("1769860800", 1769860800000000000);
	check_time("1769860800.5", 1769860800500000000);
	check_time("1769860800.000000001", 1769860800000000001);
	check_time("1769860800000000001", 1769860800000000001);
	check_time("2026-01-31T12:00:00Z", 1769860800000000000);
	check_time("2026-01-31T12:00:00.25Z", 1769860800250000000);
	check_time("2026-01-31T13:30:00.000000001+01:30", 1769860800000000001);
	check_time("2026-01-31T13:00:00 01:00", 1769860800000000000);
	check_time("2026-01-31T08:30:00-03:30", 1769860800000000000);
	check_time("2016-12-31T23:59:60Z", 1483228800000000000); /* a leap second */
	check_time("2024-02-29T00:00:00z", 1709164800000000000);
	check_time("1970-01-01T00:00:00Z", 0);
	CHECK_EACH_BAD(bad, api_value_time(bad[i], &time_ns));
	assert_int_equal(time_ns, 7);
}

static void test_integers(void **state)
{
	static const char *const bad[] = { "",
					   "0",
					   "11",
					   "-1",
					   "+1",
					   " 1",
					   "1 ",
					   "1.",
					   "0x1",
					   "a",
					   "18446744073709551617",
					   "00000000000000000001" };
	u64 number = 7;

	(void)state;
	CHECK_EACH_BAD(bad, api_value_integer(bad[i], 1, 10, &number));
	assert_int_equal(number, 7);
	assert_true(api_value_integer("010", 1, 10, &number));
	assert_int_equal(number, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_integers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
