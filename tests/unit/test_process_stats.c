/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_process_stats.c - what this process takes, against what it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "process_stats.h"

#define MEMORY_BYTES ((size_t)64 << 20)

static struct process_stats read_now(void)
{
	struct process_stats stats;

	assert_true(process_stats_read(&stats));
	return stats;
}

static void test_fds(void **state)
{
	struct process_stats before = read_now(), after;
	struct rlimit limit;
	int fds[5];

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	after = read_now();
	assert_int_equal(after.open_fds, before.open_fds + 5);
	for (unsigned i = 0; i < 5; i++)
		close(fds[i]);
	assert_int_equal(read_now().open_fds, before.open_fds);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(before.max_fds, limit.rlim_cur);
}

static void test_memory(void **state)
{
	struct process_stats before = read_now(), after;
	void *memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	(void)state;
	assert_true(memory != MAP_FAILED);
	after = read_now();
	munmap(memory, MEMORY_BYTES);
	assert_true(after.virtual_bytes >= before.virtual_bytes + MEMORY_BYTES);
	/* The kernel counts pages on each CPU before it adds them up. */
	assert_true(after.resident_bytes >= before.resident_bytes + MEMORY_BYTES * 9 / 10);
	assert_true(after.resident_bytes <= before.resident_bytes + MEMORY_BYTES * 11 / 10);
}

static void test_times(void **state)
{
	struct process_stats before = read_now(), after = before;
	struct timespec now;
	u64 now_ns;

	(void)state;
	while (after.cpu_ns < before.cpu_ns + 20000000) { /* 20 ms of work */
		after = read_now();
		assert_true(after.start_time_ns == before.start_time_ns);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	now_ns = (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
	/* It began lately, and before now; a tick is 10 ms. */
	assert_true(after.start_time_ns <= now_ns + 10000000);
	assert_true(after.start_time_ns + 300000000000 > now_ns);
	assert_true(now_ns + 10000000 - after.start_time_ns >= after.cpu_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fds),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
