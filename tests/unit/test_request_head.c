/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_request_head.c - method, target and host, from heads whole and cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "request_head.h"

static void check_span(struct byte_span span, const char *expected)
{
	if (!expected) {
		assert_null(span.begin);
		assert_int_equal(span.length, 0);
		return;
	}
	assert_non_null(span.begin);
	assert_int_equal(span.length, strlen(expected));
	assert_memory_equal(span.begin, expected, span.length);
}

/* The bytes lie flush at the end of their memory, so that the sanitizer sees one read too many. */
static void check_head(const char *text, const char *method, const char *target, const char *host)
{
	size_t length = strlen(text);
	u8 *bytes = malloc(length ? length : 1);
	struct request_head head;

	memcpy(bytes, text, length);
	request_head_read(&head, bytes, length);
	check_span(head.method, method);
	check_span(head.target, target);
	check_span(head.host, host);
	free(bytes);
}

static void test_host_field(void **state)
{
	(void)state;
	check_head("PURGE * HTTP/1.1\r\nhOST:\t a.b \t\r\n\r\n", "PURGE", "*", "a.b");
	check_head("GET / HTTP/1.1\nX: y\nHost:bare-lf\n\n", "GET", "/", "bare-lf");
	check_head("GET / HTTP/1.1\r\nX-Host: no\r\nHostess: no\r\n\r\n", "GET", "/", NULL);
	check_head("GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET", "/", NULL);
	check_head("GET / HTTP/1.1\r\nHost: first\r\nHost: second\r\n\r\n", "GET", "/", "first");
	check_head("CONNECT ab.de:443 HTTP/1.1\r\nHost: ab.de\r\n\r\n", "CONNECT", "ab.de:443",
		   "ab.de");
	check_head("GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n", "GET", "/",
		   "[2001:db8::1]:80");
}

/* RFC 9112, 3.2.2: the authority of the target counts, not the Host field. */
static void test_absolute_form(void **state)
{
	(void)state;
	check_head("GET http://u:p@ab.de:81/x HTTP/1.1\r\nHost: no\r\n\r\n", "GET",
		   "http://u:p@ab.de:81/x", "ab.de:81");
	check_head("GET http://ab.de?x HTTP/1.1\r\n\r\n", "GET", "http://ab.de?x", "ab.de");
	check_head("GET http://ab.de HTTP/1.1\r\n\r\n", "GET", "http://ab.de", "ab.de");
	check_head("GET http:// HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "http://", "h");
	check_head("GET /a?u=http://no/ HTTP/1.1\r\n\r\n", "GET", "/a?u=http://no/", NULL);
	check_head("GET /a@b HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "/a@b", "h");
}

/* What is there of the target, but a host only if it is whole. */
static void test_cut(void **state)
{
	(void)state;
	check_head("", NULL, NULL, NULL);
	check_head("GE", "GE", NULL, NULL);
	check_head("POST ", "POST", NULL, NULL);
	check_head("POST /long", "POST", "/long", NULL);
	check_head("POST /long HT", "POST", "/long", NULL);
	check_head("GET http://ab.de", "GET", "http://ab.de", NULL);
	check_head("GET http://ab.de/pa", "GET", "http://ab.de/pa", "ab.de");
	check_head("GET / HTTP/1.1\r\nHost: examp", "GET", "/", NULL);
	check_head("GET / HTTP/1.1\r\nHost: exam.org\r\nAcc", "GET", "/", "exam.org");
	check_head("GET / HTTP/1.1\r\nHo", "GET", "/", NULL);
}

static void test_not_a_request(void **state)
{
	(void)state;
	check_head("\r\n\r\n", NULL, NULL, NULL);
	check_head(" ", NULL, NULL, NULL);
	check_head("  \r\nHost: h\r\n", NULL, NULL, "h");
	check_head(":// :// ://", "://", "://", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host_field),
		cmocka_unit_test(test_absolute_form),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_not_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
