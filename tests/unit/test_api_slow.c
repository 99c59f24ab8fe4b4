/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_api_slow.c - slow transactions and their files as a client of the API gets them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "api_client.h"

#define MS 1000000ULL
#define SECOND (1000 * MS)
#define FILE_BYTES (3u << 20)

static char folder[] = "/tmp/netlat-test-api-XXXXXX";
static char file_path[64], gone_path[64], link_path[64], fifo_path[64];

/* Ids as the client_list gives them, and up to a 0. */
static void check_list(const char *request, const json_int_t *ids)
{
	json_t *object, *slow, *entry;
	size_t i;

	client_exchange(request);
	client_check_status(200);
	object = client_parse();
	slow = json_object_get(object, "slow");
	json_array_foreach(slow, i, entry)
		assert_int_equal(json_integer_value(json_object_get(entry, "id")), ids[i]);
	assert_int_equal(ids[i], 0);
	assert_int_equal(json_integer_value(json_object_get(object, "count")), i);
	json_decref(object);
}

#define CHECK_LIST(query, ...)                                                                     \
	check_list(CLIENT_GET("/api/v1/slow" query), (const json_int_t[]){ __VA_ARGS__ })

static void test_list(void **state)
{
	(void)state;
	CHECK_LIST("", 4, 3, 2, 1, 0);
	CHECK_LIST("?limit=2", 4, 3, 0);
	CHECK_LIST("?cause=loss", 2, 0);
	CHECK_LIST("?cause=upload", 0);
	CHECK_LIST("?min_duration_ms=200.5", 4, 3, 0);
	CHECK_LIST("?min_duration_ms=200", 4, 3, 2, 0);
	CHECK_LIST("?cause=server&limit=1", 4, 0);
	CHECK_LIST("?cause=%73erver&limit=1", 4, 0);
}

static void check_member(json_t *entry, const char *name, const char *expected)
{
	char *text = json_dumps(json_object_get(entry, name), JSON_ENCODE_ANY);

	if (!text || strcmp(text, expected) != 0)
		fail_msg("%s is %s, not %s", name, text, expected);
	free(text);
}

static void test_entries(void **state)
{
	json_t *object, *slow, *entry;

	(void)state;
	client_exchange(CLIENT_GET("/api/v1/slow"));
	object = client_parse();
	slow = json_object_get(object, "slow");
	check_member(object, "limit", "100");
	entry = json_array_get(slow, 3);
	check_member(entry, "id", "1");
	check_member(entry, "target", "\"/1?a=REDACTED\"");
	check_member(entry, "status", "200");
	check_member(entry, "cause", "\"server\"");
	check_member(entry, "server_ns", "100000000");
	check_member(entry, "time", "\"1970-01-01T00:00:11.000000000Z\"");
	check_member(entry, "interface", "\"veth7\"");
	check_member(entry, "explanation",
		     "\"100ms, of which 100ms the server took to answer; the server says it took "
		     "90ms (X-Runtime)\"");
	check_member(entry, "server_stated_ns", "90000000");
	check_member(entry, "server_stated_by", "\"X-Runtime\"");
	check_member(entry, "file", "\"it s \\\"1\\\".pcapng\"");
	check_member(entry, "href", "\"/api/v1/slow/1.pcapng\"");
	entry = json_array_get(slow, 2);
	check_member(entry, "cause", "\"loss\"");
	check_member(entry, "server_stated_ns", "null");
	check_member(entry, "server_stated_by", "null");
	check_member(entry, "file", "null"); /* rotated away */
	check_member(entry, "href", "null");
	entry = json_array_get(slow, 0);
	check_member(entry, "file", "null"); /* a link */
	json_decref(object);
}

static void test_empty_list(void **state)
{
	struct slow_list *full = client_list;

	(void)state;
	client_list = slow_list_new(2, 0);
	client_exchange(CLIENT_GET("/api/v1/slow"));
	slow_list_free(client_list);
	client_list = full;
	client_check_status(200);
	assert_string_equal(client_body(), "{\"slow\":[],\"count\":0,\"limit\":100}\n");
}

static unsigned char file_byte(size_t i)
{
	return (unsigned char)(i * 31 + i / 65536);
}

static void test_file(void **state)
{
	const unsigned char *bytes;

	(void)state;
	client_exchange(CLIENT_GET("/api/v1/slow/1.pcapng"));
	client_check_status(200);
	client_check_has("\r\nContent-Type: application/vnd.tcpdump.pcap\r\n");
	client_check_has("\r\nContent-Disposition: attachment; filename=\"it_s__1_.pcapng\"\r\n");
	bytes = (const unsigned char *)client_body();
	assert_int_equal(client_answer_bytes - (size_t)((const char *)bytes - client_answer),
			 FILE_BYTES);
	for (size_t i = 0; i < FILE_BYTES; i++)
		if (bytes[i] != file_byte(i))
			fail_msg("byte %zu", i);
	client_exchange("HEAD /api/v1/slow/1.pcapng HTTP/1.1\r\n" CLIENT_CLOSE);
	client_check_status(200);
	client_check_has("\r\nContent-Length: 3145728\r\n");
	assert_string_equal(client_body(), "");
}

#define GONE(id)                                                                                   \
	"transaction " id ": its packets are not there, or not any more (its href is then null)"

static void test_files_that_are_not_there(void **state)
{
	(void)state;
	client_check_error(CLIENT_GET("/api/v1/slow/2.pcapng"), 404, "not_found", GONE("2"));
	client_check_error(CLIENT_GET("/api/v1/slow/3.pcapng"), 404, "not_found",
			   GONE("3")); /* a FIFO */
	client_check_error(CLIENT_GET("/api/v1/slow/4.pcapng"), 404, "not_found",
			   GONE("4")); /* a link */
	client_check_error(CLIENT_GET("/api/v1/slow/5.pcapng"), 404, "not_found",
			   GONE("5")); /* no such id */
	client_check_error(CLIENT_GET("/api/v1/slow/../../../etc/passwd"), 404, "not_found",
			   "/api/v1/slow/../../../etc/passwd: no such resource (GET / lists them)");
	client_check_error(CLIENT_GET("/api/v1/slow/%2e%2e/1.pcapng"), 404, "not_found",
			   "/api/v1/slow/../1.pcapng: no such resource (GET / lists them)");
}

static void add(u64 whole_ms, enum nl_cause cause, const char *path,
		const struct server_timing *timing)
{
	struct nl_record record = {
		.request_first_ns = SECOND,
		.request_last_ns = SECOND,
		.response_first_ns = SECOND + whole_ms * MS,
		.response_last_ns = SECOND + whole_ms * MS,
		.end_ns = SECOND + whole_ms * MS,
		.status = 200,
		.ifindex = 7,
		.cause = cause,
	};

	record.part_ns[NL_PART_server] = whole_ms * MS;
	record.head_bytes =
		(u16)sprintf((char *)record.head, "GET /%zu?a=\"b\" HTTP/1.1\r\nHost: h\r\n",
			     (size_t)whole_ms / 100);
	slow_list_add(client_list, &record, 10 * SECOND, path, timing);
}

static void make_files(void)
{
	FILE *file;

	assert_non_null(mkdtemp(folder));
	snprintf(file_path, sizeof(file_path), "%s/it s \"1\".pcapng", folder);
	snprintf(gone_path, sizeof(gone_path), "%s/2.pcapng", folder);
	snprintf(fifo_path, sizeof(fifo_path), "%s/3.pcapng", folder);
	snprintf(link_path, sizeof(link_path), "%s/4.pcapng", folder);
	file = fopen(file_path, "wb");
	assert_non_null(file);
	for (size_t i = 0; i < FILE_BYTES; i++)
		fputc(file_byte(i), file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(mkfifo(fifo_path, 0600), 0);
	assert_int_equal(symlink(file_path, link_path), 0);
}

static int set_up(void **state)
{
	const struct server_timing none = { 0 }, said = { 90 * MS, SERVER_TIMING_RUNTIME };

	(void)state;
	if (client_set_up(8) != 0)
		return -1;
	make_files();
	add(100, NL_CAUSE_server, file_path, &said);
	add(200, NL_CAUSE_loss, gone_path, &none);
	add(300, NL_CAUSE_server, fifo_path, &none);
	add(400, NL_CAUSE_server, link_path, &none);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(file_path);
	unlink(fifo_path);
	unlink(link_path);
	rmdir(folder);
	client_tear_down();
	return 0;
}

/* Nobody asked for slow transactions: so it is said. */
static void test_no_list(void **state)
{
	struct slow_list *saved = client_list;
	json_t *object;

	(void)state;
	client_list = NULL;
	client_exchange(CLIENT_GET("/api/v1/slow"));
	client_check_status(200);
	object = client_parse();
	assert_int_equal(json_array_size(json_object_get(object, "slow")), 0);
	assert_int_equal(json_integer_value(json_object_get(object, "count")), 0);
	assert_non_null(strstr(json_string_value(json_object_get(object, "message")), "nobody"));
	json_decref(object);
	client_exchange(CLIENT_GET("/api/v1/slow/1.pcapng"));
	client_check_status(404);
	client_list = saved;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),	   cmocka_unit_test(test_entries),
		cmocka_unit_test(test_empty_list), cmocka_unit_test(test_no_list),
		cmocka_unit_test(test_file),	   cmocka_unit_test(test_files_that_are_not_there),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
