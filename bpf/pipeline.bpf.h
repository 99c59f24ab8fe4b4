/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pipeline.bpf.h - from a hook's context to the core, and the packet's fate counted. */
#ifndef NETLAT_PIPELINE_BPF_H
#define NETLAT_PIPELINE_BPF_H

#include "context.bpf.h"
#include "output.bpf.h"

/* First load: Ethernet, a VLAN tag, IPv6 and TCP with options fit, and mostly all
 * that is linear. Extension headers and IP options beyond it cost a second load. */
#define NL_HEADERS_FIRST 128

static __always_inline int observe_headers(struct __sk_buff *skb, struct nl_work *work,
					   struct nl_counters *count, u32 bytes)
{
	if (!within_1_to(&bytes, NL_HEADERS_BYTES))
		return NL_COUNT_truncated_header;
	if (bpf_skb_load_bytes(skb, 0, work->headers.bytes, bytes))
		return NL_COUNT_internal_error;
	return observe_frame(skb, work, count, bytes);
}

static __always_inline void observe_skb(struct __sk_buff *skb)
{
	u32 zero = 0, cpu = bpf_get_smp_processor_id(), linear, bytes;
	struct nl_counters *count = bpf_map_lookup_elem(&counters, &cpu);
	struct nl_work *work = bpf_map_lookup_elem(&work_memory, &zero);
	int fate;

	if (!count || !work)
		return; /* cannot be; and there is nowhere to count it */
	work->now_ns = config.time_from_packet ? skb->tstamp : bpf_ktime_get_ns();
	work->frame_bytes = skb->len;
	work->ifindex = skb->ifindex;
	work->vlan_id = skb->vlan_present ? skb->vlan_tci & 0xfff : 0;
	count->count[NL_COUNT_packets]++;
	count->count[NL_COUNT_packet_bytes] += skb->len;

	linear = (u32)((long)skb->data_end - (long)skb->data);
	bytes = min_u32(linear, NL_HEADERS_FIRST);
	for (int i = 0; i < 2; i++) {
		fate = observe_headers(skb, work, count, bytes);
		if (fate != NL_DECODED_SHORT)
			break;
		bytes = min_u32(skb->len, NL_HEADERS_BYTES);
	}
	if (fate < 0)
		fate = NL_COUNT_truncated_header;
	observe_count(count, (u32)fate);
}

#endif
