/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pipeline.bpf.h - from a hook's context to the core, and the packet's fate counted;
 * and the sweep over the flow table.
 */
#ifndef NETLAT_PIPELINE_BPF_H
#define NETLAT_PIPELINE_BPF_H

#include "context.bpf.h"
#include "output.bpf.h"
#include "core/decode.h"

/* First load: Ethernet, VLAN tags, IPv6 and TCP with options fit. Extension headers
 * and IP options beyond it cost a second load. */
#define NL_HEADERS_FIRST 128

/*
 * Decode a frame whose headers are not the plain ones: load at most its first `bytes` and take
 * the first few headers, or, with 0, take the next few. A step of its own, so that the verifier
 * walks a few headers once, and not all that a frame may have. Returns NL_DECODED_ON too.
 */
NL_STEP int decode_some(struct __sk_buff *skb, struct nl_work *work, u32 bytes)
{
	struct nl_cursor c;

	if (!work)
		return NL_COUNT_internal_error;
	if (NL_LIKELY(bytes)) {
		bytes = min_u32(skb->len, bytes);
		if (!within_1_to(&bytes, NL_HEADERS_BYTES))
			return NL_COUNT_truncated_header;
		if (bpf_skb_load_bytes(skb, 0, work->headers.bytes, bytes))
			return NL_COUNT_internal_error;
		work->packet.vlan_id = 0;
		c = cursor_first(bytes, work->frame_bytes, NL_NEXT_ETHERNET,
				 NL_CONFIG(decapsulate) ? NL_TUNNELS_MAX : 0);
	} else {
		c = work->headers.cursor;
	}
	return packet_decode_some(&work->headers, c, &work->packet);
}

/* The same to its end. */
static __always_inline int decode_unusual(struct __sk_buff *skb, struct nl_work *work, u32 bytes)
{
	int decoded = decode_some(skb, work, bytes);

	for (int i = NL_HEADERS_AT_ONCE; i < NL_FRAME_HEADERS_MAX; i += NL_HEADERS_AT_ONCE) {
		if (NL_LIKELY(decoded != NL_DECODED_ON))
			break;
		decoded = decode_some(skb, work, 0);
	}
	return decoded == NL_DECODED_ON ? cursor_unknown(&work->headers.cursor) : decoded;
}

static __always_inline void observe_skb(struct __sk_buff *skb)
{
	u32 zero = 0, cpu = bpf_get_smp_processor_id();
	struct nl_counters *count = bpf_map_lookup_elem(&counters, &cpu);
	struct nl_work *work = bpf_map_lookup_elem(&work_memory, &zero);
	const u8 *data = (const u8 *)(long)skb->data, *end = (const u8 *)(long)skb->data_end;
	int fate = NL_DECODED_SHORT;

	if (!*(volatile u32 *)&observing)
		return;
	if (!count || !work)
		return; /* cannot be; and there is nowhere to count it */
	work->frame_bytes = skb->len;
	work->ifindex = skb->ifindex;
	work->segments = skb->gso_segs ? (u16)skb->gso_segs : 1;
	work->vlan_id = skb->vlan_present ? skb->vlan_tci & 0xfff : 0;
	count->count[NL_COUNT_packets]++;
	count->count[NL_COUNT_packet_bytes] += skb->len;

	/* Headers are in the linear part more often than not; payload is not. */
	if (NL_LIKELY(data + NL_PLAIN_BYTES <= end))
		fate = packet_decode_plain(data, work->frame_bytes, &work->packet);
	if (NL_UNLIKELY(fate != NL_DECODED_TCP)) {
		fate = decode_unusual(skb, work, NL_HEADERS_FIRST);
		if (fate == NL_DECODED_SHORT)
			fate = decode_unusual(skb, work, NL_HEADERS_BYTES);
		if (fate == NL_DECODED_SHORT)
			fate = NL_COUNT_truncated_header;
	}
	fate = observe_decoded(skb, work, count, fate);
	observe_count(count, (u32)fate);
}

static __always_inline void sweep_sets(struct __sk_buff *skb)
{
	u32 first = skb->cb[0], sets = skb->cb[1], how = skb->cb[2], index = skb->cb[3];
	u32 key = WORK_OF_SWEEP;
	struct nl_counters *count = bpf_map_lookup_elem(&counters, &index);
	struct nl_work *work = bpf_map_lookup_elem(&work_memory, &key);

	if (!count || !work)
		return;
	work->now_ns = seam_now(skb, work);
	work->sweep = skb->cb[4];
	for (u32 i = 0; i < NL_SWEEP_SETS_MAX; i++) {
		if (i >= sets)
			break;
		observe_sweep(skb, work, count, first + i, how);
	}
}

#endif
