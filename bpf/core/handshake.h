/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * handshake.h - connections before their first request: when SYN, SYN-ACK and ACK
 * passed, how often, and what the ends agreed on. Needs the seam of observe.h.
 *
 * In a small table of its own, so that neither a flood of SYNs nor a port scan takes the
 * place of a flow. The oldest of a full set makes room for the next: then nothing is known
 * of how that connection began, and nothing is said of it.
 */
#ifndef NETLAT_CORE_HANDSHAKE_H
#define NETLAT_CORE_HANDSHAKE_H

#include "ending.h"
#include "recorder.h"

/* Kinds of TCP options (RFC 9293, 3.1; RFC 7323). */
#define NL_TCP_OPTION_END 0
#define NL_TCP_OPTION_NONE 1
#define NL_TCP_OPTION_WINDOW_SCALE 3
#define NL_TCP_OPTION_TIMESTAMPS 8
#define NL_TCP_OPTIONS_BYTES 40
#define NL_TCP_OPTIONS_MAX 20 /* stacks send up to nine, those that pad included */

NL_CORE bool handshake_key_equals(const struct nl_handshake *h, const struct nl_flow_key *key)
{
	const u64 *a = (const u64 *)&h->key, *b = (const u64 *)key;

	return !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) | (a[4] ^ b[4]));
}

/* The way of a set that has the tag; NL_HANDSHAKE_WAYS: none. */
NL_CORE u32 handshake_way(const struct nl_handshake_set *set, u32 tag)
{
	u64 way = NL_HANDSHAKE_WAYS;

	for (u32 i = 0; i < NL_HANDSHAKE_WAYS; i++) {
		u64 below = (u64)(set->tag[i] ^ tag) - 1; /* negative only if equal */

		NL_OPAQUE(below);
		way -= (below >> 63) * (NL_HANDSHAKE_WAYS - i);
	}
	NL_WIDEN(way, set->zero);
	return (u32)way;
}

/* The way to give to a new handshake: a free one, or that of the oldest. */
NL_CORE u32 handshake_victim(const struct nl_handshake_set *set)
{
	u64 oldest_ns = ~0ULL;
	u32 way = 0;

	for (u32 i = 0; i < NL_HANDSHAKE_WAYS; i++) {
		u64 since_ns = set->tag[i] ? set->way[i].last_syn_ns : 0;

		if (since_ns < oldest_ns) {
			oldest_ns = since_ns;
			way = i;
		}
		NL_WIDEN(oldest_ns, set->zero);
		NL_WIDEN(way, set->zero);
	}
	return way & (NL_HANDSHAKE_WAYS - 1);
}

/* The handshake of work->key in a set that is locked; NULL: it is not there. */
NL_CORE struct nl_handshake *handshake_find(struct nl_handshake_set *set,
					    const struct nl_work *work)
{
	u32 way = handshake_way(set, work->place.tag);
	struct nl_handshake *h;

	if (way >= NL_HANDSHAKE_WAYS)
		return NULL;
	h = &set->way[way & (NL_HANDSHAKE_WAYS - 1)];
	return handshake_key_equals(h, &work->key) ? h : NULL;
}

/*
 * Read the options of the SYN or SYN-ACK at hand, sent by `role`, into h. A step of its own:
 * the verifier walks its loop once, and not for each way to get here.
 */
NL_STEP int handshake_options(nl_source *src, struct nl_work *work, struct nl_handshake *h,
			      u32 role)
{
	/* Where the options end that count; 0: there are none. */
	u32 bytes, at = 0, scale = 0, clock = 0;
	u64 zero;
	u8 *p;

	if (!src || !work || !h)
		return 0;
	bytes = work->packet.tcp_header_bytes - 20u;
	zero = work->window.zero;
	p = work->window.bytes + NL_CARRY_BYTES;
	if (!within_1_to(&bytes, NL_TCP_OPTIONS_BYTES) ||
	    seam_load(src, work->packet.payload_offset - bytes, p, bytes))
		return 0;
	for (u32 i = 0; i < NL_TCP_OPTIONS_MAX; i++) {
		u32 kind, length;

		NL_OPAQUE(at);
		if (at >= NL_TCP_OPTIONS_BYTES || at >= bytes)
			break;
		kind = p[at];
		length = p[at + 1];
		if (kind == NL_TCP_OPTION_NONE)
			length = 1;
		if (kind == NL_TCP_OPTION_END || !length)
			break;
		at += length;
		if (kind == NL_TCP_OPTION_WINDOW_SCALE && length == 3)
			scale = at;
		if (kind == NL_TCP_OPTION_TIMESTAMPS && length == 10)
			clock = at;
		NL_WIDEN(at, zero);
		NL_WIDEN(scale, zero);
		NL_WIDEN(clock, zero);
	}
	if (within_1_to(&scale, NL_TCP_OPTIONS_BYTES) && scale <= bytes) {
		h->flags |= (u8)(NL_HANDSHAKE_SHIFT << (role & 1));
		h->window_shift[role & 1] = p[scale - 1] > 14 ? 14 : p[scale - 1];
	}
	if (within_1_to(&clock, NL_TCP_OPTIONS_BYTES) && clock >= 8 && clock <= bytes) {
		h->flags |= (u8)(NL_HANDSHAKE_CLOCK << (role & 1));
		h->clock_value[role & 1] = load_be32(p + clock - 8);
	}
	return 0;
}

/* A SYN: a handshake begins, or its SYN was sent again. */
NL_CORE void handshake_syn(nl_source *src, struct nl_work *work, struct nl_handshake_set *set)
{
	struct nl_handshake *h = handshake_find(set, work);

	if (!h || h->syn_seq != work->packet.seq || h->client_is_b != work->source_is_b) {
		u32 way = handshake_way(set, work->place.tag);

		if (way >= NL_HANDSHAKE_WAYS)
			way = handshake_victim(set);
		way &= NL_HANDSHAKE_WAYS - 1;
		set->tag[way] = work->place.tag;
		h = &set->way[way];
		h->key = work->key;
		h->syn_seq = work->packet.seq;
		h->syn_ns = work->now_ns;
		h->synack_ns = h->ack_ns = h->copy = 0;
		h->flags = h->syns = h->synacks = 0;
		h->client_is_b = (u8)work->source_is_b;
		h->ifindex[NL_CLIENT] = work->ifindex;
		h->ifindex[NL_SERVER] = 0;
	}
	if (h->ifindex[NL_CLIENT] != work->ifindex)
		return; /* the same packet, met again on another interface */
	h->syns += h->syns < 255;
	h->last_syn_ns = work->now_ns;
	handshake_options(src, work, h, NL_CLIENT);
	if (NL_CONFIG(recorder))
		h->copy = recorder_copy_here(src, work, h->copy, NL_CLIENT, NL_COPY_HANDSHAKES);
}

NL_CORE void handshake_synack(nl_source *src, struct nl_work *work, struct nl_handshake_set *set)
{
	struct nl_handshake *h = handshake_find(set, work);

	if (!h || h->client_is_b == work->source_is_b || work->packet.ack != h->syn_seq + 1)
		return;
	if (!h->ifindex[NL_SERVER])
		h->ifindex[NL_SERVER] = work->ifindex;
	if (h->ifindex[NL_SERVER] != work->ifindex)
		return;
	if (!h->synacks) {
		h->synack_ns = work->now_ns;
		handshake_options(src, work, h, NL_SERVER);
	}
	h->synacks += h->synacks < 255;
	if (NL_CONFIG(recorder))
		h->copy = recorder_copy_here(src, work, h->copy, NL_SERVER, NL_COPY_HANDSHAKES);
}

/* A SYN or SYN-ACK, whose key and place are in *work. */
NL_STEP int observe_handshake(nl_source *src, struct nl_work *work)
{
	struct nl_handshake_set *set;

	if (!src || !work)
		return 0;
	set = seam_handshakes(work->place.tag / 2 & (NL_HANDSHAKE_SETS - 1));
	if (!set || !lock_take(&set->lock))
		return 0;
	work->now_ns = seam_now(src, work);
	if (work->packet.tcp_flags & NL_TCP_ACK)
		handshake_synack(src, work, set);
	else
		handshake_syn(src, work, set);
	lock_drop(&set->lock);
	return 0;
}

/* An ACK without payload, of a connection without a flow: that of a handshake? */
NL_STEP int observe_handshake_ack(nl_source *src, struct nl_work *work)
{
	struct nl_handshake_set *set;
	struct nl_handshake *h;

	if (!src || !work)
		return 0;
	set = seam_handshakes(work->place.tag / 2 & (NL_HANDSHAKE_SETS - 1));
	if (!set || handshake_way(set, work->place.tag) >= NL_HANDSHAKE_WAYS ||
	    !lock_take(&set->lock))
		return 0;
	h = handshake_find(set, work);
	if (h && h->synack_ns && !h->ack_ns && h->client_is_b == work->source_is_b) {
		work->now_ns = seam_now(src, work);
		h->ack_ns = work->now_ns;
		if (NL_CONFIG(recorder))
			h->copy = recorder_copy_here(src, work, h->copy, NL_CLIENT,
						     NL_COPY_HANDSHAKES);
	}
	lock_drop(&set->lock);
	return 0;
}

/* A round trip that a record can hold; 0: not known. */
NL_CORE u32 handshake_rtt_ns(u64 from_ns, u64 to_ns)
{
	return from_ns && to_ns > from_ns ? (u32)min_u64(to_ns - from_ns, 0xffffffff) : 0;
}

/* What flow f, whose first payload has the number seq, takes over of its handshake. */
NL_CORE void handshake_take(struct nl_flow *f, const struct nl_handshake *h, u32 seq)
{
	/* One that rode on the request may have waited for that. */
	u64 ack_ns = h->ack_ns ? h->ack_ns : h->synack_ns;
	struct nl_timing *t = &f->timing;

	/* Only for what was said first: earlier requests may not have been seen. */
	if (seq == h->syn_seq + 1)
		f->flags |= NL_FLOW_CONNECT;
	f->connect_ns = ack_ns > h->syn_ns ? ack_ns - h->syn_ns : 0;
	f->syn_retransmits = h->syns ? h->syns - 1 : 0;
	f->synack_retransmits = h->synacks ? h->synacks - 1 : 0;
	/* Of what was sent twice it cannot be told which is answered (RFC 6298, 3). */
	f->server_rtt_ns = h->syns == 1 ? handshake_rtt_ns(h->last_syn_ns, h->synack_ns) : 0;
	f->client_rtt_ns = h->synacks == 1 ? handshake_rtt_ns(h->synack_ns, h->ack_ns) : 0;
	f->handshake_ring = (u16)(h->copy >> NL_COPY_RING_SHIFT);
	f->handshake_at = (u32)(h->copy >> 3);
	/* Windows are shifted if both ends said so. */
	if ((h->flags & NL_HANDSHAKE_SHIFT * 3) == NL_HANDSHAKE_SHIFT * 3)
		t->flags |= NL_TIMING_SHIFT;
	t->flags |= h->flags & NL_HANDSHAKE_CLOCK * 3;
	/* Where they passed first is where their ends are looked at. */
	for (u32 role = 0; role < 2; role++) {
		f->ifindex[role] = h->ifindex[role];
		if (h->ifindex[role])
			f->flags |= (u16)(NL_FLOW_SEEN << role);
	}
	t->clock_ns[NL_CLIENT] = h->last_syn_ns;
	t->clock_ns[NL_SERVER] = h->synack_ns;
	for (u32 role = 0; role < 2; role++) {
		t->clock_value[role] = h->clock_value[role];
		t->window_shift[role] = h->window_shift[role];
	}
}

/* The request at hand is the first of flow f, which is new and locked: take over its handshake. */
NL_STEP int observe_connected(nl_source *src, struct nl_flow *f, struct nl_work *work)
{
	struct nl_handshake_set *set;
	struct nl_handshake *h;

	if (!src || !f || !work)
		return 0;
	set = seam_handshakes(work->place.tag / 2 & (NL_HANDSHAKE_SETS - 1));
	if (!set || !lock_take(&set->lock))
		return 0;
	h = handshake_find(set, work);
	if (h) {
		if (h->client_is_b == work->source_is_b && h->synack_ns)
			handshake_take(f, h, work->packet.seq);
		h->key.in_use = 0;
		set->tag[handshake_way(set, work->place.tag) & (NL_HANDSHAKE_WAYS - 1)] = 0;
	}
	lock_drop(&set->lock);
	return 0;
}

#endif
