/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * log.c - what --log costs: records at a rate into a file, as the daemon does it.
 *
 *     log FILE RATE SECONDS [csv]
 *
 * Prints CPU time a record, for making the line and for writing it, the share of a core at that
 * rate, and how many were lost. Draining the kernel's ring is not in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "record_log.h"

#define DRAINS_A_SECOND 50 /* as session_live.c */
#define MEGABYTE 1000000ULL

static double cpu_s(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static s64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (s64)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void wait_until_ns(s64 when_ns)
{
	struct timespec when = { when_ns / 1000000000, when_ns % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

/* As of a client that asks with a browser: a query to redact, and everything answered. */
static void fill(struct nl_record *record, u64 number)
{
	int length = snprintf((char *)record->head, sizeof(record->head),
			      "GET /shop/items/%u?page=%u&q=blue+shoes HTTP/1.1\r\n"
			      "Host: shop.example:8080\r\nUser-Agent: wrk\r\n\r\n",
			      (unsigned)(number % 1000), (unsigned)(number % 7));

	record->head_bytes = (u16)length;
	record->request_first_ns = record->request_last_ns = 1000000000 + number * 11111;
	record->response_first_ns = record->request_first_ns + 400000;
	record->response_last_ns = record->end_ns = record->response_first_ns + 70000;
	record->request_bytes = (u64)length;
	record->response_bytes = 1234;
	record->client_addr.bytes[10] = record->client_addr.bytes[11] = 0xff;
	record->server_addr = record->client_addr;
	memcpy(record->client_addr.bytes + 12, "\x0a\x4d\x00\x0c", 4);
	memcpy(record->server_addr.bytes + 12, "\x0a\x4d\x00\x0a", 4);
	record->client_port = (u16)(30000 + number % 64);
	record->server_port = 8080;
	record->status = 200;
	record->method = NL_METHOD_GET;
	record->request_version = 0x11;
	record->part_ns[NL_PART_server] = 350000;
	record->part_ns[NL_PART_network] = 50000;
	record->part_ns[NL_PART_download] = 70000;
	record->server_rtt_ns = record->client_rtt_ns = 50000;
}

int main(int argc, char **argv)
{
	unsigned long rate = argc > 3 ? strtoul(argv[2], NULL, 10) : 0;
	unsigned long seconds = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	struct options options = { .log_mb = 100, .log_files = 1 };
	double making_s = 0, cpu_before_s, cpu_of_all_s;
	struct nl_record record = { 0 };
	struct rusage usage;
	struct record_log *log;
	s64 begun_ns;
	u64 number = 0, late = 0, lost;

	if (!rate || !seconds) {
		fprintf(stderr, "usage: log FILE RATE SECONDS [csv]\n");
		return 2;
	}
	options.log_path = argv[1];
	options.log_csv = argc > 4 && strcmp(argv[4], "csv") == 0;
	log = record_log_open_file(&options, NULL);
	if (!log)
		return 1;
	begun_ns = now_ns();
	cpu_before_s = cpu_s(RUSAGE_SELF);
	for (unsigned long drain = 0; drain < seconds * DRAINS_A_SECOND; drain++) {
		s64 due_ns = begun_ns + (s64)drain * (1000000000 / DRAINS_A_SECOND);
		double before_s;

		late += now_ns() > due_ns;
		wait_until_ns(due_ns);
		before_s = cpu_s(RUSAGE_THREAD);
		for (unsigned long i = 0; i < rate / DRAINS_A_SECOND; i++) {
			fill(&record, number++);
			record_log_take(log, &record, 1763690000000000000ULL, "veth0");
		}
		record_log_flush(log);
		making_s += cpu_s(RUSAGE_THREAD) - before_s;
	}
	record_log_finish(log);
	cpu_of_all_s = cpu_s(RUSAGE_SELF) - cpu_before_s;
	getrusage(RUSAGE_SELF, &usage);
	lost = record_log_dropped(log);
	printf("records %llu, lost %llu, late %llu of %lu drains\n", (unsigned long long)number,
	       (unsigned long long)lost, (unsigned long long)late, seconds * DRAINS_A_SECOND);
	printf("ns a record: making %.0f, writing %.0f\n", making_s / (double)number * 1e9,
	       (cpu_of_all_s - making_s) / (double)number * 1e9);
	printf("%.1f %% of a core at %lu records/s; peak memory %ld MB\n",
	       cpu_of_all_s / (double)seconds * 100, rate, usage.ru_maxrss / 1000);
	record_log_free(log);
	return lost > 0;
}
