/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_export_csv.c - what becomes of each kind of JSON value, and of a record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "export_csv.h"
#include "exported.h"

/* Read from memory that ends with it, and into memory that has just the room. */
static void check(const char *json, const char *expected)
{
	size_t length = strlen(json), room = CSV_LINE_BYTES(length);
	char *from = malloc(length + !length), *line = malloc(room);
	size_t used;

	memcpy(from, json, length);
	used = csv_line(line, room, from, length);
	assert_int_equal(used, strlen(expected));
	assert_memory_equal(line, expected, used);
	for (size_t less = 0; used && less < used; less++)
		assert_int_equal(csv_line(line, less, from, length), 0);
	free(from);
	free(line);
}

static void test_values(void **state)
{
	(void)state;
	check("\"a\":1,\"b\":null,\"c\":\"text\"", "1,,text\r\n");
	check("\"a\":18446744073709551615,\"b\":-1.5e3", "18446744073709551615,-1.5e3\r\n");
	check("\"a\":null", "\r\n");
	check("\"a\":[],\"b\":[100,103],\"c\":[\"gap\",\"early\"]", ",100|103,gap|early\r\n");
}

/* RFC 4180, 2, rules 5 to 7. */
static void test_quotes(void **state)
{
	(void)state;
	check("\"a\":\"\",\"b\":null", "\"\",\r\n");
	check("\"a\":\"1,2\",\"b\":\"say \\\"hi\\\"\"", "\"1,2\",\"say \"\"hi\"\"\"\r\n");
	check("\"a\":\" x\",\"b\":\"x \",\"c\":\"x y\"", "\" x\",\"x \",x y\r\n");
	check("\"a\":\"\\\"\"", "\"\"\"\"\r\n");
	check("\"a\":\"back\\\\slash\\/\"", "back\\slash/\r\n");
}

static void test_control_characters(void **state)
{
	(void)state;
	check("\"a\":\"\\u0000\\u001f\\n\\r\\t\\b\\f\"", "%00%1F%0A%0D%09%08%0C\r\n");
	check("\"a\":\"\x7f\x7f\x7f\x7f\"", "%7F%7F%7F%7F\r\n");
	check("\"a\":\"gr\xc3\xbc\xc3\x9f\"", "gr\xc3\xbc\xc3\x9f\r\n");
}

static void test_header(void **state)
{
	static const char json[] = "\"a\":1,\"b_ns\":\"x,y\",\"c\":[1,2]";
	char line[100];
	size_t used = csv_header(line, sizeof(line), json, strlen(json));

	(void)state;
	assert_int_equal(used, 10);
	assert_memory_equal(line, "a,b_ns,c\r\n", 10);
}

static void test_not_an_object(void **state)
{
	static const char *const wrong[] = {
		"a",
		"\"a\"",
		"\"a\":",
		"\"a\":1 \"b\":2",
		"\"a\":\"",
		"\"a\":\"\\",
		"\"a\":\"\\u00\"",
		"\"a\":\"\\u1234\"",
		"\"a\":[1",
		"\"a\":[1 \"x\"",
		"\"a\":1,",
		",",
		"\"a\":\"\\uzzzz\"",
	};
	char line[100];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(csv_line(line, sizeof(line), wrong[i], strlen(wrong[i])), 0);
}

/* As many fields as names, in the same order. */
static void test_record(void **state)
{
	struct nl_record record = exported_sample();
	char header[4096], line[4096];
	struct json_text text;
	size_t used;

	(void)state;
	assert_int_equal(json_text_init(&text, JSON_RECORD_BYTES_MAX), 0);
	json_exporter_append(exporter, &text, &record, EXPORTED_EPOCH_NS, "veth1");
	used = csv_header(header, sizeof(header) - 1, text.begin, (size_t)(text.at - text.begin));
	header[used] = '\0';
	assert_true(strncmp(header, "time,client_address,client_port,server_address,", 47) == 0);
	used = csv_line(line, sizeof(line) - 1, text.begin, (size_t)(text.at - text.begin));
	line[used] = '\0';
	assert_true(strncmp(line, "2025-11-21T01:53:21.000000001Z,172.18.0.3,40000,2001:db8::2,",
			    60) == 0);
	for (const char *a = header, *b = line; a && b;) {
		a = strchr(a + 1, ',');
		b = strchr(b + 1, ',');
		assert_int_equal(a == NULL, b == NULL);
	}
	json_text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_not_an_object),
		cmocka_unit_test(test_record),
	};

	return cmocka_run_group_tests(tests, exported_set_up, exported_tear_down);
}
