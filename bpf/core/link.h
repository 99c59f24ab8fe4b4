/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* link.h - headers between the link and IP: Ethernet, VLAN tags, LLC/SNAP, MPLS, PPP. */
#ifndef NETLAT_CORE_LINK_H
#define NETLAT_CORE_LINK_H

#include "cursor.h"

NL_CORE int link_ethernet(const u8 *h, struct nl_cursor *c)
{
	const u8 *p = cursor_header(h, c, 14);

	if (!p)
		return NL_DECODED_SHORT;
	return cursor_on(c, 14, load_be16(p + 12));
}

/* IEEE 802.1Q: any number of tags, the innermost of which is kept. */
NL_CORE int link_vlan(const u8 *h, struct nl_cursor *c, struct nl_packet *packet)
{
	const u8 *p = cursor_header(h, c, 4);

	if (!p)
		return NL_DECODED_SHORT;
	packet->vlan_id = load_be16(p) & 0xfff;
	return cursor_on(c, 4, load_be16(p + 2));
}

/* IEEE 802.2 with SNAP: RFC 1042, and 802.1H for what was Ethernet before. */
NL_CORE int link_llc(const u8 *h, struct nl_cursor *c)
{
	const u8 *p = cursor_header(h, c, 8);
	u32 oui;

	if (!p)
		return NL_DECODED_SHORT;
	if (p[0] != 0xaa || p[1] != 0xaa || p[2] != 0x03)
		return cursor_unknown(c);
	oui = load_be32(p + 2) & 0xffffff;
	if (oui != 0x000000 && oui != 0x0000f8)
		return cursor_unknown(c);
	return cursor_on(c, 8, load_be16(p + 6));
}

/* An EtherType with which the frame in a pseudowire is told from anything else. */
NL_CORE bool link_is_common(u32 ethertype)
{
	return ethertype == NL_ETHERTYPE_IPV4 || ethertype == NL_ETHERTYPE_IPV6 ||
	       ethertype == NL_ETHERTYPE_VLAN || ethertype == NL_ETHERTYPE_QINQ;
}

/*
 * One MPLS label (RFC 3032). What is behind the last is not said: IP by its version
 * (RFC 4928), or Ethernet with or without a control word (RFC 4448).
 */
NL_CORE int link_mpls(const u8 *h, struct nl_cursor *c)
{
	const u8 *p = cursor_header(h, c, 4);
	u32 version;

	if (!p)
		return NL_DECODED_SHORT;
	if (!c->tunnels_max)
		return NL_COUNT_encapsulated;
	if (!(p[2] & 1))
		return cursor_on(c, 4, NL_ETHERTYPE_MPLS);
	p = cursor_header(h, c, 24);
	if (!p)
		return NL_DECODED_SHORT;
	version = p[4] >> 4;
	if (version == 4)
		return cursor_on(c, 4, NL_ETHERTYPE_IPV4);
	if (version == 6)
		return cursor_on(c, 4, NL_ETHERTYPE_IPV6);
	if (version == 0 && link_is_common(load_be16(p + 20)))
		return cursor_on(c, 8, NL_NEXT_ETHERNET);
	if (link_is_common(load_be16(p + 16)))
		return cursor_on(c, 4, NL_NEXT_ETHERNET);
	return cursor_unknown(c);
}

NL_CORE int link_pppoe(const u8 *h, struct nl_cursor *c)
{
	const u8 *p = cursor_header(h, c, 6);

	if (!p)
		return NL_DECODED_SHORT;
	/* Version 1, type 1, code 0: session data (RFC 2516, 4). */
	if (p[0] != 0x11 || p[1] != 0)
		return cursor_unknown(c);
	return cursor_on(c, 6, NL_NEXT_PPP);
}

/* PPP (RFC 1661, 2), with HDLC-like framing or without (RFC 1662, 3.1). */
NL_CORE int link_ppp(const u8 *h, struct nl_cursor *c)
{
	const u8 *p = cursor_header(h, c, 4);
	u32 bytes = 2, protocol;

	if (!p)
		return NL_DECODED_SHORT;
	protocol = load_be16(p);
	if (protocol == 0xff03) {
		protocol = load_be16(p + 2);
		bytes = 4;
	}
	if (protocol & 0x0100) { /* compressed to one byte */
		protocol >>= 8;
		bytes--;
	}
	if (protocol == 0x0021)
		return cursor_on(c, bytes, NL_ETHERTYPE_IPV4);
	if (protocol == 0x0057)
		return cursor_on(c, bytes, NL_ETHERTYPE_IPV6);
	if (protocol == 0x0281)
		return cursor_on(c, bytes, NL_ETHERTYPE_MPLS);
	return cursor_unknown(c);
}

#endif
