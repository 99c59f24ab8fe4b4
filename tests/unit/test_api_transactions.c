/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_api_transactions.c - the most recent transactions as a client of the API gets them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"
#include "api_client.h"

#define SECOND 1000000000ULL
#define MS 1000000ULL
#define EPOCH (1700000000 * SECOND)
#define CAPACITY 8
#define PATH "/api/v1/transactions"

static void add(u64 at_s, u64 duration_ms, u16 status, const char *client, u16 port)
{
	struct nl_record record = { .request_first_ns = at_s * SECOND };
	struct nl_filter_net server, from;

	assert_true(net_parse("10.0.0.1", &server) && net_parse(client, &from));
	record.request_last_ns = record.request_first_ns;
	record.end_ns = record.request_first_ns + duration_ms * MS;
	record.response_first_ns = status ? record.end_ns : 0;
	record.response_last_ns = status ? record.end_ns : 0;
	record.outcome = status ? NL_OUTCOME_OK : NL_OUTCOME_UNANSWERED;
	record.reason = status ? NL_END_none : NL_END_timeout;
	record.method = NL_METHOD_GET;
	record.request_version = 0x11;
	record.status = status;
	record.server_addr = server.addr;
	record.server_port = port;
	record.client_addr = from.addr;
	record.client_port = 50000;
	record.ifindex = 7;
	transaction_list_add(client_transactions, &record, EPOCH);
}

static json_t *get(const char *path)
{
	char request[512];

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n" CLIENT_CLOSE, path);
	client_exchange(request);
	client_check_status(200);
	return client_parse();
}

/* Ids of a page, and what is behind `after=` in its `next`; 0: there is none. */
static void check_page(const char *path, const char *expected, json_int_t after)
{
	json_t *object = get(path), *entry;
	const char *next = json_string_value(json_object_get(object, "next"));
	char found[256] = "";
	size_t i, used = 0;

	json_array_foreach(json_object_get(object, "transactions"), i, entry) used +=
		(size_t)snprintf(found + used, sizeof(found) - used, "%lld ",
				 json_integer_value(json_object_get(entry, "id")));
	assert_string_equal(found, expected);
	assert_int_equal(next ? strtoll(strstr(next, "after=") + 6, NULL, 10) : 0, after);
	json_decref(object);
}

static void test_filters(void **state)
{
	(void)state;
	check_page(PATH, "6 5 4 3 2 1 ", 0);
	check_page(PATH "?status=200", "4 1 ", 0);
	check_page(PATH "?status=5xx", "5 2 ", 0);
	check_page(PATH "?status=404,none", "6 3 ", 0);
	check_page(PATH "?status=none", "6 ", 0);
	check_page(PATH "?client=10.0.0.9", "6 4 2 ", 0);
	check_page(PATH "?service=10.0.0.1:80", "5 3 1 ", 0);
	check_page(PATH "?service=10.0.0.1", "6 5 4 3 2 1 ", 0);
	check_page(PATH "?service=10.0.0.2", "", 0);
	check_page(PATH "?min_duration_ms=30", "6 5 4 3 ", 0);
	check_page(PATH "?min_duration_ms=30.001", "6 5 4 ", 0);
	check_page(PATH "?since=1700000005", "6 5 ", 0);
	check_page(PATH "?since=1700000005000000001", "6 ", 0);
	check_page(PATH "?since=2023-11-14T22:13:25Z", "6 5 ", 0);
	check_page(PATH "?since=2023-11-14T23:13:25+01:00", "6 5 ", 0);
	check_page(PATH "?status=5xx&client=10.0.0.9&min_duration_ms=20&since=1700000001", "2 ", 0);
}

static void test_pages(void **state)
{
	json_t *object;

	(void)state;
	check_page(PATH "?limit=4", "6 5 4 3 ", 3);
	check_page(PATH "?limit=4&after=3", "2 1 ", 0);
	check_page(PATH "?limit=6", "6 5 4 3 2 1 ", 0); /* and none is behind it */
	check_page(PATH "?limit=1&status=200", "4 ", 4);
	check_page(PATH "?limit=1&status=200&after=4", "1 ", 0);
	/* What comes meanwhile moves nothing; what goes is left out. */
	for (unsigned i = 7; i <= 10; i++)
		add(i, 1, 200, "10.0.0.9", 80);
	check_page(PATH "?limit=4&after=5", "4 3 ", 0);
	check_page(PATH "?after=1", "", 0);
	check_page(PATH "?limit=1&after=9223372036854775807", "10 ", 10);
	object = get(PATH "?service=10.0.0.1&limit=2");
	assert_string_equal(json_string_value(json_object_get(object, "next")),
			    PATH "?service=10.0.0.1&limit=2&after=9");
	assert_int_equal(json_integer_value(json_object_get(object, "count")), 2);
	assert_int_equal(json_integer_value(json_object_get(object, "limit")), 2);
	assert_int_equal(json_integer_value(json_object_get(object, "capacity")), CAPACITY);
	assert_true(json_is_true(json_object_get(object, "sampled")));
	json_decref(object);
}

static void test_fields(void **state)
{
	json_t *object = get(PATH "?limit=1"), *entry;

	(void)state;
	entry = json_array_get(json_object_get(object, "transactions"), 0);
	assert_string_equal(json_string_value(json_object_get(entry, "time")),
			    "2023-11-14T22:13:26.000000000Z");
	assert_string_equal(json_string_value(json_object_get(entry, "interface")), "veth7");
	assert_string_equal(json_string_value(json_object_get(entry, "outcome")), "unanswered");
	assert_true(json_is_null(json_object_get(entry, "status")));
	json_decref(object);
}

static void test_errors(void **state)
{
	(void)state;
	client_check_error(CLIENT_GET(PATH "?limit=1&limit=1"), 400, "bad_request",
			   "limit: given more than once (once will do)");
	client_check_error(CLIENT_GET(PATH "?status=700"), 400, "bad_request",
			   "status=700: not a value of it (503, 5xx, none, or a list of these with "
			   "commas)");
	client_check_error(CLIENT_GET(PATH "?cause=server"), 400, "bad_request",
			   "cause: no such parameter (service, client, status, limit, "
			   "min_duration_ms, since, after)");
	client_check_error(CLIENT_GET("/health?limit=1"), 400, "bad_request",
			   "limit: no such parameter (there are none here)");
	client_check_error(CLIENT_GET(PATH "?after=0"), 400, "bad_request",
			   "after=0: not a value of it (an id)");
}

static int set_up(void **state)
{
	(void)state;
	client_transactions = transaction_list_new(CAPACITY);
	if (!client_transactions)
		return -1;
	add(1, 10, 200, "10.0.0.8", 80);
	add(2, 20, 500, "10.0.0.9", 8080);
	add(3, 30, 404, "10.0.0.8", 80);
	add(4, 40, 200, "10.0.0.9", 8080);
	add(5, 50, 503, "10.0.0.8", 80);
	add(6, 60, 0, "10.0.0.9", 8080);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	transaction_list_free(client_transactions);
	client_transactions = NULL;
	return 0;
}

static int set_up_group(void **state)
{
	(void)state;
	return client_set_up(2);
}

static int tear_down_group(void **state)
{
	(void)state;
	client_tear_down();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_filters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fields, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
