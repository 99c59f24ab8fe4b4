/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_slow_temporary.c - files that appear whole, and what is left of those that never did. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "slow_temporary.h"

static int fd;

static int set_up(void **state)
{
	int r = folder_make(state);

	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -1 : r;
}

static int tear_down(void **state)
{
	close(fd);
	return folder_remove(state);
}

static void test_appears_whole(void **state)
{
	struct slow_temporary temporary;
	char *text;
	u64 bytes;

	(void)state;
	assert_int_equal(slow_temporary_create(&temporary, fd), 0);
	assert_int_equal(temporary.name[0], '.');
	fputs("all of it", temporary.out);
	assert_int_equal(slow_temporary_finish(&temporary, &bytes), 0);
	assert_int_equal(bytes, 9);
	assert_false(folder_has("whole"));
	assert_int_equal(slow_temporary_rename(&temporary, "whole"), 0);
	slow_temporary_discard(&temporary);
	text = folder_get("whole", NULL);
	assert_string_equal(text, "all of it");
	free(text);
	assert_int_equal(folder_count(NULL), 1);
}

static void test_nothing_is_overwritten_or_left(void **state)
{
	struct slow_temporary temporary;
	char *text;
	u64 bytes;

	(void)state;
	folder_put("taken", "mine");
	assert_int_equal(slow_temporary_create(&temporary, fd), 0);
	assert_int_equal(slow_temporary_finish(&temporary, &bytes), 0);
	assert_int_equal(slow_temporary_rename(&temporary, "taken"), -EEXIST);
	slow_temporary_discard(&temporary);
	text = folder_get("taken", NULL);
	assert_string_equal(text, "mine");
	free(text);
	assert_int_equal(folder_count(NULL), 1);
}

/* In a process where renameat2() fails as on a file system that cannot refuse to overwrite. */
static int rename_without_noreplace(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };
	struct slow_temporary temporary;
	u64 bytes;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return 1;
	if (slow_temporary_create(&temporary, fd) < 0 ||
	    slow_temporary_finish(&temporary, &bytes) < 0)
		return 2;
	if (slow_temporary_rename(&temporary, "taken") != -EEXIST)
		return 3;
	if (slow_temporary_rename(&temporary, "whole") != 0)
		return 4;
	slow_temporary_discard(&temporary);
	return 0;
}

static void test_file_system_that_cannot_refuse_to_overwrite(void **state)
{
	int status;
	pid_t child;
	char *text;

	(void)state;
	folder_put("taken", "mine");
	child = fork();
	if (child == 0)
		_exit(rename_without_noreplace());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	text = folder_get("taken", NULL);
	assert_string_equal(text, "mine");
	free(text);
	assert_true(folder_has("whole"));
	assert_int_equal(folder_count(NULL), 2);
}

/* A write that fails is told, though stdio had taken the bytes. */
static void test_failed_write(void **state)
{
	struct rlimit before, small;
	struct slow_temporary temporary;
	u64 bytes = 1234;
	int r;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ .rlim_cur = 10, .rlim_max = before.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(slow_temporary_create(&temporary, fd), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	fputs("more than ten bytes", temporary.out);
	r = slow_temporary_finish(&temporary, &bytes);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(r, -EFBIG);
	assert_int_equal(bytes, 1234);
	slow_temporary_discard(&temporary);
	assert_int_equal(folder_count(NULL), 0);
}

/* A child is killed while it writes; another still writes. */
static void test_leftovers(void **state)
{
	struct slow_temporary mine;
	pid_t child;
	int status;

	(void)state;
	child = fork();
	if (child == 0) {
		struct slow_temporary temporary;

		if (slow_temporary_create(&temporary, fd) == 0) {
			fputs("half", temporary.out);
			fflush(temporary.out);
			raise(SIGKILL);
		}
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(folder_count(NULL), 1);
	assert_int_equal(slow_temporary_create(&mine, fd), 0);
	folder_put(".netlat-1-77.pcapng.part", "of an earlier boot");
	assert_int_equal(folder_count(NULL), 3);
	assert_int_equal(slow_temporary_remove_left(fd), 2);
	assert_int_equal(folder_count(NULL), 1);
	assert_true(folder_has(mine.name));
	assert_int_equal(slow_temporary_rename(&mine, "whole"), 0);
	slow_temporary_discard(&mine);
	assert_true(folder_has("whole"));
	assert_int_equal(folder_count(NULL), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_appears_whole),
		TEST(test_nothing_is_overwritten_or_left),
		TEST(test_file_system_that_cannot_refuse_to_overwrite),
		TEST(test_failed_write),
		TEST(test_leftovers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
