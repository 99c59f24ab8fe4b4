// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * drop.bpf.c - drop one segment of each connection, by the byte that it carries.
 *
 * By byte, not by number, as the same bytes may be cut into other segments. IPv4 in
 * Ethernet, without VLAN. The connection's SYN has to pass here too: bytes are counted
 * from it. A super-packet (GSO) is dropped whole, and counted, so that whoever left
 * offloads on hears of it.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "drop.h"

#define NS_PER_MS 1000000ULL

/* Written by drop.c, counts by the program. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DROP_RULES_MAX);
	__type(key, struct drop_key);
	__type(value, struct drop_rule);
} rules SEC(".maps");

struct connection_key {
	__be32 source;
	__be32 destination;
	__be32 ports;
};

struct connection {
	__u64 dropped_ns; /* when for the first time; 0: not yet */
	__u32 first;	  /* sequence number of byte 0 */
	__u32 reserved;
};

/* One direction each. The oldest make room: a run has more connections than are open at a time. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct connection_key);
	__type(value, struct connection);
} connections SEC(".maps");

static struct drop_rule *rule_of(const struct tcphdr *tcp)
{
	struct drop_key key = { .server_port = bpf_ntohs(tcp->dest) };
	struct drop_rule *rule = bpf_map_lookup_elem(&rules, &key);

	if (rule)
		return rule;
	key = (struct drop_key){ .server_port = bpf_ntohs(tcp->source), .from_server = 1 };
	return bpf_map_lookup_elem(&rules, &key);
}

/* A SYN begins a connection anew, unless it is the same one, sent again. */
static struct connection *connection_of(const struct connection_key *key, const struct tcphdr *tcp)
{
	struct connection *found = bpf_map_lookup_elem(&connections, key);
	struct connection begun = { .first = bpf_ntohl(tcp->seq) + 1 };

	if (!tcp->syn || (found && found->first == begun.first))
		return found;
	bpf_map_update_elem(&connections, key, &begun, BPF_ANY);
	return bpf_map_lookup_elem(&connections, key);
}

SEC("tc")
int drop(struct __sk_buff *skb)
{
	struct connection_key key;
	struct connection *connection;
	struct drop_rule *rule;
	struct tcphdr tcp;
	struct iphdr ip;
	__u32 transport, payload;
	__u64 now_ns;

	if (skb->protocol != bpf_htons(ETH_P_IP) ||
	    bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) < 0 || ip.protocol != IPPROTO_TCP)
		return TC_ACT_UNSPEC;
	transport = ETH_HLEN + ip.ihl * 4;
	if (bpf_skb_load_bytes(skb, transport, &tcp, sizeof(tcp)) < 0)
		return TC_ACT_UNSPEC;
	rule = rule_of(&tcp);
	if (!rule)
		return TC_ACT_UNSPEC;
	key = (struct connection_key){ .source = ip.saddr, .destination = ip.daddr };
	key.ports = (__be32)tcp.source << 16 | tcp.dest;
	connection = connection_of(&key, &tcp);
	now_ns = bpf_ktime_get_ns();
	if (!connection ||
	    (connection->dropped_ns && now_ns - connection->dropped_ns >= rule->for_ms * NS_PER_MS))
		return TC_ACT_UNSPEC;
	payload = bpf_ntohs(ip.tot_len) - ip.ihl * 4 - tcp.doff * 4;
	if (rule->byte == DROP_SYN ? !tcp.syn
				   : connection->first + rule->byte - bpf_ntohl(tcp.seq) >= payload)
		return TC_ACT_UNSPEC;
	if (!connection->dropped_ns)
		connection->dropped_ns = now_ns;
	__sync_fetch_and_add(&rule->dropped, 1);
	if (skb->gso_segs > 1)
		__sync_fetch_and_add(&rule->super, 1);
	/* Not TC_ACT_SHOT, of which the TCP of this host would hear: it would send again at once.
	 */
	return TC_ACT_STOLEN;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
