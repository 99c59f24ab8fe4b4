/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_http1_numbers.c - Content-Length and chunk sizes of any number of digits: short ones
 * are read at once, long ones digit by digit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/http1.h"

static struct nl_window window;

/* Put a line at an odd place of the window, stale digits all around. Returns its end. */
static u32 put_line(u32 at, const char *text)
{
	memset(window.bytes, '7', sizeof(window.bytes));
	memcpy(window.bytes + at, text, strlen(text));
	return at + (u32)strlen(text);
}

static struct nl_stream read_length(const char *value)
{
	struct nl_stream s = { .mode = NL_MODE_FIELDS };
	char line[128];

	snprintf(line, sizeof(line), "Content-Length: %s", value);
	http1_field(&s, &window, 77, put_line(77, line));
	return s;
}

/* Returns whether the line has a size. */
static bool read_chunk(const char *line, struct nl_stream *s)
{
	*s = (struct nl_stream){ .mode = NL_MODE_CHUNK_SIZE };
	return http1_line(s, &window, 77, put_line(77, line), 1) == HTTP1_MORE;
}

static void test_digits_of_lengths(void **state)
{
	static const char digits[] = "918273645091827364";

	(void)state;
	for (size_t count = 1; count < sizeof(digits); count++) {
		char value[32];
		struct nl_stream s;

		snprintf(value, sizeof(value), "%s", digits + sizeof(digits) - 1 - count);
		s = read_length(value);
		assert_int_equal(s.head_flags, NL_HEAD_LENGTH);
		assert_int_equal(s.remaining_bytes, strtoull(value, NULL, 10));
	}
}

static void test_digits_of_chunks(void **state)
{
	static const char digits[] = "9aF0b8C7d6E5f43";

	(void)state;
	for (size_t count = 1; count < sizeof(digits); count++) {
		const char *line = digits + sizeof(digits) - 1 - count;
		struct nl_stream s;

		assert_true(read_chunk(line, &s));
		assert_int_equal(s.remaining_bytes, strtoull(line, NULL, 16));
		assert_int_equal(s.grade, 0);
	}
}

/* Any byte at any place among digits: it is one, or the number is none. */
static void test_every_byte(void **state)
{
	(void)state;
	for (size_t count = 1; count <= 10; count++) {
		for (size_t place = 0; place < count; place++) {
			for (int byte = 1; byte < 256; byte++) {
				char text[16] = "1111111111";
				struct nl_stream s;

				text[count] = '\0';
				text[place] = (char)byte;
				if (strchr(", \t\r;", byte))
					continue; /* have a meaning there, and tests of their own */
				s = read_length(text);
				if ((byte >= '0' && byte <= '9') !=
				    (s.head_flags == NL_HEAD_LENGTH))
					fail_msg("length '%s': flags %x", text, s.head_flags);
				read_chunk(text, &s);
				if ((memchr("0123456789abcdefABCDEF", byte, 22) != NULL) !=
				    (s.grade == 0))
					fail_msg("chunk '%s': grade %x", text, s.grade);
				if (s.grade == 0)
					assert_int_equal(s.remaining_bytes,
							 strtoull(text, NULL, 16));
			}
		}
	}
}

/* More than forty characters of a list do not count, up to which every number does. */
static void test_long_lists(void **state)
{
	char value[100] = "";
	struct nl_stream s;

	(void)state;
	for (int i = 0; i < 19; i++)
		strcat(value, "1,");
	strcat(value, "1");
	s = read_length(value);
	assert_int_equal(s.head_flags, NL_HEAD_LENGTH);
	assert_int_equal(s.remaining_bytes, 1);
	strcpy(value + 36, "2,1");
	s = read_length(value);
	assert_true(s.head_flags & NL_HEAD_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digits_of_lengths),
		cmocka_unit_test(test_digits_of_chunks),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_long_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
