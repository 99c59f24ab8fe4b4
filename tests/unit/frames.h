/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * frames.h - frames put together for tests.
 *
 * Only the fields that a parser reads are filled in: checksums are 0.
 */
#ifndef NETLAT_TESTS_FRAMES_H
#define NETLAT_TESTS_FRAMES_H

#include <stddef.h>

#include "core/cursor.h"
#include "core/flow.h"
#include "tunnels.h"

#define FRAME_HEADERS_MAX 512
#define TCP_PSH 0x08

/* How a frame is put together. All zero but addresses: plain Ethernet, IPv4, TCP. */
struct frame {
	const struct tunnel *tunnel; /* NULL: none */
	u32 tags;		     /* VLAN tags, outermost first */
	u16 tag_type[20];
	u16 tag[20];
	u16 ethertype; /* 0: by the IP version */
	bool ipv6;
	u8 protocol;   /* 0: TCP */
	u8 source[16]; /* an IPv4 address takes the first four */
	u8 destination[16];
	u32 ip_option_bytes; /* a multiple of 4, at most 40 */
	u16 fragment;	     /* flags and offset of IPv4 */
	u32 extensions;	     /* IPv6 extension headers */
	u8 extension_type[20];
	u8 extension_bytes[20]; /* a multiple of 8 (AH: of 4) */
	u32 tcp_option_bytes;	/* a multiple of 4, at most 40 */
	u16 source_port;
	u16 destination_port;
	u32 seq;
	u32 ack;
	u8 tcp_flags;
	const void *payload; /* NULL: payload_bytes are promised by the headers, but not there */
	u32 payload_bytes;
	u32 pad_to; /* Ethernet's least frame is 60 */
};

/* Where the headers of a frame that was built begin. */
struct frame_layout {
	u32 ip;
	u32 tcp;
	u32 payload;
	u32 end; /* of the bytes written */
};

/* Write the frame to `to`, which has FRAME_HEADERS_MAX and the payload. */
struct frame_layout frame_build(u8 *to, const struct frame *frame);

#endif
