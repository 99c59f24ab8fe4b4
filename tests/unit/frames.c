/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* frames.c - frames put together for tests. */
#include "frames.h"

#include <string.h>

static void put_be16(u8 *to, u32 value)
{
	to[0] = (u8)(value >> 8);
	to[1] = (u8)value;
}

static void put_be32(u8 *to, u32 value)
{
	put_be16(to, value >> 16);
	put_be16(to + 2, value);
}

static u32 build_ipv4(u8 *ip, const struct frame *f, u32 segment_bytes)
{
	u32 header_bytes = 20 + f->ip_option_bytes;

	ip[0] = (u8)(0x40 | header_bytes / 4);
	put_be16(ip + 2, header_bytes + segment_bytes);
	put_be16(ip + 6, f->fragment);
	ip[8] = 64;
	ip[9] = f->protocol ? f->protocol : NL_IPPROTO_TCP;
	memcpy(ip + 12, f->source, 4);
	memcpy(ip + 16, f->destination, 4);
	memset(ip + 20, 1, f->ip_option_bytes); /* no operation */
	return header_bytes;
}

static u32 build_ipv6(u8 *ip, const struct frame *f, u32 segment_bytes)
{
	u32 header_bytes = 40;
	u8 *next = ip + 6;

	ip[0] = 0x60;
	ip[7] = 64;
	memcpy(ip + 8, f->source, 16);
	memcpy(ip + 24, f->destination, 16);
	for (u32 i = 0; i < f->extensions; i++) {
		u32 bytes = f->extension_bytes[i];

		*next = f->extension_type[i];
		next = ip + header_bytes;
		memset(next, 0, bytes);
		if (f->extension_type[i] == NL_IPPROTO_AH)
			next[1] = (u8)(bytes / 4 - 2);
		else if (f->extension_type[i] != NL_IPPROTO_FRAGMENT)
			next[1] = (u8)(bytes / 8 - 1);
		header_bytes += bytes;
	}
	*next = f->protocol ? f->protocol : NL_IPPROTO_TCP;
	put_be16(ip + 4, header_bytes - 40 + segment_bytes);
	return header_bytes;
}

static void build_tcp(u8 *tcp, const struct frame *f)
{
	memset(tcp, 0, 20);
	put_be16(tcp, f->source_port);
	put_be16(tcp + 2, f->destination_port);
	put_be32(tcp + 4, f->seq);
	put_be32(tcp + 8, f->ack);
	tcp[12] = (u8)((20 + f->tcp_option_bytes) / 4 << 4);
	tcp[13] = f->tcp_flags;
	put_be16(tcp + 14, 0xffff);
	memset(tcp + 20, 1, f->tcp_option_bytes); /* no operation */
}

/* Ethernet with its tags. Returns how many bytes that is. */
static u32 build_ethernet(u8 *to, const struct frame *f)
{
	u32 at = 12;

	to[5] = 2;
	to[11] = 1;
	for (u32 i = 0; i < f->tags; i++) {
		put_be16(to + at, f->tag_type[i]);
		put_be16(to + at + 2, f->tag[i]);
		at += 4;
	}
	put_be16(to + at, f->ethertype ? f->ethertype
			  : f->ipv6    ? NL_ETHERTYPE_IPV6
				       : NL_ETHERTYPE_IPV4);
	return at + 2;
}

struct frame_layout frame_build(u8 *to, const struct frame *f)
{
	u32 tcp_bytes = 20 + f->tcp_option_bytes, at = 0;
	struct frame_layout layout;

	memset(to, 0, FRAME_HEADERS_MAX);
	if (f->tunnel) {
		at = f->tunnel->bytes;
		memcpy(to, f->tunnel->headers, at);
	}
	if (!f->tunnel || f->tunnel->inner == INNER_ETHERNET)
		at += build_ethernet(to + at, f);
	layout.ip = at;
	layout.tcp = layout.ip + (f->ipv6 ? build_ipv6 : build_ipv4)(to + layout.ip, f,
								     tcp_bytes + f->payload_bytes);
	build_tcp(to + layout.tcp, f);
	layout.payload = layout.tcp + tcp_bytes;
	layout.end = layout.payload;
	if (f->payload) {
		memcpy(to + layout.payload, f->payload, f->payload_bytes);
		layout.end += f->payload_bytes;
	}
	if (layout.end < f->pad_to) {
		memset(to + layout.end, 0, f->pad_to - layout.end);
		layout.end = f->pad_to;
	}
	if (f->tunnel)
		tunnel_set_lengths(to, f->tunnel, layout.payload + f->payload_bytes);
	return layout;
}
