/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz_server_timing.c - response heads of any bytes: what a server is taken to say of its
 * time is possible, stands in whole lines of the head, and does not depend on letter case.
 */
#include <string.h>

#include "packets.h"
#include "server_timing.h"
#include "verify.h"

#define HEAD_BYTES_MAX 512

static struct server_timing read_copy(const u8 *bytes, size_t count)
{
	struct server_timing timing;

	server_timing_read(&timing, guarded_copy(bytes, count), count);
	VERIFY((timing.field == SERVER_TIMING_NONE) == !server_timing_field_name(timing.field),
	       "%d", timing.field);
	VERIFY(timing.duration_ns <= SERVER_TIMING_NS_MAX, "%llu", timing.duration_ns);
	VERIFY(timing.field != SERVER_TIMING_NONE || timing.duration_ns == 0, "time of nothing");
	return timing;
}

static void verify_same(struct server_timing a, struct server_timing b, const char *what)
{
	VERIFY(a.field == b.field && a.duration_ns == b.duration_ns, "%s: %d %llu, %d %llu", what,
	       a.field, a.duration_ns, b.field, b.duration_ns);
}

/* Of a line that is not whole nothing is taken. */
static void try_without_last_line(const u8 *bytes, size_t count, struct server_timing timing)
{
	const u8 *feed = memrchr(bytes, '\n', count);
	size_t whole = feed ? (size_t)(feed - bytes) + 1 : 0;

	if (whole < count && (bytes[whole] == ' ' || bytes[whole] == '\t'))
		return; /* a continuation takes the line before it away */
	verify_same(read_copy(bytes, whole), timing, "without the last line");
}

static void try_other_case(const u8 *bytes, size_t count, struct server_timing timing)
{
	u8 other[HEAD_BYTES_MAX];

	for (size_t i = 0; i < count; i++) {
		u8 letter = bytes[i] | 0x20;

		other[i] = letter >= 'a' && letter <= 'z' ? bytes[i] ^ 0x20 : bytes[i];
	}
	verify_same(read_copy(other, count), timing, "in the other case");
}

/* Behind the empty line is the body. */
static void try_with_body(const u8 *bytes, size_t count)
{
	static const char end[] = "\r\n\r\n", body[] = "Server-Timing: total;dur=1\r\n";
	u8 text[HEAD_BYTES_MAX + sizeof(end) + sizeof(body)];
	size_t length = count;

	memcpy(text, bytes, count);
	memcpy(text + length, end, sizeof(end) - 1);
	length += sizeof(end) - 1;
	memcpy(text + length, body, sizeof(body) - 1);
	verify_same(read_copy(text, length), read_copy(text, length + sizeof(body) - 1),
		    "with a body");
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count);

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count)
{
	struct server_timing timing;

	if (count > HEAD_BYTES_MAX)
		return 0;
	timing = read_copy(bytes, count);
	try_without_last_line(bytes, count, timing);
	try_other_case(bytes, count, timing);
	try_with_body(bytes, count);
	return 0;
}
