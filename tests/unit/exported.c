/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* exported.c - a record's line of JSON, read back by jansson; part of several tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"
#include "exported.h"

json_t *exported;
struct json_exporter *exporter;

static union nl_addr address_of(const char *text)
{
	struct nl_filter_net net;

	assert_true(net_parse(text, &net));
	return net.addr;
}

struct nl_record exported_sample(void)
{
	static const char head[] =
		"GET /path?q=1 HTTP/1.1\r\nHost: example.org:8080\r\nAccept: */*\r\n\r\n";
	struct nl_record record = {
		.request_first_ns = 1000000001,
		.request_last_ns = 1000000501,
		.response_first_ns = 1005000501,
		.response_last_ns = 1006000501,
		.end_ns = 1006000502,
		.request_bytes = 77,
		.response_bytes = 1234,
		.client_addr = address_of("172.18.0.3"),
		.server_addr = address_of("2001:db8::2"),
		.client_port = 40000,
		.server_port = 8080,
		.status = 200,
		.method = NL_METHOD_GET,
		.request_version = 0x11,
	};

	/* What the ring does not send must not be read. */
	memset(record.head, '#', sizeof(record.head));
	memcpy(record.head, head, sizeof(head) - 1);
	record.head_bytes = sizeof(head) - 1;
	return record;
}

void export_with(const struct nl_record *record, u64 offset_ns, const char *interface)
{
	struct json_text text;
	json_error_t error;
	char *line;
	size_t size;

	assert_int_equal(json_text_init(&text, JSON_LINE_BYTES_MAX + 1), 0);
	text.end--; /* for the end of a C string */
	json_exporter_line(exporter, &text, record, offset_ns, interface);
	assert_int_equal(text.error, 0);
	*text.at = '\0';
	line = text.begin;
	size = (size_t)(text.at - text.begin);
	assert_true(size > 2 && line[size - 1] == '\n');
	assert_int_equal(strlen(line), size);
	assert_ptr_equal(strchr(line, '\n'), line + size - 1);
	json_decref(exported);
	exported = json_loads(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (!exported)
		fail_msg("%s in %s", error.text, line);
	json_text_free(&text);
}

void export_record(const struct nl_record *record)
{
	export_with(record, EXPORTED_EPOCH_NS, "veth1");
}

void check_string(const char *name, const char *value)
{
	json_t *found = json_object_get(exported, name);

	if (!value)
		assert_true(json_is_null(found));
	else
		assert_string_equal(json_string_value(found), value);
}

void check_integer(const char *name, u64 value)
{
	json_t *found = json_object_get(exported, name);

	assert_true(json_is_integer(found));
	assert_int_equal(json_integer_value(found), value);
}

void check_null(const char *name)
{
	if (!json_is_null(json_object_get(exported, name)))
		fail_msg("%s is not null", name);
}

void check_list(const char *name, const char *expected)
{
	char *text = json_dumps(json_object_get(exported, name), JSON_COMPACT);

	assert_string_equal(text, expected);
	free(text);
}

int exported_set_up(void **state)
{
	(void)state;
	exporter = json_exporter_new();
	return exporter ? 0 : -1;
}

int exported_tear_down(void **state)
{
	(void)state;
	json_decref(exported);
	json_exporter_free(exporter);
	json_exporter_free(NULL);
	return 0;
}
