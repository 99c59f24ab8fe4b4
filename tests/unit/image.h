/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* image.h - a capture file under construction, for tests of how it is read. */
#ifndef NETLAT_TEST_IMAGE_H
#define NETLAT_TEST_IMAGE_H

#include "capture.h"

#define IMAGE_PACKETS 3
#define TIME_S 1700000000ULL
#define LINK_ETHERNET 1
#define LINK_RAW 101

/* A file under construction, in either byte order. */
struct image {
	u8 bytes[65536];
	size_t count;
	bool swapped;
};

/* A number, in the image's byte order; a packet of image_packet_bytes(), all of one value. */
void image_put(struct image *image, u64 value, size_t bytes);
void image_packet(struct image *image, u32 number);
u32 image_packet_bytes(u32 number);

/* A pcap of IMAGE_PACKETS packets, the last of them cut; its fraction is in `ticks` a second. */
void image_pcap(struct image *image, bool swapped, u32 magic, u32 ticks);

/* Blocks of pcapng: begun with their type, ended with both lengths. */
size_t image_block_begin(struct image *image, u32 type);
void image_block_end(struct image *image, size_t begin);
void image_section(struct image *image);
void image_interface(struct image *image, u32 link_type, u32 snap_bytes, int resolution,
		     s64 offset_s);
void image_enhanced(struct image *image, u32 number, u32 interface, u64 ticks);

/* By gzip; returns how many bytes. */
size_t image_compress(u8 *to, size_t size, const u8 *from, size_t count);

/* A file of the test's own: fixtures of a group, its content, and reading it. */
extern char image_path[];
int image_make_path(void **state);
int image_remove_path(void **state);
void image_write(const void *bytes, size_t count);
struct capture *image_open(void);

/* The next packet is this one; those of image_pcap() follow, and no other. Closes the capture. */
void image_check_packet(struct capture *capture, u32 number, u64 time_ns);
void image_check_pcap(struct capture *capture);

#endif
