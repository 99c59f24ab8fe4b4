/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_api_query.c - what may be asked of the list of slow transactions, and which file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api_query.h"
#include "api_slow.h"

static const struct api_query_form form = { API_LIMIT | API_CAUSE | API_MIN_DURATION, 100, 256 };
static struct api_query query;
static char error[API_ERROR_BYTES_MAX];

static void set(const char *name, const char *value)
{
	api_query_init(&query, &form);
	if (!api_query_set(&query, name, strlen(name), value, value ? strlen(value) : 0, error))
		fail_msg("%s=%s: %s", name, value, error);
}

static void check_bad(const char *name, const char *value, const char *expected)
{
	struct api_query before;

	api_query_init(&query, &form);
	before = query;
	memset(error, 0, sizeof(error));
	if (api_query_set(&query, name, strlen(name), value, value ? strlen(value) : 0, error))
		fail_msg("%s=%s", name, value);
	assert_memory_equal(&query, &before, sizeof(query));
	if (expected)
		assert_string_equal(error, expected);
}

static void test_parameters(void **state)
{
	(void)state;
	api_query_init(&query, &form);
	assert_int_equal(query.limit, 100);
	assert_int_equal(query.given, 0);
	assert_int_equal(query.min_duration_ns, 0);
	set("limit", "1");
	assert_int_equal(query.limit, 1);
	set("limit", "256");
	assert_int_equal(query.limit, 256);
#define X(number, name, help)                                                                      \
	set("cause", #name);                                                                       \
	assert_int_equal(query.cause, number);
	NL_CAUSES(X)
#undef X
	set("min_duration_ms", "0");
	assert_int_equal(query.min_duration_ns, 0);
	set("min_duration_ms", "250.5");
	assert_int_equal(query.min_duration_ns, 250500000);
	set("min_duration_ms", "1000000000");
	assert_int_equal(query.min_duration_ns, 1000000000000000);
}

static void test_bad_parameters(void **state)
{
	static const char *const limits[] = { "0",  "257", "-1",  "+1",	  "1.5",
					      " 1", "1 ",  "0x1", "99999" };
	static const char *const durations[] = {
		"-1",
		"+1",
		".5",
		"1e3",
		"nan",
		"inf",
		"0x1",
		"1.2.3",
		"1000000001",
		"1 ",
		"99999999999999999999999999999999999999999999999999999999999999999999999999999",
	};
	char zero[] = "1\0";

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		check_bad("limit", limits[i], NULL);
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++)
		check_bad("min_duration_ms", durations[i], NULL);
	check_bad("limit", "", "limit=: not a value of it (1 to 256)");
	check_bad("limit", NULL, "limit=: not a value of it (1 to 256)");
	check_bad("cause", "slow",
		  "cause=slow: not a value of it (none, server, network, client, "
		  "connect, loss, upload or download)");
	check_bad("cause", "", NULL);
	check_bad("cause", "Server", NULL);
	check_bad("min_duration_ms", "x",
		  "min_duration_ms=x: not a value of it (0 to 1000000000, "
		  "with or without a decimal point)");
	check_bad("limits", "1", "limits: no such parameter (limit, cause, min_duration_ms)");
	check_bad("", "1", ": no such parameter (limit, cause, min_duration_ms)");
	assert_false(api_query_set(&query, "limit", 5, zero, 2, error)); /* limit=1%00 */
	assert_false(api_query_set(&query, "limit\0x", 7, "1", 1, error));
}

/* What was given is only shown in part. */
static void test_long_values(void **state)
{
	char value[5000];

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	check_bad("cause", value, NULL);
	assert_true(strlen(error) < 200);
	check_bad(value, value, NULL);
	assert_true(strlen(error) < 200);
}

static void test_file_paths(void **state)
{
	static const char *const bad[] = {
		"",
		"/",
		"/api/v1/slow",
		"/api/v1/slow/",
		"/api/v1/slow/.pcapng",
		"/api/v1/slow/1",
		"/api/v1/slow/0.pcapng",
		"/api/v1/slow/01.pcapng",
		"/api/v1/slow/-1.pcapng",
		"/api/v1/slow/+1.pcapng",
		"/api/v1/slow/1.pcapng/",
		"/api/v1/slow/1.pcapng.gz",
		"/api/v1/slow/1.PCAPNG",
		"/api/v1/slow//1.pcapng",
		"/api/v1/slow/../1.pcapng",
		"/api/v1/slow/1/../1.pcapng",
		"/api/v1/slow/a.pcapng",
		"api/v1/slow/1.pcapng",
		"/api/v1/slow/1 .pcapng",
		"/api/v1/slow/12345678901234567890.pcapng",
		"/api/v1/slow-1.pcapng",
		"/api/v1/slo",
	};

	(void)state;
	assert_int_equal(api_slow_id("/api/v1/slow/1.pcapng"), 1);
	assert_int_equal(api_slow_id("/api/v1/slow/1234567890123456789.pcapng"),
			 1234567890123456789);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (api_slow_id(bad[i]) != 0)
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_bad_parameters),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_file_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
