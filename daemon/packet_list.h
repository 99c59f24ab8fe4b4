/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packet_list.h - copies of the packets of one transaction, as the flight recorder had them. */
#ifndef NETLAT_PACKET_LIST_H
#define NETLAT_PACKET_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/flow.h"

/* Numbers are those of pcapng's epb_flags. */
enum packet_direction {
	PACKET_DIRECTION_UNKNOWN = 0, /* no capture says it */
	PACKET_INBOUND = 1,
	PACKET_OUTBOUND = 2, /* left the host or bridge */
};

/* One copy. Its bytes begin with the link header: Ethernet, or none (`is_ip`). */
struct packet {
	u64 time_ns;	    /* of the source's clock, as those of struct nl_record */
	const u8 *bytes;    /* owned by the list */
	u32 captured;	    /* of them */
	u32 wire_bytes;	    /* at least `captured` */
	u32 ifindex;	    /* where it passed; a replay gives the capture's interface number */
	u32 payload_offset; /* of its TCP payload; at most `captured` */
	u8 role;	    /* enum nl_role of its sender */
	bool is_ip;	    /* no link header: bytes begin with IPv4 or IPv6 */
	u8 direction;	    /* enum packet_direction, at this interface */
	bool has_payload;   /* of TCP: an Ethernet frame without may be padded */
};

/* In the order in which they passed. */
struct packet_list {
	struct packet *packets;
	size_t count;
	u8 *bytes;	     /* all of theirs */
	bool is_overwritten; /* the recorder had overwritten older ones of the connection */
};

/* Free what it holds; it may be used again. */
void packet_list_clear(struct packet_list *list);

#endif
