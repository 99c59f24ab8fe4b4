/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* link_80211.c - IEEE 802.11 data frames (IEEE 802.11-2020, 9.2 and 9.3.2). */
#include "link_80211.h"

/* First byte of frame control */
#define TYPE_MASK 0x0c
#define TYPE_DATA 0x08
#define DATA_NULL 0x40 /* no data */
#define DATA_QOS 0x80
/* Second */
#define TO_DS 0x01
#define FROM_DS 0x02
#define MORE_FRAGMENTS 0x04
#define PROTECTED 0x40
#define HAS_HT_CONTROL 0x80
/* QoS control, first byte */
#define QOS_AMSDU 0x80

/* Radiotap (https://www.radiotap.org): fields that are present, and its flags */
#define RADIOTAP_TSFT 0x1u
#define RADIOTAP_FLAGS 0x2u
#define RADIOTAP_MORE_WORDS 0x80000000u
#define RADIOTAP_FLAG_PADDED 0x20 /* between header and body, to a multiple of 4 */

static int read_frame(const u8 *bytes, u32 captured, bool padded, struct link_header *header)
{
	u32 header_bytes = 24;
	bool qos;

	if (captured < 24)
		return NL_COUNT_truncated_header;
	if ((bytes[0] & TYPE_MASK) != TYPE_DATA || (bytes[0] & DATA_NULL) || (bytes[1] & PROTECTED))
		return NL_COUNT_not_ip;
	if ((bytes[1] & MORE_FRAGMENTS) || (bytes[22] & 0xf))
		return NL_COUNT_fragment;
	qos = bytes[0] & DATA_QOS;
	if ((bytes[1] & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS))
		header_bytes += 6; /* a fourth address */
	if (qos) {
		if (captured < header_bytes + 2)
			return NL_COUNT_truncated_header;
		/* Several frames in one: the first of them is read. */
		if (bytes[header_bytes] & QOS_AMSDU)
			header->bytes = 14;
		header_bytes += bytes[1] & HAS_HT_CONTROL ? 6 : 2;
	}
	if (padded)
		header_bytes = (header_bytes + 3) & ~3u;
	header->bytes += header_bytes;
	header->next = NL_NEXT_LLC;
	return captured < header->bytes ? NL_COUNT_truncated_header : 0;
}

static int read_behind(const u8 *bytes, u32 captured, u32 skip, bool padded,
		       struct link_header *header)
{
	int r;

	if (skip > captured)
		return NL_COUNT_truncated_header;
	r = read_frame(bytes + skip, captured - skip, padded, header);
	header->bytes += skip;
	return r;
}

int link_80211_read(const u8 *bytes, u32 captured, struct link_header *header)
{
	return read_frame(bytes, captured, false, header);
}

int link_80211_radiotap_read(const u8 *bytes, u32 captured, struct link_header *header)
{
	u32 length, at = 4, present;
	bool padded = false;

	if (captured < 8)
		return NL_COUNT_truncated_header;
	length = load_u16(bytes + 2);
	if (length < 8)
		return NL_COUNT_malformed_header;
	if (length > captured)
		return NL_COUNT_truncated_header;
	present = load_u32(bytes + 4);
	while (at + 8 <= length && (load_u32(bytes + at) & RADIOTAP_MORE_WORDS))
		at += 4;
	at += 4;
	if (present & RADIOTAP_TSFT)
		at = ((at + 7) & ~7u) + 8;
	if ((present & RADIOTAP_FLAGS) && at < length)
		padded = bytes[at] & RADIOTAP_FLAG_PADDED;
	return read_behind(bytes, captured, length, padded, header);
}

/* AVS headers tell themselves; Prism's have their length in the receiver's byte order. */
int link_80211_prism_read(const u8 *bytes, u32 captured, struct link_header *header)
{
	u32 length;

	if (captured < 8)
		return NL_COUNT_truncated_header;
	length = load_u32(bytes + 4);
	if ((load_be32(bytes) & 0xfffff000) == 0x80211000 || length > 0xffff)
		length = load_be32(bytes + 4);
	return read_behind(bytes, captured, length, false, header);
}
