/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * packet.h - a TCP segment as found in a frame, and the quick way to the commonest.
 * Every other frame is decoded by decode.h.
 */
#ifndef NETLAT_CORE_PACKET_H
#define NETLAT_CORE_PACKET_H

#include "../abi.h"
#include "bytes.h"

/* Header bytes given to packet_decode() at most; the buffer is NL_HEADERS_SLACK
 * larger, so that a bounds check on an offset covers a whole fixed header. */
#define NL_HEADERS_BYTES 256
#define NL_HEADERS_SLACK 64

#define NL_IPPROTO_TCP 6

#define NL_TCP_FIN 0x01
#define NL_TCP_SYN 0x02
#define NL_TCP_RST 0x04
#define NL_TCP_ACK 0x10

/* Where decoding is. */
struct nl_cursor {
	u32 available;	 /* how many bytes of the frame are given */
	u32 offset;	 /* of the next header */
	u32 next;	 /* enum nl_next of cursor.h, or an EtherType */
	u32 end;	 /* of the packet that the next header is in */
	u32 ip_headers;	 /* taken so far, extension headers not counted */
	u32 fragment;	 /* 1: of a packet that goes on in other fragments */
	u32 tunnels_max; /* to be opened */
	u32 reserved;
};

/* The first bytes of a frame. */
struct nl_headers {
	u8 bytes[NL_HEADERS_BYTES + NL_HEADERS_SLACK];
	struct nl_cursor cursor;
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
	u16 vlan_id;	    /* innermost in-frame tag of the innermost frame; 0: none */
	u16 window;	    /* as announced: not shifted */
	u8 tcp_flags;
	u8 tcp_header_bytes; /* options included */
	u16 ip_id;	     /* identification of IPv4 (RFC 791, 3.1) */
	u8 has_ip_id;	     /* 0: IPv6 has none */
	u8 reserved[3];
};

/* What packet_decode() says; fates of reasons.h, or one of two more. */
enum nl_decoded {
	NL_DECODED_TCP = -1,   /* *packet is filled in */
	NL_DECODED_SHORT = -2, /* headers go beyond the bytes given */
};

NL_CORE void packet_map_ipv4(union nl_addr *to, u32 address_raw)
{
	to->words[0] = 0;
	to->words[1] = 0xffff0000ULL | (u64)address_raw << 32;
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
	packet->tcp_header_bytes = (u8)header_bytes;
	packet->window = load_be16(h + 48);
	packet->ip_id = load_be16(h + 18);
	packet->has_ip_id = 1;
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

#endif
