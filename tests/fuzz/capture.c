/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture.c - the packets of the last input as a capture. */
#include "capture.h"

#include <stdio.h>
#include <stdlib.h>

static FILE *file;

void capture_begin(void)
{
	static const u32 header[] = { 0xa1b23c4d, 4 << 16 | 2, 0, 0, 1 << 18, 1 };
	const char *name = getenv("FUZZ_PCAP");

	if (!name)
		return;
	file = fopen(name, "wb");
	if (!file || fwrite(header, sizeof(header), 1, file) != 1)
		abort();
}

void capture_packet(const u8 *bytes, u32 count, u64 now_ns)
{
	const u32 header[] = { (u32)(now_ns / 1000000000), (u32)(now_ns % 1000000000), count,
			       count };

	if (file && (fwrite(header, sizeof(header), 1, file) != 1 ||
		     fwrite(bytes, 1, count, file) != count))
		abort();
}

void capture_end(void)
{
	if (file)
		fclose(file);
	file = NULL;
}
