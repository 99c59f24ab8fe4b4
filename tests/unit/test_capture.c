/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_capture.c - captures as people have them: both formats, compressed, piped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "image.h"

static void test_pcap(void **state)
{
	static struct image image;

	(void)state;
	for (int swapped = 0; swapped < 2; swapped++) {
		image_pcap(&image, swapped, 0xa1b2c3d4, 1000000);
		image_write(image.bytes, image.count);
		image_check_pcap(image_open());
		image_pcap(&image, swapped, 0xa1b23c4d, 1000000000);
		image_write(image.bytes, image.count);
		image_check_pcap(image_open());
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
		image_section(&image);
		image_interface(&image, LINK_ETHERNET, 0, -1, 0);
		image_interface(&image, LINK_RAW, 96, 0x80 | 10, 0);
		image_interface(&image, LINK_ETHERNET, 65535, 9, -3600);
		image_enhanced(&image, 0, 0, TIME_S * 1000000 + 7);
		image_block_end(&image, image_block_begin(&image, 0x0bad)); /* unknown */
		image_enhanced(&image, 1, 1, (TIME_S << 10) + 512);
		image_enhanced(&image, 2, 2, (TIME_S + 3600) * 1000000000 + 1);
		image.swapped = !swapped;
		image_section(&image);
		image_interface(&image, LINK_ETHERNET, 0, 6, 0);
		image_enhanced(&image, 3, 0, TIME_S * 1000000);
		image_write(image.bytes, image.count);
		capture = image_open();
		image_check_packet(capture, 0, TIME_S * 1000000000 + 7000);
		image_check_packet(capture, 1, TIME_S * 1000000000 + 500000000);
		image_check_packet(capture, 2, TIME_S * 1000000000 + 1);
		image_check_packet(capture, 3, TIME_S * 1000000000);
		assert_int_equal(capture_next(capture, &packet), 0);
		capture_close(capture);

		capture = image_open();
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
	image_section(&image);
	image_interface(&image, LINK_ETHERNET, image_packet_bytes(0), -1, 0);
	block = image_block_begin(&image, 3);
	image_put(&image, 1500, 4);
	image_packet(&image, 0);
	image_block_end(&image, block);
	image_write(image.bytes, image.count);
	capture = image_open();
	assert_int_equal(capture_next(capture, &packet), 1);
	assert_int_equal(packet.captured, image_packet_bytes(0));
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
	image_pcap(&image, false, 0xa1b2c3d4, 1000000);
	count = image_compress(compressed, sizeof(compressed), image.bytes, image.count);
	image_write(compressed, count);
	image_check_pcap(image_open());
	count = image_compress(compressed, sizeof(compressed), image.bytes, 100);
	count += image_compress(compressed + count, sizeof(compressed) - count, image.bytes + 100,
				image.count - 100);
	image_write(compressed, count);
	image_check_pcap(image_open());
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
	size_t ends[IMAGE_PACKETS + 1];

	(void)state;
	image_pcap(&image, false, 0xa1b2c3d4, 1000000);
	ends[0] = 24;
	for (u32 i = 0; i < IMAGE_PACKETS; i++)
		ends[i + 1] = ends[i] + 16 + image_packet_bytes(i);
	check_pipe(image.bytes, ends, IMAGE_PACKETS + 1);

	image.count = 0;
	image_section(&image);
	image_interface(&image, LINK_ETHERNET, 0, -1, 0);
	ends[0] = image.count;
	for (u32 i = 0; i < IMAGE_PACKETS; i++) {
		image_enhanced(&image, i, 0, 0);
		ends[i + 1] = image.count;
	}
	check_pipe(image.bytes, ends, IMAGE_PACKETS + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcap),
		cmocka_unit_test(test_pcapng),
		cmocka_unit_test(test_pcapng_simple_packet),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_pipe),
	};

	return cmocka_run_group_tests(tests, image_make_path, image_remove_path);
}
