/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_pcapng_write.c - blocks byte by byte, as another reader finds them, and when a disk is full.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture_pcapng.h"
#include "pcapng_blocks.h"
#include "pcapng_write.h"
#include "version.h"

#define TIME_NS 1767225600123456789ULL /* 2026-01-01 */
#define SECTION_BYTES (36 + ((sizeof("netlat " NETLAT_VERSION) + 2) & ~3ul))

/* A file in memory. */
struct file {
	FILE *out;
	char *bytes;
	size_t length;
	struct pcapng_writer *writer;
};

static void file_begin(struct file *f)
{
	memset(f, 0, sizeof(*f));
	f->out = open_memstream(&f->bytes, &f->length);
	assert_non_null(f->out);
	f->writer = pcapng_writer_new(f->out);
	assert_non_null(f->writer);
}

static void file_end(struct file *f)
{
	pcapng_writer_free(f->writer);
	fclose(f->out);
	free(f->bytes);
}

/* What was written since the section is exactly this. */
static void check_block(struct file *f, const char *expected, size_t count)
{
	assert_int_equal(fflush(f->out), 0);
	assert_int_equal(f->length, SECTION_BYTES + count);
	assert_memory_equal(f->bytes + SECTION_BYTES, expected, count);
}

#define CHECK_BLOCK(f, literal) check_block(f, literal, sizeof(literal) - 1)

static void test_section(void **state)
{
	struct file f;

	(void)state;
	file_begin(&f);
	fflush(f.out);
	assert_int_equal(f.length, SECTION_BYTES);
	assert_memory_equal(f.bytes, "\x0a\x0d\x0d\x0a", 4);
	assert_int_equal((u8)f.bytes[4], SECTION_BYTES);
	assert_memory_equal(f.bytes + 8,
			    "\x4d\x3c\x2b\x1a\1\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\4\0", 18);
	assert_memory_equal(f.bytes + 28, "netlat " NETLAT_VERSION, strlen(NETLAT_VERSION) + 7);
	file_end(&f);
}

static void test_interface(void **state)
{
	struct file f;

	(void)state;
	file_begin(&f);
	assert_int_equal(pcapng_write_interface(f.writer, "br-ab", NULL), 0);
	CHECK_BLOCK(&f, "\1\0\0\0\x2c\0\0\0\1\0\0\0\0\0\4\0"
			"\2\0\5\0br-ab\0\0\0\x9\0\1\0\x9\0\0\0\0\0\0\0\x2c\0\0\0");
	file_end(&f);
	file_begin(&f);
	assert_int_equal(pcapng_write_interface(f.writer, NULL, "none"), 0);
	CHECK_BLOCK(&f, "\1\0\0\0\x28\0\0\0\1\0\0\0\0\0\4\0"
			"\3\0\4\0none\x9\0\1\0\x9\0\0\0\0\0\0\0\x28\0\0\0");
	file_end(&f);
}

static void test_packet(void **state)
{
	struct pcapng_frame frame = {
		.interface = 3,
		.epoch_ns = 0x1122334455667788ULL,
		.bytes = (const u8 *)"ABCDE",
		.captured = 5,
		.wire_bytes = 9,
		.direction = PACKET_INBOUND,
		.comments = { "x=1", "\xff" }, /* the second is not UTF-8 */
	};
	struct file f;

	(void)state;
	file_begin(&f);
	assert_int_equal(pcapng_write_packet(f.writer, &frame), 0);
	CHECK_BLOCK(
		&f,
		"\6\0\0\0\x44\0\0\0\3\0\0\0\x44\x33\x22\x11\x88\x77\x66\x55\5\0\0\0\x9\0\0\0"
		"ABCDE\0\0\0\1\0\3\0x=1\0\1\0\3\0\xef\xbf\xbd\0\2\0\4\0\1\0\0\0\0\0\0\0\x44\0\0\0");
	file_end(&f);
	frame.direction = PACKET_OUTBOUND;
	frame.comments[0] = NULL;
	file_begin(&f);
	assert_int_equal(pcapng_write_packet(f.writer, &frame), 0);
	CHECK_BLOCK(&f,
		    "\6\0\0\0\x34\0\0\0\3\0\0\0\x44\x33\x22\x11\x88\x77\x66\x55\5\0\0\0\x9\0\0\0"
		    "ABCDE\0\0\0\2\0\4\0\2\0\0\0\0\0\0\0\x34\0\0\0");
	file_end(&f);
	frame.direction = PACKET_DIRECTION_UNKNOWN; /* as in a replay */
	file_begin(&f);
	assert_int_equal(pcapng_write_packet(f.writer, &frame), 0);
	CHECK_BLOCK(&f,
		    "\6\0\0\0\x34\0\0\0\3\0\0\0\x44\x33\x22\x11\x88\x77\x66\x55\5\0\0\0\x9\0\0\0"
		    "ABCDE\0\0\0\2\0\4\0\0\0\0\0\0\0\0\0\x34\0\0\0");
	file_end(&f);
}

static void test_name(void **state)
{
	const union nl_addr ipv4 = { .bytes = { [10] = 0xff, 0xff, 192, 0, 2, 1 } };
	const union nl_addr ipv6 = { .bytes = { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
	struct file f;

	(void)state;
	file_begin(&f);
	assert_int_equal(pcapng_write_name(f.writer, &ipv4, "web"), 0);
	CHECK_BLOCK(&f, "\4\0\0\0\x20\0\0\0\1\0\x8\0\xc0\0\2\1web\0\0\0\0\0\0\0\0\0\x20\0\0\0");
	file_end(&f);
	file_begin(&f);
	assert_int_equal(pcapng_write_name(f.writer, &ipv6, "w"), 0);
	CHECK_BLOCK(&f, "\4\0\0\0\x2c\0\0\0\2\0\x12\0\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1w\0\0\0"
			"\0\0\0\0\0\0\0\0\x2c\0\0\0");
	file_end(&f);
}

static void test_statistics(void **state)
{
	struct file f;

	(void)state;
	file_begin(&f);
	assert_int_equal(pcapng_write_statistics(f.writer, 1, 0x100000002ULL, 7, 258, "c"), 0);
	CHECK_BLOCK(&f, "\5\0\0\0\x3c\0\0\0\1\0\0\0\1\0\0\0\2\0\0\0\1\0\1\0c\0\0\0"
			"\4\0\x8\0\7\0\0\0\0\0\0\0\5\0\x8\0\2\1\0\0\0\0\0\0\0\0\0\0\x3c\0\0\0");
	file_end(&f);
}

/* As netlat -r reads it: interfaces also in the middle, lengths, times to the nanosecond. */
static void test_read_again(void **state)
{
	static u8 bytes[PCAPNG_SNAP_BYTES];
	char error[CAPTURE_ERROR_BYTES];
	struct capture_packet packet;
	struct pcapng *reader;
	struct file f;
	FILE *in;

	(void)state;
	file_begin(&f);
	for (u32 i = 0; i < 9; i++) {
		struct pcapng_frame frame = {
			.interface = i / 3,
			.epoch_ns = TIME_NS + i,
			.bytes = bytes,
			.captured = i < 8 ? i : PCAPNG_SNAP_BYTES,
			.wire_bytes = PCAPNG_SNAP_BYTES + i,
		};

		if (i % 3 == 0)
			assert_int_equal(pcapng_write_interface(f.writer, "eth", NULL), 0);
		assert_int_equal(pcapng_write_packet(f.writer, &frame), 0);
	}
	fflush(f.out);
	in = fmemopen(f.bytes, f.length, "r");
	assert_non_null(in);
	reader = pcapng_new(in);
	assert_non_null(reader);
	for (u32 i = 0; i < 9; i++) {
		assert_int_equal(pcapng_next(reader, &packet, error), 1);
		assert_int_equal(packet.time_ns, TIME_NS + i);
		assert_int_equal(packet.captured, i < 8 ? i : PCAPNG_SNAP_BYTES);
		assert_int_equal(packet.wire_bytes, PCAPNG_SNAP_BYTES + i);
	}
	assert_int_equal(pcapng_next(reader, &packet, error), 0);
	pcapng_free(reader);
	fclose(in);
	file_end(&f);
}

/* What has no room is refused whole, and the file goes on. */
static void test_too_large(void **state)
{
	static char text[UINT16_MAX + 2];
	static u8 bytes[PCAPNG_SNAP_BYTES + 1];
	const union nl_addr address = { .bytes = { 0x20 } };
	struct pcapng_frame frame = { .bytes = bytes, .comments = { text } };
	struct file f;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	file_begin(&f);
	assert_int_equal(pcapng_write_packet(f.writer, &frame), -EMSGSIZE);
	frame.comments[0] = NULL;
	frame.captured = sizeof(bytes);
	assert_int_equal(pcapng_write_packet(f.writer, &frame), -EMSGSIZE);
	assert_int_equal(pcapng_write_name(f.writer, &address, text), -EMSGSIZE);
	memset(text, 0xff, UINT16_MAX / 3 + 1);
	text[UINT16_MAX / 3 + 1] = '\0';
	assert_int_equal(pcapng_write_interface(f.writer, text, NULL), -EMSGSIZE);
	CHECK_BLOCK(&f, "");
	text[UINT16_MAX / 3] = '\0';
	assert_int_equal(pcapng_write_interface(f.writer, text, NULL), 0);
	file_end(&f);
}

/* Room for so many bytes. */
static ssize_t full_write(void *cookie, const char *bytes, size_t count)
{
	size_t *room = cookie;

	(void)bytes;
	if (count > *room) {
		errno = ENOSPC;
		return 0;
	}
	*room -= count;
	return (ssize_t)count;
}

static FILE *full_open(size_t *room)
{
	FILE *out = fopencookie(room, "w", (cookie_io_functions_t){ .write = full_write });

	assert_non_null(out);
	setvbuf(out, NULL, _IONBF, 0);
	return out;
}

static void test_disk_full(void **state)
{
	size_t room = 3;
	FILE *out = full_open(&room);
	struct pcapng_writer *writer;

	(void)state;
	assert_null(pcapng_writer_new(out));
	assert_int_equal(errno, ENOSPC);
	fclose(out);
	room = SECTION_BYTES + 10;
	out = full_open(&room);
	writer = pcapng_writer_new(out);
	assert_non_null(writer);
	assert_int_equal(pcapng_write_interface(writer, "a", NULL), -ENOSPC);
	room = 1000; /* a block is cut: nothing may follow */
	assert_int_equal(pcapng_write_interface(writer, "a", NULL), -ENOSPC);
	assert_int_equal(room, 1000);
	pcapng_writer_free(writer);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_section),	   cmocka_unit_test(test_interface),
		cmocka_unit_test(test_packet),	   cmocka_unit_test(test_name),
		cmocka_unit_test(test_statistics), cmocka_unit_test(test_read_again),
		cmocka_unit_test(test_too_large),  cmocka_unit_test(test_disk_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
