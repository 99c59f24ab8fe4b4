/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packets.h - TCP conversations put together for tests, of frames as frames.h makes them. */
#ifndef NETLAT_TESTS_PACKETS_H
#define NETLAT_TESTS_PACKETS_H

#include <stddef.h>

#include "frames.h"

struct sent_packet {
	u8 *bytes;
	u32 captured;
	u32 wire_bytes;
	u64 now_ns;
	u32 ifindex;
};

struct packets {
	struct sent_packet *packets;
	size_t count;
	size_t capacity;
};

void packet_list_add(struct packets *list, const struct sent_packet *packet); /* copies bytes */
void packet_list_drop(struct packets *list, size_t index);
/* Take the packet out and put it where `to` is then; times stay in order. */
void packet_list_move(struct packets *list, size_t from, size_t to);
void packet_list_duplicate(struct packets *list, size_t index);
/* Follow each packet by itself on another interface. */
void packet_list_second_interface(struct packets *list, u32 ifindex, u64 delay_ns);
void packet_list_free(struct packets *list);

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
	struct packets packets;
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
