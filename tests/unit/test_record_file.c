/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_record_file.c - what is appended, rotated, opened anew and refused. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "record_file.h"
#include "said.h"

static struct record_file *file;

static void open_with(const char *header, u64 bytes_max, u32 files)
{
	const struct record_file_settings settings = {
		.path = in_folder("log"),
		.header = header,
		.bytes_max = bytes_max,
		.files = files,
	};

	file = record_file_open(&settings);
}

static int append(const char *lines, size_t expected)
{
	size_t done = 99;
	int r = record_file_append(file, lines, strlen(lines), &done);

	assert_int_equal(done, expected);
	return r;
}

static void append_all(const char *lines)
{
	assert_int_equal(append(lines, strlen(lines)), 0);
}

static void check_file(const char *name, const char *expected)
{
	size_t length;
	char *text = folder_get(name, &length);

	assert_string_equal(text, expected);
	free(text);
}

static void check_refused(const char *path, const char *expected)
{
	const struct record_file_settings settings = { .path = path };

	said_begin();
	assert_null(record_file_open(&settings));
	assert_string_equal(said_end(), expected);
}

static void test_append(void **state)
{
	struct stat status;

	(void)state;
	umask(0);
	open_with(NULL, 0, 0);
	append_all("one\n");
	append_all("two\nthree\n");
	check_file("log", "one\ntwo\nthree\n");
	stat(in_folder("log"), &status);
	assert_int_equal(status.st_mode & 07777, 0640);
	record_file_close(file);
	open_with(NULL, 0, 0);
	append_all("four\n");
	check_file("log", "one\ntwo\nthree\nfour\n");
}

/* Killed in a line, or cut by a power failure: no line follows it. */
static void test_cut_line_before(void **state)
{
	(void)state;
	folder_put("log", "one\ntwo\nthr");
	open_with(NULL, 0, 0);
	append_all("four\n");
	check_file("log", "one\ntwo\nfour\n");
}

static void test_header(void **state)
{
	(void)state;
	open_with("a,b\n", 12, 2);
	append_all("");
	check_file("log", "a,b\n");
	append_all("1,2\n");
	append_all("3,4\n");
	check_file("log", "a,b\n3,4\n");
	check_file("log.1", "a,b\n1,2\n");
	record_file_close(file);
	open_with("a,b\n", 100, 2);
	append_all("5,6\n");
	check_file("log", "a,b\n3,4\n5,6\n");
}

static void test_rotate(void **state)
{
	(void)state;
	folder_put("log.4", "another's\n");
	open_with(NULL, 8, 3);
	for (unsigned i = 0; i < 12; i++) {
		char line[8];

		snprintf(line, sizeof(line), "%03u\n", i);
		append_all(line);
	}
	check_file("log", "010\n011\n");
	check_file("log.1", "008\n009\n");
	check_file("log.2", "006\n007\n");
	check_file("log.3", "004\n005\n");
	check_file("log.4", "another's\n");
	assert_int_equal(folder_count(NULL), 5);
	assert_int_equal(record_file_rotate_error(file), 0);
}

static void test_no_files_are_kept(void **state)
{
	(void)state;
	open_with(NULL, 8, 0);
	append_all("one\ntwo\n");
	append_all("three\n");
	check_file("log", "three\n");
	assert_int_equal(folder_count(NULL), 1);
}

/* A name that cannot be taken: the file grows on, and rotates when it can. */
static void test_cannot_rotate(void **state)
{
	(void)state;
	mkdir(in_folder("log.1"), 0700);
	open_with(NULL, 8, 1);
	append_all("one\ntwo\n");
	append_all("three\n");
	assert_int_equal(record_file_rotate_error(file), -EISDIR);
	check_file("log", "one\ntwo\nthree\n");
	rmdir(in_folder("log.1"));
	append_all("four\n");
	assert_int_equal(record_file_rotate_error(file), 0);
	check_file("log", "four\n");
	check_file("log.1", "one\ntwo\nthree\n");
}

static void test_reopen(void **state)
{
	(void)state;
	open_with(NULL, 0, 0);
	append_all("one\n");
	assert_int_equal(record_file_reopen(file), 0); /* its own: nothing to do */
	append_all("two\n");
	rename(in_folder("log"), in_folder("moved"));
	append_all("three\n");
	assert_int_equal(record_file_reopen(file), 0);
	append_all("four\n");
	check_file("moved", "one\ntwo\nthree\n");
	check_file("log", "four\n");
	/* What cannot be opened: it goes on with what it has. */
	rename(in_folder("log"), in_folder("again"));
	mkdir(in_folder("log"), 0700);
	assert_int_equal(record_file_reopen(file), -EISDIR);
	append_all("five\n");
	check_file("again", "four\nfive\n");
}

static void test_removed(void **state)
{
	(void)state;
	open_with(NULL, 0, 0);
	append_all("one\n");
	unlink(in_folder("log"));
	append_all("two\n");
	check_file("log", "two\n");
}

/* Somebody else moved it without a word: what he has moved there is not moved along. */
static void test_moved_by_others(void **state)
{
	(void)state;
	open_with(NULL, 8, 2);
	append_all("one\ntwo\n");
	rename(in_folder("log"), in_folder("log.1"));
	append_all("three\n");
	check_file("log", "three\n");
	check_file("log.1", "one\ntwo\n");
	assert_int_equal(folder_count(NULL), 2);
}

/* A limit on the size of files fails in the middle of a line, as a full disk does. */
static void test_no_space(void **state)
{
	struct rlimit before, limit;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = (struct rlimit){ 10, before.rlim_max };
	open_with(NULL, 0, 0);
	append_all("one\n");
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(append("two\nthree\n", 4), -EFBIG);
	check_file("log", "one\ntwo\n");
	assert_int_equal(append("four\n", 0), -EFBIG);
	check_file("log", "one\ntwo\n");
	append_all("5\n");
	setrlimit(RLIMIT_FSIZE, &before);
	append_all("six\n");
	check_file("log", "one\ntwo\n5\nsix\n");
}

/* Nothing is appended to, nor cut off from, what begins otherwise. */
static void test_begin(void **state)
{
	char path[FOLDER_PATH_BYTES + 64];
	const struct record_file_settings settings = { .path = path, .begin = "{\"a\"" };
	static const char *const refused[] = { "time,client\n", "a letter\nits end", "{\"b\"\n",
					       "\n" };
	static const char *const taken[] = { "", "{\"a\":1}\n", "{\"a\":1}\n{\"a\":" };

	(void)state;
	snprintf(path, sizeof(path), "%s", in_folder("log"));
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		folder_put("log", refused[i]);
		assert_null(record_file_open(&settings));
		check_file("log", refused[i]);
	}
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		folder_put("log", taken[i]);
		file = record_file_open(&settings);
		assert_non_null(file);
		append_all("{}\n");
		record_file_close(file);
		file = NULL;
		check_file("log", i ? "{\"a\":1}\n{}\n" : "{}\n");
	}
	folder_put("log", taken[1]);
	file = record_file_open(&settings);
	assert_non_null(file);
	rename(path, in_folder("moved"));
	folder_put("log", "a letter\n");
	assert_int_equal(record_file_reopen(file), -EBADMSG);
	check_file("log", "a letter\n");
}

static void test_refused(void **state)
{
	char path[FOLDER_PATH_BYTES + 64], expected[FOLDER_PATH_BYTES + 200];

	(void)state;
#define REFUSED(name, text)                                                                        \
	do {                                                                                       \
		snprintf(path, sizeof(path), "%s", in_folder(name));                               \
		snprintf(expected, sizeof(expected), "netlat: %s: %s\n", path, text);              \
		check_refused(path, expected);                                                     \
	} while (0)
	REFUSED("", "is a directory (name a file in it)");
	mkdir(in_folder("directory"), 0700);
	REFUSED("directory", "is a directory (name a file in it)");
	REFUSED("none/log", "the directory it is to be in is not there (make that first)");
	mkfifo(in_folder("fifo"), 0600);
	REFUSED("fifo", "is no regular file (name another, or - for standard output)");
	symlink("target", in_folder("link"));
	REFUSED("link", "is a symbolic link, which is not followed (name what it points to)");
	folder_put("text", "no end of line");
	REFUSED("text", "does not end in a line, so it is no file of records (name another)");
	folder_put("names", "one\n");
	link(in_folder("names"), in_folder("other"));
	REFUSED("names", "has other names, which may be of something else (name another)");
	open_with(NULL, 0, 0);
	REFUSED("log", "another netlat writes to it (name another)");
	check_refused("/dev/full", "netlat: /dev/full: is no regular file (name another, or - for "
				   "standard output)\n");
	assert_false(folder_has("target"));
}

static int end(void **state)
{
	record_file_close(file);
	file = NULL;
	return folder_remove(state);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_append),
		IN_FOLDER(test_cut_line_before),
		IN_FOLDER(test_header),
		IN_FOLDER(test_rotate),
		IN_FOLDER(test_no_files_are_kept),
		IN_FOLDER(test_cannot_rotate),
		IN_FOLDER(test_reopen),
		IN_FOLDER(test_removed),
		IN_FOLDER(test_moved_by_others),
		IN_FOLDER(test_no_space),
		IN_FOLDER(test_begin),
		IN_FOLDER(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, said_forget);
}
