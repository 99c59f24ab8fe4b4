/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packet_checksum.c - what offload leaves open in headers: checksums, and lengths of IPv6. */
#include "packet_checksum.h"

#include "core/cursor.h"

#define CHECKSUM_OFFSET 16 /* in the TCP header */

static u16 fold(u64 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)sum;
}

static u64 sum_bytes(const u8 *bytes, u32 count)
{
	u64 sum = 0;
	u32 i = 0;

	for (; i + 2 <= count; i += 2)
		sum += load_be16(bytes + i);
	return i < count ? sum + ((u64)bytes[i] << 8) : sum;
}

static void store_be16(u8 *to, u16 value)
{
	to[0] = (u8)(value >> 8);
	to[1] = (u8)value;
}

/* RFC 9293, 3.1; of IPv6: RFC 8200, 8.1. */
static u64 sum_pseudo_header(const u8 *bytes, const struct packet_layout *layout)
{
	const u8 *ip = bytes + layout->ip;
	u64 sum = layout->is_ipv6 ? sum_bytes(ip + 8, 32) : sum_bytes(ip + 12, 8);

	return sum + NL_IPPROTO_TCP + (layout->end - layout->tcp);
}

static bool is_partial(const u8 *bytes, const struct packet_layout *layout)
{
	return load_be16(bytes + layout->tcp + CHECKSUM_OFFSET) ==
	       fold(sum_pseudo_header(bytes, layout));
}

void packet_checksum_complete(u8 *bytes, const struct packet *packet,
			      const struct packet_layout *layout)
{
	u8 *tcp = bytes + layout->tcp;
	u64 sum;

	if (packet->captured < layout->end || !is_partial(bytes, layout))
		return;
	store_be16(tcp + CHECKSUM_OFFSET, 0);
	sum = sum_pseudo_header(bytes, layout) + sum_bytes(tcp, layout->end - layout->tcp);
	store_be16(tcp + CHECKSUM_OFFSET, (u16)~fold(sum));
}

bool packet_checksum_is_open(const struct packet *packet, const struct packet_layout *layout)
{
	return packet->captured < layout->end && is_partial(packet->bytes, layout);
}

void packet_checksum_replace(u8 *bytes, const struct packet_layout *layout, u32 offset, u8 value)
{
	u32 shift = (offset - layout->tcp) % 2 ? 0 : 8;
	u8 *checksum = bytes + layout->tcp + CHECKSUM_OFFSET;
	/* RFC 1624, equation 3: HC' = ~(~HC + ~m + m') */
	u64 sum = (u16)~load_be16(checksum) + (u64)(u16) ~(bytes[offset] << shift) +
		  ((u64)value << shift);

	bytes[offset] = value;
	store_be16(checksum, (u16)~fold(sum));
}

void packet_length_complete(u8 *bytes, const struct packet_layout *layout)
{
	u8 *ip = bytes + layout->ip;

	/* A jumbo payload option is in hop-by-hop options. */
	if (!layout->is_ipv6 || load_be16(ip + 4) != 0 || ip[6] == NL_IPPROTO_HOPOPTS)
		return;
	store_be16(ip + 4, (u16)min_u32(layout->end - layout->ip - 40, 0xffff));
}
