/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz_capture.c - the input is a capture file, read as `netlat -r` does. Mutated as
 * one: whole packets are dropped, repeated, moved or cut off, besides bytes changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine.h"
#include "log.h"
#include "packets.h"
#include "verify.h"

#define FILE_HEADER_BYTES 24
#define RECORD_HEADER_BYTES 16
#define PACKETS_MAX 512
#define RECORDS_MAX 16384

static u32 record_count;

static const struct replay_control no_control;

static void take_record(const struct nl_record *record, void *userdata)
{
	(void)userdata;
	VERIFY(record_count < RECORDS_MAX, "endless records");
	record_count++;
	verify_record(record);
	verify_json(record);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count);
size_t LLVMFuzzerMutate(u8 *bytes, size_t count, size_t most);
size_t LLVMFuzzerCustomMutator(u8 *bytes, size_t count, size_t most, unsigned seed);

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count)
{
	static int file = -1;
	static char name[64];
	struct options options = {
		.replay_file = name, .output = OUTPUT_JSON, .max_flows = 64, .timeout_s = 60
	};
	struct engine *engine;
	struct snapshot snapshot = { 0 };

	if (file < 0) {
		file = memfd_create("capture", 0);
		VERIFY(file >= 0, "no memory file");
		snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
	}
	VERIFY(ftruncate(file, 0) == 0 && pwrite(file, bytes, count, 0) == (ssize_t)count,
	       "not written");
	record_count = 0;
	engine = engine_replay_open(&options);
	if (!engine)
		return 0;
	engine_replay_run(engine, &no_control, take_record, NULL);
	VERIFY(engine->ops->snapshot(engine, &snapshot) == 0, "out of memory");
	VERIFY(snapshot.counters[NL_COUNT_records] == record_count, "%u", record_count);
	VERIFY(metrics_add_up(snapshot.counters), "the ledger does not add up");
	VERIFY(metrics_series_add_up(&snapshot), "the series do not add up");
	snapshot_clear(&snapshot);
	engine->ops->close(engine);
	return 0;
}

/* Where packets begin in a little-endian capture; the last entry is their end. */
static u32 find_packets(const u8 *bytes, size_t count, u32 starts[PACKETS_MAX + 1])
{
	size_t at = FILE_HEADER_BYTES;
	u32 packets = 0;

	while (packets < PACKETS_MAX && at + RECORD_HEADER_BYTES <= count) {
		u32 captured = load_u32(bytes + at + 8);

		if (captured > count - at - RECORD_HEADER_BYTES)
			break;
		starts[packets++] = (u32)at;
		at += RECORD_HEADER_BYTES + captured;
	}
	starts[packets] = (u32)at;
	return packets;
}

size_t LLVMFuzzerCustomMutator(u8 *bytes, size_t count, size_t most, unsigned seed)
{
	static u32 starts[PACKETS_MAX + 1];
	static u8 packet[1 << 17];
	u32 random = seed | 1, packets = find_packets(bytes, count, starts), from, length, to;
	u32 kind = random_next(&random) % 8;

	if (packets < 2 || kind == 0)
		return LLVMFuzzerMutate(bytes, count, most);
	from = random_next(&random) % packets;
	if (kind < 3) { /* changed within: the capture stays one */
		u8 *begin = bytes + starts[from] + RECORD_HEADER_BYTES;

		length = starts[from + 1] - starts[from] - RECORD_HEADER_BYTES;
		if (length)
			LLVMFuzzerMutate(begin, length, length);
		return count;
	}
	to = starts[random_next(&random) % packets];
	length = starts[from + 1] - starts[from];
	if (length > sizeof(packet))
		return LLVMFuzzerMutate(bytes, count, most);
	memcpy(packet, bytes + starts[from], length);
	if (kind != 3) { /* else it is repeated */
		memmove(bytes + starts[from], bytes + starts[from + 1], count - starts[from + 1]);
		count -= length;
		if (to > starts[from])
			to -= length;
	}
	if (kind == 4) /* dropped */
		return count;
	if (kind == 5) { /* cut off: captured are fewer bytes than were there */
		u32 left = random_next(&random) % (length - RECORD_HEADER_BYTES + 1);

		length = RECORD_HEADER_BYTES + left;
		memcpy(packet + 8, &left, sizeof(left));
	}
	if (to > count || count + length > most)
		return count;
	memmove(bytes + to + length, bytes + to, count - to);
	memcpy(bytes + to, packet, length);
	return count + length;
}
