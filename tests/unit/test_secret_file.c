/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_secret_file.c - files with a token or a key: which are read, and what is said of others. */
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

#include "folder.h"
#include "said.h"
#include "secret_file.h"

#define BYTES_MAX 8

static const char *put(const char *text, mode_t mode)
{
	folder_put("file", text);
	assert_int_equal(chmod(in_folder("file"), mode), 0);
	return in_folder("file");
}

static void check_read(const char *path, bool is_secret, const char *expected)
{
	size_t bytes = 0;
	char *text = secret_file_read("--option", path, is_secret, BYTES_MAX, &bytes);

	assert_non_null(text);
	assert_string_equal(text, expected);
	assert_int_equal(bytes, strlen(expected));
	secret_file_free(text);
}

static void check_refused(const char *path, bool is_secret, int error, const char *said)
{
	char expected[2 * FOLDER_PATH_BYTES];
	size_t bytes = 77;

	snprintf(expected, sizeof(expected), "netlat: --option %s: %s\n", path, said);
	said_begin();
	errno = 0;
	assert_null(secret_file_read("--option", path, is_secret, BYTES_MAX, &bytes));
	assert_int_equal(errno, error);
	assert_int_equal(bytes, 77);
	assert_string_equal(said_end(), expected);
}

static void test_read(void **state)
{
	(void)state;
	check_read(put("x", 0600), true, "x");
	check_read(put("12345678", 0400), true, "12345678");
	check_read(put("group", 0640), true, "group");
	check_read(put("public", 0666), false, "public");
	/* As secrets are mounted into containers: the link says nothing, the file does. */
	put("linked", 0600);
	assert_int_equal(symlink("file", in_folder("link")), 0);
	check_read(in_folder("link"), true, "linked");
}

static void test_refused(void **state)
{
	(void)state;
	check_refused(in_folder("nothing"), true, ENOENT,
		      "No such file or directory (name a file that can be read)");
	check_refused(folder, true, EINVAL, "not a regular file (name one)");
	check_refused("/dev/zero", false, EINVAL, "not a regular file (name one)");
	check_refused(put("", 0600), true, EINVAL, "empty (write something into it)");
	check_refused(put("123456789", 0600), true, EFBIG, "too long (at most 8 bytes)");
}

static void test_open_to_others(void **state)
{
	char said[2 * FOLDER_PATH_BYTES];

	(void)state;
	snprintf(said, sizeof(said), "others can read or change it (chmod 600 %s)",
		 in_folder("file"));
	check_refused(put("x", 0604), true, EPERM, said);
	check_refused(put("x", 0602), true, EPERM, said);
	check_refused(put("x", 0620), true, EPERM, said);
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
		TEST(test_read),
		TEST(test_refused),
		TEST(test_open_to_others),
	};

	secret_file_free(NULL);
	return cmocka_run_group_tests(tests, NULL, said_forget);
}
