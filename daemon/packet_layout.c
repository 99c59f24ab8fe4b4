/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packet_layout.c - where the headers of a packet's copy lie. */
#include "packet_layout.h"

#include <string.h>

#include "core/decode.h"

bool packet_layout_find(struct packet_layout *ret_layout, const struct packet *packet)
{
	u32 available = min_u32(packet->captured, NL_HEADERS_BYTES), ip = 0;
	struct nl_packet segment = { 0 };
	struct nl_headers headers = { 0 };
	struct nl_cursor c =
		cursor_first(available, packet->wire_bytes,
			     packet->is_ip ? NL_NEXT_IP : NL_NEXT_ETHERNET, NL_TUNNELS_MAX);

	if (available)
		memcpy(headers.bytes, packet->bytes, available);
	for (u32 i = 0; i < NL_FRAME_HEADERS_MAX; i++) {
		u32 next = c.next, offset = c.offset;
		int decoded = decode_turn(&headers, &c, &segment);

		if (next == NL_ETHERTYPE_IPV4 || next == NL_ETHERTYPE_IPV6)
			ip = offset;
		if (decoded == NL_DECODED_ON)
			continue;
		if (decoded != NL_DECODED_TCP || segment.payload_offset > packet->captured)
			return false;
		*ret_layout = (struct packet_layout){
			.ip = ip,
			.tcp = offset,
			.payload = segment.payload_offset,
			.end = segment.payload_offset + segment.payload_bytes,
			.seq = segment.seq + !!(segment.tcp_flags & NL_TCP_SYN), /* RFC 9293, 3.4 */
			.is_ipv6 = headers.bytes[ip] >> 4 == 6,
			.is_syn = segment.tcp_flags & NL_TCP_SYN,
		};
		return true;
	}
	return false;
}

u32 packet_payload_captured(const struct packet_layout *layout, const struct packet *packet)
{
	return min_u32(packet->captured, layout->end) - layout->payload;
}
