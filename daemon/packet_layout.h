/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packet_layout.h - where the headers of a packet's copy lie, as bpf/core finds them. */
#ifndef NETLAT_PACKET_LAYOUT_H
#define NETLAT_PACKET_LAYOUT_H

#include "packet_list.h"

/* Offsets in the copy: of the innermost packet, if it came through a tunnel. */
struct packet_layout {
	u32 ip;
	u32 tcp;
	u32 payload;
	u32 end; /* of the payload on the wire; beyond the copy if that is cut */
	u32 seq; /* of the payload's first byte */
	bool is_ipv6;
	bool is_syn;
};

/* False, and *ret_layout untouched, if there is no TCP header to be found. */
bool packet_layout_find(struct packet_layout *ret_layout, const struct packet *packet);

/* Bytes of payload in the copy. */
u32 packet_payload_captured(const struct packet_layout *layout, const struct packet *packet);

#endif
