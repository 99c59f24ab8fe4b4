/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_api_token.c - the file of --token-file, and what a request has to bring. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "api_token.h"
#include "folder.h"
#include "said.h"

static struct api_token token;

/* A file that others cannot read. */
static const char *file_with(const char *text)
{
	const char *path = in_folder("token");

	unlink(path);
	folder_put("token", text);
	assert_int_equal(chmod(path, 0600), 0);
	return path;
}

static void check_read(const char *text, const char *expected)
{
	memset(&token, 0, sizeof(token));
	assert_int_equal(api_token_read(&token, file_with(text)), 0);
	assert_string_equal(token.text, expected);
	assert_int_equal(token.length, strlen(expected));
}

/* Refused, for that reason, and what was there stays. */
static void check_refused(const char *path, int error, const char *reason)
{
	const char *said;

	token = (struct api_token){ .text = "before", .length = 6 };
	said_begin();
	assert_int_equal(api_token_read(&token, path), -error);
	said = said_end();
	assert_memory_equal(said, "netlat: --token-file ", 21);
	if (!strstr(said, reason))
		fail_msg("no `%s` in %s", reason, said);
	assert_string_equal(token.text, "before");
}

static void test_files(void **state)
{
	char longest[API_TOKEN_BYTES_MAX + 2];

	(void)state;
	check_read("abc", "abc");
	check_read("AZaz09-._~+/==\n", "AZaz09-._~+/==");
	check_read("abc\r\n", "abc");
	memset(longest, 'a', sizeof(longest));
	longest[API_TOKEN_BYTES_MAX] = '\0';
	check_read(longest, longest);
	longest[API_TOKEN_BYTES_MAX] = 'a';
	longest[API_TOKEN_BYTES_MAX + 1] = '\0';
	check_refused(file_with(longest), EFBIG, "too long (at most 512 bytes)");
}

static void test_what_is_no_token(void **state)
{
	static const char *const texts[] = { "\n",   "a b\n",	   "a\nb\n", "a\n\n",
					     " a\n", "a=b\n",	   "=\n",    "a\"\n",
					     "a\rb", "\xc3\xa4\n", "a\r\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_refused(file_with(texts[i]), EINVAL, "not a token (one line of letters");
	check_refused(file_with(""), EINVAL, "empty");
}

static void test_what_is_no_such_file(void **state)
{
	(void)state;
	check_refused(in_folder("nothing"), ENOENT, "No such file");
	check_refused(folder, EINVAL, "not a regular file");
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	check_refused(in_folder("fifo"), EINVAL, "not a regular file"); /* and does not wait */
}

static void test_modes(void **state)
{
	static const unsigned open_to_others[] = { 0644, 0604, 0602, 0620, 0777 };
	const char *path = file_with("abc\n");

	(void)state;
	for (size_t i = 0; i < sizeof(open_to_others) / sizeof(open_to_others[0]); i++) {
		assert_int_equal(chmod(path, open_to_others[i]), 0);
		check_refused(path, EPERM, "others can read or change it (chmod 600 ");
	}
	assert_int_equal(chmod(path, 0640), 0); /* for the group of a service */
	assert_int_equal(api_token_read(&token, path), 0);
}

static void test_requests(void **state)
{
	static const char *const right[] = { "Bearer abc=", "bearer abc=", "BEARER  abc=" };
	static const char *const wrong[] = { "",
					     "abc=",
					     "Bearer",
					     "Bearer ",
					     "Bearer abc",
					     "Bearer abc==",
					     "Bearer abcd",
					     "Bearer Abc=",
					     "Bearer xbc=",
					     "Bearer=abc=",
					     "Basic abc=",
					     "Bearer abc= ",
					     "Bearer abc=, Bearer abc=" };

	(void)state;
	check_read("abc=\n", "abc=");
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		if (!api_token_is_in(&token, right[i]))
			fail_msg("not taken: %s", right[i]);
	assert_false(api_token_is_in(&token, NULL));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (api_token_is_in(&token, wrong[i]))
			fail_msg("taken: %s", wrong[i]);
}

static int tear_down(void **state)
{
	said_reveal();
	return folder_remove(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_files), TEST(test_what_is_no_token), TEST(test_what_is_no_such_file),
		TEST(test_modes), TEST(test_requests),
	};

	return cmocka_run_group_tests(tests, NULL, said_forget);
}
