/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ip.h - IPv4 with options, IPv6 with extension headers, TCP with options. Every
 * length that is believed was checked against the lengths around it.
 */
#ifndef NETLAT_CORE_IP_H
#define NETLAT_CORE_IP_H

#include "cursor.h"

/* The fate of a fragment that does not begin its packet: what is in it cannot be told. */
NL_CORE int ip_later_fragment(u32 protocol)
{
	switch (protocol) {
	case NL_IPPROTO_TCP:
	case NL_IPPROTO_IPV4:
	case NL_IPPROTO_IPV6:
	case NL_IPPROTO_GRE:
	case NL_IPPROTO_ETHERIP:
	case NL_IPPROTO_MPLS:
		return NL_COUNT_fragment;
	default:
		return NL_COUNT_not_tcp;
	}
}

NL_CORE int ip_version_4(const u8 *h, struct nl_cursor *c, struct nl_packet *packet)
{
	const u8 *p = cursor_header(h, c, 20);
	u32 header_bytes, total_bytes, fragment, left = cursor_left(c);

	if (!p)
		return NL_DECODED_SHORT;
	header_bytes = (p[0] & 0xf) * 4;
	if (p[0] >> 4 != 4 || header_bytes < 20)
		return NL_COUNT_malformed_header;
	fragment = load_be16(p + 6); /* flags and offset: RFC 791, 3.1 */
	if (fragment & 0x1fff)
		return ip_later_fragment(p[9]);
	if (fragment & 0x2000)
		c->fragment = 1;
	total_bytes = load_be16(p + 2);
	/* 0: a super-packet beyond 64 KB (BIG TCP), or segmentation offload in a capture. */
	if (total_bytes == 0)
		total_bytes = left;
	if (total_bytes < header_bytes || total_bytes > left)
		return NL_COUNT_malformed_header;
	c->end = c->offset + total_bytes;
	c->ip_headers++;
	packet->ip_id = load_be16(p + 4);
	packet->has_ip_id = 1;
	packet_map_ipv4(&packet->source_addr, load_u32(p + 12));
	packet_map_ipv4(&packet->destination_addr, load_u32(p + 16));
	return cursor_on(c, header_bytes, NL_NEXT_PROTOCOL + p[9]);
}

NL_CORE int ip_version_6(const u8 *h, struct nl_cursor *c, struct nl_packet *packet)
{
	const u8 *p = cursor_header(h, c, 40);
	u32 payload_bytes, left = cursor_left(c);

	if (!p)
		return NL_DECODED_SHORT;
	if (p[0] >> 4 != 6 || left < 40)
		return NL_COUNT_malformed_header;
	payload_bytes = load_be16(p + 4);
	/* 0: jumbo payload (RFC 2675), as BIG TCP has it. */
	if (payload_bytes == 0)
		payload_bytes = left - 40;
	if (payload_bytes > left - 40)
		return NL_COUNT_malformed_header;
	c->end = c->offset + 40 + payload_bytes;
	c->ip_headers++;
	packet->has_ip_id = 0;
	packet->source_addr.words[0] = load_u64(p + 8);
	packet->source_addr.words[1] = load_u64(p + 16);
	packet->destination_addr.words[0] = load_u64(p + 24);
	packet->destination_addr.words[1] = load_u64(p + 32);
	return cursor_on(c, 40, NL_NEXT_PROTOCOL + p[6]);
}

/* IP of a version that only its first byte tells. */
NL_CORE int ip_any_version(const u8 *h, struct nl_cursor *c)
{
	const u8 *p = cursor_header(h, c, 1);

	if (!p)
		return NL_DECODED_SHORT;
	if (p[0] >> 4 == 4)
		return cursor_on(c, 0, NL_ETHERTYPE_IPV4);
	if (p[0] >> 4 == 6)
		return cursor_on(c, 0, NL_ETHERTYPE_IPV6);
	return cursor_unknown(c);
}

/* An extension header of IPv6; AH is one of IPv4 too. */
NL_CORE int ip_extension(const u8 *h, struct nl_cursor *c)
{
	const u8 *p = cursor_header(h, c, 8);
	u32 fragment;

	if (!p)
		return NL_DECODED_SHORT;
	if (c->next == NL_NEXT_PROTOCOL + NL_IPPROTO_AH) /* RFC 4302: in 4-byte units, minus 2 */
		return cursor_on(c, (p[1] + 2) * 4, NL_NEXT_PROTOCOL + p[0]);
	if (c->next == NL_NEXT_PROTOCOL + NL_IPPROTO_FRAGMENT) {
		fragment = load_be16(p + 2);
		if (fragment & 0xfff8)
			return ip_later_fragment(p[0]);
		/* Without a flag an atomic fragment (RFC 6946), which is a whole packet. */
		if (fragment & 1)
			c->fragment = 1;
		return cursor_on(c, 8, NL_NEXT_PROTOCOL + p[0]);
	}
	/* RFC 8200, 4.3: in 8-byte units, minus 1 */
	return cursor_on(c, (p[1] + 1) * 8, NL_NEXT_PROTOCOL + p[0]);
}

NL_CORE int ip_tcp(const u8 *h, struct nl_cursor *c, struct nl_packet *packet)
{
	const u8 *p;
	u32 header_bytes, segment_bytes = cursor_left(c);

	if (c->fragment)
		return NL_COUNT_fragment;
	if (segment_bytes < 20)
		return NL_COUNT_malformed_header;
	p = cursor_header(h, c, 20);
	if (!p)
		return NL_DECODED_SHORT;
	header_bytes = (p[12] >> 4) * 4;
	if (header_bytes < 20 || header_bytes > segment_bytes)
		return NL_COUNT_malformed_header;
	packet->source_port = load_be16(p);
	packet->destination_port = load_be16(p + 2);
	packet->seq = load_be32(p + 4);
	packet->ack = load_be32(p + 8);
	packet->tcp_flags = p[13];
	packet->tcp_header_bytes = (u8)header_bytes;
	packet->window = load_be16(p + 14);
	packet->payload_offset = c->offset + header_bytes;
	packet->payload_bytes = segment_bytes - header_bytes;
	return NL_DECODED_TCP;
}

#endif
