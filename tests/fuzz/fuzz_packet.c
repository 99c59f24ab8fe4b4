/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz_packet.c - a frame is decoded, or said to be something: from any number of its
 * bytes, whatever is left in the buffer behind them, and the same by both decoders.
 */
#include <string.h>

#include "choices.h"
#include "core/decode.h"
#include "packets.h"
#include "verify.h"

struct decoded {
	int result;
	struct nl_packet packet;
};

static struct decoded decode(const u8 *bytes, u32 available, u32 frame_bytes, u32 first,
			     u32 most_tunnels, u8 stale)
{
	static struct nl_headers headers;
	struct decoded d;

	memset(&d, 0, sizeof(d));
	memset(headers.bytes, stale, sizeof(headers.bytes));
	memcpy(headers.bytes, bytes, available);
	d.result = packet_decode(&headers, available, frame_bytes, first, most_tunnels, &d.packet);
	if (d.result != NL_DECODED_TCP)
		memset(&d.packet, 0, sizeof(d.packet));
	return d;
}

static void verify_decoded(const struct decoded *d, u32 available, u32 frame_bytes)
{
	const struct nl_packet *p = &d->packet;

	VERIFY(d->result >= NL_DECODED_SHORT && d->result < 32, "%d", d->result);
	if (d->result != NL_DECODED_TCP)
		return;
	VERIFY(p->payload_offset >= 40 && p->payload_bytes <= frame_bytes, "payload %u, %u of %u",
	       p->payload_offset, p->payload_bytes, frame_bytes);
	VERIFY(p->payload_offset + p->payload_bytes <= frame_bytes,
	       "payload %u, %u of %u, %u there", p->payload_offset, p->payload_bytes, frame_bytes,
	       available);
	VERIFY(p->vlan_id < 4096, "%u", p->vlan_id);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count);

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count)
{
	struct choices choices = { .at = bytes, .left = count };
	u32 link = choose(&choices, 2) ? REPLAY_IP : REPLAY_ETHERNET;
	u32 more = choose(&choices, 1 << 17), available, frame_bytes;
	u32 most_tunnels = choose(&choices, 2) ? 0 : NL_TUNNELS_MAX;
	struct decoded one, other;

	available = choices.left < NL_HEADERS_BYTES ? (u32)choices.left : NL_HEADERS_BYTES;
	frame_bytes = (u32)choices.left + more;
	one = decode(choices.at, available, frame_bytes, link, most_tunnels, 0);
	other = decode(choices.at, available, frame_bytes, link, most_tunnels, 0xff);
	VERIFY(memcmp(&one, &other, sizeof(one)) == 0, "stale bytes decide: %d, %d", one.result,
	       other.result);
	verify_decoded(&one, available, frame_bytes);
	if (link == REPLAY_ETHERNET && available >= NL_PLAIN_BYTES) {
		memset(&other, 0, sizeof(other));
		other.result = packet_decode_plain(guarded_copy(choices.at, NL_PLAIN_BYTES),
						   frame_bytes, &other.packet);
		if (other.result != NL_DECODED_SHORT) {
			if (other.result != NL_DECODED_TCP)
				memset(&other.packet, 0, sizeof(other.packet));
			VERIFY(memcmp(&one, &other, sizeof(one)) == 0, "in place %d, else %d",
			       other.result, one.result);
		}
	}
	return 0;
}
