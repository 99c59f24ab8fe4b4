/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_mask_lines.c - which bytes of a stream are secret, with and without holes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mask_lines.h"

/*
 * '~' stands for bytes that nobody has, as many as a following number says (else 1).
 * The marked bytes have to be those that are '*' in `expected`.
 */
static void check(bool is_response, bool is_start, const char *text, const char *expected)
{
	struct mask_lines lines;
	char found[1024];
	size_t used = 0;

	mask_lines_begin(&lines, is_response, is_start);
	while (*text) {
		size_t run = strcspn(text, "~");
		u8 *bytes = malloc(run + 1), *marks = calloc(1, run + 1);

		memcpy(bytes, text, run);
		mask_lines_take(&lines, bytes, run, marks);
		for (size_t i = 0; i < run; i++)
			found[used++] = marks[i] & MASK_SECRET ? '*' : text[i];
		free(bytes);
		free(marks);
		text += run;
		if (*text == '~') {
			char *end;
			unsigned long count = strtoul(text + 1, &end, 10);

			mask_lines_skip(&lines, count ? count : 1);
			found[used++] = '~';
			text = end;
		}
	}
	found[used] = '\0';
	assert_string_equal(found, expected);
}

static void check_request(const char *text, const char *expected)
{
	check(false, true, text, expected);
}

static void check_response(const char *text, const char *expected)
{
	check(true, true, text, expected);
}

static void test_names(void **state)
{
	(void)state;
	check_request("GET / HTTP/1.1\r\nCookie: a=b; c\r\nHost: h\r\n\r\n",
		      "GET / HTTP/1.1\r\nCookie: ******\r\nHost: h\r\n\r\n");
	check_request("G\r\nAUTHORIZATION:x y\r\nproxy-authorization:\t z\r\n",
		      "G\r\nAUTHORIZATION:***\r\nproxy-authorization:\t *\r\n");
	check_response("H\nset-cookie: a\nSet-Cookie:b\n\n", "H\nset-cookie: *\nSet-Cookie:*\n\n");
	check_request("G\nX-Api-Key: a\nApiKey: b\nX-Forwarded-Access-Token: "
		      "c\nproxy-authentication-info: d\n",
		      "G\nX-Api-Key: *\nApiKey: *\nX-Forwarded-Access-Token: "
		      "*\nproxy-authentication-info: *\n");
	check_request("GET /a?b=c HTTP/1.1\nReferer: /?d=e\nCookie: f\n",
		      "GET /a?b=* HTTP/1.1\nReferer: /?d=*\nCookie: *\n");
	check_request("G\nX-Cookie: a\nCookies: b\nCooki: c\n: d\nCookie\nAccept: Cookie: e\n",
		      "G\nX-Cookie: a\nCookies: b\nCooki: c\n: d\nCookie\nAccept: Cookie: e\n");
	check_request("G\nX-Serverless-Authorization: a\nSet-Cookie2: b\n",
		      "G\nX-Serverless-Authorization: *\nSet-Cookie2: *\n");
	check_request("G\nX-Proxy-Authorizations-Longer-Than-Any: a\nCookie:\n",
		      "G\nX-Proxy-Authorizations-Longer-Than-Any: a\nCookie:\n");
}

/* What lenient recipients take for the same field. */
static void test_odd_names(void **state)
{
	(void)state;
	check_request("G\nCookie : a\nA: b\n Cookie: b\n", "G\nCookie : *\nA: b\n Cookie: *\n");
	check_request("G\nX: a\rCookie: b\n", "G\nX: a\rCookie: *\n");
	check_request("G\nCookie: a\rX: b\n", "G\nCookie: *\r****\n");
	check_request("Cookie: a\n", "Cookie: *\n");
}

static void test_folded(void **state)
{
	(void)state;
	check_request("G\r\nCookie: a\r\n b\r\n\tc d\r\nHost: h\r\n",
		      "G\r\nCookie: *\r\n *\r\n\t***\r\nHost: h\r\n");
	check_request("G\nCookie:\n  a\n\nbody\n", "G\nCookie:\n  *\n\nbody\n");
	check_request("G\nHost: h\n a\n", "G\nHost: h\n a\n");
	check_request("G\nCookie: a\n\n b\n", "G\nCookie: *\n\n b\n");
}

/* After a hole everything is secret to the end of the line, and what is folded into it. */
static void test_holes(void **state)
{
	(void)state;
	check_request("G\nCookie: ab~cd\nHost: h\n", "G\nCookie: **~**\nHost: h\n");
	check_request("G\nCook~ie: ab\nHost: h\n", "G\nCook~******\nHost: h\n");
	check_request("G\nHost: h~ab\n cd\nHost: h\n", "G\nHost: h~**\n **\nHost: h\n");
	check_request("G\nHost: h\n~Host: h\n", "G\nHost: h\n~*******\n");
	check(false, false, "tail of a value\r\nHost: h\r\n", "***************\r\nHost: h\r\n");
	check(false, false, "GET / HTTP/1.1\r\nHost: h\r\n", "GET / HTTP/1.1\r\nHost: h\r\n");
	check(true, false, "HTTP/1.1 200 OK\r\nA: h\r\n", "HTTP/1.1 200 OK\r\nA: h\r\n");
	check(true, false, "HTTP/1.1 2", "**********");
	check(true, false, "GET / HTTP/1.1\r\n", "**************\r\n");
}

/* A start line behind a hole is known from its form, if it is cut only from its method. */
static void test_start_lines(void **state)
{
	(void)state;
	check(false, false, "PURGE /a HTTP/1.0\nA: b\n", "PURGE /a HTTP/1.0\nA: b\n");
	check(false, false, "PURGE /a", "********");
	check(false, false, "POST /a", "POST /a");
	check(false, false, "POST ?a", "*******");
	check(false, false, "POST ", "*****");
	check(false, false, "GET HTTP/1.1\n", "************\n");
	check(false, false, "GET /a HTTP/1.\n", "**************\n");
	check(false, false, "get /a HTTP/1.1\n", "***************\n");
	check(false, false, " /a HTTP/1.1\n", "************\n");
	check(false, true, "X~GET /a HTTP/1.1\nA: b\n", "X~GET /a HTTP/1.1\nA: b\n");
}

/* Missing bytes of a body whose length is sure make nothing secret. */
static void test_bodies(void **state)
{
	(void)state;
	check_response(
		"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nabcdef~7ghijklmHTTP/1.1 200 OK\r\n"
		"Set-Cookie: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nabcdef~ghijklmHTTP/1.1 200 OK\r\n"
		"Set-Cookie: *\r\n\r\n");
	check_response("HTTP/1.1 200 OK\nContent-Length: 20\n\nabcdef~14HTTP/1.1 204 N\n\n",
		       "HTTP/1.1 200 OK\nContent-Length: 20\n\nabcdef~HTTP/1.1 204 N\n\n");
	check_request("PUT / HTTP/1.1\nContent-Length: 9\n\na~4b~2cGET / HTTP/1.1\n\n",
		      "PUT / HTTP/1.1\nContent-Length: 9\n\na~b~cGET / HTTP/1.1\n\n");
	check(false, false, "PUT / HTTP/1.1\nContent-Length: 9\n\na~4b~2cd\n",
	      "PUT / HTTP/1.1\nContent-Length: 9\n\na~b~cd\n");
	/* Beyond its end */
	check_response("HTTP/1.1 200 OK\nContent-Length: 20\n\nabcdef~15abc\n",
		       "HTTP/1.1 200 OK\nContent-Length: 20\n\nabcdef~***\n");
}

/* A length that does not hold, or may not: the bytes after a hole are secret again. */
static void test_doubtful_bodies(void **state)
{
	static const char *const fields[] = {
		"Transfer-Encoding: chunked\nContent-Length: 20\n",
		"transfer-encoding : chunked\nContent-Length: 20\n",
		"Content-Length: 20\nContent-Length: 20\n",
		"Content-Length: 20, 20\n",
		"Content-Length: +20\n",
		"Content-Length : 20\n",
		"Content-Length: 2\n 0\n",
		"Content-Length: 9999999999999999999\n",
		"Content-Length:\n",
		"Content-Length: 20                                                            x\n",
		"Expect: 100-continue\nContent-Length: 20\n",
		"no colon\nContent-Length: 20\n",
		"A: b\n",
	};
	char text[256], expected[256];

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		snprintf(text, sizeof(text), "HTTP/1.1 200 OK\n%s\nabcdef~2x\n", fields[i]);
		snprintf(expected, sizeof(expected), "HTTP/1.1 200 OK\n%s\nabcdef~*\n", fields[i]);
		check_response(text, expected);
	}
	/* The response to HEAD, and those that have no body by their status */
	check_response("HTTP/1.1 200 OK\nContent-Length: 200\n\nHTTP/1.1 200 OK\nSet-~3x\n",
		       "HTTP/1.1 200 OK\nContent-Length: 200\n\nHTTP/1.1 200 OK\nSet-~*\n");
	check_response("HTTP/1.1 200 OK\nContent-Length: 200\n\nHTT~3x\n",
		       "HTTP/1.1 200 OK\nContent-Length: 200\n\nHTT~*\n");
	check_response("HTTP/1.1 304 N\nContent-Length: 200\n\nabcdefgh~3x\n",
		       "HTTP/1.1 304 N\nContent-Length: 200\n\nabcdefgh~*\n");
	/* Not after anything that could not be followed */
	check_response(
		"HTTP/1.1 200 OK\n\nabc\nHTTP/1.1 200 OK\nContent-Length: 20\n\nabcdefgh~3x\n",
		"HTTP/1.1 200 OK\n\nabc\nHTTP/1.1 200 OK\nContent-Length: 20\n\nabcdefgh~*\n");
	check_response(
		"HTTP/1.1 200 OK\n\nabc~3HTTP/1.1 200 OK\nContent-Length: 20\n\nabcdefgh~3x\n",
		"HTTP/1.1 200 OK\n\nabc~HTTP/1.1 200 OK\nContent-Length: 20\n\nabcdefgh~*\n");
	/* A secret goes on over a hole, and over what looks like the end of a body */
	check_response("HTTP/1.1 200 OK\nContent-Length: 12\n\nCookie: abcdefgh\n",
		       "HTTP/1.1 200 OK\nContent-Length: 12\n\nCookie: ********\n");
	check_response("HTTP/1.1 200 OK\nContent-Length: 40\n\nCookie: ab~3cd\ne~3f\n",
		       "HTTP/1.1 200 OK\nContent-Length: 40\n\nCookie: **~**\ne~f\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),		cmocka_unit_test(test_odd_names),
		cmocka_unit_test(test_folded),		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_start_lines),	cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_doubtful_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
