/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cursor.h - where decoding is in the headers of a frame: which header comes next,
 * and where. link.h, ip.h and tunnel.h each take one header and move on.
 */
#ifndef NETLAT_CORE_CURSOR_H
#define NETLAT_CORE_CURSOR_H

#include "packet.h"

#define NL_ETHERTYPE_IPV4 0x0800
#define NL_ETHERTYPE_IPV6 0x86dd
#define NL_ETHERTYPE_VLAN 0x8100
#define NL_ETHERTYPE_QINQ 0x88a8
#define NL_ETHERTYPE_QINQ_OLD 0x9100
#define NL_ETHERTYPE_MPLS 0x8847
#define NL_ETHERTYPE_MPLS_UPSTREAM 0x8848 /* upstream-assigned labels (RFC 5332) */
#define NL_ETHERTYPE_PPPOE 0x8864	  /* session stage (RFC 2516) */
#define NL_ETHERTYPE_PPP 0x880b
#define NL_ETHERTYPE_TEB 0x6558	     /* an Ethernet frame */
#define NL_ETHERTYPE_ERSPAN 0x88be   /* types I and II */
#define NL_ETHERTYPE_ERSPAN_3 0x22eb /* type III */

#define NL_IPPROTO_HOPOPTS 0
#define NL_IPPROTO_IPV4 4
#define NL_IPPROTO_UDP 17
#define NL_IPPROTO_IPV6 41
#define NL_IPPROTO_ROUTING 43
#define NL_IPPROTO_FRAGMENT 44
#define NL_IPPROTO_GRE 47
#define NL_IPPROTO_AH 51
#define NL_IPPROTO_DSTOPTS 60
#define NL_IPPROTO_ETHERIP 97
#define NL_IPPROTO_MPLS 137

/*
 * What comes next: an EtherType, or one of these. An EtherType below 1536 is the
 * length of an IEEE 802.3 frame: LLC comes next.
 */
enum nl_next {
	NL_NEXT_PROTOCOL = 0x10000, /* plus an IP protocol number */
	NL_NEXT_ETHERNET = 0x20000,
	NL_NEXT_LLC,	       /* IEEE 802.2 */
	NL_NEXT_IP,	       /* of the version that it says */
	NL_NEXT_PPP,	       /* its protocol field */
	NL_NEXT_GTP_EXTENSION, /* "next extension header type" of GTP-U */
};

/* Headers taken at most; a frame with more is not of this world. */
#define NL_FRAME_HEADERS_MAX 16

/* And at once: Ethernet, a VLAN tag or an extension header, IP and TCP. */
#define NL_HEADERS_AT_ONCE 4

/* Tunnels opened at most, one in the other. */
#define NL_TUNNELS_MAX 2

/* Said by who takes one header, beside what packet_decode() says. */
#define NL_DECODED_ON (-3) /* the cursor is on the next */

/*
 * The header at the cursor, of which `need` bytes (at most NL_HEADERS_SLACK) are there;
 * NULL: they are not. The bound is for the bytes given and for the verifier at once.
 */
NL_CORE const u8 *cursor_header(const u8 *h, const struct nl_cursor *c, u32 need)
{
	u32 offset = c->offset;

	NL_OPAQUE(offset);
	if (offset > NL_HEADERS_BYTES || offset + need > c->available)
		return NULL;
	return h + offset;
}

/* Bytes of the packet that are left from the cursor on, by the length of what it is in. */
NL_CORE u32 cursor_left(const struct nl_cursor *c)
{
	return c->offset < c->end ? c->end - c->offset : 0;
}

/* Over this header, to the next. */
NL_CORE int cursor_on(struct nl_cursor *c, u32 header_bytes, u32 next)
{
	c->offset += header_bytes;
	c->next = next;
	return NL_DECODED_ON;
}

/* The fate of a packet in which something comes next that is not known. */
NL_CORE int cursor_unknown(const struct nl_cursor *c)
{
	return c->ip_headers ? NL_COUNT_not_tcp : NL_COUNT_not_ip;
}

/* Whether the tunnel at the cursor is to be opened: NL_DECODED_ON, else the packet's fate. */
NL_CORE int cursor_enter(const struct nl_cursor *c, struct nl_packet *packet)
{
	if (c->fragment)
		return NL_COUNT_fragment;
	if (!c->tunnels_max || c->ip_headers > c->tunnels_max)
		return NL_COUNT_encapsulated;
	packet->vlan_id = 0;
	return NL_DECODED_ON;
}

#endif
