/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tunnels.c - headers that tunnels put before a packet. */
#include "tunnels.h"

#define ETHERNET(type) "\2\0\0\0\0\1\2\0\0\0\0\2" type
#define IPV4(protocol) "\x45\0\0\0\0\0\0\0\x40" protocol "\0\0\x0a\x09\0\1\x0a\x09\0\2"
#define IPV6(protocol)                                                                             \
	"\x60\0\0\0\0\0" protocol "\x40"                                                           \
	"\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"                                                       \
	"\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2"
#define UDP(port) "\xc0\1" port "\0\0\0\0"
#define VXLAN "\x08\0\0\0\0\0\x2a\0"

/* The last byte of the string literal is none of the headers. */
#define HEADERS(text) .headers = text, .bytes = sizeof(text) - 1

const struct tunnel tunnels[] = {
	{ .name = "SNAP",
	  HEADERS(ETHERNET("\0\x40") "\xaa\xaa\3\0\0\0\x08\0"),
	  .inner = INNER_IPV4 },
	{ .name = "SNAP of 802.1H",
	  HEADERS(ETHERNET("\0\x40") "\xaa\xaa\3\0\0\xf8\x86\xdd"),
	  .inner = INNER_IPV6 },
	{ .name = "PPPoE",
	  HEADERS(ETHERNET("\x88\x64") "\x11\0\0\1\0\0\0\x21"),
	  .inner = INNER_IPV4 },
	{ .name = "PPPoE, protocol of one byte",
	  HEADERS(ETHERNET("\x88\x64") "\x11\0\0\1\0\0\x57"),
	  .inner = INNER_IPV6 },
	{ .name = "MPLS",
	  HEADERS(ETHERNET("\x88\x47") "\0\1\1\x40"),
	  .inner = INNER_IPV4,
	  .levels = 1 },
	{ .name = "three labels in a VLAN",
	  HEADERS(ETHERNET("\x81\0") "\0\7\x88\x48"
				     "\0\1\0\x40"
				     "\0\1\0\x40"
				     "\0\1\1\x40"),
	  .inner = INNER_IPV6,
	  .levels = 1 },
	{ .name = "pseudowire", HEADERS(ETHERNET("\x88\x47") "\0\1\1\x40"), .levels = 1 },
	{ .name = "pseudowire with control word",
	  HEADERS(ETHERNET("\x88\x47") "\0\1\1\x40\0\0\0\0"),
	  .levels = 1 },
	{ .name = "4 in 4",
	  HEADERS(ETHERNET("\x08\0") IPV4("\4")),
	  .ip_at = { 14 },
	  .inner = INNER_IPV4,
	  .levels = 1 },
	{ .name = "6 in 4",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x29")),
	  .ip_at = { 14 },
	  .inner = INNER_IPV6,
	  .levels = 1 },
	{ .name = "4 in 6",
	  HEADERS(ETHERNET("\x86\xdd") IPV6("\4")),
	  .ip_at = { 14 },
	  .inner = INNER_IPV4,
	  .levels = 1 },
	{ .name = "6 in 6, with destination options",
	  HEADERS(ETHERNET("\x86\xdd") IPV6("\x3c") "\x29\0\4\1\4\1\1\0"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV6,
	  .levels = 1 },
	{ .name = "AH in IPv4",
	  HEADERS(ETHERNET("\x08\0")
			  IPV4("\x33") "\4\4\0\0\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV4,
	  .levels = 1 },
	{ .name = "EtherIP",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x61") "\x30\0"),
	  .ip_at = { 14 },
	  .levels = 1 },
	{ .name = "MPLS in IP",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x89") "\0\1\1\x40"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV4,
	  .levels = 1 },
	{ .name = "GRE",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x2f") "\0\0\x08\0"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV4,
	  .levels = 1 },
	{ .name = "GRE with checksum, key and number, in a VLAN, over IPv6",
	  HEADERS(ETHERNET("\x81\0") "\0\7\x86\xdd" IPV6(
		  "\x2f") "\xb0\0\x86\xdd\0\0\0\0\0\0\0\1\0\0\0\2"),
	  .ip_at = { 18 },
	  .inner = INNER_IPV6,
	  .levels = 1 },
	{ .name = "Ethernet in GRE",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x2f") "\x20\0\x65\x58\0\0\1\0"),
	  .ip_at = { 14 },
	  .levels = 1 },
	{ .name = "MPLS in GRE",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x2f") "\0\0\x88\x47"
						  "\0\1\1\x40"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV4,
	  .levels = 1 },
	{ .name = "PPTP",
	  HEADERS(ETHERNET("\x08\0")
			  IPV4("\x2f") "\x30\x81\x88\x0b\0\0\0\1\0\0\0\1\0\0\0\1\xff\3\0\x21"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV4,
	  .levels = 1 },
	{ .name = "ERSPAN I",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x2f") "\0\0\x88\xbe"),
	  .ip_at = { 14 },
	  .levels = 1 },
	{ .name = "ERSPAN II",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x2f") "\x10\0\x88\xbe\0\0\0\1\x10\0\0\1\0\0\0\0"),
	  .ip_at = { 14 },
	  .levels = 1 },
	{ .name = "ERSPAN III",
	  HEADERS(ETHERNET("\x08\0")
			  IPV4("\x2f") "\x10\0\x22\xeb\0\0\0\1\x20\0\0\1\0\0\0\0\0\0\0\0"),
	  .ip_at = { 14 },
	  .levels = 1 },
	{ .name = "ERSPAN III with subheader",
	  HEADERS(ETHERNET("\x08\0") IPV4(
		  "\x2f") "\x10\0\x22\xeb\0\0\0\1\x20\0\0\1\0\0\0\0\0\0\0\1\1\2\3\4\5\6\7\x08"),
	  .ip_at = { 14 },
	  .levels = 1 },
	{ .name = "GRE over UDP",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x11") UDP("\x12\x92") "\0\0\x08\0"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV4,
	  .levels = 1 },
	{ .name = "MPLS over UDP",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x11") UDP("\x19\xeb") "\0\1\1\x40"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV6,
	  .levels = 1 },
	{ .name = "VXLAN",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x11") UDP("\x12\xb5") VXLAN),
	  .ip_at = { 14 },
	  .levels = 1 },
	{ .name = "VXLAN over IPv6, in a VLAN",
	  HEADERS(ETHERNET("\x81\0") "\0\7\x86\xdd" IPV6("\x11") UDP("\x12\xb5") VXLAN),
	  .ip_at = { 18 },
	  .levels = 1 },
	{ .name = "VXLAN of flannel",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x11") UDP("\x21\x18") "\x08\0\0\0\0\0\1\0"),
	  .ip_at = { 14 },
	  .levels = 1 },
	{ .name = "VXLAN-GPE",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x11") UDP("\x12\xb6") "\x0c\0\0\2\0\0\1\0"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV6,
	  .levels = 1 },
	{ .name = "GENEVE",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x11") UDP("\x17\xc1") "\0\0\x65\x58\0\0\1\0"),
	  .ip_at = { 14 },
	  .levels = 1 },
	{ .name = "GENEVE with options",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x11")
			  UDP("\x17\xc1") "\3\0\x08\0\0\0\1\0\1\2\x80\2\1\2\3\4\5\6\7\x08"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV4,
	  .levels = 1 },
	{ .name = "GTP-U",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x11") UDP("\x08\x68") "\x30\xff\0\0\0\0\0\1"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV4,
	  .levels = 1 },
	{ .name = "GTP-U with sequence number",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x11") UDP("\x08\x68") "\x32\xff\0\0\0\0\0\1\0\1\0\x85"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV6,
	  .levels = 1 },
	{ .name = "GTP-U with extension headers",
	  HEADERS(ETHERNET("\x08\0") IPV4("\x11") UDP("\x08\x68") "\x34\xff\0\0\0\0\0\1\0\1\0\x85"
								  "\1\x10\7\xc0"
								  "\2\0\0\0\0\0\0\0"),
	  .ip_at = { 14 },
	  .inner = INNER_IPV4,
	  .levels = 1 },
	{ .name = "VXLAN in ERSPAN II",
	  HEADERS(ETHERNET("\x08\0")
			  IPV4("\x2f") "\x10\0\x88\xbe\0\0\0\1\x10\0\0\1\0\0\0\0" ETHERNET("\x08\0")
				  IPV4("\x11") UDP("\x12\xb5") VXLAN),
	  .ip_at = { 14, 64 },
	  .levels = 2 },
	{ .name = "4 in 4 in 4",
	  HEADERS(ETHERNET("\x08\0") IPV4("\4") IPV4("\4")),
	  .ip_at = { 14, 34 },
	  .inner = INNER_IPV4,
	  .levels = 2 },
	{ .name = "too deep",
	  HEADERS(ETHERNET("\x08\0") IPV4("\4") IPV4("\x2f") "\0\0\x08\0" IPV4("\4")),
	  .ip_at = { 14, 34, 58 },
	  .inner = INNER_IPV4,
	  .levels = 3 },
};

const size_t tunnel_count = sizeof(tunnels) / sizeof(tunnels[0]);

void tunnel_set_lengths(u8 *frame, const struct tunnel *tunnel, u32 frame_bytes)
{
	for (size_t i = 0; i < sizeof(tunnel->ip_at) && tunnel->ip_at[i]; i++) {
		u8 *ip = frame + tunnel->ip_at[i];
		u32 bytes = frame_bytes - tunnel->ip_at[i];
		u8 *length = ip[0] >> 4 == 4 ? ip + 2 : ip + 4;

		if (ip[0] >> 4 == 6)
			bytes -= 40;
		length[0] = (u8)(bytes >> 8);
		length[1] = (u8)bytes;
	}
}
