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

char LICENSE[] SEC("license") = "Dual BSD/GPL";
