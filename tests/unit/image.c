/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* image.c - a capture file under construction, for tests of how it is read. */
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

#include "image.h"

void image_put(struct image *image, u64 value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		image->bytes[image->count++] =
			(u8)(value >> 8 * (image->swapped ? bytes - 1 - i : i));
}

u32 image_packet_bytes(u32 number)
{
	return 61 + number;
}

void image_packet(struct image *image, u32 number)
{
	memset(image->bytes + image->count, (int)number + 1, image_packet_bytes(number));
	image->count += image_packet_bytes(number);
}

void image_pcap(struct image *image, bool swapped, u32 magic, u32 ticks)
{
	image->count = 0;
	image->swapped = swapped;
	image_put(image, magic, 4);
	image_put(image, 2, 2);
	image_put(image, 4, 2);
	image_put(image, 0, 8);
	image_put(image, 65535, 4);
	image_put(image, LINK_ETHERNET, 4);
	for (u32 i = 0; i < IMAGE_PACKETS; i++) {
		image_put(image, TIME_S + i, 4);
		image_put(image, ticks / 4, 4);
		image_put(image, image_packet_bytes(i), 4);
		image_put(image, image_packet_bytes(i) + (i == IMAGE_PACKETS - 1 ? 1000 : 0), 4);
		image_packet(image, i);
	}
}

size_t image_block_begin(struct image *image, u32 type)
{
	image_put(image, type, 4);
	image_put(image, 0, 4);
	return image->count;
}

void image_block_end(struct image *image, size_t begin)
{
	size_t end;

	while ((image->count - begin) % 4)
		image->bytes[image->count++] = 0;
	end = image->count;
	image_put(image, end - begin + 12, 4);
	image->count = begin - 4;
	image_put(image, end - begin + 12, 4);
	image->count = end + 4;
}

void image_section(struct image *image)
{
	size_t block = image_block_begin(image, 0x0a0d0d0a);

	image_put(image, 0x1a2b3c4d, 4);
	image_put(image, 1, 2);
	image_put(image, 0, 2);
	image_put(image, ~0ULL, 8);
	image_block_end(image, block);
}

void image_interface(struct image *image, u32 link_type, u32 snap_bytes, int resolution,
		     s64 offset_s)
{
	size_t block = image_block_begin(image, 1);

	image_put(image, link_type, 2);
	image_put(image, 0, 2);
	image_put(image, snap_bytes, 4);
	image_put(image, 2, 2); /* if_name */
	image_put(image, 3, 2);
	image_put(image, 0, 4);
	if (resolution >= 0) {
		image_put(image, 9, 2);
		image_put(image, 1, 2);
		image->bytes[image->count++] = (u8)resolution;
		image_put(image, 0, 3);
	}
	if (offset_s) {
		image_put(image, 14, 2);
		image_put(image, 8, 2);
		image_put(image, (u64)offset_s, 8);
	}
	image_put(image, 0, 4);
	image_block_end(image, block);
}

void image_enhanced(struct image *image, u32 number, u32 interface, u64 ticks)
{
	size_t block = image_block_begin(image, 6);

	image_put(image, interface, 4);
	image_put(image, ticks >> 32, 4);
	image_put(image, (u32)ticks, 4);
	image_put(image, image_packet_bytes(number), 4);
	image_put(image, image_packet_bytes(number), 4);
	image_packet(image, number);
	while (image->count % 4)
		image->bytes[image->count++] = 0;
	image_put(image, 1, 2); /* a comment */
	image_put(image, 2, 2);
	image_put(image, 0x2121, 4);
	image_put(image, 0, 4);
	image_block_end(image, block);
}

char image_path[] = "/tmp/netlat-test-capture-XXXXXX";

void image_write(const void *bytes, size_t count)
{
	FILE *file = fopen(image_path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, count, file), count);
	assert_int_equal(fclose(file), 0);
}

size_t image_compress(u8 *to, size_t size, const u8 *from, size_t count)
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

struct capture *image_open(void)
{
	char error[CAPTURE_ERROR_BYTES] = "";
	struct capture *capture = capture_open(image_path, error);

	if (!capture)
		fail_msg("%s", error);
	return capture;
}

void image_check_packet(struct capture *capture, u32 number, u64 time_ns)
{
	struct capture_packet packet;

	assert_int_equal(capture_next(capture, &packet), 1);
	assert_int_equal(packet.time_ns, time_ns);
	assert_int_equal(packet.captured, image_packet_bytes(number));
	assert_true(packet.wire_bytes >= packet.captured);
	for (u32 i = 0; i < packet.captured; i++)
		assert_int_equal(packet.bytes[i], number + 1);
}

void image_check_pcap(struct capture *capture)
{
	struct capture_packet packet;

	for (u32 i = 0; i < IMAGE_PACKETS; i++)
		image_check_packet(capture, i, (TIME_S + i) * 1000000000 + 250000000);
	assert_int_equal(capture_next(capture, &packet), 0);
	capture_close(capture);
}

int image_make_path(void **state)
{
	int fd = mkstemp(image_path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

int image_remove_path(void **state)
{
	(void)state;
	return unlink(image_path);
}
