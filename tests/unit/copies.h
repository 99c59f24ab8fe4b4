/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* copies.h - lists of packet copies, as the flight recorder has them, put together for tests. */
#ifndef NETLAT_TESTS_COPIES_H
#define NETLAT_TESTS_COPIES_H

#include "frames.h"
#include "packet_list.h"

#define COPIES_MAX 1024
#define COPIES_BYTES (512u << 10)
#define COPIES_STEP_NS 1000003ULL /* between packets */

enum checksum {
	CHECKSUM_GOOD = 0,
	CHECKSUM_PARTIAL, /* the pseudo-header's sum, as offload leaves it */
	CHECKSUM_BAD,
};

/* Packets of one connection; the list's memory does not move while it grows. */
struct copies {
	struct packet_list list;
	struct frame frame[2]; /* by sender */
	u32 isn[2];	       /* sequence number of the first byte of each stream */
	u32 next_seq[2];       /* behind the latest of it: acknowledged by the other side */
	u64 now_ns;
	size_t used_bytes;
	u8 link_bytes; /* 14, or 0 for packets that begin with IP */
	enum checksum checksum;
};

void copies_begin(struct copies *c, bool ipv6, bool is_ip);
void copies_end(struct copies *c);

/* Bytes at a position of the sender's stream, with these flags. Returns the packet. */
struct packet *copies_add(struct copies *c, u32 role, u8 tcp_flags, s64 position, const void *bytes,
			  u32 count);
/* As if only so many bytes of payload had been copied. */
void copies_cut(struct packet *packet, u32 payload_bytes);

/* Sum over pseudo-header and segment, folded: 0xffff for a good checksum. */
u16 copies_sum(const struct copies *c, const struct packet *packet);

/* How many bytes in a row, at most, of `secret` are left in any of the packets. */
u32 copies_leak(const struct packet_list *list, const char *secret);

#endif
