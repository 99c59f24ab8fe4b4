/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_slow_files.c - a directory or one file, how many a minute, and a disk that is full. */
#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "said.h"
#include "slow_files.h"
#include "slow_sample.h"

#define MINUTE_NS 60000000000ULL

static struct slow_files *files;
static const struct slow_counters *counters;
static char path[1024];

static int set_up(void **state)
{
	fake_padding = 0;
	fake_new_error = fake_add_error = 0;
	files = NULL;
	return folder_make(state);
}

static int tear_down(void **state)
{
	said_reveal();
	assert_int_equal(fake_writers, 0);
	return folder_remove(state);
}

static struct slow_files *open_at(const char *where)
{
	static char kept_where[1024]; /* it has to stay */
	struct options options = {
		.write_path = kept_where, .max_per_minute = 2, .keep_files = 10, .keep_mb = 10
	};

	snprintf(kept_where, sizeof(kept_where), "%s", where);
	return slow_files_open(&options);
}

static void begin(const char *where)
{
	files = open_at(where);
	assert_non_null(files);
	counters = slow_files_counters(files);
}

static int write_one(unsigned n)
{
	return slow_files_write(files, slow_sample(n, 200, "x"), path, sizeof(path));
}

static void test_directory(void **state)
{
	(void)state;
	begin(in_folder("slow"));
	assert_int_equal(write_one(1), 0);
	assert_int_equal(write_one(2), 0);
	assert_int_equal(folder_count("slow"), 2);
	assert_non_null(strstr(path, "/slow/2026-11-20T"));
	assert_int_equal(counters->written, 2);
	assert_int_equal(counters->written_bytes, 2 * strlen("<x|0>"));
	assert_int_equal(slow_files_close(files), 0);
}

static void test_one_file(void **state)
{
	char *text;

	(void)state;
	begin(in_folder("all.pcapng"));
	assert_int_equal(write_one(1), 0);
	assert_string_equal(path, in_folder("all.pcapng"));
	assert_int_equal(write_one(2), 0);
	assert_int_equal(counters->written, 2);
	assert_int_equal(counters->written_bytes, 2 * strlen("x|"));
	assert_int_equal(slow_files_close(files), 0);
	text = folder_get("all.pcapng", NULL);
	assert_string_equal(text, "<x|x|0>");
	free(text);
	assert_int_equal(slow_files_close(NULL), 0);
}

static void test_limit(void **state)
{
	(void)state;
	begin(folder);
	assert_true(slow_files_admit(files, MINUTE_NS));
	assert_true(slow_files_admit(files, MINUTE_NS));
	assert_false(slow_files_admit(files, MINUTE_NS));
	assert_false(slow_files_admit(files, MINUTE_NS));
	assert_int_equal(counters->dropped_by_limit, 2);
	assert_true(slow_files_admit(files, MINUTE_NS + MINUTE_NS / 2));
	assert_int_equal(slow_files_close(files), 0);
}

static void check_refused(const char *where, const char *cause)
{
	const char *said;
	char expected[1200];

	said_begin();
	assert_null(open_at(where));
	said = said_end();
	snprintf(expected, sizeof(expected), "netlat: %s: %s\n", where, cause);
	assert_string_equal(said, expected);
}

static void test_refused(void **state)
{
	(void)state;
	folder_put("file", "mine");
	check_refused(in_folder("file"), "is a file, not a directory (name a directory, or a new "
					 "file that ends in .pcapng)");
	check_refused(in_folder("no/slow"), "cannot be made: the directory it is to be in is not "
					    "there (make that first)");
	check_refused(in_folder("file/slow"), "nothing can be written there: Not a directory (name "
					      "another directory with -w)");
	assert_int_equal(folder_count(NULL), 1);
}

/* Run with root's right to write anywhere, or without. */
static void set_override(bool is_effective)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	const unsigned bit = 1U << CAP_DAC_OVERRIDE;

	assert_int_equal(syscall(SYS_capget, &header, data), 0);
	if (is_effective)
		data[0].effective |= data[0].permitted & bit;
	else
		data[0].effective &= ~bit;
	assert_int_equal(syscall(SYS_capset, &header, data), 0);
}

static void test_not_writable(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_folder("locked"), 0500), 0);
	set_override(false);
	check_refused(in_folder("locked"), "nothing can be written there: Permission denied (name "
					   "another directory with -w)");
	check_refused(in_folder("locked/slow"), "nothing can be written there: Permission denied "
						"(name another directory with -w)");
	set_override(true);
}

static void test_failures_are_said_once(void **state)
{
	const char *said;

	(void)state;
	begin(folder);
	snprintf(path, sizeof(path), "untouched");
	fake_add_error = EDQUOT;
	said_begin();
	assert_int_equal(write_one(1), -EDQUOT);
	fake_add_error = EIO;
	assert_int_equal(write_one(1), -EIO);
	said = said_end();
	assert_non_null(strstr(said, ": a transaction could not be written: Disk quota exceeded "
				     "(further ones are only counted)\n"));
	assert_string_equal(strchr(said, '\n'), "\n");
	assert_string_equal(path, "untouched");
	assert_int_equal(counters->failed_to_write, 2);
	assert_int_equal(counters->last_error, EIO);
	assert_int_equal(counters->written, 0);
	assert_int_equal(slow_files_close(files), 0);
}

/* A file system of 64 kB in a mount namespace of its own. */
static void mount_tiny(const char *where)
{
	if (geteuid() != 0) {
		print_message("disk full: skipped, needs root to mount\n");
		skip();
	}
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		print_message("disk full: skipped, no mount namespace: %s\n", strerror(errno));
		skip();
	}
	assert_int_equal(mkdir(where, 0700), 0);
	assert_int_equal(mount("tiny", where, "tmpfs", 0, "size=64k"), 0);
}

/* What a person can do something about is not left to strerror(). */
static void test_no_copies(void **state)
{
	(void)state;
	begin(folder);
	fake_add_error = ENODATA;
	said_begin();
	assert_int_equal(write_one(1), -ENODATA);
	assert_non_null(strstr(said_end(), ": a transaction could not be written: there is no copy "
					   "of its packets: all were overwritten (--recorder-mb)"));
	assert_int_equal(counters->failed_to_write, 1);
	assert_int_equal(slow_files_close(files), 0);
}

static void test_disk_full_in_a_directory(void **state)
{
	const char *said;

	(void)state;
	mount_tiny(in_folder("tiny"));
	begin(in_folder("tiny"));
	fake_padding = 30000;
	assert_int_equal(write_one(1), 0);
	said_begin();
	assert_int_equal(write_one(2), 0);
	assert_int_equal(write_one(3), -ENOSPC);
	assert_int_equal(write_one(4), -ENOSPC);
	said = said_end();
	assert_non_null(strstr(said, "could not be written: No space left on device"));
	assert_string_equal(strchr(said, '\n'), "\n");
	assert_int_equal(folder_count("tiny"), 2);
	assert_int_equal(counters->failed_to_write, 2);
	assert_int_equal(counters->last_error, ENOSPC);
	/* It goes on where there is room again. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(write_one(5), 0);
	assert_int_equal(counters->written, 3);
	assert_int_equal(slow_files_close(files), 0);
	assert_int_equal(umount(in_folder("tiny")), 0);
}

static void test_disk_full_in_one_file(void **state)
{
	struct stat status;

	(void)state;
	mount_tiny(in_folder("tiny"));
	begin(in_folder("tiny/all.pcapng"));
	fake_padding = 40000 - 2;
	assert_int_equal(write_one(1), 0);
	said_begin();
	assert_int_equal(write_one(2), -ENOSPC);
	assert_non_null(strstr(said_end(), "could not be written: No space left on device"));
	assert_int_equal(stat(in_folder("tiny/all.pcapng"), &status), 0);
	assert_int_equal(status.st_size, 1 + 40000); /* whole transactions only */
	fake_padding = 0;
	assert_int_equal(write_one(3), 0);
	assert_int_equal(stat(in_folder("tiny/all.pcapng"), &status), 0);
	assert_int_equal(status.st_size, 1 + 40000 + 3);
	assert_int_equal(counters->failed_to_write, 1);
	assert_int_equal(counters->written, 2);
	assert_int_equal(slow_files_close(files), 0);
	assert_int_equal(umount(in_folder("tiny")), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_directory),
		TEST(test_one_file),
		TEST(test_limit),
		TEST(test_refused),
		TEST(test_not_writable),
		TEST(test_failures_are_said_once),
		TEST(test_no_copies),
		TEST(test_disk_full_in_a_directory),
		TEST(test_disk_full_in_one_file),
	};

	return cmocka_run_group_tests(tests, NULL, said_forget);
}
