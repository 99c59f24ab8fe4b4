/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_export_buffer.c - a buffer that grows, and numbers as text. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "export_buffer.h"

static struct export_buffer buffer;

static void check_text(const char *text)
{
	assert_false(buffer.failed);
	export_buffer_add(&buffer, "", 1);
	assert_string_equal(buffer.bytes, text);
	export_buffer_reset(&buffer);
}

static void test_integers(void **state)
{
	(void)state;
	export_buffer_integer(&buffer, 0);
	check_text("0");
	export_buffer_integer(&buffer, 10);
	check_text("10");
	export_buffer_integer(&buffer, UINT64_MAX);
	check_text("18446744073709551615");
}

static void test_seconds(void **state)
{
	(void)state;
	export_buffer_seconds(&buffer, 0);
	check_text("0");
	export_buffer_seconds(&buffer, 1);
	check_text("0.000000001");
	export_buffer_seconds(&buffer, 1250000000);
	check_text("1.25");
	export_buffer_seconds(&buffer, 999999999);
	check_text("0.999999999");
	export_buffer_seconds(&buffer, 60000000000);
	check_text("60");
	export_buffer_seconds(&buffer, 1795277705715011631);
	check_text("1795277705.715011631");
}

static void test_doubles(void **state)
{
	(void)state;
	export_buffer_double(&buffer, 1);
	check_text("1");
	export_buffer_double(&buffer, 0.1);
	check_text("0.1");
	export_buffer_double(&buffer, 1.0 / 3);
	check_text("0.3333333333333333");
	export_buffer_double(&buffer, NAN);
	check_text("NaN");
	export_buffer_double(&buffer, INFINITY);
	check_text("+Inf");
	export_buffer_double(&buffer, -INFINITY);
	check_text("-Inf");
}

static void test_growth(void **state)
{
	size_t bytes = 0;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		export_buffer_literal(&buffer, "0123456789");
		bytes += 10;
		assert_int_equal(buffer.used, bytes);
		assert_true(buffer.used <= buffer.size);
	}
	for (size_t i = 0; i < bytes; i++)
		assert_int_equal(buffer.bytes[i], '0' + i % 10);
	export_buffer_reset(&buffer);
	assert_true(buffer.size >= bytes); /* the memory is kept */
}

/* Once something is missing nothing is added, and it is known. */
static void test_failure(void **state)
{
	(void)state;
	export_buffer_text(&buffer, "a");
	buffer.failed = true;
	assert_false(export_buffer_grow(&buffer, 1));
	export_buffer_reset(&buffer);
	export_buffer_text(&buffer, "b");
	check_text("b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers), cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_doubles),	 cmocka_unit_test(test_growth),
		cmocka_unit_test(test_failure),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	export_buffer_free(&buffer);
	return failed;
}
