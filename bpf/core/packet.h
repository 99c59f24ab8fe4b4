/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * packet.h - from the first bytes of a frame to a TCP segment.
 *
 * Ethernet (or bare IP), up to two VLAN tags, IPv4 with options, IPv6 with
 * extension headers, TCP with options. Every length that is believed was checked
 * against the lengths around it.
 */
#ifndef NETLAT_CORE_PACKET_H
#define NETLAT_CORE_PACKET_H

#include "../abi.h"
#include "bytes.h"

/* Header bytes given to packet_decode() at most; the buffer is NL_HEADERS_SLACK
 * larger, so that a bounds check on an offset covers a whole fixed header. */
#define NL_HEADERS_BYTES 256
#define NL_HEADERS_SLACK 64

#define NL_ETHERTYPE_IPV4 0x0800
#define NL_ETHERTYPE_IPV6 0x86dd
#define NL_ETHERTYPE_VLAN 0x8100
#define NL_ETHERTYPE_QINQ 0x88a8
#define NL_ETHERTYPE_QINQ_OLD 0x9100

#define NL_IPPROTO_HOPOPTS 0
#define NL_IPPROTO_TCP 6
#define NL_IPPROTO_ROUTING 43
#define NL_IPPROTO_FRAGMENT 44
#define NL_IPPROTO_AH 51
#define NL_IPPROTO_DSTOPTS 60
#define NL_IPV6_EXTENSIONS_MAX 6

#define NL_TCP_FIN 0x01
#define NL_TCP_SYN 0x02
#define NL_TCP_RST 0x04
#define NL_TCP_ACK 0x10

/* The first bytes of a frame. */
struct nl_headers {
	u8 bytes[NL_HEADERS_BYTES + NL_HEADERS_SLACK];
	u32 zero; /* for NL_WIDEN */
	u32 reserved;
};

/* A TCP segment as found in a frame. */
struct nl_packet {
	union nl_addr source_addr;
	union nl_addr destination_addr;
	u16 source_port;
	u16 destination_port;
	u32 seq;
	u32 ack;
	u32 payload_offset; /* from the start of the frame */
	u32 payload_bytes;  /* by the IP header's length, not the frame's: padding is none of it */
	u16 vlan_id;	    /* innermost in-frame tag; 0: none */
	u8 tcp_flags;
	u8 reserved;
};

/* What packet_decode() says; fates of reasons.h, or one of two more. */
enum nl_decoded {
	NL_DECODED_TCP = -1,   /* *packet is filled in */
	NL_DECODED_SHORT = -2, /* headers go beyond the bytes given */
};

/* Bounds for the verifier and for the bytes given, at once. */
#define NL_HEADERS_HAVE(offset, need, available)                                                   \
	((offset) <= NL_HEADERS_BYTES && (offset) + (need) <= (available))

NL_CORE void packet_map_ipv4(union nl_addr *to, u32 address_raw)
{
	to->words[0] = 0;
	to->words[1] = 0xffff0000ULL | (u64)address_raw << 32;
}

/*
 * TCP at `offset`, of which the IP header promises segment_bytes (header and payload).
 */
NL_CORE int packet_decode_tcp(const u8 *h, u32 available, u32 offset, u32 segment_bytes,
			      struct nl_packet *packet)
{
	u32 header_bytes;

	if (segment_bytes < 20)
		return NL_COUNT_malformed_header;
	NL_OPAQUE(offset);
	if (!NL_HEADERS_HAVE(offset, 20, available))
		return NL_DECODED_SHORT;
	header_bytes = (h[offset + 12] >> 4) * 4;
	if (header_bytes < 20 || header_bytes > segment_bytes)
		return NL_COUNT_malformed_header;
	packet->source_port = load_be16(h + offset);
	packet->destination_port = load_be16(h + offset + 2);
	packet->seq = load_be32(h + offset + 4);
	packet->ack = load_be32(h + offset + 8);
	packet->tcp_flags = h[offset + 13];
	packet->payload_offset = offset + header_bytes;
	packet->payload_bytes = segment_bytes - header_bytes;
	return NL_DECODED_TCP;
}

NL_CORE int packet_decode_ipv4(const u8 *h, u32 available, u32 offset, u32 frame_bytes,
			       struct nl_packet *packet)
{
	u32 header_bytes, total_bytes;

	if (!NL_HEADERS_HAVE(offset, 20, available))
		return NL_DECODED_SHORT;
	header_bytes = (h[offset] & 0xf) * 4;
	if (h[offset] >> 4 != 4 || header_bytes < 20)
		return NL_COUNT_malformed_header;
	if (h[offset + 9] != NL_IPPROTO_TCP)
		return NL_COUNT_not_tcp;
	/* More fragments, or not the first: RFC 791, 3.1. */
	if (load_be16(h + offset + 6) & 0x3fff)
		return NL_COUNT_fragment;
	total_bytes = load_be16(h + offset + 2);
	/* 0: a super-packet beyond 64 KB (BIG TCP), or segmentation offload in a capture. */
	if (total_bytes == 0)
		total_bytes = frame_bytes - offset;
	if (total_bytes < header_bytes || total_bytes > frame_bytes - offset)
		return NL_COUNT_malformed_header;
	packet_map_ipv4(&packet->source_addr, load_u32(h + offset + 12));
	packet_map_ipv4(&packet->destination_addr, load_u32(h + offset + 16));
	return packet_decode_tcp(h, available, offset + header_bytes, total_bytes - header_bytes,
				 packet);
}

/* Added to the offset of a TCP header by packet_skip_extensions(), above any fate. */
#define NL_EXTENSIONS_END 0x10000

/*
 * Walk the IPv6 extension headers from `offset`. Returns NL_EXTENSIONS_END plus the
 * offset of the TCP header behind them, NL_DECODED_SHORT or the packet's fate.
 */
NL_STEP int packet_skip_extensions(const struct nl_headers *headers, u32 available, u32 offset,
				   u32 next_header)
{
	const u8 *h;
	u32 zero;

	if (!headers)
		return NL_COUNT_internal_error;
	h = headers->bytes;
	zero = headers->zero;
	for (int i = 0; i <= NL_IPV6_EXTENSIONS_MAX; i++) {
		NL_WIDEN(offset, zero);
		NL_WIDEN(next_header, zero);
		if (next_header == NL_IPPROTO_TCP)
			return (int)(NL_EXTENSIONS_END + offset);
		if (next_header != NL_IPPROTO_HOPOPTS && next_header != NL_IPPROTO_ROUTING &&
		    next_header != NL_IPPROTO_DSTOPTS && next_header != NL_IPPROTO_FRAGMENT &&
		    next_header != NL_IPPROTO_AH)
			return NL_COUNT_not_tcp;
		if (!NL_HEADERS_HAVE(offset, 8, available))
			return NL_DECODED_SHORT;
		if (next_header == NL_IPPROTO_FRAGMENT) {
			/* An atomic fragment (RFC 6946) is a whole packet. */
			if (load_be16(h + offset + 2) & 0xfff9)
				return h[offset] == NL_IPPROTO_TCP ? NL_COUNT_fragment
								   : NL_COUNT_not_tcp;
			next_header = h[offset];
			offset += 8;
		} else if (next_header == NL_IPPROTO_AH) { /* RFC 4302: in 4-byte units, minus 2 */
			next_header = h[offset];
			offset += (h[offset + 1] + 2) * 4;
		} else { /* RFC 8200, 4.3: in 8-byte units, minus 1 */
			next_header = h[offset];
			offset += (h[offset + 1] + 1) * 8;
		}
	}
	return NL_COUNT_not_tcp;
}

NL_CORE int packet_decode_ipv6(const struct nl_headers *headers, u32 available, u32 offset,
			       u32 frame_bytes, struct nl_packet *packet)
{
	const u8 *h = headers->bytes;
	u32 end;

	if (!NL_HEADERS_HAVE(offset, 40, available))
		return NL_DECODED_SHORT;
	if (h[offset] >> 4 != 6)
		return NL_COUNT_malformed_header;
	end = load_be16(h + offset + 4);
	/* 0: jumbo payload (RFC 2675), as BIG TCP has it. */
	end = end ? offset + 40 + end : frame_bytes;
	if (end > frame_bytes)
		return NL_COUNT_malformed_header;
	packet->source_addr.words[0] = load_u64(h + offset + 8);
	packet->source_addr.words[1] = load_u64(h + offset + 16);
	packet->destination_addr.words[0] = load_u64(h + offset + 24);
	packet->destination_addr.words[1] = load_u64(h + offset + 32);
	if (NL_LIKELY(h[offset + 6] == NL_IPPROTO_TCP)) {
		offset += 40;
	} else {
		int found = packet_skip_extensions(headers, available, offset + 40, h[offset + 6]);

		if (found < NL_EXTENSIONS_END)
			return found;
		offset = (u32)found - NL_EXTENSIONS_END;
	}
	if (offset > end)
		return NL_COUNT_malformed_header;
	return packet_decode_tcp(h, available, offset, end - offset, packet);
}

/* An IP packet at `offset`; its version decides where the link layer does not say. */
NL_CORE int packet_decode_ip(const struct nl_headers *headers, u32 available, u32 offset,
			     u32 frame_bytes, u32 ethertype, struct nl_packet *packet)
{
	if (ethertype == NL_ETHERTYPE_IPV4)
		return packet_decode_ipv4(headers->bytes, available, offset, frame_bytes, packet);
	if (ethertype == NL_ETHERTYPE_IPV6)
		return packet_decode_ipv6(headers, available, offset, frame_bytes, packet);
	return NL_COUNT_not_ip;
}

/* Bytes that packet_decode_plain() needs: Ethernet, IPv4 and TCP, all without options. */
#define NL_PLAIN_BYTES 54

/*
 * The commonest frame by far, all at constant offsets: Ethernet without tag, IPv4
 * without options, TCP. h has NL_PLAIN_BYTES. Returns NL_DECODED_TCP, or
 * NL_DECODED_SHORT for everything that packet_decode() has to judge.
 */
NL_CORE int packet_decode_plain(const u8 *h, u32 frame_bytes, struct nl_packet *packet)
{
	u32 total_bytes, header_bytes;

	/* EtherType IPv4, version 4, header of 20 bytes; protocol TCP; no fragment */
	if (load_u16(h + 12) != 0x0008 || h[14] != 0x45 || h[23] != NL_IPPROTO_TCP ||
	    (load_u16(h + 20) & 0xff3f))
		return NL_DECODED_SHORT;
	total_bytes = load_be16(h + 16);
	header_bytes = (h[46] >> 4) * 4;
	if (header_bytes < 20 || total_bytes < 20 + header_bytes || total_bytes > frame_bytes - 14)
		return NL_DECODED_SHORT;
	packet->tcp_flags = h[47];
	packet->payload_offset = 34 + header_bytes;
	packet->payload_bytes = total_bytes - 20 - header_bytes;
	packet->vlan_id = 0;
	packet_map_ipv4(&packet->source_addr, load_u32(h + 26));
	packet_map_ipv4(&packet->destination_addr, load_u32(h + 30));
	packet->source_port = load_be16(h + 34);
	packet->destination_port = load_be16(h + 36);
	packet->seq = load_be32(h + 38);
	packet->ack = load_be32(h + 42);
	return NL_DECODED_TCP;
}

/* Whether a segment is a bare acknowledgment: a large part of all, and of no use here. */
NL_CORE bool packet_is_bare_ack(const struct nl_packet *packet)
{
	return !packet->payload_bytes &&
	       !(packet->tcp_flags & (NL_TCP_SYN | NL_TCP_FIN | NL_TCP_RST));
}

/*
 * Decode an Ethernet frame.
 *
 * headers      its first bytes
 * available    how many of them are there, at most NL_HEADERS_BYTES
 * frame_bytes  the length of the frame on the wire
 *
 * Returns NL_DECODED_TCP with *packet filled in, NL_DECODED_SHORT, or the
 * packet's fate (enum nl_counter).
 */
NL_CORE int packet_decode(const struct nl_headers *headers, u32 available, u32 frame_bytes,
			  struct nl_packet *packet)
{
	const u8 *h = headers->bytes;
	u32 offset = 14, ethertype;

	packet->vlan_id = 0;
	if (available < 14)
		return NL_DECODED_SHORT;
	ethertype = load_be16(h + 12);
	for (int tags = 0; tags < 2; tags++) {
		if (ethertype != NL_ETHERTYPE_VLAN && ethertype != NL_ETHERTYPE_QINQ &&
		    ethertype != NL_ETHERTYPE_QINQ_OLD)
			break;
		if (available < offset + 4)
			return NL_DECODED_SHORT;
		packet->vlan_id = load_be16(h + offset) & 0xfff;
		ethertype = load_be16(h + offset + 2);
		offset += 4;
	}
	return packet_decode_ip(headers, available, offset, frame_bytes, ethertype, packet);
}

#endif
