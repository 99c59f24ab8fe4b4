/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_record_view.c - names, and times that apply or do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record_view.h"

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(record_method_name(NL_METHOD_GET), "GET");
	assert_string_equal(record_method_name(NL_METHOD_PATCH), "PATCH");
	assert_null(record_method_name(NL_METHOD_PATCH + 1));
	assert_string_equal(record_outcome_name(NL_OUTCOME_IN_FLIGHT), "in_flight");
	assert_null(record_outcome_name(NL_OUTCOME_IN_FLIGHT + 1));
	assert_string_equal(record_reason_name(NL_END_timeout), "timeout");
	assert_null(record_reason_name(255));
	assert_string_equal(record_grade_name(0), "gap");
	assert_null(record_grade_name(15));
	assert_string_equal(record_outcome_name(NL_OUTCOME_OK), "ok");
	assert_string_equal(record_cause_name(NL_CAUSE_none), "none");
	assert_string_equal(record_cause_name(NL_CAUSE_download), "download");
	assert_null(record_cause_name(NL_CAUSE_COUNT));
	assert_null(record_cause_name(~0U));
	assert_string_equal(record_part_name(NL_PART_client), "client");
	assert_string_equal(record_part_name(NL_PART_zero_window), "zero_window");
	assert_null(record_part_name(NL_PART_COUNT));
}

static void test_times(void **state)
{
	struct nl_record record = {
		.request_first_ns = 100,
		.request_last_ns = 120,
		.response_first_ns = 150,
		.response_last_ns = 190,
		.end_ns = 400,
	};
	u64 ns = 0;

	(void)state;
	assert_true(record_wait_ns(&record, &ns));
	assert_int_equal(ns, 30);
	assert_true(record_duration_ns(&record, &ns));
	assert_int_equal(ns, 90);
	assert_false(record_waited_ns(&record, &ns));
	record.outcome = NL_OUTCOME_ABORTED;
	assert_false(record_duration_ns(&record, &ns));
	assert_int_equal(ns, 90);
	assert_true(record_waited_ns(&record, &ns));
	assert_int_equal(ns, 280);
	record.request_last_ns = 170;
	assert_true(record_wait_ns(&record, &ns));
	assert_int_equal(ns, 0);
	record.request_last_ns = 0;
	assert_false(record_wait_ns(&record, &ns));
	assert_false(record_waited_ns(&record, &ns));
	record.grade = NL_GRADE_early;
	assert_true(record_wait_ns(&record, &ns));
	record.response_first_ns = 0;
	assert_false(record_wait_ns(&record, &ns));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
