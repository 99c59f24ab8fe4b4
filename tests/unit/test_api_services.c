/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_api_services.c - rows of a snapshot as services and as clients, page by page. */
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

static union nl_addr address(const char *text)
{
	struct nl_filter_net net;

	assert_true(net_parse(text, &net));
	return net.addr;
}

/* With so many requests, all answered with 200 after a millisecond. */
static struct metrics_row row(enum nl_row_kind kind, const char *server, u16 port,
			      const char *client, u64 requests)
{
	struct metrics_row row = { .key.kind = kind };
	struct nl_stats *stats = &row.stats;

	if (kind != NL_ROW_OTHER) {
		row.key.server_addr = address(server);
		row.key.server_port = port;
	}
	if (kind == NL_ROW_PAIR)
		row.key.client_addr = address(client);
	stats->requests = requests;
	stats->responses[2] = requests;
	stats->request_bytes = 100 * requests;
	stats->response_bytes = 1000 * requests;
	stats->duration_sum_ns = MS * requests;
	stats->duration_max_ns = MS;
	stats->duration_min_complement_ns = ~MS;
	stats->duration[histogram_bucket(MS)] = requests;
	return row;
}

static struct metrics_row rows[8];

static void make_rows(void)
{
	rows[0] = row(NL_ROW_PAIR, "10.0.0.2", 80, "10.0.0.9", 30);
	rows[1] = row(NL_ROW_PAIR, "10.0.0.2", 80, "10.0.0.8", 20);
	rows[2] = row(NL_ROW_SERVICE, "10.0.0.2", 80, NULL, 5);
	rows[3] = row(NL_ROW_PAIR, "10.0.0.1", 8080, "10.0.0.9", 7);
	rows[4] = row(NL_ROW_PAIR, "2001:db8::1", 80, "2001:db8::9", 3);
	rows[5] = row(NL_ROW_PAIR, "10.0.0.1", 80, "10.0.0.9", 2);
	rows[6] = row(NL_ROW_OTHER, NULL, 0, NULL, 4);
	/* Of the third nothing was answered. */
	rows[3].stats.responses[2] = 0;
	rows[3].stats.unanswered = 6;
	rows[3].stats.aborted = 1;
	memset(rows[3].stats.duration, 0, sizeof(rows[3].stats.duration));
	rows[1].stats.responses[2] = 10;
	rows[1].stats.responses[5] = 10;
	rows[1].stats.handshakes = 4;
	rows[1].stats.server_rtt_sum_ns = 8000;
	rows[1].stats.causes[NL_CAUSE_server] = 9;
	client_snapshot = (struct snapshot){
		.rows = rows,
		.row_count = 7,
		.started_ns = 10 * SECOND,
		.taken_ns = 20 * SECOND,
	};
}

static json_t *get(const char *path)
{
	char request[512];

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n" CLIENT_CLOSE, path);
	client_exchange(request);
	client_check_status(200);
	return client_parse();
}

/* The values of a member of the list's entries, and `next`. */
static void check_list(const char *path, const char *list, const char *member, const char *expected)
{
	json_t *object = get(path), *entry;
	char found[512] = "";
	size_t i, used = 0;

	json_array_foreach(json_object_get(object, list), i, entry)
	{
		const json_t *value = json_object_get(entry, member);

		assert_non_null(value);
		used += (size_t)snprintf(found + used, sizeof(found) - used, "%s%s", i ? " " : "",
					 json_is_null(value) ? "-" : json_string_value(value));
	}
	assert_int_equal(json_integer_value(json_object_get(object, "count")), i);
	if (json_is_string(json_object_get(object, "next")))
		snprintf(found + used, sizeof(found) - used, " | %s",
			 json_string_value(json_object_get(object, "next")));
	assert_string_equal(found, expected);
	json_decref(object);
}

#define SERVICES "/api/v1/services"
#define CLIENTS "/api/v1/clients"

static void test_order_and_filters(void **state)
{
	(void)state;
	check_list(SERVICES, "services", "service",
		   "10.0.0.1:80 10.0.0.1:8080 10.0.0.2:80 [2001:db8::1]:80 -");
	check_list(SERVICES "?service=10.0.0.1", "services", "service",
		   "10.0.0.1:80 10.0.0.1:8080");
	check_list(SERVICES "?service=10.0.0.1:80", "services", "service", "10.0.0.1:80");
	check_list(SERVICES "?service=%5b2001:db8::1%5d:80", "services", "service",
		   "[2001:db8::1]:80");
	check_list(SERVICES "?service=10.0.0.1:81", "services", "service", "");
	check_list(SERVICES "?client=10.0.0.8", "services", "service", "10.0.0.2:80");
	check_list(CLIENTS, "clients", "client_address", "10.0.0.8 10.0.0.9 2001:db8::9 -");
	check_list(CLIENTS "?service=10.0.0.2:80", "clients", "client_address",
		   "10.0.0.8 10.0.0.9 -");
	check_list(CLIENTS "?client=10.0.0.9", "clients", "client_address", "10.0.0.9");
}

/* Clients whose rows were given back still count for their service. */
static void test_given_back(void **state)
{
	struct metrics_row gone[2];
	json_t *object, *entry;

	(void)state;
	gone[0] = row(NL_ROW_SERVICE, "10.0.0.1", 80, NULL, 100);
	gone[1] = row(NL_ROW_SERVICE, "10.0.0.1", 80, NULL, 1000);
	client_snapshot.given_back = gone;
	client_snapshot.given_back_count = 2;
	object = get(SERVICES "?service=10.0.0.1:80");
	entry = json_array_get(json_object_get(object, "services"), 0);
	assert_int_equal(json_integer_value(json_object_get(object, "count")), 1);
	assert_int_equal(json_integer_value(json_object_get(entry, "requests")), 1102);
	assert_int_equal(json_integer_value(json_object_get(entry, "clients")), 1);
	assert_true(json_is_true(json_object_get(entry, "has_other_clients")));
	json_decref(object);
	check_list(CLIENTS "?service=10.0.0.1:80", "clients", "client_address", "10.0.0.9");
	object = get(SERVICES "?client=10.0.0.9&service=10.0.0.1:80");
	entry = json_array_get(json_object_get(object, "services"), 0);
	assert_int_equal(json_integer_value(json_object_get(entry, "requests")), 2);
	json_decref(object);
}

/* Of one snapshot there is one time, however the clock is set. */
static void test_time(void **state)
{
	json_t *object;

	(void)state;
	client_snapshot.epoch_offset_ns = 1000000000 * SECOND + 1;
	object = get(SERVICES "?limit=1");
	assert_string_equal(json_string_value(json_object_get(object, "taken")),
			    "2001-09-09T01:47:00.000000001Z");
	assert_string_equal(json_string_value(json_object_get(object, "started")),
			    "2001-09-09T01:46:50.000000001Z");
	json_decref(object);
}

static void test_pages(void **state)
{
	(void)state;
	check_list(SERVICES "?limit=2", "services", "service",
		   "10.0.0.1:80 10.0.0.1:8080 | " SERVICES "?limit=2&after=10.0.0.1:8080");
	check_list(SERVICES "?limit=2&after=10.0.0.1:8080", "services", "service",
		   "10.0.0.2:80 [2001:db8::1]:80 | " SERVICES
		   "?limit=2&after=%5B2001:db8::1%5D:80");
	check_list(SERVICES "?limit=2&after=%5B2001:db8::1%5D:80", "services", "service", "-");
	/* What it came after may be gone. */
	check_list(SERVICES "?after=10.0.0.1:81", "services", "service",
		   "10.0.0.1:8080 10.0.0.2:80 [2001:db8::1]:80 -");
	check_list(SERVICES "?limit=1&client=10.0.0.9&service=10.0.0.1", "services", "service",
		   "10.0.0.1:80 | " SERVICES
		   "?limit=1&client=10.0.0.9&service=10.0.0.1&after=10.0.0.1:80");
	check_list(CLIENTS "?limit=1&after=10.0.0.9", "clients", "client_address",
		   "2001:db8::9 | " CLIENTS "?limit=1&after=2001:db8::9");
	check_list(CLIENTS "?after=2001:db8::9", "clients", "client_address", "-");
}

static void check_member(const json_t *entry, const char *name, const char *expected)
{
	const char *dot = strchr(name, '.');
	char *text;

	if (dot) {
		char outer[32];

		snprintf(outer, sizeof(outer), "%.*s", (int)(dot - name), name);
		check_member(json_object_get(entry, outer), dot + 1, expected);
		return;
	}
	text = json_dumps(json_object_get(entry, name), JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
	if (!text || strcmp(text, expected) != 0)
		fail_msg("%s is %s, not %s", name, text, expected);
	free(text);
}

static void test_numbers(void **state)
{
	json_t *object = get(SERVICES), *list = json_object_get(object, "services"), *entry;

	(void)state;
	entry = json_array_get(list, 2);
	check_member(entry, "clients", "2");
	check_member(entry, "has_other_clients", "true");
	check_member(entry, "requests", "55");
	check_member(entry, "requests_per_s", "5.5");
	check_member(entry, "recent_requests_per_s", "null");
	check_member(entry, "responses", "55");
	check_member(entry, "response_ratio", "1.0");
	check_member(entry, "success_ratio", "0.818182");
	check_member(entry, "responses_by_class.2xx", "45");
	check_member(entry, "responses_by_class.5xx", "10");
	check_member(entry, "request_bytes", "5500");
	check_member(entry, "duration.p50_ns", "1000000");
	check_member(entry, "duration.mean_ns", "1000000");
	check_member(entry, "handshakes", "4");
	check_member(entry, "server_rtt_mean_ns", "2000");
	check_member(entry, "causes.server", "9");
	/* Nothing was answered: no times, not times of 0. */
	entry = json_array_get(list, 1);
	check_member(entry, "response_ratio", "0.0");
	check_member(entry, "success_ratio", "null");
	check_member(entry, "unanswered", "6");
	check_member(entry, "aborted", "1");
	check_member(entry, "duration.min_ns", "null");
	check_member(entry, "duration.p99_ns", "null");
	check_member(entry, "ttfb.mean_ns", "null");
	check_member(entry, "server_rtt_mean_ns", "null");
	entry = json_array_get(list, 4);
	check_member(entry, "server_address", "null");
	check_member(entry, "server_port", "null");
	check_member(entry, "clients", "null");
	check_member(entry, "requests", "4");
	json_decref(object);
}

static void test_services_of_a_client(void **state)
{
	json_t *object = get(CLIENTS "?client=10.0.0.9"), *entry, *used;
	static const char *const expected[] = { "\"10.0.0.1:80\"", "\"10.0.0.1:8080\"",
						"\"10.0.0.2:80\"" };
	static const char *const requests[] = { "2", "7", "30" };
	size_t i;

	(void)state;
	entry = json_array_get(json_object_get(object, "clients"), 0);
	check_member(entry, "requests", "39");
	json_array_foreach(json_object_get(entry, "services"), i, used)
	{
		check_member(used, "service", expected[i]);
		check_member(used, "requests", requests[i]);
	}
	assert_int_equal(i, 3);
	json_decref(object);
}

static void test_nothing_counted(void **state)
{
	(void)state;
	rows[0] = (struct metrics_row){ .key.kind = NL_ROW_OTHER };
	client_snapshot.row_count = 1;
	check_list(SERVICES, "services", "service", "");
	check_list(CLIENTS, "clients", "client_address", "");
	client_snapshot.row_count = 0;
	check_list(SERVICES, "services", "service", "");
}

/* As many as there are rows, with all that can be long. */
static void test_many(void **state)
{
	static struct metrics_row many[2100];
	json_t *object;

	(void)state;
	for (unsigned i = 0; i < 2100; i++) {
		char client[32];

		snprintf(client, sizeof(client), "2001:db8::%x:ffff:ffff", i + 1);
		many[i] = row(NL_ROW_PAIR, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 65535, client,
			      1);
		for (u64 *at = &many[i].stats.requests; at < many[i].stats.duration; at++)
			*at = 100000000000000;
		many[i].stats.duration_min_complement_ns = ~1ULL;
		many[i].stats.ttfb_min_complement_ns = ~1ULL;
	}
	client_snapshot.rows = many;
	client_snapshot.row_count = 2100;
	object = get(CLIENTS "?limit=10000");
	assert_int_equal(json_array_size(json_object_get(object, "clients")), 2100);
	json_decref(object);
	object = get(SERVICES);
	check_member(json_array_get(json_object_get(object, "services"), 0), "clients", "2100");
	json_decref(object);
}

static int set_up(void **state)
{
	(void)state;
	make_rows();
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
		cmocka_unit_test_setup(test_order_and_filters, set_up),
		cmocka_unit_test_setup(test_given_back, set_up),
		cmocka_unit_test_setup(test_time, set_up),
		cmocka_unit_test_setup(test_pages, set_up),
		cmocka_unit_test_setup(test_numbers, set_up),
		cmocka_unit_test_setup(test_services_of_a_client, set_up),
		cmocka_unit_test_setup(test_nothing_counted, set_up),
		cmocka_unit_test_setup(test_many, set_up),
	};

	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
