/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_api_body.c - the memory of answers counts from when they are made until they are gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_body.h"

static void test_counts_until_it_is_gone(void **state)
{
	size_t body_bytes = 5;
	struct MHD_Response *first, *second;

	(void)state;
	first = api_body_response(&body_bytes, strdup("abc"), 3);
	assert_non_null(first);
	assert_int_equal(body_bytes, 8);
	second = api_body_response(&body_bytes, malloc(1 << 20), 1 << 20);
	assert_non_null(second);
	assert_int_equal(body_bytes, 8 + (1 << 20));
	MHD_destroy_response(first);
	assert_int_equal(body_bytes, 5 + (1 << 20));
	MHD_destroy_response(second);
	assert_int_equal(body_bytes, 5);
}

/* Nothing to say is an answer, too. */
static void test_empty(void **state)
{
	size_t body_bytes = 0;
	struct MHD_Response *response = api_body_response(&body_bytes, malloc(1), 0);

	(void)state;
	assert_non_null(response);
	assert_int_equal(body_bytes, 0);
	MHD_destroy_response(response);
	assert_int_equal(body_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts_until_it_is_gone),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
