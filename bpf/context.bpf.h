/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * context.bpf.h - the seam of core/observe.h towards the hook: configuration, packet
 * bytes, clock.
 */
#ifndef NETLAT_CONTEXT_BPF_H
#define NETLAT_CONTEXT_BPF_H

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

/* What the daemon sets before loading; the verifier prunes by it. */
const volatile struct nl_config config = {};

/* Rows of `stats` given out; row 0 is `other`. */
u32 rows_used = 1;
/* Numbers of `series` given out; number 0 is of all that found no place. */
u32 series_used = 1;

/*
 * Whether packets are looked at. Hooks are attached and detached one after the
 * other, which takes milliseconds each: without this switch a start under load
 * would see responses without requests, and a stop requests without responses.
 */
u32 observing = 0;

typedef struct __sk_buff nl_source;

#define NL_CONFIG(field) (config.field)

/*
 * Payload is hardly ever in the linear part of the packet, so it is not read through
 * data and data_end, as plain headers are; bpf_skb_pull_data would change the packet.
 */
static __always_inline int seam_load(struct __sk_buff *skb, u32 offset, u8 *to, u32 bytes)
{
	return (int)bpf_skb_load_bytes(skb, offset, to, bytes);
}

/* A packet in the kernel is all there. */
#define NL_SEAM_TRUNCATED(work) false

static __always_inline u32 seam_load_some(struct __sk_buff *skb, u32 offset, u8 *to, u32 bytes)
{
	(void)skb;
	(void)offset;
	(void)to;
	(void)bytes;
	return 0;
}

/* Hooks are on devices with an Ethernet header only. */
#define NL_SEAM_IS_IP(work) 0

static __always_inline int seam_copy(struct __sk_buff *skb, u8 *to, const u32 *bytes)
{
	return (int)bpf_skb_load_bytes(skb, 0, to, *bytes);
}

struct nl_work;

static __always_inline u64 seam_now(struct __sk_buff *skb, struct nl_work *work)
{
	(void)work;
	return config.time_from_packet ? skb->tstamp : bpf_ktime_get_ns();
}

#endif
