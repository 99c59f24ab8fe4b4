/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_redact.c - which bytes of a target are told, and that no others ever are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "redact.h"

#define R REDACTED

static struct nl_record record;
static struct shown_request shown;

/* The excerpt is as long as `head`, and what lies behind it must not be read. */
static void read_bytes(const char *head, size_t length)
{
	memset(record.head, '#', sizeof(record.head));
	memcpy(record.head, head, length);
	record.head_bytes = (u16)length;
	redact_request(&shown, &record);
}

static void check_span(struct byte_span span, const char *expected)
{
	if (!expected) {
		assert_null(span.begin);
		return;
	}
	assert_non_null(span.begin);
	if (span.length != strlen(expected) || memcmp(span.begin, expected, span.length) != 0)
		fail_msg("'%.*s', not '%s'", (int)span.length, (const char *)span.begin, expected);
}

static void check_target(const char *target, const char *expected)
{
	char head[NL_HEAD_BYTES_MAX + 1];

	snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\n", target);
	read_bytes(head, strlen(head));
	check_span(shown.target, expected);
}

/* The excerpt ends within the target. */
static void check_cut(const char *target, const char *expected)
{
	char head[NL_HEAD_BYTES_MAX + 1];

	snprintf(head, sizeof(head), "GET %s", target);
	read_bytes(head, strlen(head));
	check_span(shown.target, expected);
}

static void test_nothing_secret(void **state)
{
	static const char *const targets[] = { "/",
					       "*",
					       "/a/b.html",
					       "/a@b/c:d",
					       "/a?",
					       "/a#",
					       "/a?#",
					       "/a?b=",
					       "/a?b=&c=&",
					       "/a?&&",
					       "/a;b/c",
					       "/gr\xc3\xbc\xc3\x9f",
					       "example.org:443",
					       "[2001:db8::1]:443",
					       "http://example.org",
					       "http://example.org:8080/a",
					       "http://[2001:db8::1]/a@b",
					       "//double//slashes",
					       "://" };

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		check_target(targets[i], targets[i]);
}

static void test_values(void **state)
{
	(void)state;
	check_target("/a?id=1&q=two+words", "/a?id=" R "&q=" R);
	check_target("/a?id=1&&q=%3D%26&", "/a?id=" R "&&q=" R "&");
	check_target("/a?x==1&y=a=b", "/a?x=" R "&y=" R);
	check_target("/a?=1", "/a?=" R);
	check_target("?a=1", "?a=" R);
	check_target("/a?b=1?c=2", "/a?b=" R);
	check_target("/a?u=http://u:p@h/?x=y#z", "/a?u=" R "#" R);
	check_target("/a?b=\xc3\xbc\xff\x01", "/a?b=" R);
	check_target("http://ab.de?x=1", "http://ab.de?x=" R);
	check_target("http://ab.de:80/p?x=1", "http://ab.de:80/p?x=" R);
	check_target("index?x=1", "index?x=" R);
}

/* What is shown as a name is one. */
static void test_names(void **state)
{
	char target[100] = "/?", expected[100];

	(void)state;
	check_target("/a?$top=1&a.b-c_d~e=2&ns:n=3&f[0]=4&f%5bx%5D=5",
		     "/a?$top=" R "&a.b-c_d~e=" R "&ns:n=" R "&f[0]=" R "&f%5bx%5D=" R);
	check_target("/a?token", "/a?" R);
	check_target("/a?x=1&token", "/a?x=" R "&" R);
	check_target("/a?token%3Dabc", "/a?" R);
	check_target("/a?token%3Dabc=1", "/a?" R);
	check_target("/a?f%5=1&f%5G=2&f%=3", "/a?" R "&" R "&" R);
	check_target("/a?\xc3\xbc=1", "/a?" R);
	check_target("/a?a b", "/a?" R); /* all but the first word is not the target */
	/* Some servers take `;` for `&`, some do not: in both cases nothing of a value is told. */
	check_target("/a?b=1;c=2", "/a?b=" R);
	check_target("/a?token;c=2", "/a?" R);
	/* Long names, and tokens that end as base64 does, may be values. */
	check_target("/a?bmFtZQ==&x=1", "/a?bmFtZQ=" R "&x=" R);
	check_target("/a?dGhlIHNlY3JldA==", "/a?" R);
	check_target("/a?dGhlIHNlY3JldC4=&b=", "/a?" R "&b=");
	check_target("/a?dGhlIHNlY3JldA==1", "/a?dGhlIHNlY3JldA=" R);
	memset(target + 2, 'n', 64);
	memcpy(target + 66, "=1", 3);
	snprintf(expected, sizeof(expected), "%.67s" R, target);
	check_target(target, expected);
	memcpy(target + 66, "n=1", 4);
	check_target(target, "/?" R);
}

static void test_paths(void **state)
{
	(void)state;
	check_target("/a;jsessionid=0123", "/a;jsessionid=" R);
	check_target("/a;v=1;w=2/b;x=3?y=4", "/a;v=" R ";w=" R "/b;x=" R "?y=" R);
	check_target("/a;=1;;b", "/a;=" R ";;b");
	check_target("/a#access_token=1?x=2", "/a#" R);
	check_target("/a?x=1#y", "/a?x=" R "#" R);
}

static void test_userinfo(void **state)
{
	(void)state;
	check_target("http://u:p@ab.de:81/x", "http://" R ":" R "@ab.de:81/x");
	check_span(shown.host, "ab.de:81");
	check_target("http://u@ab.de", "http://" R "@ab.de");
	check_target("http://:p@ab.de", "http://:" R "@ab.de");
	check_target("http://@ab.de", "http://@ab.de");
	check_target("http://u:p:q@r@ab.de?x", "http://" R ":" R "@ab.de?" R);
	check_span(shown.host, "ab.de");
	check_target("//u:p@ab.de/x", "//" R ":" R "@ab.de/x");
	check_target("u:p@ab.de:443", R ":" R "@ab.de:443");
	check_target("http:u@ab.de/x", R ":" R "@ab.de/x");
	check_target("http:/u:p@ab.de/x", "http:/" R ":" R "@ab.de/x");
	check_target("http:\\\\u:p@ab.de\\x", "http:\\\\" R ":" R "@ab.de\\x");
	check_target("http://ab.de/@x", "http://ab.de/@x");
}

/* URLs in a path, as proxies and link checkers have them, encoded or not. */
static void test_inner_urls(void **state)
{
	(void)state;
	check_target("/p/http://u:p@ab.de/x", "/p/http://" R ":" R "@ab.de/x");
	check_target("/p/http:/u:p@ab.de/x", "/p/http:/" R ":" R "@ab.de/x");
	check_target("http://c/http://u@ab.de", "http://c/http://" R "@ab.de");
	check_target("/p/http%3A%2F%2fu%3Ap%40ab.de%2Fx", "/p/http%3A%2F%2f" R "%40ab.de%2Fx");
	check_target("/p/http://ab.de/@x", "/p/http://ab.de/@x");
	check_target("/p/ab.de%3Fx=1&y=2", "/p/ab.de%3F" R);
	check_target("/p/ab.de%3fx=1?y=2", "/p/ab.de%3f" R "?y=" R);
	check_target("http://u%3Ap%40ab.de/x", "http://" R "%40ab.de/x");
	check_span(shown.host, "ab.de");
	check_target("/a%20b:80/%3", "/a%20b:80/%3");
	check_cut("/p/http://us", "/p/http://" R);
	check_cut("/p/http://ab.de/x", "/p/http://ab.de/x");
}

/* A URL in a query is not where the request goes. */
static void test_no_host_of_a_query(void **state)
{
	(void)state;
	check_target("a?x=http://secret/", "a?x=" R);
	check_span(shown.host, NULL);
	check_target("?x=://secret", "?x=" R);
	check_span(shown.host, NULL);
}

static void test_cut(void **state)
{
	(void)state;
	check_cut("/a/b", "/a/b");
	check_cut("/a?x=1&y=2", "/a?x=" R "&y=" R);
	check_cut("/a?x=1&toke", "/a?x=" R "&" R);
	check_cut("http://us", "http://" R);
	check_cut("http://user@pass", "http://" R);
	check_cut("http://ab.de/x", "http://ab.de/x");
	check_cut("http://ab.de?x", "http://ab.de?" R);
	check_cut("htt", R);
	check_cut("ab.de:44", R);
}

static void test_hosts(void **state)
{
	static const struct {
		const char *field, *expected;
	} hosts[] = {
		{ "ab.de:80", "ab.de:80" },
		{ "[2001:db8::1]:80", "[2001:db8::1]:80" },
		{ "u%3Ap%40ab.de", "ab.de" },
		{ "u:p@q@ab.de", "ab.de" },
		{ "ab.de/?t=1", "ab.de" },
		{ "ab.de?t=1", "ab.de" },
		{ "ab.de#t", "ab.de" },
		{ "u:p@", NULL },
		{ "?t=1", NULL },
	};
	char head[100];

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		snprintf(head, sizeof(head), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i].field);
		read_bytes(head, strlen(head));
		check_span(shown.host, hosts[i].expected);
	}
}

static void test_methods(void **state)
{
	(void)state;
	read_bytes("PURGE / HTTP/1.1\r\n", 18);
	check_span(shown.method, "PURGE");
	record.method = NL_METHOD_GET;
	read_bytes("", 0);
	check_span(shown.method, "GET");
	check_span(shown.target, NULL);
	check_span(shown.host, NULL);
	record.method = 200;
	read_bytes("", 0);
	check_span(shown.method, NULL);
	record.head_bytes = 60000; /* never beyond head[] */
	redact_request(&shown, &record);
}

static void test_show_sensitive(void **state)
{
	(void)state;
	redact_set_off(true);
	check_target("http://u:p@ab.de/?a=b#c", "http://u:p@ab.de/?a=b#c");
	redact_set_off(false);
	check_target("http://u:p@ab.de/?a=b#c", "http://" R ":" R "@ab.de/?a=" R "#" R);
}

/* Of each two bytes one is a value: nothing grows more. */
static void test_longest(void **state)
{
	char head[NL_HEAD_BYTES_MAX];
	size_t values = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(head); i++)
		head[i] = "&x"[i % 2];
	memcpy(head, "G /?", 4);
	read_bytes(head, sizeof(head));
	for (size_t i = 0; i + strlen(R) <= shown.target.length; i++)
		values += memcmp(shown.target.begin + i, R, strlen(R)) == 0;
	assert_int_equal(values, (sizeof(head) - 4) / 2);
	assert_true(shown.target.length < REDACT_TARGET_BYTES_MAX);
	assert_null(memchr(shown.target.begin, 'x', shown.target.length));
}

/* Secrets of letters that nothing else has, in all places where there are some: none is left. */
static void test_nothing_of_a_value_survives(void **state)
{
	static const char letters[] = "jkqvwxz";
	static const char fillers[] = "=;?@:/%#+ \\\xc3\xbc\x01";
	static const struct {
		const char *format;
		bool is_any; /* what the secret is of does not matter: it ends with the target, or
				at & */
	} forms[] = {
		{ "/p?a=%s", true },	     { "/p?a=1&b=%s&c=d", true },
		{ "/p?a=b;%s", true },	     { "/p#%s", true },
		{ "/p?a=b#%s", true },	     { "http://h/p?a=%s", true },
		{ "/p?%s", false },	     { "/p?%s&a=1", false },
		{ "/p?a;%s=c", false },	     { "/p?%s==", false },
		{ "/p?%s%%26y=a", false },   { "http://h?%s=", false },
		{ "/p;s=%s/y?r=s", false },  { "http://%s@h/", false },
		{ "http://u:%s@h/", false }, { "//%s:u@h", false },
		{ "u:%s@h:443", false },     { "http:///%s:u@h/", false },
	};
	char secret[64], target[200];

	(void)state;
	srandom(11);
	for (unsigned round = 0; round < 20000; round++) {
		unsigned form = round % (sizeof(forms) / sizeof(forms[0]));
		size_t length = 16 + (size_t)random() % 40;

		for (size_t i = 0; i < length; i++)
			secret[i] = forms[form].is_any && random() % 4 == 0
					    ? fillers[(size_t)random() % (sizeof(fillers) - 1)]
					    : letters[(size_t)random() % (sizeof(letters) - 1)];
		secret[length] = '\0';
		snprintf(target, sizeof(target), forms[form].format, secret);
		memcpy(record.head, "GET ", 4);
		memcpy(record.head + 4, target, strlen(target));
		/* Whole, and cut anywhere */
		for (size_t end = strlen(target) + 4; end > 4; end--) {
			record.head_bytes = (u16)end;
			redact_request(&shown, &record);
			for (size_t i = 0; i < shown.target.length; i++)
				if (memchr(letters, shown.target.begin[i], sizeof(letters) - 1))
					fail_msg("'%s' gives '%.*s'", target,
						 (int)shown.target.length,
						 (const char *)shown.target.begin);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_secret),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_userinfo),
		cmocka_unit_test(test_inner_urls),
		cmocka_unit_test(test_no_host_of_a_query),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_show_sensitive),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_nothing_of_a_value_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
