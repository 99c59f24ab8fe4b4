/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * packets.h - frames and TCP conversations put together for tests.
 *
 * Only the fields that a parser reads are filled in: checksums are 0.
 */
#ifndef NETLAT_TESTS_PACKETS_H
#define NETLAT_TESTS_PACKETS_H

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

struct packet {
	u8 *bytes;
	u32 captured;
	u32 wire_bytes;
	u64 now_ns;
	u32 ifindex;
};

struct packet_list {
	struct packet *packets;
	size_t count;
	size_t capacity;
};

void packet_list_add(struct packet_list *list, const struct packet *packet); /* copies bytes */
void packet_list_drop(struct packet_list *list, size_t index);
/* Take the packet out and put it where `to` is then; times stay in order. */
void packet_list_move(struct packet_list *list, size_t from, size_t to);
void packet_list_duplicate(struct packet_list *list, size_t index);
/* Follow each packet by itself on another interface. */
void packet_list_second_interface(struct packet_list *list, u32 ifindex, u64 delay_ns);
void packet_list_free(struct packet_list *list);

/* A TCP connection that writes down what passes; roles are enum nl_role. */
struct conversation {
	struct frame frame[2]; /* by sender */
	u32 next_seq[2];
	u64 now_ns;
	u64 step_ns;	   /* between packets */
	u32 segment_bytes; /* at most this much payload in one segment */
	u64 cut_at;	   /* also cut here, counted over all payload; 0: nowhere */
	u32 random;	   /* state of random cuts; 0: none */
	u64 sent_bytes;
	struct packet_list packets;
};

/* A conversation between hosts of this number, its handshake done. */
void conversation_begin(struct conversation *c, u32 number);
void conversation_handshake(struct conversation *c, u32 client_isn, u32 server_isn);
void conversation_end(struct conversation *c);

/* Bytes in order, cut into segments as the conversation says. */
void conversation_sends(struct conversation *c, u32 role, const void *bytes, size_t count);
void client_says(struct conversation *c, const char *text);
void server_says(struct conversation *c, const char *text);

/* One segment of these flags, and of these bytes at most `back` bytes ago. */
void conversation_segment(struct conversation *c, u32 role, u8 tcp_flags, u32 back,
			  const void *bytes, size_t count);
void conversation_fin(struct conversation *c, u32 role);
void conversation_rst(struct conversation *c, u32 role);
void conversation_ack(struct conversation *c, u32 role);
/* `count` bytes are sent that nobody sees. */
void conversation_loses(struct conversation *c, u32 role, u32 count);

/* xorshift32: the same numbers everywhere. The state must not be 0. */
u32 random_next(u32 *state);

/* Change a few bytes, in the headers rather, or cut the end off. Returns what is left. */
u32 frame_mutate(u8 *frame, u32 bytes, u32 *random);

/* The bytes copied to the end of a page that an unmapped one follows; up to 128 KB. */
const u8 *guarded_copy(const void *bytes, size_t count);

#endif
