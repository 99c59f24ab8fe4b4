/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_exemplar_table.c - the latest trace in each bucket of the latest series. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exemplar_table.h"
#include "sample_snapshot.h"

#define ID(last) "0af7651916cd43dd8448eb211c8031" last

static struct exemplar_table *table;

static int make(void **state)
{
	(void)state;
	table = exemplar_table_new();
	return table ? 0 : -1;
}

static int drop(void **state)
{
	(void)state;
	exemplar_table_free(table);
	return 0;
}

/* Of a request at 100 s, by the source's clock, with a trace-id (NULL: none). */
static struct nl_record make_record(unsigned server, const char *id, u64 duration_ns)
{
	struct nl_record record = { .request_first_ns = 100000000000,
				    .request_last_ns = 100000000000,
				    .response_first_ns = 100000000000 + duration_ns,
				    .response_last_ns = 100000000000 + duration_ns,
				    .end_ns = 200000000000,
				    .server_addr = sample_address(server),
				    .server_port = 80,
				    .status = 200,
				    .method = NL_METHOD_GET,
				    .request_version = 0x11 };

	record.head_bytes = (u16)snprintf(
		(char *)record.head, sizeof(record.head), "GET / HTTP/1.1\r\n%s%s%s\r\n",
		id ? "traceparent: 00-" : "", id ? id : "", id ? "-b7ad6b7169203331-01\r\n" : "");
	return record;
}

static void take(struct nl_record record)
{
	exemplar_table_take(table, &record, 1700000000000000000);
}

static const struct exemplar *find(unsigned server, enum nl_end_reason reason)
{
	struct nl_series_key key = { .server_addr = sample_address(server),
				     .server_port = 80,
				     .status = 200,
				     .method = NL_METHOD_GET,
				     .version = 0x11,
				     .reason = (u8)reason };

	return exemplar_table_find(table, &key);
}

static void test_latest_of_each_bucket(void **state)
{
	const struct exemplar *exemplars;

	(void)state;
	assert_null(find(1, NL_END_none));
	take(make_record(1, ID("01"), 1000000));
	take(make_record(1, ID("02"), 2000000));
	take(make_record(1, ID("03"), 60000000));
	take(make_record(1, NULL, 3000000)); /* without a trace it changes nothing */
	exemplars = find(1, NL_END_none);
	assert_non_null(exemplars);
	assert_string_equal(exemplars[0].trace_id, ID("02"));
	assert_int_equal(exemplars[0].value_ns, 2000000);
	assert_int_equal(exemplars[0].time_ns, 1700000100002000000);
	assert_string_equal(exemplars[4].trace_id, ID("03"));
	for (unsigned i = 0; i < EXPORT_CLASSIC; i++)
		assert_int_equal(exemplars[i].trace_id[0] != '\0', i == 0 || i == 4);
}

static void test_which_records(void **state)
{
	struct nl_record record = make_record(1, ID("01"), 1000000);

	(void)state;
	record.outcome = NL_OUTCOME_EVICTED;
	take(record);
	record.outcome = NL_OUTCOME_IN_FLIGHT;
	take(record);
	assert_null(find(1, NL_END_none));
	/* What did not complete took until that was known, and resets are of one kind. */
	record.outcome = NL_OUTCOME_ABORTED;
	record.reason = NL_END_server_reset;
	take(record);
	assert_non_null(find(1, NL_END_client_reset));
	assert_string_equal(find(1, NL_END_client_reset)[EXPORT_BOUNDS].trace_id, ID("01"));
	assert_int_equal(find(1, NL_END_client_reset)[EXPORT_BOUNDS].value_ns, 100000000000);
}

static void test_bound(void **state)
{
	(void)state;
	for (unsigned i = 0; i < EXEMPLAR_SERIES_MAX; i++)
		take(make_record(i, ID("01"), 1000000));
	take(make_record(0, ID("02"), 1000000)); /* now 1 is the one without news for longest */
	take(make_record(EXEMPLAR_SERIES_MAX, ID("03"), 60000000));
	assert_non_null(find(0, NL_END_none));
	assert_null(find(1, NL_END_none));
	for (unsigned i = 2; i <= EXEMPLAR_SERIES_MAX; i++)
		assert_non_null(find(i, NL_END_none));
	/* Nothing of the one that made room is left. */
	assert_string_equal(find(EXEMPLAR_SERIES_MAX, NL_END_none)[0].trace_id, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_latest_of_each_bucket),
		TEST(test_which_records),
		TEST(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
