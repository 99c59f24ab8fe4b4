/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_slow_wanted.c - what --slow and --failed choose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record_view.h"
#include "slow_wanted.h"

#define MILLISECOND_NS 1000000ULL
#define BEGIN_NS 5000000000ULL

static const struct options slow = { .slow_ms = 100 };
static const struct options failed = { .slow_ms = -1, .failed = true };
static const struct options both = { .slow_ms = 100, .failed = true };
static const struct options neither = { .slow_ms = -1 };

/* One that was over after `took_ns`, and known to be so a second later if it is complete. */
static struct nl_record record_of(unsigned outcome, unsigned status, u64 took_ns)
{
	bool is_ok = outcome == NL_OUTCOME_OK;
	struct nl_record record = { .request_first_ns = BEGIN_NS,
				    .response_last_ns = is_ok ? BEGIN_NS + took_ns : 0,
				    .end_ns = BEGIN_NS + took_ns + (is_ok ? 1000000000 : 0),
				    .outcome = (u8)outcome,
				    .status = (u16)status };

	return record;
}

static void check(const struct nl_record *record, bool is_slow, bool is_failed)
{
	assert_int_equal(slow_is_failed(record), is_failed);
	assert_int_equal(slow_is_wanted(record, &slow), is_slow);
	assert_int_equal(slow_is_wanted(record, &failed), is_failed);
	assert_int_equal(slow_is_wanted(record, &both), is_slow || is_failed);
	assert_false(slow_is_wanted(record, &neither));
}

static void test_slow(void **state)
{
	struct nl_record record = record_of(NL_OUTCOME_OK, 200, 100 * MILLISECOND_NS);

	(void)state;
	check(&record, true, false);
	record.response_last_ns--;
	check(&record, false, false);
	record.connect_ns = 1; /* a handshake before it counts */
	check(&record, true, false);
	record = record_of(NL_OUTCOME_OK, 404, 0);
	check(&record, false, false);
	record.connect_ns = 100 * MILLISECOND_NS;
	check(&record, true, false);
	/* A response that was over before its request began to be seen took no time. */
	record = record_of(NL_OUTCOME_OK, 200, 0);
	record.response_last_ns = BEGIN_NS - 1;
	check(&record, false, false);
	assert_int_equal(record_whole_ns(&record), 0);
}

static void test_failed(void **state)
{
	static const struct {
		unsigned outcome, status;
		bool is_failed;
	} cases[] = {
		{ NL_OUTCOME_OK, 499, false },	     { NL_OUTCOME_OK, 500, true },
		{ NL_OUTCOME_OK, 599, true },	     { NL_OUTCOME_OK, 600, false },
		{ NL_OUTCOME_OK, 0, false },	     { NL_OUTCOME_UNANSWERED, 0, true },
		{ NL_OUTCOME_ABORTED, 200, true },   { NL_OUTCOME_ABORTED, 0, true },
		{ NL_OUTCOME_EVICTED, 0, false },    { NL_OUTCOME_IN_FLIGHT, 200, false },
		{ NL_OUTCOME_IN_FLIGHT, 503, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nl_record record =
			record_of(cases[i].outcome, cases[i].status, 100 * MILLISECOND_NS - 1);

		check(&record, false, cases[i].is_failed);
		record = record_of(cases[i].outcome, cases[i].status, 100 * MILLISECOND_NS);
		check(&record, true, cases[i].is_failed);
	}
}

/* What did not complete lasts until it was known to be over, whatever came of the response. */
static void test_duration_of_what_did_not_complete(void **state)
{
	struct nl_record record = record_of(NL_OUTCOME_ABORTED, 200, 300 * MILLISECOND_NS);

	(void)state;
	record.response_last_ns = BEGIN_NS + MILLISECOND_NS;
	assert_int_equal(record_whole_ns(&record), 300 * MILLISECOND_NS);
	check(&record, true, true);
	record.end_ns = BEGIN_NS - 1;
	assert_int_equal(record_whole_ns(&record), 0);
}

static void test_everything_and_fractions(void **state)
{
	struct options options = { .slow_ms = 0 };
	struct nl_record record = record_of(NL_OUTCOME_OK, 200, 0);

	(void)state;
	assert_true(slow_is_wanted(&record, &options));
	options.slow_ms = 1.1;
	record = record_of(NL_OUTCOME_OK, 200, 1100000);
	assert_true(slow_is_wanted(&record, &options));
	record.response_last_ns--;
	assert_false(slow_is_wanted(&record, &options));
	options.slow_ms = 1e9;
	record = record_of(NL_OUTCOME_OK, 200, 1000000000 * MILLISECOND_NS);
	assert_true(slow_is_wanted(&record, &options));
	record.response_last_ns--;
	assert_false(slow_is_wanted(&record, &options));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_duration_of_what_did_not_complete),
		cmocka_unit_test(test_everything_and_fractions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
