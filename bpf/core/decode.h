/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * decode.h - from the first bytes of a frame to a TCP segment, whatever is before it.
 *
 * A small state machine: each turn takes one header and says which is the next, and
 * where. The verifier walks a turn once for each of NL_HEADERS_AT_ONCE, and not
 * once for each way there, as it forgets between two turns what it knows (NL_WIDEN).
 */
#ifndef NETLAT_CORE_DECODE_H
#define NETLAT_CORE_DECODE_H

#include "ip.h"
#include "link.h"
#include "tunnel.h"

/*
 * Take the header at the cursor if it is one of those that tunnels have, which are
 * many and seldom met: a step of their own, for the verifier's sake. Returns
 * NL_DECODED_ON, or what packet_decode() returns.
 */
NL_STEP int decode_seldom(struct nl_headers *headers, struct nl_packet *packet)
{
	struct nl_cursor c;
	const u8 *h;
	int decoded;

	if (!headers || !packet)
		return NL_COUNT_internal_error;
	c = headers->cursor;
	h = headers->bytes;
	switch (c.next) {
	case NL_NEXT_PROTOCOL + NL_IPPROTO_UDP:
		decoded = tunnel_udp(h, &c, packet);
		break;
	case NL_NEXT_PROTOCOL + NL_IPPROTO_GRE:
		decoded = tunnel_gre(h, &c, packet);
		break;
	case NL_NEXT_PROTOCOL + NL_IPPROTO_IPV4:
	case NL_NEXT_PROTOCOL + NL_IPPROTO_IPV6:
	case NL_NEXT_PROTOCOL + NL_IPPROTO_ETHERIP:
	case NL_NEXT_PROTOCOL + NL_IPPROTO_MPLS:
		decoded = tunnel_ip(&c, packet);
		break;
	case NL_NEXT_GTP_EXTENSION:
		decoded = tunnel_gtp_extension(h, &c);
		break;
	case NL_NEXT_IP:
		decoded = ip_any_version(h, &c);
		break;
	case NL_ETHERTYPE_MPLS:
	case NL_ETHERTYPE_MPLS_UPSTREAM:
		decoded = link_mpls(h, &c);
		break;
	case NL_ETHERTYPE_PPPOE:
		decoded = link_pppoe(h, &c);
		break;
	case NL_NEXT_PPP:
		decoded = link_ppp(h, &c);
		break;
	default:
		decoded = c.next < 1536 || c.next == NL_NEXT_LLC ? link_llc(h, &c)
								 : cursor_unknown(&c);
		break;
	}
	headers->cursor = c;
	return decoded;
}

/* Take the header at the cursor: NL_DECODED_ON, or what packet_decode() returns. */
NL_CORE int decode_header(struct nl_headers *headers, struct nl_cursor *c, struct nl_packet *packet)
{
	const u8 *h = headers->bytes;
	int decoded;

	switch (c->next) {
	case NL_NEXT_PROTOCOL + NL_IPPROTO_TCP:
		return ip_tcp(h, c, packet);
	case NL_ETHERTYPE_IPV4:
		return ip_version_4(h, c, packet);
	case NL_ETHERTYPE_IPV6:
		return ip_version_6(h, c, packet);
	case NL_NEXT_ETHERNET:
		return link_ethernet(h, c);
	case NL_ETHERTYPE_VLAN:
	case NL_ETHERTYPE_QINQ:
	case NL_ETHERTYPE_QINQ_OLD:
		return link_vlan(h, c, packet);
	case NL_NEXT_PROTOCOL + NL_IPPROTO_UDP:
		if (!tunnel_udp_port(h, c))
			return NL_COUNT_not_tcp;
		break;
	case NL_NEXT_PROTOCOL + NL_IPPROTO_HOPOPTS:
	case NL_NEXT_PROTOCOL + NL_IPPROTO_ROUTING:
	case NL_NEXT_PROTOCOL + NL_IPPROTO_FRAGMENT:
	case NL_NEXT_PROTOCOL + NL_IPPROTO_DSTOPTS:
	case NL_NEXT_PROTOCOL + NL_IPPROTO_AH:
		return ip_extension(h, c);
	case NL_ETHERTYPE_MPLS:
	case NL_ETHERTYPE_MPLS_UPSTREAM:
	case NL_ETHERTYPE_PPPOE:
		break;
	default: /* ARP and the like are not seldom at all */
		if (c->next >= 1536 && c->next < NL_NEXT_PROTOCOL)
			return cursor_unknown(c);
		break;
	}
	headers->cursor = *c;
	decoded = decode_seldom(headers, packet);
	*c = headers->cursor;
	return decoded;
}

/* The same as decode_header(), for a loop. */
NL_CORE int decode_turn(struct nl_headers *headers, struct nl_cursor *c, struct nl_packet *packet)
{
	u32 zero = headers->zero;

	NL_WIDEN(c->offset, zero);
	NL_WIDEN(c->next, zero);
	NL_WIDEN(c->end, zero);
	NL_WIDEN(c->ip_headers, zero);
	NL_WIDEN(c->fragment, zero);
	return decode_header(headers, c, packet);
}

NL_CORE struct nl_cursor cursor_first(u32 available, u32 frame_bytes, u32 first, u32 tunnels_max)
{
	struct nl_cursor c = {
		.available = available,
		.next = first,
		.end = frame_bytes,
		.tunnels_max = tunnels_max,
	};

	return c;
}

/*
 * Take up to NL_HEADERS_AT_ONCE headers from c on. Returns NL_DECODED_ON if there are more,
 * with headers->cursor on the next; or what packet_decode() returns.
 */
NL_CORE int packet_decode_some(struct nl_headers *headers, struct nl_cursor c,
			       struct nl_packet *packet)
{
	for (int i = 0; i < NL_HEADERS_AT_ONCE; i++) {
		int decoded = decode_turn(headers, &c, packet);

		if (decoded != NL_DECODED_ON)
			return decoded;
	}
	headers->cursor = c;
	return NL_DECODED_ON;
}

/*
 * Decode a frame.
 *
 * headers      its first bytes
 * available    how many of them are there, at most NL_HEADERS_BYTES
 * frame_bytes  the length of the frame on the wire
 * first        its first header: NL_NEXT_ETHERNET, or enum nl_next, or an EtherType
 * tunnels_max  how many tunnels to open, one in the other; 0: none, nor MPLS
 *
 * Returns NL_DECODED_TCP with *packet filled in, NL_DECODED_SHORT, or the
 * packet's fate (enum nl_counter).
 */
NL_CORE int packet_decode(struct nl_headers *headers, u32 available, u32 frame_bytes, u32 first,
			  u32 tunnels_max, struct nl_packet *packet)
{
	struct nl_cursor c = cursor_first(available, frame_bytes, first, tunnels_max);

	packet->vlan_id = 0;
	for (int i = 0; i < NL_FRAME_HEADERS_MAX; i += NL_HEADERS_AT_ONCE) {
		int decoded = packet_decode_some(headers, c, packet);

		if (decoded != NL_DECODED_ON)
			return decoded;
		c = headers->cursor;
	}
	return cursor_unknown(&c);
}

#endif
