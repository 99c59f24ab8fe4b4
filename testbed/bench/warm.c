/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * warm.c - what each kind of packet of a keep-alive connection costs with warm
 * caches, by BPF_PROG_TEST_RUN. Prints the mean ns of the faster half of the runs (an
 * interrupt falls into some of the others), the measurement's own cost included: see
 * what an empty program takes.
 *
 *     warm [records | recorder]
 *
 * Without an argument nobody wants records; then a record of each transaction; then, as with -w,
 * a copy of each packet, which goes to memory that is not warm: a ring of 64 MB.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "budget.h"
#include "kernel_core.h"

#define ROUNDS 20000
#define FLOWS 65536
#define RECORDER_MB 64

static u8 frame[2048];
static u32 client_seq = 1, server_seq = 1;
static u64 now_ns = 1000000000;

static u32 build(bool from_client, const char *payload, u32 payload_bytes)
{
	u8 *ip = frame + 14, *tcp = ip + 20;
	u32 seq = htonl(from_client ? client_seq : server_seq);
	u32 ack = htonl(from_client ? server_seq : client_seq);

	memset(frame, 0, 66);
	frame[12] = 8;
	ip[0] = 0x45;
	ip[2] = (u8)((52 + payload_bytes) >> 8);
	ip[3] = (u8)(52 + payload_bytes);
	ip[8] = 64;
	ip[9] = 6;
	memcpy(ip + 12, from_client ? "\x0a\0\0\2" : "\x0a\0\0\1", 4);
	memcpy(ip + 16, from_client ? "\x0a\0\0\1" : "\x0a\0\0\2", 4);
	memcpy(tcp, from_client ? "\x9c\x40\x1f\x90" : "\x1f\x90\x9c\x40", 4);
	memcpy(tcp + 4, &seq, 4);
	memcpy(tcp + 8, &ack, 4);
	tcp[12] = 0x80;
	tcp[13] = 0x18;
	memcpy(tcp + 32, payload, payload_bytes);
	*(from_client ? &client_seq : &server_seq) += payload_bytes;
	return 66 + payload_bytes;
}

static int compare(const void *a, const void *b)
{
	return *(const u32 *)a < *(const u32 *)b ? -1 : *(const u32 *)a > *(const u32 *)b;
}

struct kind {
	const char *name;
	bool from_client;
	const char *payload;
	u32 payload_bytes;
	u32 durations[ROUNDS];
};

static void drop_record(const struct nl_record *record, void *userdata)
{
	(void)record;
	(void)userdata;
}

static void configure(struct nl_config *config, const char *what)
{
	struct budget budget;

	if (strcmp(what, "records") == 0)
		config->records_wanted = NL_RECORDS_ALL;
	if (strcmp(what, "recorder") != 0)
		return;
	budget = budget_plan((u32)libbpf_num_possible_cpus(), FLOWS, RECORDER_MB, 0);
	config->records_wanted = NL_RECORDS_SLOW;
	config->slow_ns = 1000000000;
	config->recorder = 1;
	config->copy_payload_bytes = 256;
	memcpy(config->copy_chunks, budget.copy_chunks, sizeof(config->copy_chunks));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "records off";
	static const char request[] = "GET /1k HTTP/1.1\r\nHost: 10.99.0.1:8080\r\n\r\n";
	static const char response[] =
		"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 02:33:57 GMT\r\n"
		"Content-Type: application/octet-stream\r\nContent-Length: 1024\r\n"
		"Last-Modified: Sat, 21 Nov 2026 02:26:16 GMT\r\nConnection: keep-alive\r\n"
		"ETag: \"6a1f0a48-400\"\r\nAccept-Ranges: bytes\r\n\r\n";
	static char body[1024];
	static struct kind kinds[] = {
		{ "not IP", true, "", 0, {} },
		{ "pure ACK", true, "", 0, {} },
		{ "request, 43 bytes", true, request, sizeof(request) - 1, {} },
		{ "response head, 231 bytes", false, response, sizeof(response) - 1, {} },
		{ "response body, 1 kB", false, body, sizeof(body), {} },
	};
	struct nl_config config = {};
	struct kernel_core *core;
	u64 counters[NL_COUNTER_MAX];
	double sum = 0;

	configure(&config, what);
	core = kernel_core_new(&config, FLOWS);
	if (!core)
		return 1;
	memset(body, 'x', sizeof(body));
	for (u32 round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			u32 bytes = build(kinds[i].from_client, kinds[i].payload,
					  kinds[i].payload_bytes);
			struct kernel_run run;

			if (i == 0)
				frame[12] = 0x88;
			if (kernel_core_packet(core, frame, bytes, now_ns += 1000, &run) < 0)
				return 1;
			kinds[i].durations[round] = run.duration_ns;
		}
		kernel_core_drain(core, drop_record, NULL);
	}
	kernel_core_counters(core, counters);
	if (counters[NL_COUNT_paired] != ROUNDS) {
		fprintf(stderr, "warm: %llu of %d paired\n", counters[NL_COUNT_paired], ROUNDS);
		return 1;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		double mean = 0;

		qsort(kinds[i].durations, ROUNDS, sizeof(u32), compare);
		for (u32 j = 0; j < ROUNDS / 2; j++)
			mean += kinds[i].durations[j];
		mean /= ROUNDS / 2;
		if (i)
			sum += mean;
		printf("%-26s %6.1f ns\n", kinds[i].name, mean);
	}
	printf("%-26s %6.1f ns (%s; %u instructions verified)\n", "mean of the four", sum / 4, what,
	       kernel_core_verified_instructions(core));
	kernel_core_free(core);
	return 0;
}
