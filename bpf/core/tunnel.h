/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tunnel.h - headers that put one packet into another: IP in IP, GRE and ERSPAN,
 * EtherIP, and over UDP VXLAN, GENEVE, GTP-U, GRE and MPLS.
 */
#ifndef NETLAT_CORE_TUNNEL_H
#define NETLAT_CORE_TUNNEL_H

#include "cursor.h"

#define NL_PORT_GTP_U 2152
#define NL_PORT_GRE 4754
#define NL_PORT_VXLAN 4789
#define NL_PORT_VXLAN_GPE 4790 /* draft-ietf-nvo3-vxlan-gpe */
#define NL_PORT_GENEVE 6081
#define NL_PORT_MPLS 6635
#define NL_PORT_VXLAN_OLD 8472 /* Linux before the assignment, and flannel until today */

/* GRE: flags of RFC 2784 and 2890. */
#define NL_GRE_CHECKSUM 0x80
#define NL_GRE_ROUTING 0x40
#define NL_GRE_KEY 0x20
#define NL_GRE_SEQUENCE 0x10

/* IP in IP (RFC 2003, 4213, 2473), EtherIP (RFC 3378), MPLS in IP (RFC 4023). */
NL_CORE int tunnel_ip(struct nl_cursor *c, struct nl_packet *packet)
{
	int entered = cursor_enter(c, packet);

	if (entered != NL_DECODED_ON)
		return entered;
	if (c->next == NL_NEXT_PROTOCOL + NL_IPPROTO_IPV4)
		return cursor_on(c, 0, NL_ETHERTYPE_IPV4);
	if (c->next == NL_NEXT_PROTOCOL + NL_IPPROTO_IPV6)
		return cursor_on(c, 0, NL_ETHERTYPE_IPV6);
	if (c->next == NL_NEXT_PROTOCOL + NL_IPPROTO_ETHERIP)
		return cursor_on(c, 2, NL_NEXT_ETHERNET);
	return cursor_on(c, 0, NL_ETHERTYPE_MPLS);
}

/* PPTP (RFC 2637, 4.1): PPP behind the sequence number; without one there is no payload. */
NL_CORE int tunnel_pptp(struct nl_cursor *c, const u8 *p)
{
	if (load_be16(p + 2) != NL_ETHERTYPE_PPP || !(p[0] & NL_GRE_SEQUENCE))
		return NL_COUNT_not_tcp;
	return cursor_on(c, p[1] & 0x80 ? 16 : 12, NL_NEXT_PPP);
}

/* ERSPAN: type I has no header of its own, type III may have a subheader. */
NL_CORE int tunnel_erspan(const u8 *h, struct nl_cursor *c, u32 gre_bytes, u32 type)
{
	const u8 *p;

	c->offset += gre_bytes;
	if (type == NL_ETHERTYPE_ERSPAN)
		return cursor_on(c, gre_bytes > 4 ? 8 : 0, NL_NEXT_ETHERNET);
	p = cursor_header(h, c, 12);
	if (!p)
		return NL_DECODED_SHORT;
	return cursor_on(c, p[11] & 1 ? 20 : 12, NL_NEXT_ETHERNET);
}

NL_CORE int tunnel_gre(const u8 *h, struct nl_cursor *c, struct nl_packet *packet)
{
	const u8 *p = cursor_header(h, c, 4);
	int entered = cursor_enter(c, packet);
	u32 bytes = 4, type;

	if (entered != NL_DECODED_ON)
		return entered;
	if (!p)
		return NL_DECODED_SHORT;
	if ((p[1] & 7) == 1)
		return tunnel_pptp(c, p);
	/* Routing (RFC 1701) was never of use; other versions there are none. */
	if ((p[1] & 7) || (p[0] & NL_GRE_ROUTING))
		return NL_COUNT_encapsulated;
	type = load_be16(p + 2);
	if (p[0] & NL_GRE_CHECKSUM)
		bytes += 4;
	if (p[0] & NL_GRE_KEY)
		bytes += 4;
	if (p[0] & NL_GRE_SEQUENCE)
		bytes += 4;
	if (type == NL_ETHERTYPE_ERSPAN || type == NL_ETHERTYPE_ERSPAN_3)
		return tunnel_erspan(h, c, bytes, type);
	if (type == NL_ETHERTYPE_TEB)
		type = NL_NEXT_ETHERNET;
	else if (type == NL_ETHERTYPE_PPP)
		type = NL_NEXT_PPP;
	else if (type < 1536) /* a protocol of RFC 1701, or a keep-alive: no LLC */
		return NL_COUNT_not_tcp;
	return cursor_on(c, bytes, type);
}

/* Whether a UDP header at the cursor is there, and may have a tunnel behind it. */
NL_CORE bool tunnel_udp_port(const u8 *h, const struct nl_cursor *c)
{
	const u8 *p = cursor_header(h, c, 4);
	u32 destination;

	if (!p)
		return true; /* tunnel_udp() will say so */
	destination = load_be16(p + 2);
	return destination == NL_PORT_VXLAN || destination == NL_PORT_VXLAN_OLD ||
	       destination == NL_PORT_VXLAN_GPE || destination == NL_PORT_GENEVE ||
	       destination == NL_PORT_GTP_U || destination == NL_PORT_GRE ||
	       destination == NL_PORT_MPLS;
}

/*
 * What a VXLAN header (RFC 7348, 5) has behind it; 0: it is none. There is a network
 * identifier, by its flag. Nothing is assigned to the old port: all bits are checked there.
 */
NL_CORE u32 tunnel_vxlan_next(const u8 *p, u32 port)
{
	if (!(p[0] & 0x08))
		return 0;
	if (port == NL_PORT_VXLAN_OLD && (load_u32(p) != 0x08 || p[7] != 0))
		return 0;
	if (port != NL_PORT_VXLAN_GPE || !(p[0] & 0x04))
		return NL_NEXT_ETHERNET;
	switch (p[3]) { /* next protocol */
	case 1:
		return NL_ETHERTYPE_IPV4;
	case 2:
		return NL_ETHERTYPE_IPV6;
	case 3:
		return NL_NEXT_ETHERNET;
	default:
		return 0;
	}
}

/* GENEVE (RFC 8926, 3.4); p is at the UDP header, as in the next. */
NL_CORE int tunnel_geneve(struct nl_cursor *c, const u8 *p)
{
	u32 next = load_be16(p + 10);

	if (p[8] >> 6 != 0 || next < 1536)
		return NL_COUNT_not_tcp;
	return cursor_on(c, 16 + (p[8] & 0x3f) * 4,
			 next == NL_ETHERTYPE_TEB ? NL_NEXT_ETHERNET : next);
}

/* GTP-U (3GPP TS 29.281, 5.1): version 1, GTP and not its prime, G-PDU. */
NL_CORE int tunnel_gtp(struct nl_cursor *c, const u8 *p)
{
	if ((p[8] & 0xf0) != 0x30 || p[9] != 0xff)
		return NL_COUNT_not_tcp;
	if (p[8] & 4) /* the last of three fields is the type of an extension header */
		return cursor_on(c, 19, NL_NEXT_GTP_EXTENSION);
	/* Either of the other flags brings all three fields. */
	return cursor_on(c, p[8] & 3 ? 20 : 16, NL_NEXT_IP);
}

/* Over UDP, known by destination port. */
NL_CORE int tunnel_udp(const u8 *h, struct nl_cursor *c, struct nl_packet *packet)
{
	const u8 *p = cursor_header(h, c, 16);
	u32 destination, next;
	int on;

	if (cursor_left(c) < 16)
		return NL_COUNT_not_tcp;
	if (!p)
		return NL_DECODED_SHORT;
	destination = load_be16(p + 2);
	switch (destination) {
	case NL_PORT_GENEVE:
		on = tunnel_geneve(c, p);
		break;
	case NL_PORT_GTP_U:
		on = tunnel_gtp(c, p);
		break;
	case NL_PORT_GRE: /* RFC 8086 */
		on = cursor_on(c, 8, NL_NEXT_PROTOCOL + NL_IPPROTO_GRE);
		break;
	case NL_PORT_MPLS: /* RFC 7510 */
		on = cursor_on(c, 8, NL_ETHERTYPE_MPLS);
		break;
	default:
		next = tunnel_vxlan_next(p + 8, destination);
		on = next ? cursor_on(c, 16, next) : NL_COUNT_not_tcp;
		break;
	}
	return on == NL_DECODED_ON ? cursor_enter(c, packet) : on;
}

/* One GTP-U extension header (3GPP TS 29.281, 5.2); the cursor is on its type. */
NL_CORE int tunnel_gtp_extension(const u8 *h, struct nl_cursor *c)
{
	const u8 *p = cursor_header(h, c, 2);

	if (!p)
		return NL_DECODED_SHORT;
	if (p[0] == 0)
		return cursor_on(c, 1, NL_NEXT_IP);
	if (p[1] == 0)
		return NL_COUNT_malformed_header;
	/* In 4-byte units, the type of the next at its end. */
	return cursor_on(c, p[1] * 4, NL_NEXT_GTP_EXTENSION);
}

#endif
