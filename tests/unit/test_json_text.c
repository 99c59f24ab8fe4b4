/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_json_text.c - integers as printf gives them, strings as jansson does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json_text.h"

static struct json_text text;

static int setup(void **state)
{
	(void)state;
	return json_text_init(&text, 4096);
}

static int teardown(void **state)
{
	(void)state;
	json_text_free(&text);
	return 0;
}

static void check_text(const char *expected)
{
	assert_int_equal(text.error, 0);
	assert_int_equal(text.at - text.begin, strlen(expected));
	assert_memory_equal(text.begin, expected, strlen(expected));
	json_text_reset(&text);
}

static void check_integer(u64 value)
{
	char expected[32];

	snprintf(expected, sizeof(expected), "%llu", value);
	json_text_integer(&text, value);
	check_text(expected);
}

static void test_integers(void **state)
{
	(void)state;
	for (u64 value = 0; value < 20000; value++)
		check_integer(value);
	/* Around every power of ten, and the bounds of the type. */
	for (u64 power = 1; power <= 1000000000000000000ULL; power *= 10) {
		check_integer(power - 1);
		check_integer(power);
		check_integer(power + 1);
		check_integer(power * 9 + 9);
	}
	check_integer(1763690000123456789ULL);
	check_integer(UINT64_MAX - 1);
	check_integer(UINT64_MAX);
}

static void check_string(const char *bytes, size_t length)
{
	json_t *string = json_stringn_nocheck(bytes, length);
	char *expected = json_dumps(string, JSON_ENCODE_ANY);

	json_text_string(&text, bytes, length);
	check_text(expected);
	free(expected);
	json_decref(string);
}

/* Each ASCII character at each place of strings of up to three words. */
static void test_strings(void **state)
{
	char bytes[24];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	for (size_t length = 0; length <= sizeof(bytes); length++) {
		for (size_t at = 0; at < length; at++) {
			for (int byte = 0; byte < 0x80; byte++) {
				bytes[at] = (char)byte;
				check_string(bytes, length);
			}
			bytes[at] = 'x';
		}
	}
}

/* Beside one character that could disturb another's test in the same word. */
static void test_neighbors(void **state)
{
	static const unsigned char edges[] = { 0x01, 0x1f, 0x20, 0x21, '"',
					       '#',  '[',  '\\', 0x7e, 0x7f };
	char bytes[8];

	(void)state;
	for (size_t i = 0; i < sizeof(edges); i++) {
		for (size_t j = 0; j < sizeof(edges); j++) {
			for (size_t at = 0; at + 1 < sizeof(bytes); at++) {
				memset(bytes, 'x', sizeof(bytes));
				bytes[at] = (char)edges[i];
				bytes[at + 1] = (char)edges[j];
				check_string(bytes, sizeof(bytes));
			}
		}
	}
}

/* Each byte that is not ASCII at each place of a word: repaired, as no UTF-8. */
static void test_bytes_beyond_ascii(void **state)
{
	(void)state;
	for (size_t at = 0; at < 8; at++) {
		for (int byte = 0x80; byte < 0x100; byte++) {
			char bytes[8], expected[32];

			memset(bytes, 'x', sizeof(bytes));
			bytes[at] = (char)byte;
			snprintf(expected, sizeof(expected), "\"%.*s\xef\xbf\xbd%.*s\"", (int)at,
				 "xxxxxxx", (int)(7 - at), "xxxxxxx");
			json_text_string(&text, bytes, sizeof(bytes));
			check_text(expected);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_integers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_neighbors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bytes_beyond_ascii, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
