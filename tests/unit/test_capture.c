/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_capture.c - captures as people have them: both formats, compressed, piped, damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "capture.h"

#define PACKETS 3
#define TIME_S 1700000000ULL
#define LINK_ETHERNET 1
#define LINK_RAW 101

/* A file under construction, in either byte order. */
struct image {
	u8 bytes[65536];
	size_t count;
	bool swapped;
};

static void put(struct image *image, u64 value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		image->bytes[image->count++] =
			(u8)(value >> 8 * (image->swapped ? bytes - 1 - i : i));
}

static u32 packet_bytes(u32 number)
{
	return 61 + number;
}

static void put_packet(struct image *image, u32 number)
{
	memset(image->bytes + image->count, (int)number + 1, packet_bytes(number));
	image->count += packet_bytes(number);
}

/* A pcap of PACKETS packets, the last of them cut; its fraction is in `ticks` a second. */
static void build_pcap(struct image *image, bool swapped, u32 magic, u32 ticks)
{
	image->count = 0;
	image->swapped = swapped;
	put(image, magic, 4);
	put(image, 2, 2);
	put(image, 4, 2);
	put(image, 0, 8);
	put(image, 65535, 4);
	put(image, LINK_ETHERNET, 4);
	for (u32 i = 0; i < PACKETS; i++) {
		put(image, TIME_S + i, 4);
		put(image, ticks / 4, 4);
		put(image, packet_bytes(i), 4);
		put(image, packet_bytes(i) + (i == PACKETS - 1 ? 1000 : 0), 4);
		put_packet(image, i);
	}
}

/* Blocks of pcapng: begun with their type, ended with both lengths. */
static size_t block_begin(struct image *image, u32 type)
{
	put(image, type, 4);
	put(image, 0, 4);
	return image->count;
}

static void block_end(struct image *image, size_t begin)
{
	size_t end;

	while ((image->count - begin) % 4)
		image->bytes[image->count++] = 0;
	end = image->count;
	put(image, end - begin + 12, 4);
	image->count = begin - 4;
	put(image, end - begin + 12, 4);
	image->count = end + 4;
}

static void put_section(struct image *image)
{
	size_t block = block_begin(image, 0x0a0d0d0a);

	put(image, 0x1a2b3c4d, 4);
	put(image, 1, 2);
	put(image, 0, 2);
	put(image, ~0ULL, 8);
	block_end(image, block);
}

static void put_interface(struct image *image, u32 link_type, u32 snap_bytes, int resolution,
			  s64 offset_s)
{
	size_t block = block_begin(image, 1);

	put(image, link_type, 2);
	put(image, 0, 2);
	put(image, snap_bytes, 4);
	put(image, 2, 2); /* if_name */
	put(image, 3, 2);
	put(image, 0, 4);
	if (resolution >= 0) {
		put(image, 9, 2);
		put(image, 1, 2);
		image->bytes[image->count++] = (u8)resolution;
		put(image, 0, 3);
	}
	if (offset_s) {
		put(image, 14, 2);
		put(image, 8, 2);
		put(image, (u64)offset_s, 8);
	}
	put(image, 0, 4);
	block_end(image, block);
}

static void put_enhanced(struct image *image, u32 number, u32 interface, u64 ticks)
{
	size_t block = block_begin(image, 6);

	put(image, interface, 4);
	put(image, ticks >> 32, 4);
	put(image, (u32)ticks, 4);
	put(image, packet_bytes(number), 4);
	put(image, packet_bytes(number), 4);
	put_packet(image, number);
	while (image->count % 4)
		image->bytes[image->count++] = 0;
	put(image, 1, 2); /* a comment */
	put(image, 2, 2);
	put(image, 0x2121, 4);
	put(image, 0, 4);
	block_end(image, block);
}

static char path[] = "/tmp/netlat-test-capture-XXXXXX";

static void write_file(const void *bytes, size_t count)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, count, file), count);
	assert_int_equal(fclose(file), 0);
}

static size_t compress_to(u8 *to, size_t size, const u8 *from, size_t count)
{
	z_stream zlib = { .next_in = (u8 *)from,
			  .avail_in = (unsigned)count,
			  .next_out = to,
			  .avail_out = (unsigned)size };

	assert_int_equal(deflateInit2(&zlib, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
	deflateEnd(&zlib);
	return size - zlib.avail_out;
}

static struct capture *open_good(void)
{
	char error[CAPTURE_ERROR_BYTES] = "";
	struct capture *capture = capture_open(path, error);

	if (!capture)
		fail_msg("%s", error);
	return capture;
}

static void check_packet(struct capture *capture, u32 number, u64 time_ns)
{
	struct capture_packet packet;

	assert_int_equal(capture_next(capture, &packet), 1);
	assert_int_equal(packet.time_ns, time_ns);
	assert_int_equal(packet.captured, packet_bytes(number));
	assert_true(packet.wire_bytes >= packet.captured);
	for (u32 i = 0; i < packet.captured; i++)
		assert_int_equal(packet.bytes[i], number + 1);
}

static void check_pcap(struct capture *capture)
{
	struct capture_packet packet;

	for (u32 i = 0; i < PACKETS; i++)
		check_packet(capture, i, (TIME_S + i) * 1000000000 + 250000000);
	assert_int_equal(capture_next(capture, &packet), 0);
	capture_close(capture);
}

static void test_pcap(void **state)
{
	static struct image image;

	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		build_pcap(&image, swapped, 0xa1b2c3d4, 1000000);
		write_file(image.bytes, image.count);
		check_pcap(open_good());
		build_pcap(&image, swapped, 0xa1b23c4d, 1000000000);
		write_file(image.bytes, image.count);
		check_pcap(open_good());
	}
}

/* Two interfaces of different kinds; clocks of 2^-10 s and of ns; a second section. */
static void test_pcapng(void **state)
{
	static struct image image;

	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		struct capture *capture;
		struct capture_packet packet;

		image.count = 0;
		image.swapped = swapped;
		put_section(&image);
		put_interface(&image, LINK_ETHERNET, 0, -1, 0);
		put_interface(&image, LINK_RAW, 96, 0x80 | 10, 0);
		put_interface(&image, LINK_ETHERNET, 65535, 9, -3600);
		put_enhanced(&image, 0, 0, TIME_S * 1000000 + 7);
		block_end(&image, block_begin(&image, 0x0bad)); /* unknown */
		put_enhanced(&image, 1, 1, (TIME_S << 10) + 512);
		put_enhanced(&image, 2, 2, (TIME_S + 3600) * 1000000000 + 1);
		image.swapped = !swapped;
		put_section(&image);
		put_interface(&image, LINK_ETHERNET, 0, 6, 0);
		put_enhanced(&image, 3, 0, TIME_S * 1000000);
		write_file(image.bytes, image.count);
		capture = open_good();
		check_packet(capture, 0, TIME_S * 1000000000 + 7000);
		check_packet(capture, 1, TIME_S * 1000000000 + 500000000);
		check_packet(capture, 2, TIME_S * 1000000000 + 1);
		check_packet(capture, 3, TIME_S * 1000000000);
		assert_int_equal(capture_next(capture, &packet), 0);
		capture_close(capture);

		capture = open_good();
		for (u32 i = 0; i < 3; i++) {
			assert_int_equal(capture_next(capture, &packet), 1);
			assert_int_equal(packet.ifindex, i + 1);
			assert_int_equal(packet.link_type, i == 1 ? LINK_RAW : LINK_ETHERNET);
		}
		capture_close(capture);
	}
}

/* Simple packets have no time and no length but the snap length. */
static void test_pcapng_simple_packet(void **state)
{
	static struct image image;
	struct capture_packet packet;
	struct capture *capture;
	size_t block;

	(void)state;
	image.count = 0;
	put_section(&image);
	put_interface(&image, LINK_ETHERNET, packet_bytes(0), -1, 0);
	block = block_begin(&image, 3);
	put(&image, 1500, 4);
	put_packet(&image, 0);
	block_end(&image, block);
	write_file(image.bytes, image.count);
	capture = open_good();
	assert_int_equal(capture_next(capture, &packet), 1);
	assert_int_equal(packet.captured, packet_bytes(0));
	assert_int_equal(packet.wire_bytes, 1500);
	assert_int_equal(capture_next(capture, &packet), 0);
	capture_close(capture);
}

/* In one member and in several, as `cat a.gz b.gz` makes it. */
static void test_gzip(void **state)
{
	static struct image image;
	static u8 compressed[65536];
	size_t count;

	(void)state;
	build_pcap(&image, false, 0xa1b2c3d4, 1000000);
	count = compress_to(compressed, sizeof(compressed), image.bytes, image.count);
	write_file(compressed, count);
	check_pcap(open_good());
	count = compress_to(compressed, sizeof(compressed), image.bytes, 100);
	count += compress_to(compressed + count, sizeof(compressed) - count, image.bytes + 100,
			     image.count - 100);
	write_file(compressed, count);
	check_pcap(open_good());
}

/* Packets until the file fails, and how it does. Returns how many there were. */
static u32 read_damaged(char *ret_error)
{
	struct capture *capture = capture_open(path, ret_error);
	struct capture_packet packet;
	u32 packets = 0;
	int r;

	if (!capture)
		return 0;
	*ret_error = '\0';
	while ((r = capture_next(capture, &packet)) == 1)
		packets++;
	if (r < 0)
		strcpy(ret_error, capture_error(capture));
	capture_close(capture);
	return packets;
}

/* Cut off anywhere: an error, unless what is left is whole; and the packets before it. */
static void check_every_cut(const u8 *bytes, size_t count, size_t errors_at_least)
{
	char error[CAPTURE_ERROR_BYTES];
	size_t errors = 0;
	u32 before = 0;

	for (size_t cut = 0; cut < count; cut++) {
		u32 packets;

		write_file(bytes, cut);
		packets = read_damaged(error);
		assert_true(packets >= before);
		before = packets;
		errors += error[0] != '\0';
	}
	assert_true(errors >= errors_at_least);
}

static void test_cut_off(void **state)
{
	static struct image image;
	static u8 compressed[65536];
	char error[CAPTURE_ERROR_BYTES];
	size_t count;

	(void)state;
	build_pcap(&image, false, 0xa1b2c3d4, 1000000);
	check_every_cut(image.bytes, image.count, image.count - PACKETS);
	count = compress_to(compressed, sizeof(compressed), image.bytes, image.count);
	check_every_cut(compressed, count, count);
	write_file(compressed, count - 4);
	assert_int_equal(read_damaged(error), PACKETS);
	assert_string_equal(error, "the gzip-compressed data is cut off");

	image.count = 0;
	put_section(&image);
	put_interface(&image, LINK_ETHERNET, 0, -1, 0);
	put_enhanced(&image, 0, 0, 0);
	put_enhanced(&image, 1, 0, 0);
	check_every_cut(image.bytes, image.count, image.count - 4);
	write_file(image.bytes, image.count - 1);
	assert_int_equal(read_damaged(error), 1);
	assert_string_equal(error, "pcapng block 4: the file is cut off");
}

/* A byte changed anywhere is noticed, at the latest by the checksum at the end. */
static void test_corrupt_gzip(void **state)
{
	static struct image image;
	static u8 compressed[65536];
	char error[CAPTURE_ERROR_BYTES];
	size_t count;

	(void)state;
	build_pcap(&image, false, 0xa1b2c3d4, 1000000);
	count = compress_to(compressed, sizeof(compressed), image.bytes, image.count);
	for (size_t i = 10; i < count; i++) { /* behind the header, which says little */
		compressed[i] ^= 0x10;
		write_file(compressed, count);
		read_damaged(error);
		if (strncmp(error, "the gzip-compressed data is ", 28) != 0)
			fail_msg("byte %zu: '%s'", i, error);
		compressed[i] ^= 0x10;
	}
}

static void check_error(const void *bytes, size_t count, const char *expected)
{
	char error[CAPTURE_ERROR_BYTES] = "";

	write_file(bytes, count);
	assert_int_equal(read_damaged(error), 0);
	if (!strstr(error, expected))
		fail_msg("'%s', not '%s'", error, expected);
}

static void test_errors(void **state)
{
	static struct image image;
	char error[CAPTURE_ERROR_BYTES];

	(void)state;
	check_error("", 0, "empty");
	check_error("hello, world", 12, "unknown file format");
	check_error("\x28\xb5\x2f\xfd rest", 9, "zstd");
	check_error("\xfd"
		    "7zXZ rest",
		    10, "xz -dc");
	assert_null(capture_open("/nonexistent", error));
	assert_string_equal(error, "No such file or directory");
	assert_null(capture_open("/tmp", error));
	assert_string_equal(error, "Is a directory");

	image.count = 0;
	put_section(&image);
	put_enhanced(&image, 0, 0, 0);
	check_error(image.bytes, image.count, "interface 0, of which nothing was said");
	image.count = 0;
	put_section(&image);
	put_interface(&image, LINK_ETHERNET, 0, 100, 0);
	check_error(image.bytes, image.count, "clock");
	image.bytes[4] = 27;
	check_error(image.bytes, image.count, "a length that cannot be (27)");
	image.bytes[4] = 28;
	image.bytes[24] = 32;
	check_error(image.bytes, image.count, "two lengths that differ (28 and 32)");
}

/* From a pipe each packet comes when it is written, not when the pipe is closed. */
static void check_pipe(const u8 *bytes, const size_t *ends, size_t count)
{
	int saved = dup(STDIN_FILENO), ends_of_pipe[2];
	char error[CAPTURE_ERROR_BYTES];
	struct capture_packet packet;
	struct capture *capture;

	assert_int_equal(pipe(ends_of_pipe), 0);
	assert_int_equal(dup2(ends_of_pipe[0], STDIN_FILENO), STDIN_FILENO);
	close(ends_of_pipe[0]);
	assert_int_equal(write(ends_of_pipe[1], bytes, ends[0]), ends[0]);
	alarm(20); /* else a reader that waits would wait forever */
	capture = capture_open("-", error);
	assert_non_null(capture);
	for (size_t i = 1; i < count; i++) {
		assert_int_equal(write(ends_of_pipe[1], bytes + ends[i - 1], ends[i] - ends[i - 1]),
				 ends[i] - ends[i - 1]);
		assert_int_equal(capture_next(capture, &packet), 1);
		assert_int_equal(packet.bytes[0], i);
	}
	close(ends_of_pipe[1]);
	assert_int_equal(capture_next(capture, &packet), 0);
	alarm(0);
	capture_close(capture);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

static void test_pipe(void **state)
{
	static struct image image;
	size_t ends[PACKETS + 1];

	(void)state;
	build_pcap(&image, false, 0xa1b2c3d4, 1000000);
	ends[0] = 24;
	for (u32 i = 0; i < PACKETS; i++)
		ends[i + 1] = ends[i] + 16 + packet_bytes(i);
	check_pipe(image.bytes, ends, PACKETS + 1);

	image.count = 0;
	put_section(&image);
	put_interface(&image, LINK_ETHERNET, 0, -1, 0);
	ends[0] = image.count;
	for (u32 i = 0; i < PACKETS; i++) {
		put_enhanced(&image, i, 0, 0);
		ends[i + 1] = image.count;
	}
	check_pipe(image.bytes, ends, PACKETS + 1);
}

static int make_path(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcap),
		cmocka_unit_test(test_pcapng),
		cmocka_unit_test(test_pcapng_simple_packet),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_corrupt_gzip),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_pipe),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
