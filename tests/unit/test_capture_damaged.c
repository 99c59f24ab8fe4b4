/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_capture_damaged.c - captures that are cut off, changed, or none at all. */
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

/* Packets until the file fails, and how it does. Returns how many there were. */
static u32 read_damaged(char *ret_error)
{
	struct capture *capture = capture_open(image_path, ret_error);
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

		image_write(bytes, cut);
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
	image_pcap(&image, false, 0xa1b2c3d4, 1000000);
	check_every_cut(image.bytes, image.count, image.count - IMAGE_PACKETS);
	count = image_compress(compressed, sizeof(compressed), image.bytes, image.count);
	check_every_cut(compressed, count, count);
	image_write(compressed, count - 4);
	assert_int_equal(read_damaged(error), IMAGE_PACKETS);
	assert_string_equal(error, "the gzip-compressed data is cut off");

	image.count = 0;
	image_section(&image);
	image_interface(&image, LINK_ETHERNET, 0, -1, 0);
	image_enhanced(&image, 0, 0, 0);
	image_enhanced(&image, 1, 0, 0);
	check_every_cut(image.bytes, image.count, image.count - 4);
	image_write(image.bytes, image.count - 1);
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
	image_pcap(&image, false, 0xa1b2c3d4, 1000000);
	count = image_compress(compressed, sizeof(compressed), image.bytes, image.count);
	for (size_t i = 10; i < count; i++) { /* behind the header, which says little */
		compressed[i] ^= 0x10;
		image_write(compressed, count);
		read_damaged(error);
		if (strncmp(error, "the gzip-compressed data is ", 28) != 0)
			fail_msg("byte %zu: '%s'", i, error);
		compressed[i] ^= 0x10;
	}
}

static void check_error(const void *bytes, size_t count, const char *expected)
{
	char error[CAPTURE_ERROR_BYTES] = "";

	image_write(bytes, count);
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
	image_section(&image);
	image_enhanced(&image, 0, 0, 0);
	check_error(image.bytes, image.count, "interface 0, of which nothing was said");
	image.count = 0;
	image_section(&image);
	image_interface(&image, LINK_ETHERNET, 0, 100, 0);
	check_error(image.bytes, image.count, "clock");
	image.bytes[4] = 27;
	check_error(image.bytes, image.count, "a length that cannot be (27)");
	image.bytes[4] = 28;
	image.bytes[24] = 32;
	check_error(image.bytes, image.count, "two lengths that differ (28 and 32)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_corrupt_gzip),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, image_make_path, image_remove_path);
}
