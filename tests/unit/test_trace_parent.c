/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_trace_parent.c - trace-ids from request heads (W3C Trace Context, 3.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace_parent.h"

#define ID "0af7651916cd43dd8448eb211c80319c"
#define VALUE "00-" ID "-b7ad6b7169203331-01"
#define HEAD(fields) "GET / HTTP/1.1\r\n" fields "\r\n"

static bool read_id(char *id, const char *head)
{
	size_t length = strlen(head);
	u8 *bytes = malloc(length ? length : 1); /* without the NUL: it must not be needed */
	bool found;

	assert_non_null(bytes);
	memcpy(bytes, head, length);
	found = trace_parent_read(id, bytes, length);
	free(bytes);
	return found;
}

static void test_found(void **state)
{
	static const char *const heads[] = {
		HEAD("traceparent: " VALUE "\r\n"),
		HEAD("TraceParent:" VALUE "\r\n"),
		HEAD("Host: a\r\ntraceparent:\t " VALUE " \t\r\nAccept: b\r\n"),
		"GET / HTTP/1.1\ntraceparent: " VALUE "\n\n",
		HEAD("traceparent: 01-" ID "-b7ad6b7169203331-01\r\n"),
		HEAD("traceparent: cc-" ID "-b7ad6b7169203331-01-what-the-future-holds\r\n"),
		HEAD("traceparent: 00-" ID "-b7ad6b7169203331-ff\r\n"),
		HEAD("traceparent: " VALUE "\r\n") "traceparent: " VALUE "\r\n", /* in the body */
		"GET / HTTP/1.1\r\ntraceparent: " VALUE "\r\nHost: cut o",
		HEAD("x-traceparent: 1\r\ntraceparent: " VALUE "\r\n"),
	};
	char id[TRACE_ID_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		memset(id, 'x', sizeof(id));
		if (!read_id(id, heads[i]))
			fail_msg("not found in %s", heads[i]);
		assert_string_equal(id, ID);
	}
}

static void test_not_found(void **state)
{
	static const char *const heads[] = {
		"",
		"\n",
		"GET / HTTP/1.1\r\n",
		HEAD(""),
		HEAD("Host: a\r\n"),
		"traceparent: " VALUE "\r\n\r\n", /* the request line is no field */
		HEAD("\r\ntraceparent: " VALUE "\r\n"),
		HEAD("traceparent : " VALUE "\r\n"),
		HEAD(" traceparent: " VALUE "\r\n"),
		HEAD("traceparent: " VALUE "\r\ntraceparent: " VALUE "\r\n"),
		HEAD("traceparent: 0" VALUE "\r\n"),
		HEAD("traceparent: " VALUE "0\r\n"),
		HEAD("traceparent: " VALUE "-x\r\n"), /* not in version 00 */
		HEAD("traceparent: 01-" ID "-b7ad6b7169203331-01x\r\n"),
		HEAD("traceparent: ff-" ID "-b7ad6b7169203331-01\r\n"),
		HEAD("traceparent: 00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01\r\n"),
		HEAD("traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01\r\n"),
		HEAD("traceparent: 00-" ID "-0000000000000000-01\r\n"),
		HEAD("traceparent: 00-" ID "-b7ad6b716920333g-01\r\n"),
		HEAD("traceparent: 00-" ID "-b7ad6b7169203331-0\"\r\n"),
		HEAD("traceparent: 00_" ID "-b7ad6b7169203331-01\r\n"),
		HEAD("traceparent: 00-" ID "\"b7ad6b7169203331-01\r\n"),
		HEAD("traceparent:\r\n"),
	};
	char id[TRACE_ID_BYTES + 1] = "untouched";

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		if (read_id(id, heads[i]))
			fail_msg("found in %s", heads[i]);
		assert_string_equal(id, "untouched");
	}
}

/* Cut anywhere before the end of its line it is not there. */
static void test_cut(void **state)
{
	static const char head[] = HEAD("traceparent: " VALUE "\r\n");
	const size_t line = strlen("GET / HTTP/1.1\r\ntraceparent: " VALUE "\r\n");
	char id[TRACE_ID_BYTES + 1], text[sizeof(head)];

	(void)state;
	for (size_t cut = 0; cut < sizeof(head); cut++) {
		memcpy(text, head, cut);
		text[cut] = '\0';
		assert_int_equal(read_id(id, text), cut >= line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
