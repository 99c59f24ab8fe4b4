/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_private_file.c - whose files they are, and who may read them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "private_file.h"

static void set_sudo(const char *uid, const char *gid)
{
	if (uid)
		setenv("SUDO_UID", uid, 1);
	else
		unsetenv("SUDO_UID");
	if (gid)
		setenv("SUDO_GID", gid, 1);
	else
		unsetenv("SUDO_GID");
}

static int set_up(void **state)
{
	set_sudo(NULL, NULL);
	return folder_make(state);
}

static int tear_down(void **state)
{
	set_sudo(NULL, NULL);
	return folder_remove(state);
}

/* Make a file and a directory, see to their modes and owners, and remove them. */
static void check(unsigned uid, unsigned gid)
{
	int fd = private_file_create(AT_FDCWD, in_folder("file"));
	struct stat status;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(status.st_uid, uid);
	assert_int_equal(status.st_gid, gid);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	assert_int_equal(private_directory_create(in_folder("directory")), 0);
	assert_int_equal(stat(in_folder("directory"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0750);
	assert_int_equal(status.st_uid, uid);
	assert_int_equal(status.st_gid, gid);
	assert_int_equal(unlink(in_folder("file")), 0);
	assert_int_equal(rmdir(in_folder("directory")), 0);
}

static void test_modes_whatever_the_umask(void **state)
{
	static const mode_t masks[] = { 0, 022, 027, 077, 0777 };
	mode_t before = umask(0);

	(void)state;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		umask(masks[i]);
		/* mkdir() with 0777 makes what cannot be opened, but by root. */
		if (masks[i] != 0777 || geteuid() == 0)
			check(geteuid(), getegid());
	}
	umask(before);
}

static void test_who_called_sudo(void **state)
{
	static const char *const none[] = { "",	  "-1",		"+5",  "0x10",
					    "1a", "4294967295", " 12", "99999999999999999999" };

	(void)state;
	if (geteuid() != 0) {
		set_sudo("12345", "23456"); /* in the environment of someone who is not root */
		check(geteuid(), getegid());
		print_message("under sudo: skipped, needs root\n");
		skip();
	}
	set_sudo("12345", "23456");
	check(12345, 23456);
	set_sudo("0", "0");
	check(0, 0);
	set_sudo("12345", NULL);
	check(0, getegid());
	set_sudo(NULL, "23456");
	check(0, getegid());
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		set_sudo(none[i], "23456");
		check(0, getegid());
		set_sudo("12345", none[i]);
		check(0, getegid());
	}
}

static void test_what_is_there_stays(void **state)
{
	char *text;

	(void)state;
	folder_put("file", "mine");
	assert_int_equal(symlink("target", in_folder("link")), 0);
	assert_int_equal(private_file_create(AT_FDCWD, in_folder("file")), -EEXIST);
	assert_int_equal(private_file_create(AT_FDCWD, in_folder("link")), -EEXIST);
	assert_int_equal(private_directory_create(in_folder("file")), -EEXIST);
	assert_int_equal(private_directory_create(in_folder("link")), -EEXIST);
	assert_int_equal(private_directory_create(in_folder("no/folder")), -ENOENT);
	text = folder_get("file", NULL);
	assert_string_equal(text, "mine");
	free(text);
	assert_int_equal(folder_count(NULL), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_modes_whatever_the_umask),
		TEST(test_who_called_sudo),
		TEST(test_what_is_there_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
