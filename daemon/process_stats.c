/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* process_stats.c - what this process takes, from /proc/self (proc(5)). */
#include "process_stats.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#define SECOND_NS 1000000000ULL

/* Fields 22 to 24 of /proc/self/stat. The second is a name that may have anything in it. */
static bool read_stat(u64 *ret_start_ticks, u64 *ret_virtual_bytes, u64 *ret_resident_pages)
{
	char text[1024], *after_name;
	unsigned long long start_ticks, virtual_bytes;
	long long resident_pages;
	size_t length;
	FILE *file = fopen("/proc/self/stat", "re");

	if (!file)
		return false;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	after_name = strrchr(text, ')');
	if (!after_name ||
	    sscanf(after_name + 1,
		   " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%*s %llu %llu %lld",
		   &start_ticks, &virtual_bytes, &resident_pages) != 3)
		return false;
	*ret_start_ticks = start_ticks;
	*ret_virtual_bytes = virtual_bytes;
	*ret_resident_pages = (u64)resident_pages;
	return true;
}

/* Of the directory itself one is open, which is not counted. */
static bool count_fds(u64 *ret_count)
{
	DIR *directory = opendir("/proc/self/fd");
	const struct dirent *entry;
	u64 count = 0;

	if (!directory)
		return false;
	while ((entry = readdir(directory)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(directory);
	*ret_count = count - 1;
	return true;
}

/*
 * From a time since boot. Once for all: two clocks are read, and a start that moves by nanoseconds,
 * or when the clock is set, is a restart to Prometheus' changes().
 */
static u64 start_time_ns(u64 since_boot_ns)
{
	static u64 start_ns;

	if (!start_ns)
		start_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME) + since_boot_ns;
	return start_ns;
}

bool process_stats_read(struct process_stats *ret_stats)
{
	u64 start_ticks, virtual_bytes, resident_pages, open_fds;
	const u64 ticks = (u64)sysconf(_SC_CLK_TCK), page_bytes = (u64)sysconf(_SC_PAGESIZE);
	struct rlimit limit;

	if (!read_stat(&start_ticks, &virtual_bytes, &resident_pages) || !count_fds(&open_fds) ||
	    getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return false;
	*ret_stats = (struct process_stats){
		.cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID),
		.resident_bytes = resident_pages * page_bytes,
		.virtual_bytes = virtual_bytes,
		.open_fds = open_fds,
		.max_fds = limit.rlim_cur,
		.start_time_ns = start_time_ns(start_ticks * (SECOND_NS / ticks)),
	};
	return true;
}
