/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_utf8.c - what is UTF-8 (RFC 3629), and what becomes of the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "utf8.h"

#define FFFD "\xef\xbf\xbd"

/* Each in memory of its own size, so that the sanitizer sees a read beyond it. */
static void check(const char *bytes, const char *expected)
{
	size_t length = strlen(bytes), written;
	char *exact = malloc(length ? length : 1), text[64];

	memcpy(exact, bytes, length);
	assert_int_equal(utf8_is_valid(exact, length), strcmp(bytes, expected) == 0);
	written = utf8_repair(text, sizeof(text), exact, length);
	assert_int_equal(written, strlen(expected));
	assert_memory_equal(text, expected, written);
	free(exact);
}

static void test_well_formed(void **state)
{
	static const char *const texts[] = {
		"",
		"plain\x01\x7f",
		"\xc2\x80",	    /* U+0080, the first of two bytes */
		"\xdf\xbf",	    /* U+07FF, the last */
		"\xe0\xa0\x80",	    /* U+0800, the first of three */
		"\xed\x9f\xbf",	    /* U+D7FF, before the surrogates */
		"\xee\x80\x80",	    /* U+E000, after them */
		"\xef\xbf\xbf",	    /* U+FFFF */
		"\xf0\x90\x80\x80", /* U+10000, the first of four */
		"\xf4\x8f\xbf\xbf", /* U+10FFFF, the last of all */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check(texts[i], texts[i]);
}

static void test_repair(void **state)
{
	(void)state;
	check("/\xff\xfe", "/" FFFD FFFD);
	check("/\x80z", "/" FFFD "z");
	check("/\xc3", "/" FFFD);
	check("/\xc3z", "/" FFFD "z");
	check("/\xe2\x82", "/" FFFD FFFD);
	check("/\xe2\x82z", "/" FFFD FFFD "z");
	check("\xf0\x9f\x98\xc3\xbc", FFFD FFFD FFFD "\xc3\xbc");
	check("\xc0\xaf", FFFD FFFD);			/* overlong */
	check("\xc1\xbf", FFFD FFFD);			/* overlong */
	check("\xe0\x9f\xbf", FFFD FFFD FFFD);		/* overlong */
	check("\xf0\x8f\xbf\xbf", FFFD FFFD FFFD FFFD); /* overlong */
	check("\xed\xa0\x80", FFFD FFFD FFFD);		/* a surrogate */
	check("\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD); /* above U+10FFFF */
	check("\xf5\x80\x80\x80", FFFD FFFD FFFD FFFD);
}

static void test_no_room(void **state)
{
	char text[5] = "....";

	(void)state;
	assert_int_equal(utf8_repair(text, 4, "a\xff\xff", 3), 4);
	assert_string_equal(text, "a" FFFD);
	memcpy(text, "....", 5);
	assert_int_equal(utf8_repair(text, 3, "a\xff", 2), 1); /* no half a character */
	assert_string_equal(text, "a...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well_formed),
		cmocka_unit_test(test_repair),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
