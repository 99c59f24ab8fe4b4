/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_units.c - quantities as short text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "units.h"

static void test_durations(void **state)
{
	static const struct {
		u64 ns;
		const char *text;
	} cases[] = {
		{ 0, "0ns" },
		{ 999, "999ns" },
		{ 1000, "1.0us" },
		{ 9949, "9.9us" },
		{ 9951, "10us" },
		{ 812000, "812us" },
		{ 999499, "999us" },
		{ 999500, "1.0ms" },
		{ 6400000, "6.4ms" },
		{ 64000000, "64ms" },
		{ 999600000, "1.00s" },
		{ 1250000000, "1.25s" },
		{ 12500000000, "12.5s" },
		{ 125000000000, "125s" },
		{ 1250000000000, "1250s" },
		{ 9999000000000, "9999s" },
		{ 10080000000000, "2.8h" },
		{ 100080000000000, "27.8h" },
		{ 3600000000000000, "1000h" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[UNIT_TEXT_MAX];

		format_duration(text, cases[i].ns);
		assert_string_equal(text, cases[i].text);
	}
}

/* No value is wider than a column, and each reads back within 6 % (two digits). */
static void test_durations_fit_and_read_back(void **state)
{
	(void)state;
	for (double ns = 1; ns < 3.6e15; ns *= 1.003) {
		char text[UNIT_TEXT_MAX], *unit;
		double read;

		format_duration(text, (u64)ns);
		assert_true(strlen(text) <= 5);
		read = strtod(text, &unit);
		read *= !strcmp(unit, "ns")   ? 1
			: !strcmp(unit, "us") ? 1e3
			: !strcmp(unit, "ms") ? 1e6
			: !strcmp(unit, "s")  ? 1e9
			: !strcmp(unit, "h")  ? 3600e9
					      : 0;
		assert_true(read / (double)(u64)ns > 0.94 && read / (double)(u64)ns < 1.06);
	}
}

static void test_percents(void **state)
{
	static const struct {
		u64 part, whole;
		const char *text;
	} cases[] = {
		{ 0, 0, "-" },		 { 0, 5, "0%" },
		{ 5, 5, "100%" },	 { 4, 5, "80.0%" },
		{ 1, 1000000, "<0.1%" }, { 999999, 1000000, ">99.9%" },
		{ 999, 1000, "99.9%" },	 { 9994, 10000, ">99.9%" },
		{ 1, 1000, "0.1%" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[UNIT_TEXT_MAX];

		format_percent(text, cases[i].part, cases[i].whole);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_rates_and_elapsed(void **state)
{
	char text[UNIT_TEXT_MAX];

	(void)state;
	format_rate(text, 0);
	assert_string_equal(text, "0");
	format_rate(text, 0.01);
	assert_string_equal(text, "<0.1");
	format_rate(text, 12.34);
	assert_string_equal(text, "12.3");
	format_rate(text, 99.96);
	assert_string_equal(text, "100");
	format_rate(text, 90123.4);
	assert_string_equal(text, "90123");
	format_rate(text, 1250000);
	assert_string_equal(text, "1.25M");
	format_elapsed(text, 4249999999);
	assert_string_equal(text, "4.2s");
	format_elapsed(text, 59990000000);
	assert_string_equal(text, "59.9s");
	format_elapsed(text, 125000000000);
	assert_string_equal(text, "2m05s");
	format_elapsed(text, 10860000000000);
	assert_string_equal(text, "3h01m");
}

static void test_bytes(void **state)
{
	static const struct {
		u64 bytes;
		const char *text;
	} cases[] = {
		{ 0, "0B" },
		{ 999, "999B" },
		{ 1000, "1.0kB" },
		{ 9940, "9.9kB" },
		{ 9960, "10kB" },
		{ 999499, "999kB" },
		{ 999500, "1.0MB" },
		{ 1200000, "1.2MB" },
		{ 4294967296, "4.3GB" },
		{ 5000000000000, "5.0TB" },
		{ 7000000000000000, "7.0PB" },
		{ ~0ULL, "18EB" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[UNIT_TEXT_MAX];

		format_bytes(text, cases[i].bytes);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_bit_rates(void **state)
{
	char text[UNIT_TEXT_MAX];

	(void)state;
	format_bit_rate(text, 0);
	assert_string_equal(text, "0.0bit/s");
	format_bit_rate(text, -1);
	assert_string_equal(text, "0.0bit/s");
	format_bit_rate(text, 56000);
	assert_string_equal(text, "56kbit/s");
	format_bit_rate(text, 4170000);
	assert_string_equal(text, "4.2Mbit/s");
	format_bit_rate(text, 1.5e29); /* every byte there can be, in a nanosecond */
	assert_string_equal(text, "150000000000Ebit/s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_durations_fit_and_read_back),
		cmocka_unit_test(test_percents),
		cmocka_unit_test(test_rates_and_elapsed),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_bit_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
