/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * link_header.c - link headers by type. Their forms are those of
 * https://www.tcpdump.org/linktypes.html; 802.11 has a file of its own.
 */
#include "link_header.h"

#include <stddef.h>

#include "link_80211.h"

/* Numbers of LINKTYPE_*, which files hold; DLT_RAW differs and comes from libpcap. */
enum link_type {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_ARCNET_BSD = 7,
	LINK_PPP = 9,
	LINK_FDDI = 10,
	LINK_ATM_RFC1483 = 11,
	LINK_DLT_RAW = 12,
	LINK_DLT_RAW_OPENBSD = 14,
	LINK_PPP_HDLC = 50,
	LINK_PPP_ETHER = 51,
	LINK_RAW = 101,
	LINK_C_HDLC = 104,
	LINK_IEEE802_11 = 105,
	LINK_LOOP = 108,
	LINK_ENC = 109,
	LINK_LINUX_SLL = 113,
	LINK_PFLOG = 117,
	LINK_IEEE802_11_PRISM = 119,
	LINK_IEEE802_11_RADIOTAP = 127,
	LINK_ARCNET_LINUX = 129,
	LINK_IEEE802_11_AVS = 163,
	LINK_PPP_WITH_DIRECTION = 166,
	LINK_PPI = 192,
	LINK_MPLS = 219,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_NFLOG = 239,
	LINK_NETANALYZER = 240,
	LINK_PKTAP = 258,
	LINK_ETHERNET_MPACKET = 274,
	LINK_LINUX_SLL2 = 276,
};

typedef int (*link_reader)(const u8 *bytes, u32 captured, struct link_header *header);

static u32 load_le16(const u8 *p)
{
	return load_u16(p);
}

static u32 load_le32(const u8 *p)
{
	return load_u32(p);
}

/* AF_INET is 2 everywhere, AF_INET6 is not. */
static u32 next_of_family(u32 family)
{
	switch (family) {
	case 2:
		return NL_ETHERTYPE_IPV4;
	case 10: /* Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return NL_ETHERTYPE_IPV6;
	default:
		return 0;
	}
}

/* A protocol family before IP, in the byte order of whatever machine captured it. */
static int read_family(const u8 *bytes, u32 captured, u32 header_bytes, struct link_header *header)
{
	if (captured < header_bytes)
		return NL_COUNT_truncated_header;
	header->bytes = header_bytes;
	header->next = next_of_family(load_le32(bytes));
	if (!header->next)
		header->next = next_of_family(load_be32(bytes));
	return header->next ? 0 : NL_COUNT_not_ip;
}

static int read_null(const u8 *bytes, u32 captured, struct link_header *header)
{
	return read_family(bytes, captured, 4, header);
}

static int read_enc(const u8 *bytes, u32 captured, struct link_header *header)
{
	return read_family(bytes, captured, 12, header);
}

/* OpenBSD's log of pf: its length, without padding, and the family. */
static int read_pflog(const u8 *bytes, u32 captured, struct link_header *header)
{
	if (captured < 4 || captured < ((bytes[0] + 3u) & ~3u))
		return NL_COUNT_truncated_header;
	header->bytes = (bytes[0] + 3u) & ~3u;
	header->next = next_of_family(bytes[1]);
	return header->next ? 0 : NL_COUNT_not_ip;
}

/* The protocol of a cooked header: an EtherType, or one of Linux's own numbers. */
static int cooked_protocol(u32 protocol, u32 hardware, struct link_header *header)
{
	enum { ETH_P_802_2 = 4, ARPHRD_NETLINK = 824 };

	if (hardware == ARPHRD_NETLINK)
		return NL_COUNT_not_ip;
	header->next = protocol == ETH_P_802_2 ? NL_NEXT_LLC : protocol;
	return protocol == ETH_P_802_2 || protocol >= 1536 ? 0 : NL_COUNT_not_ip;
}

static int read_sll(const u8 *bytes, u32 captured, struct link_header *header)
{
	if (captured < 16)
		return NL_COUNT_truncated_header;
	header->bytes = 16;
	return cooked_protocol(load_be16(bytes + 14), load_be16(bytes + 2), header);
}

static int read_sll2(const u8 *bytes, u32 captured, struct link_header *header)
{
	if (captured < 20)
		return NL_COUNT_truncated_header;
	header->bytes = 20;
	header->ifindex = load_be32(bytes + 4);
	return cooked_protocol(load_be16(bytes), load_be16(bytes + 8), header);
}

/* RFC 1201 and the older RFC 1051 by the system code; `type_at` is where that is. */
static int read_arcnet(const u8 *bytes, u32 captured, u32 type_at, struct link_header *header)
{
	enum { IP_RFC1051 = 240, IP_RFC1201 = 212, IPV6_RFC1201 = 196, EXCEPTION = 0xff };
	u32 at = type_at + 1;

	if (captured < at + 3)
		return NL_COUNT_truncated_header;
	header->next = NL_ETHERTYPE_IPV4;
	header->bytes = at;
	switch (bytes[type_at]) {
	case IP_RFC1051:
		return 0;
	case IPV6_RFC1201:
		header->next = NL_ETHERTYPE_IPV6;
		break;
	case IP_RFC1201:
		break;
	default:
		return NL_COUNT_not_ip;
	}
	header->bytes = at + 3; /* split flag and sequence number */
	return 0;
}

static int read_arcnet_bsd(const u8 *bytes, u32 captured, struct link_header *header)
{
	int r = read_arcnet(bytes, captured, 2, header);

	/* A length that the hardware cannot send: padded by a header before the header. */
	if (r == 0 && header->bytes == 6 && bytes[3] == 0xff)
		header->bytes = 10;
	if (captured < header->bytes)
		return NL_COUNT_truncated_header;
	/* Not 0: one of several parts. Linux gives them put together. */
	return r == 0 && header->bytes > 3 && bytes[header->bytes - 3] ? NL_COUNT_fragment : r;
}

static int read_arcnet_linux(const u8 *bytes, u32 captured, struct link_header *header)
{
	return read_arcnet(bytes, captured, 4, header);
}

static int read_c_hdlc(const u8 *bytes, u32 captured, struct link_header *header)
{
	if (captured < 4)
		return NL_COUNT_truncated_header;
	header->bytes = 4;
	header->next = load_be16(bytes + 2);
	return header->next >= 1536 ? 0 : NL_COUNT_not_ip;
}

/* PPP in HDLC-like framing, or Cisco's HDLC, told by its address (RFC 1547, 4.3.1). */
static int read_ppp(const u8 *bytes, u32 captured, struct link_header *header)
{
	if (captured && (bytes[0] == 0x0f || bytes[0] == 0x8f))
		return read_c_hdlc(bytes, captured, header);
	header->next = NL_NEXT_PPP;
	return 0;
}

static int read_ppp_with_direction(const u8 *bytes, u32 captured, struct link_header *header)
{
	int r = captured ? read_ppp(bytes + 1, captured - 1, header) : NL_COUNT_truncated_header;

	header->bytes++;
	return r;
}

/* Attributes of netlink, in the byte order of the machine that wrote them; one is the packet. */
static int read_nflog(const u8 *bytes, u32 captured, struct link_header *header)
{
	enum { NFULA_PAYLOAD = 9 };
	u32 at = 4;

	if (captured < 4)
		return NL_COUNT_truncated_header;
	header->next = next_of_family(bytes[0]);
	if (!header->next)
		return NL_COUNT_not_ip;
	while (captured - at >= 4) {
		u32 length = load_le16(bytes + at), type = load_le16(bytes + at + 2);

		if ((type & 0xff) == 0 && type) { /* types are small: the other byte order */
			length = load_be16(bytes + at);
			type = load_be16(bytes + at + 2);
		}
		if (length < 4)
			return NL_COUNT_malformed_header;
		if ((type & 0x7fff) == NFULA_PAYLOAD) {
			header->bytes = at + 4;
			return 0;
		}
		length = (length + 3) & ~3u;
		if (length > captured - at)
			break;
		at += length;
	}
	return NL_COUNT_truncated_header;
}

/* Headers before another type's packet; they say which. */
static int read_nested(const u8 *bytes, u32 captured, u32 header_bytes, u32 link_type,
		       struct link_header *header)
{
	int r;

	if (header_bytes > captured)
		return NL_COUNT_truncated_header;
	if (link_type == LINK_PPI || link_type == LINK_PKTAP || !link_type_known(link_type))
		return NL_COUNT_not_ip;
	r = link_header_read(link_type, bytes + header_bytes, captured - header_bytes, header);
	header->bytes += header_bytes;
	return r;
}

static int read_ppi(const u8 *bytes, u32 captured, struct link_header *header)
{
	if (captured < 8)
		return NL_COUNT_truncated_header;
	return read_nested(bytes, captured, load_le16(bytes + 2), load_le32(bytes + 4), header);
}

static int read_pktap(const u8 *bytes, u32 captured, struct link_header *header)
{
	if (captured < 12)
		return NL_COUNT_truncated_header;
	return read_nested(bytes, captured, load_le32(bytes), load_le32(bytes + 8), header);
}

/* How packets of a type begin: by a function, or always with as many bytes. */
struct link_form {
	u32 type;
	link_reader read;
	u32 bytes;
	u32 next;
};

static const struct link_form forms[] = {
	{ .type = LINK_ETHERNET, .next = NL_NEXT_ETHERNET },
	{ .type = LINK_DLT_RAW, .next = NL_NEXT_IP },
	{ .type = LINK_DLT_RAW_OPENBSD, .next = NL_NEXT_IP },
	{ .type = LINK_RAW, .next = NL_NEXT_IP },
	{ .type = LINK_IPV4, .next = NL_ETHERTYPE_IPV4 },
	{ .type = LINK_IPV6, .next = NL_ETHERTYPE_IPV6 },
	{ .type = LINK_NULL, .read = read_null },
	{ .type = LINK_LOOP, .read = read_null },
	{ .type = LINK_ENC, .read = read_enc },
	{ .type = LINK_PFLOG, .read = read_pflog },
	{ .type = LINK_LINUX_SLL, .read = read_sll },
	{ .type = LINK_LINUX_SLL2, .read = read_sll2 },
	{ .type = LINK_IEEE802_11, .read = link_80211_read },
	{ .type = LINK_IEEE802_11_RADIOTAP, .read = link_80211_radiotap_read },
	{ .type = LINK_IEEE802_11_PRISM, .read = link_80211_prism_read },
	{ .type = LINK_IEEE802_11_AVS, .read = link_80211_prism_read },
	{ .type = LINK_PPI, .read = read_ppi },
	{ .type = LINK_PKTAP, .read = read_pktap },
	{ .type = LINK_PKTAP, .read = read_pktap },
	{ .type = LINK_NFLOG, .read = read_nflog },
	{ .type = LINK_ARCNET_BSD, .read = read_arcnet_bsd },
	{ .type = LINK_ARCNET_LINUX, .read = read_arcnet_linux },
	{ .type = LINK_PPP, .read = read_ppp },
	{ .type = LINK_PPP_HDLC, .read = read_ppp },
	{ .type = LINK_PPP_WITH_DIRECTION, .read = read_ppp_with_direction },
	{ .type = LINK_PPP_ETHER, .next = NL_ETHERTYPE_PPPOE },
	{ .type = LINK_C_HDLC, .read = read_c_hdlc },
	{ .type = LINK_FDDI, .bytes = 13, .next = NL_NEXT_LLC },
	{ .type = LINK_ATM_RFC1483, .next = NL_NEXT_LLC },
	{ .type = LINK_MPLS, .next = NL_ETHERTYPE_MPLS },
	{ .type = LINK_NETANALYZER, .bytes = 4, .next = NL_NEXT_ETHERNET },
	{ .type = LINK_ETHERNET_MPACKET, .bytes = 8, .next = NL_NEXT_ETHERNET },
};

static const struct link_form *form_of(u32 link_type)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i].type == link_type)
			return &forms[i];
	}
	return NULL;
}

bool link_type_known(u32 link_type)
{
	return form_of(link_type) != NULL;
}

int link_header_read(u32 link_type, const u8 *bytes, u32 captured, struct link_header *ret_header)
{
	const struct link_form *form = form_of(link_type);

	*ret_header = (struct link_header){ 0 };
	if (!form)
		return NL_COUNT_not_ip;
	if (form->read)
		return form->read(bytes, captured, ret_header);
	ret_header->bytes = form->bytes;
	ret_header->next = form->next;
	return captured < form->bytes ? NL_COUNT_truncated_header : 0;
}
