/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_slow_directory.c - a file for each transaction: whole or not at all, and which ones stay. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "said.h"
#include "slow_directory.h"
#include "slow_sample.h"

static struct slow_counters counters;
static struct slow_directory *directory;
static char path[1024];

static struct slow_directory *open_with(const char *where, unsigned keep_files, unsigned keep_mb)
{
	struct options options = { .write_path = where,
				   .keep_files = keep_files,
				   .keep_mb = keep_mb };

	counters = (struct slow_counters){ 0 };
	return slow_directory_open(&options, &counters);
}

static void begin(unsigned keep_files, unsigned keep_mb)
{
	const char *said;

	said_begin();
	directory = open_with(folder, keep_files, keep_mb);
	said = said_end();
	assert_non_null(directory);
	if (counters.rotated_out == 0)
		assert_string_equal(said, "");
}

static int write_one(unsigned n, unsigned status)
{
	return slow_directory_write(directory, slow_sample(n, status, "x"), path, sizeof(path));
}

static int set_up(void **state)
{
	fake_padding = 0;
	fake_new_error = fake_add_error = 0;
	directory = NULL;
	return folder_make(state);
}

static int tear_down(void **state)
{
	said_reveal();
	slow_directory_close(directory);
	assert_int_equal(fake_writers, 0);
	return folder_remove(state);
}

/* Where slow_sample() goes; `number` is "", or "-2" and so on. */
static const char *name_of(unsigned n, const char *status, const char *number)
{
	static char names[4][128];
	static unsigned next;
	char *name = names[next++ % 4];

	snprintf(name, sizeof(names[0]),
		 "2026-11-20T09-46-00.%03uZ_0.0.0.0-1_0.0.0.0-80_GET_%s_5ms%s.pcapng", n, status,
		 number);
	return name;
}

static bool has(unsigned n, const char *status)
{
	return folder_has(name_of(n, status, ""));
}

static void test_written(void **state)
{
	const char *name = name_of(7, "200", "");
	char expected[1024], *text;
	struct stat status;

	(void)state;
	begin(1000, 1000);
	assert_int_equal(
		slow_directory_write(directory, slow_sample(7, 200, "why"), path, sizeof(path)), 0);
	snprintf(expected, sizeof(expected), "%s/%s", folder, name);
	assert_string_equal(path, expected);
	text = folder_get(name, NULL);
	assert_string_equal(text, "<why|0>");
	free(text);
	assert_int_equal(folder_count(NULL), 1);
	assert_int_equal(counters.written_bytes, 7);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	/* What does not fit is cut. */
	assert_int_equal(slow_directory_write(directory, slow_sample(8, 200, ""), path, 5), 0);
	assert_memory_equal(path, expected, 4);
	assert_int_equal(path[4], '\0');
}

static void test_made_if_it_is_not_there(void **state)
{
	char where[1024], *slash;
	struct stat status;
	mode_t before = umask(0);

	(void)state;
	snprintf(where, sizeof(where), "%s/slow//", folder);
	directory = open_with(where, 10, 10);
	assert_non_null(directory);
	assert_int_equal(stat(where, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0750);
	assert_int_equal(write_one(1, 200), 0);
	umask(077);
	assert_int_equal(write_one(2, 200), 0);
	umask(before);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	slash = strrchr(path, '/');
	assert_memory_equal(slash - 5, "/slow/", 6); /* one slash, however many were typed */
	assert_int_equal(folder_count("slow"), 2);
}

static void test_a_directory_that_takes_no_files(void **state)
{
	(void)state;
	said_begin();
	assert_null(open_with("/proc/self/task", 10, 10));
	assert_non_null(strstr(said_end(), "/proc/self/task: no files can be made there (name "
					   "another directory with -w)"));
}

/* As an administrator keeps files on another disk; but not where others send them. */
static void test_symbolic_link(void **state)
{
	char link[1024];

	(void)state;
	assert_int_equal(mkdir(in_folder("disk"), 0755), 0);
	snprintf(link, sizeof(link), "%s", in_folder("link"));
	assert_int_equal(symlink("disk", link), 0);
	directory = open_with(link, 10, 10);
	assert_non_null(directory);
	assert_int_equal(write_one(1, 200), 0);
	assert_int_equal(folder_count("disk"), 1);
	slow_directory_close(directory);
	directory = NULL;
	assert_int_equal(symlink("unmounted", in_folder("dangling")), 0);
	said_begin();
	assert_null(open_with(in_folder("dangling"), 10, 10));
	assert_non_null(strstr(said_end(), "is a symbolic link to what is not there"));
	if (geteuid() != 0)
		return; /* nobody else can be given a link */
	assert_int_equal(lchown(link, 65534, 65534), 0);
	for (unsigned slashes = 0; slashes < 3; slashes++) {
		said_begin();
		assert_null(open_with(link, 10, 10));
		assert_non_null(strstr(said_end(), "is a symbolic link that another user made "
						   "(name the directory itself)"));
		strcat(link, "/");
	}
	assert_int_equal(folder_count("disk"), 1);
}

static void test_equal_names(void **state)
{
	(void)state;
	begin(1000, 1000);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(write_one(1, 200), 0);
	assert_true(folder_has(name_of(1, "200", "")));
	assert_true(folder_has(name_of(1, "200", "-2")));
	assert_true(folder_has(name_of(1, "200", "-3")));
	/* What is there is never overwritten, whatever it is. */
	assert_int_equal(mkdir(in_folder(name_of(2, "200", "")), 0700), 0);
	folder_put(name_of(2, "200", "-2"), "mine");
	assert_int_equal(write_one(2, 200), 0);
	assert_string_equal(strrchr(path, '_'), "_5ms-3.pcapng");
	assert_int_equal(folder_count(NULL), 6);
}

static void test_failed_writes_leave_nothing(void **state)
{
	(void)state;
	begin(1000, 1000);
	fake_new_error = ENOMEM;
	assert_int_equal(write_one(1, 200), -ENOMEM);
	fake_new_error = 0;
	fake_add_error = EIO;
	assert_int_equal(write_one(1, 200), -EIO);
	fake_add_error = 0;
	assert_int_equal(folder_count(NULL), 0);
	assert_int_equal(counters.written_bytes, 0);
	assert_int_equal(write_one(1, 200), 0);
	assert_int_equal(folder_count(NULL), 1);
}

static void test_oldest_goes_first_and_failed_last(void **state)
{
	(void)state;
	begin(4, 1000);
	assert_int_equal(write_one(1, 503), 0);
	assert_int_equal(write_one(2, 200), 0);
	assert_int_equal(write_one(3, 404), 0);
	assert_int_equal(write_one(4, 500), 0);
	assert_int_equal(counters.rotated_out, 0);
	assert_int_equal(write_one(5, 200), 0);
	assert_false(has(2, "200"));
	assert_int_equal(write_one(6, 500), 0);
	assert_false(has(3, "404"));
	assert_int_equal(write_one(7, 500), 0);
	assert_false(has(5, "200"));
	assert_int_equal(folder_count(NULL), 4);
	/* Only failed ones are left: the oldest of these; and the one just written stays. */
	assert_int_equal(write_one(8, 200), 0);
	assert_false(has(1, "503"));
	assert_true(has(8, "200"));
	assert_int_equal(write_one(9, 200), 0);
	assert_false(has(8, "200"));
	assert_int_equal(write_one(10, 502), 0);
	assert_false(has(9, "200"));
	assert_true(has(4, "500") && has(6, "500") && has(7, "500") && has(10, "502"));
	assert_int_equal(counters.rotated_out, 6);
	assert_int_equal(folder_count(NULL), 4);
}

static void test_size(void **state)
{
	(void)state;
	begin(1000, 1);
	fake_padding = 400000 - 5; /* with `<x|0>` and the padding: 400000 bytes */
	assert_int_equal(write_one(1, 200), 0);
	assert_int_equal(counters.written_bytes, 400000);
	assert_int_equal(write_one(2, 200), 0);
	fake_padding = 200000 - 5;
	assert_int_equal(write_one(3, 200), 0); /* just a megabyte */
	assert_int_equal(folder_count(NULL), 3);
	fake_padding = 0;
	assert_int_equal(write_one(4, 200), 0);
	assert_false(has(1, "200"));
	assert_int_equal(folder_count(NULL), 3);
	/* One that is larger than all may be takes all others with it. */
	fake_padding = 2000000;
	assert_int_equal(write_one(5, 200), 0);
	assert_int_equal(folder_count(NULL), 1);
	assert_true(has(5, "200"));
	fake_padding = 0;
	assert_int_equal(write_one(6, 200), 0);
	assert_int_equal(folder_count(NULL), 1);
	assert_true(has(6, "200"));
}

/* Files of earlier runs count, in the order of their writing, not of the time in their names. */
static void test_earlier_runs(void **state)
{
	const char *said;

	(void)state;
	folder_put_old(name_of(1, "200", ""), "1", 100);
	folder_put_old(name_of(2, "200", ""), "2", 300);
	folder_put_old(name_of(3, "503", ""), "3", 900);
	folder_put_old(name_of(4, "200", ""), "4", 200);
	folder_put_old(name_of(5, "200", ""), "5", 200000);
	folder_put_old("notes.txt", "mine", 999999);
	said_begin();
	directory = open_with(folder, 4, 10);
	said = said_end();
	assert_non_null(directory);
	assert_non_null(strstr(said, "removed 1 files of earlier runs (--keep-files, --keep-mb)"));
	assert_false(has(5, "200"));
	assert_int_equal(counters.rotated_out, 1);
	assert_int_equal(write_one(6, 200), 0);
	assert_false(has(2, "200"));
	assert_int_equal(write_one(7, 200), 0);
	assert_false(has(4, "200"));
	assert_int_equal(write_one(8, 200), 0);
	assert_false(has(1, "200"));
	assert_int_equal(write_one(9, 200), 0);
	assert_false(has(6, "200"));
	assert_true(has(3, "503"));
	assert_true(folder_has("notes.txt"));
	assert_int_equal(folder_count(NULL), 5);
}

static void test_size_of_earlier_runs(void **state)
{
	char megabyte[1000000 + 1];

	(void)state;
	memset(megabyte, 'x', sizeof(megabyte) - 1);
	megabyte[sizeof(megabyte) - 1] = '\0';
	folder_put_old(name_of(1, "200", ""), megabyte, 20);
	folder_put_old(name_of(2, "200", ""), megabyte, 10);
	begin(1000, 2);
	assert_int_equal(folder_count(NULL), 2);
	assert_int_equal(write_one(3, 200), 0);
	assert_false(has(1, "200"));
	assert_int_equal(folder_count(NULL), 2);
}

/* Names that are nearly ours, links and directories are not ours to remove. */
static void test_foreign_files_stay(void **state)
{
	static const char *const foreign[] = { "notes.txt", "2026-11-20T09-46-00.001Z.pcapng",
					       ".netlat-1.pcapng.part", ".netlat-a-1.pcapng.part",
					       "netlat-1-1.pcapng.part" };
	const size_t count = sizeof(foreign) / sizeof(foreign[0]);

	(void)state;
	for (size_t i = 0; i < count; i++)
		folder_put_old(foreign[i], "mine", 1000);
	assert_int_equal(mkdir(in_folder(name_of(1, "200", "")), 0700), 0);
	assert_int_equal(symlink("notes.txt", in_folder(name_of(2, "200", ""))), 0);
	assert_int_equal(mkdir(in_folder(".netlat-1-1.pcapng.part"), 0700), 0);
	assert_int_equal(mkfifo(in_folder(".netlat-1-2.pcapng.part"), 0600), 0);
	assert_int_equal(symlink("notes.txt", in_folder(".netlat-1-3.pcapng.part")), 0);
	begin(1, 1);
	assert_int_equal(write_one(3, 200), 0);
	assert_int_equal(write_one(4, 200), 0);
	for (size_t i = 0; i < count; i++)
		assert_true(folder_has(foreign[i]));
	assert_int_equal(folder_count(NULL), count + 5 + 1);
	assert_int_equal(counters.rotated_out, 1);
	assert_int_equal(counters.leftovers_removed, 0);
}

/* What others remove meanwhile is no error, and no removal of ours. */
static void test_files_that_are_gone(void **state)
{
	(void)state;
	begin(2, 10);
	assert_int_equal(write_one(1, 200), 0);
	assert_int_equal(write_one(2, 200), 0);
	assert_int_equal(unlink(in_folder(name_of(1, "200", ""))), 0);
	assert_int_equal(write_one(3, 200), 0);
	assert_true(has(2, "200"));
	assert_int_equal(counters.rotated_out + counters.not_removed, 0);
}

static void test_files_that_cannot_be_removed(void **state)
{
	const char *said;

	(void)state;
	begin(1, 10);
	said_begin();
	for (unsigned n = 1; n <= 3; n++) {
		assert_int_equal(write_one(n, 200), 0);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(mkdir(path, 0700), 0); /* unlink() is no use now */
	}
	said = said_end();
	assert_int_equal(counters.not_removed, 2);
	assert_int_equal(counters.rotated_out, 0);
	assert_non_null(strstr(said, "cannot be removed: Is a directory (--keep-files"));
	assert_string_equal(strchr(said, '\n'), "\n"); /* said once */
}

/* Removed while it is in use, it is made anew; what stands there instead is used. */
static void test_a_directory_that_is_removed(void **state)
{
	const char *where = in_folder("slow");
	const char *said;

	(void)state;
	directory = open_with(where, 2, 1);
	assert_non_null(directory);
	assert_int_equal(write_one(1, 200), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(where), 0);
	said_begin();
	assert_int_equal(write_one(2, 200), 0);
	said = said_end();
	assert_non_null(strstr(said, "slow: was removed; files go to the directory that is there "
				     "now\n"));
	assert_int_equal(folder_count("slow"), 1);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(where), 0);
	folder_put("slow", "a file");
	assert_int_equal(write_one(3, 200), -ENOENT);
	assert_int_equal(unlink(where), 0);
	assert_int_equal(mkdir(where, 0700), 0);
	said_begin();
	for (unsigned n = 4; n < 8; n++)
		assert_int_equal(write_one(n, 200), 0);
	said_end();
	assert_int_equal(folder_count("slow"), 2); /* it rotates */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_written),
		TEST(test_made_if_it_is_not_there),
		TEST(test_a_directory_that_takes_no_files),
		TEST(test_symbolic_link),
		TEST(test_equal_names),
		TEST(test_failed_writes_leave_nothing),
		TEST(test_oldest_goes_first_and_failed_last),
		TEST(test_size),
		TEST(test_earlier_runs),
		TEST(test_size_of_earlier_runs),
		TEST(test_foreign_files_stay),
		TEST(test_files_that_are_gone),
		TEST(test_files_that_cannot_be_removed),
		TEST(test_a_directory_that_is_removed),
	};

	return cmocka_run_group_tests(tests, NULL, said_forget);
}
