// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* netlat.bpf.c - entry points only. */
#include "context.bpf.h"
#include "output.bpf.h"
#include "pipeline.bpf.h"

/*
 * At ingress or egress of an interface, by TCX or clsact. It never decides on a
 * packet: TC_ACT_UNSPEC lets whatever else is on the hook run.
 */
SEC("tc")
int netlat(struct __sk_buff *skb)
{
	observe_skb(skb);
	return TC_ACT_UNSPEC;
}

/*
 * Run by the daemon, on no packet (BPF_PROG_TEST_RUN): end what has timed out, or
 * everything. cb[]: first set, how many, enum nl_sweep, element of the counters, number of the
 * sweep.
 * A packet may interrupt it, so its working memory and counters are its own.
 */
SEC("tc")
int netlat_sweep(struct __sk_buff *skb)
{
	sweep_sets(skb);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
