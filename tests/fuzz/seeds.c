/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * seeds.c - what fuzzers begin with, made of the conversations of tests/unit/talks.c and of a head:
 *
 *   seeds DIRECTORY    DIRECTORY/fuzz_capture/, fuzz_packet/ and fuzz_server_timing/ in it, which
 *                      exist
 */
#include <stdio.h>
#include <stdlib.h>

#include "capture.h"
#include "talks.h"

/* In how many ways each conversation is cut into segments. */
#define CUTS 3

static char name[4096];

static void write_packet(const char *directory, size_t talk, size_t i, const struct sent_packet *p)
{
	FILE *file;

	snprintf(name, sizeof(name), "%s/fuzz_packet/%zu-%zu", directory, talk, i);
	file = fopen(name, "wb");
	/* Before the frame: Ethernet, no bytes more than there are, tunnels looked into. */
	if (!file || fwrite("\0\0\0\0", 1, 5, file) != 5 ||
	    fwrite(p->bytes, 1, p->captured, file) != p->captured || fclose(file) != 0) {
		perror(name);
		exit(EXIT_FAILURE);
	}
}

/* Every field that is read, so that their names need not be guessed. */
static void write_head(const char *directory)
{
	static const char head[] =
		"HTTP/1.1 200 OK\r\n"
		"Server-Timing: miss, db;dur=53;desc=\"a, b\", total;dur=47.2\r\n"
		"X-Runtime: 0.004215\r\n"
		"x-envoy-upstream-service-time: 23\r\n\r\n";
	FILE *file;

	snprintf(name, sizeof(name), "%s/fuzz_server_timing/head", directory);
	file = fopen(name, "wb");
	if (!file || fputs(head, file) == EOF || fclose(file) != 0) {
		perror(name);
		exit(EXIT_FAILURE);
	}
}

int main(int argc, char **argv)
{
	static struct conversation c;

	if (argc != 2) {
		fprintf(stderr, "usage: seeds DIRECTORY\n");
		return 2;
	}
	for (size_t i = 0; i < talk_count * CUTS; i++) {
		conversation_begin(&c, 1);
		c.random = i % CUTS == 1 ? 7 : 0;
		c.segment_bytes = i % CUTS == 2 ? 1 : 1448;
		talks[i / CUTS].speak(&c);
		snprintf(name, sizeof(name), "%s/fuzz_capture/talk-%zu.pcap", argv[1], i);
		setenv("FUZZ_PCAP", name, 1);
		capture_begin();
		for (size_t j = 0; j < c.packets.count; j++) {
			const struct sent_packet *p = &c.packets.packets[j];

			capture_packet(p->bytes, p->captured, p->now_ns);
			if (i % CUTS == 0)
				write_packet(argv[1], i, j, p);
		}
		capture_end();
		conversation_end(&c);
	}
	write_head(argv[1]);
	return EXIT_SUCCESS;
}
