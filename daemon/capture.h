/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture.h - packets from a capture: pcap through libpcap, pcapng by capture_pcapng.c. */
#ifndef NETLAT_CAPTURE_H
#define NETLAT_CAPTURE_H

#include "capture_stream.h"
#include "core/bytes.h"

#define CAPTURE_ERROR_BYTES 512

struct capture;

/* A packet; its bytes are valid until the next one is read. */
struct capture_packet {
	const u8 *bytes;
	u32 captured;
	u32 wire_bytes; /* at least `captured` */
	u32 link_type;	/* of its interface: LINKTYPE_*, or libpcap's DLT_* */
	u32 ifindex;	/* number of the interface in the capture, from 1 */
	u64 time_ns;	/* since 1970 */
};

/*
 * Open a capture; `-` is standard input. Returns NULL on failure and says in `error`,
 * which has CAPTURE_ERROR_BYTES, why, without the file's name.
 */
struct capture *capture_open(const char *path, char *error);
void capture_close(struct capture *capture);

/* Whether reading may wait for who writes it. */
bool capture_is_pipe(const struct capture *capture);

/* See capture_stream_on_wait(). */
void capture_on_wait(struct capture *capture, capture_wait_fn wait, void *userdata);

/* 1: *ret_packet is the next; 0: there is no more; -1: see capture_error(). */
int capture_next(struct capture *capture, struct capture_packet *ret_packet);
const char *capture_error(const struct capture *capture);

#endif
