/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_mask_urls.c - which bytes of a stream are secrets of URLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mask_lines.h"
#include "mask_urls.h"

/* The marked bytes have to be those that are '*' in `expected`. No byte behind is read. */
static void check(bool is_response, const char *text, const char *expected)
{
	size_t count = strlen(text);
	u8 *bytes = malloc(count + !count), *marks = calloc(1, count + 1);
	char found[512];

	assert_true(count < sizeof(found));
	memcpy(bytes, text, count);
	mask_urls(bytes, count, is_response, marks);
	for (size_t i = 0; i < count; i++)
		found[i] = marks[i] & MASK_SECRET ? '*' : text[i];
	found[count] = '\0';
	assert_string_equal(found, expected);
	free(bytes);
	free(marks);
}

static void check_request(const char *text, const char *expected)
{
	check(false, text, expected);
}

static void test_request_lines(void **state)
{
	(void)state;
	check_request("", "");
	check_request("GET /a?b=cd&e=f HTTP/1.1\r\nHost: h\r\n\r\n",
		      "GET /a?b=**&e=* HTTP/1.1\r\nHost: h\r\n\r\n");
	check_request("GET http://u:pw@h/?cd HTTP/1.0\n", "GET http://*:**@h/?** HTTP/1.0\n");
	check_request("CONNECT u:p@h:443 HTTP/1.1\n", "CONNECT *:*@h:443 HTTP/1.1\n");
	check_request("MKCOL-2 /a?b=c HTTP/1.1\n", "MKCOL-2 /a?b=* HTTP/1.1\n");
	check_request("X.Y http://u:pw@h/?cd HTTP/1.1\n", "X.Y http://*:**@h/?** HTTP/1.1\n");
	check_request("get_2 http://u:pw@h/?cd HTTP/1.1\n", "get_2 http://*:**@h/?** HTTP/1.1\n");
	check_request("get h:u@p HTTP/1.1 \n", "get *:*@p HTTP/1.1 \n");
	check_request("GET  \t/a?b=c  HTTP/1.1\n", "GET  \t/a?b=** HTTP/1.1\n");
	check_request("GET /a?b=c\n", "GET /a?b=*\n");
	check_request("\r\nGET /a?b=c HTTP/1.1\rX: y\r", "\r\nGET /a?b=* HTTP/1.1\rX: y\r");
	/* Some servers take all but the last word for the target. */
	check_request("GET /a?b=c d e HTTP/1.1\n", "GET /a?b=***** HTTP/1.1\n");
	check_request("GET /a HTTP/1.1\n\nPOST /b?c=d HTTP/1.1\n",
		      "GET /a HTTP/1.1\n\nPOST /b?c=* HTTP/1.1\n");
}

static void test_cut_request_lines(void **state)
{
	(void)state;
	check_request("GET /a?b=cd", "GET /a?b=**");
	check_request("GET /a?b=cd HTT", "GET /a?b=******");
	check_request("GET /a?tok", "GET /a?***");
	check_request("GET http://us", "GET http://**");
	check_request("x.y http://us", "x.y http://**");
	check_request("GET /a", "GET /a");
	check_request("GET ", "GET ");
	check_request("GET", "GET");
}

/* A body need not end with a line, and then a request follows in the same. */
static void test_behind_bodies(void **state)
{
	(void)state;
	check_request("{\"a\":1}GET /a?b=c HTTP/1.1\n", "{\"a\":1}GET /a?b=* HTTP/1.1\n");
	check_request("a=b&cGET /a?b=c", "a=b&cGET /a?b=*");
	check_request("{\"a\":1}LOCK /a?b=c HTTP/1.1\n", "***************************\n");
	check_request("a:1LOCK http://h/?b HTTP/1.1\n", "****************************\n");
	check_request("Via: h HTTP/1.1\n", "Via: h HTTP/1.1\n");
	check_request("{\"a\": \"b?c=d\"}\n", "{\"a\": \"b?c=d\"}\n");
	check_request("abcFOO http://h/?b=c HTTP/1.1\n", "abcFOO http://h/?b=* HTTP/1.1\n");
	check_request("hello a?b=c\n", "hello a?b=c\n");
}

static void test_fields(void **state)
{
	(void)state;
	check_request("Referer: http://h/a?b=c\r\nX: /a?b=c\r\n",
		      "Referer: http://h/a?b=*\r\nX: /a?b=c\r\n");
	check_request("X-Original-URL:/a?b=c\n", "X-Original-URL:/a?b=*\n");
	check(true, "HTTP/1.1 302 F\r\nLocation: http://u@h/#cd\r\n\r\n",
	      "HTTP/1.1 302 F\r\nLocation: http://*@h/#**\r\n\r\n");
	check(true, "content-location :\t/a?b\nRefresh: 0; url=/a?b=c\n",
	      "content-location :\t/a?*\nRefresh: 0; url=/a?b=*\n");
	check(true, "Location\nLocations: /?a\n: /?a\nLocation:",
	      "Location\nLocations: /?a\n: /?a\nLocation:");
	check_request("Host: u:pw@h\r\nHost: h?b=c\r\nHost: h:80\r\n",
		      "Host: *:**@h\r\nHost: h?b=*\r\nHost: h:80\r\n");
	check_request("HX-Current-URL: http://h/a?b=c\nX-Auth-Request-Redirect: /a?b=c\n",
		      "HX-Current-URL: http://h/a?b=*\nX-Auth-Request-Redirect: /a?b=*\n");
	check(true, "Link: <http://u@h/a>, <http://v@h/b?c=d>\n",
	      "Link: <http://*@h/a>, <http://*@h/b?c=**\n");
	check(true, "Refresh: 0; url=http://u:pw@h/\n", "Refresh: 0; url=http://*:**@h/\n");
	check(true, "Location: http://hos", "Location: http://***");
	check(true, "GET /a?b=c HTTP/1.1\n", "GET /a?b=c HTTP/1.1\n");
}

static void test_users(void **state)
{
	(void)state;
	check(true, "Link: <http://u:pw@h/a>; rel=next, <//u@h>\n",
	      "Link: <http://*:**@h/a>; rel=*******//*@h>\n");
	check(true, "Refresh: 0; url=http:\\\\u:pw@h\\a/b//c@d\n",
	      "Refresh: 0; url=http:\\\\*:**@h\\a/b//*@d\n");
	check(true, "Link: </a>, <http://us", "Link: </a>, <http://**");
	check(true, "Link: </a/>, <b@c>\n", "Link: </a/>, <b@c>\n");
	check_request("Host: u:pw@h:80\r\nHosts: u@h\r\n", "Host: *:**@h:80\r\nHosts: u@h\r\n");
	check_request("Host: h:80\nHOST:[::1]:80\n", "Host: h:80\nHOST:[::1]:80\n");
	check_request("GET / HTTP/1.1\nHost: h", "GET / HTTP/1.1\nHost: h");
}

/* What is folded into a URL, is a part of it that cannot be told from others. */
static void test_folded(void **state)
{
	(void)state;
	check_request("Referer: /a?b=c\r\n de\r\n\tf\r\nX: y\r\n",
		      "Referer: /a?b=*\r\n***\r\n**\r\nX: y\r\n");
	check_request("Referer: /a\n ?b\nX: y\n z\n", "Referer: /a\n***\nX: y\n z\n");
	check_request("Referer: /a\r\n\r\n b\r\n", "Referer: /a\r\n\r\n b\r\n");
	check_request("Referer: /a\n\n b\n", "Referer: /a\n\n b\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_lines), cmocka_unit_test(test_cut_request_lines),
		cmocka_unit_test(test_behind_bodies), cmocka_unit_test(test_fields),
		cmocka_unit_test(test_folded),	      cmocka_unit_test(test_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
