/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_export_labels.c - labels as text and as pairs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "export_labels.h"
#include "sample_snapshot.h"

static struct nl_series_key key_of(enum nl_method method, u16 status, enum nl_end_reason reason)
{
	return (struct nl_series_key){ .server_addr = sample_address(1),
				       .server_port = 8080,
				       .method = (u8)method,
				       .status = status,
				       .version = 0x10,
				       .reason = (u8)reason };
}

static void check_text(struct export_labels *labels, const char *text)
{
	assert_non_null(labels);
	assert_int_equal(labels->text_bytes, strlen(text));
	assert_memory_equal(labels->text, text, strlen(text));
	free(labels);
}

static void test_series(void **state)
{
	struct nl_series_key key = key_of(NL_METHOD_GET, 200, NL_END_none);

	(void)state;
	check_text(export_series_labels(&key, ""),
		   "server_address=\"10.0.0.2\",server_port=\"8080\",http_request_method=\"GET\","
		   "http_response_status_code=\"200\",url_scheme=\"http\","
		   "network_protocol_version=\"1.0\"");
	key = key_of(NL_METHOD_OTHER, 0, NL_END_timeout);
	check_text(export_series_labels(&key, "web"),
		   "server_address=\"10.0.0.2\",server_port=\"8080\",server_name=\"web\","
		   "http_request_method=\"_OTHER\",url_scheme=\"http\","
		   "network_protocol_version=\"1.0\",error_type=\"timeout\"");
	check_text(export_service_labels(&key, "web"),
		   "server_address=\"10.0.0.2\",server_port=\"8080\",server_name=\"web\"");
	check_text(export_end_labels(&key, ""),
		   "server_address=\"10.0.0.2\",server_port=\"8080\",reason=\"timeout\"");
}

static void test_pair(void **state)
{
	struct nl_row_key key = { .server_addr = sample_address(1),
				  .client_addr = { .bytes = { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 } },
				  .server_port = 80 };

	(void)state;
	check_text(export_pair_labels(&key, "a", "b"),
		   "server_address=\"10.0.0.2\",server_port=\"80\",server_name=\"a\","
		   "client_address=\"2001:db8::7\",client_name=\"b\"");
	check_text(export_pair_labels(&key, "", ""),
		   "server_address=\"10.0.0.2\",server_port=\"80\","
		   "client_address=\"2001:db8::7\"");
}

static void test_error_type(void **state)
{
	static const struct {
		u16 status;
		enum nl_end_reason reason;
		const char *type;
	} cases[] = {
		{ 200, NL_END_none, "" },
		{ 404, NL_END_none, "" }, /* no error of a server */
		{ 499, NL_END_none, "" },
		{ 500, NL_END_none, "500" },
		{ 599, NL_END_none, "599" },
		{ 600, NL_END_none, "" },
		{ 200, NL_END_timeout, "timeout" },
		{ 503, NL_END_server_reset, "connection_reset" },
		{ 0, NL_END_client_reset, "connection_reset" },
		{ 0, NL_END_server_closed, "server_closed" },
		{ 0, 200, "_OTHER" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nl_series_key key = key_of(NL_METHOD_GET, cases[i].status, cases[i].reason);

		export_error_type(text, &key);
		assert_string_equal(text, cases[i].type);
	}
}

/* As protobuf has them: the same, not escaped. */
static void test_escapes(void **state)
{
	struct nl_series_key key = key_of(NL_METHOD_GET, 200, NL_END_none);
	struct export_labels *labels = export_service_labels(&key, "a\"b\\c\nd\xff");

	(void)state;
	assert_non_null(labels);
	assert_int_equal(labels->count, 3);
	assert_string_equal(labels->labels[2].name, "server_name");
	assert_string_equal(labels->labels[2].value, "a\"b\\c\nd\xef\xbf\xbd");
	assert_string_equal(labels->server_name, "a\"b\\c\nd\xff"); /* to be compared with */
	check_text(labels, "server_address=\"10.0.0.2\",server_port=\"8080\","
			   "server_name=\"a\\\"b\\\\c\\nd\xef\xbf\xbd\"");
}

/* However long and strange a name is, labels stay whole. */
static void test_long_names(void **state)
{
	struct nl_row_key key = { .server_addr = sample_address(1), .server_port = 80 };
	char name[3000];

	(void)state;
	for (size_t length = 0; length < sizeof(name); length += 37) {
		struct export_labels *labels;

		memset(name, '"', length);
		name[length] = '\0';
		labels = export_pair_labels(&key, name, name);
		assert_non_null(labels);
		assert_true(labels->text_bytes <= EXPORT_LABELS_BYTES_MAX);
		assert_int_equal(labels->text[labels->text_bytes - 1], '"');
		assert_int_equal(labels->count, length ? 5 : 3);
		assert_true(length > 400 || strlen(labels->labels[2].value) == length ||
			    length == 0);
		free(labels);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_series),	   cmocka_unit_test(test_pair),
		cmocka_unit_test(test_error_type), cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
