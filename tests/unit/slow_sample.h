/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_sample.h - transactions for tests of where their files lie, with the fake of snippet.h. */
#ifndef NETLAT_TESTS_SLOW_SAMPLE_H
#define NETLAT_TESTS_SLOW_SAMPLE_H

#include "fake_snippet.h"

#define SLOW_SAMPLE_EPOCH_NS 1795167960000000000ULL /* 2026-11-20T09:46:00Z */

static struct nl_record slow_record;
static struct packet_list slow_packets = { .count = 3 };
static struct snippet slow_snippet = { .record = &slow_record,
				       .packets = &slow_packets,
				       .epoch_offset_ns = SLOW_SAMPLE_EPOCH_NS };

/* 0.0.0.0:1 asks 0.0.0.0:80 for 5 ms; the n-th begins n ms after 9:46. */
static const struct snippet *slow_sample(unsigned n, unsigned status, const char *text)
{
	slow_record = (struct nl_record){ .request_first_ns = n * 1000000ULL,
					  .response_last_ns = n * 1000000ULL + 5000000,
					  .client_addr.bytes = { [10] = 0xff, [11] = 0xff },
					  .server_addr.bytes = { [10] = 0xff, [11] = 0xff },
					  .client_port = 1,
					  .server_port = 80,
					  .method = NL_METHOD_GET,
					  .status = (u16)status };
	slow_snippet.explanation = text;
	return &slow_snippet;
}

#endif
