/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_slow_growing.c - one file of all transactions: each whole, and a limit for all. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "said.h"
#include "slow_growing.h"
#include "slow_sample.h"

#define NAME "all.pcapng"

static struct slow_counters counters;
static struct slow_growing *growing;
static char *text;

static int set_up(void **state)
{
	fake_padding = 0;
	fake_new_error = fake_add_error = 0;
	growing = NULL;
	text = NULL;
	counters = (struct slow_counters){ 0 };
	return folder_make(state);
}

static int tear_down(void **state)
{
	said_reveal();
	free(text);
	assert_int_equal(fake_writers, 0);
	return folder_remove(state);
}

static struct slow_growing *open_at(const char *where)
{
	static char path[1024];
	struct options options = { .write_path = path, .keep_files = 1, .keep_mb = 1 };

	snprintf(path, sizeof(path), "%s", where);
	return slow_growing_open(&options, &counters);
}

static void begin(void)
{
	growing = open_at(in_folder(NAME));
	assert_non_null(growing);
}

static int append(const char *what)
{
	return slow_growing_write(growing, slow_sample(1, 200, what));
}

/* What the file has now. */
static const char *content(void)
{
	free(text);
	text = folder_get(NAME, NULL);
	return text;
}

static void test_grows(void **state)
{
	struct stat status;

	(void)state;
	begin();
	assert_int_equal(stat(in_folder(NAME), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_string_equal(content(), "<");
	assert_int_equal(append("one long text"), 0);
	assert_string_equal(content(), "<one long text|");
	assert_int_equal(append("2"), 0);
	assert_int_equal(append(""), 0);
	assert_string_equal(content(), "<one long text|2||");
	assert_int_equal(slow_growing_close(growing), 0);
	assert_string_equal(content(), "<one long text|2||0>");
	assert_int_equal(counters.written_bytes, strlen("one long text|2||"));
}

static void test_refused(void **state)
{
	static const struct {
		const char *name, *cause;
	} cases[] = {
		{ "taken.pcapng", "is there already, and is not overwritten (remove it, or name "
				  "another)" },
		{ "link.pcapng", "is there already, and is not overwritten (remove it, or name "
				 "another)" },
		{ "folder.pcapng", "is a directory, and a name that ends in .pcapng is taken for a "
				   "file (name another)" },
		{ "no/all.pcapng",
		  "cannot be made: the directory it is to be in is not there (make "
		  "that first)" },
		{ "taken.pcapng/all.pcapng", "cannot be made: Not a directory (name another file "
					     "with -w)" },
	};

	(void)state;
	folder_put("taken.pcapng", "mine");
	assert_int_equal(mkdir(in_folder("folder.pcapng"), 0700), 0);
	assert_int_equal(symlink("elsewhere", in_folder("link.pcapng")), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char expected[1200];

		said_begin();
		assert_null(open_at(in_folder(cases[i].name)));
		snprintf(expected, sizeof(expected), "netlat: %s: %s\n", in_folder(cases[i].name),
			 cases[i].cause);
		assert_string_equal(said_end(), expected);
	}
	assert_int_equal(folder_count(NULL), 3);
	free(text);
	text = folder_get("taken.pcapng", NULL);
	assert_string_equal(text, "mine");
}

static void test_beginning_that_fails_leaves_nothing(void **state)
{
	(void)state;
	fake_new_error = ENOMEM;
	said_begin();
	assert_null(open_at(in_folder(NAME)));
	assert_non_null(strstr(said_end(), "cannot be made: Cannot allocate memory"));
	assert_int_equal(folder_count(NULL), 0);
}

/* What has no transaction in it is in the way of the next run, and no use to anybody. */
static void test_nothing_written(void **state)
{
	(void)state;
	begin();
	assert_true(folder_has(NAME));
	assert_int_equal(slow_growing_close(growing), 0);
	assert_int_equal(folder_count(NULL), 0);
	begin();
	fake_add_error = EIO;
	assert_int_equal(append("1"), -EIO);
	assert_int_equal(slow_growing_close(growing), 0);
	assert_int_equal(folder_count(NULL), 0);
	begin();
	assert_int_equal(unlink(in_folder(NAME)), 0); /* by somebody else */
	assert_int_equal(append("1"), -ENOENT);
	assert_int_equal(counters.written_bytes, 0);
	assert_int_equal(slow_growing_close(growing), 0);
	begin();
	assert_int_equal(unlink(in_folder(NAME)), 0);
	folder_put(NAME, "another's");
	assert_int_equal(slow_growing_close(growing), 0);
	assert_string_equal(content(), "another's");
}

/* After a failure the file is as before, and what follows is in a section of its own. */
static void test_failed_add(void **state)
{
	(void)state;
	begin();
	assert_int_equal(append("1"), 0);
	fake_add_error = EIO;
	assert_int_equal(append("2"), -EIO);
	fake_add_error = 0;
	assert_string_equal(content(), "<1|");
	fake_new_error = ENOMEM;
	assert_int_equal(append("3"), -ENOMEM);
	fake_new_error = 0;
	assert_int_equal(append("4"), 0);
	assert_int_equal(append("5"), 0);
	assert_string_equal(content(), "<1|<4|5|");
	assert_int_equal(slow_growing_close(growing), 0);
	assert_string_equal(content(), "<1|<4|5|6>"); /* twice three packets are missing */
	assert_int_equal(counters.dropped_by_size, 0);
}

/* A write that is cut short, as on a full disk: nothing of it stays. */
static void test_failed_write(void **state)
{
	struct rlimit before, small;
	int r;

	(void)state;
	begin();
	assert_int_equal(append("1"), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ .rlim_cur = 10, .rlim_max = before.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = append("more than ten bytes");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(r, -EFBIG);
	assert_string_equal(content(), "<1|");
	assert_int_equal(append("2"), 0);
	assert_int_equal(slow_growing_close(growing), 0);
	assert_string_equal(content(), "<1|<2|3>");
	assert_int_equal(counters.dropped_by_size, 0);
}

static void test_size(void **state)
{
	const char *said;

	(void)state;
	begin();
	fake_padding = 1000000 - 3; /* after `<`, `1` and before `|` */
	said_begin();
	assert_int_equal(append("1"), 0);
	assert_string_equal(said_end(), "");
	assert_int_equal(strlen(content()), 1000000);
	fake_padding = 0;
	said_begin();
	assert_int_equal(append(""), -EFBIG);
	assert_int_equal(append(""), -EFBIG);
	said = said_end();
	assert_non_null(strstr(said, "has reached --keep-mb, nothing more is appended"));
	assert_string_equal(strchr(said, '\n'), "\n"); /* said once */
	assert_int_equal(counters.dropped_by_size, 2);
	assert_int_equal(slow_growing_close(growing), 0);
	assert_int_equal(strlen(content()), 1000000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_grows),
		TEST(test_refused),
		TEST(test_beginning_that_fails_leaves_nothing),
		TEST(test_nothing_written),
		TEST(test_failed_add),
		TEST(test_failed_write),
		TEST(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, said_forget);
}
