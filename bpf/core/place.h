/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * place.h - finding, making and ending the flow of a packet in the flow table. Needs
 * the seam of observe.h.
 */
#ifndef NETLAT_CORE_PLACE_H
#define NETLAT_CORE_PLACE_H

#include "handshake.h"

/*
 * Give way `way` of the set of work->slot, whose lock is held, to the flow of work->key: end what
 * may be there. False if its flow is being worked on for too long.
 */
NL_CORE bool observe_take_way(nl_source *src, struct nl_work *work, struct nl_counters *counters,
			      struct nl_flow_set *set, u32 way)
{
	struct nl_flow *f = &set->flow[way & (NL_SET_WAYS - 1)];

	if (!lock_take(&f->lock))
		return false;
	work->slot = (work->slot & ~(NL_SET_WAYS - 1u)) | way; /* its excerpts lie there */
	if (set->tag[way & (NL_SET_WAYS - 1)]) {
		work->new_key = work->key;
		work->key = f->key; /* records are written from it */
		observe_end_all(src, f, work, counters, NL_END_evicted);
		head_give_back(work->slot);
		work->key = work->new_key;
		observe_count(counters, NL_COUNT_flows_evicted);
	}
	table_clear_flow(f);
	f->key = work->key;
	f->used = (u32)(work->now_ns >> NL_TICK_SHIFT);
	set->tag[way & (NL_SET_WAYS - 1)] = work->place.tag;
	return true;
}

/*
 * In a set whose lock is held: the way of the flow of work->key, locked, cleared if
 * it is new. NL_SET_WAYS: none could be had.
 */
NL_CORE u32 observe_settle(nl_source *src, struct nl_work *work, struct nl_counters *counters,
			   struct nl_flow_set *set)
{
	u32 way = (u32)table_way(set, work->place.tag);
	struct nl_flow *f;

	if (way == NL_SET_WAYS) {
		way = table_victim(set, work->place.way, (u32)(work->now_ns >> NL_TICK_SHIFT));
		return observe_take_way(src, work, counters, set, way) ? way : NL_SET_WAYS;
	}
	f = &set->flow[way & (NL_SET_WAYS - 1)];
	if (!lock_take(&f->lock))
		return NL_SET_WAYS;
	if (table_key_equals(f, &work->key))
		return way;
	lock_drop(&f->lock); /* two keys with one tag in one set: once in billions */
	return NL_SET_WAYS;
}

/*
 * Find a slot for the flow of work->key, which is not in the table. Returns the
 * slot, its flow locked and cleared; or -1. Another CPU may have been faster: then
 * the slot is that of its flow, also locked.
 */
NL_STEP int observe_insert(nl_source *src, struct nl_work *work, struct nl_counters *counters)
{
	struct nl_flow_set *first, *second, *to;
	u32 number, way = NL_SET_WAYS;

	if (!src || !work || !counters)
		return -1;
	number = work->place.set[0];
	first = seam_flow_set(number);
	second = seam_flow_set(work->place.set[1]);
	if (!first || !second)
		return -1;
	/* All who insert this key take the lock of its first set; so what another CPU
	 * inserted before is seen, in either set. */
	if (!lock_take(&first->lock))
		return -1;
	if (table_way(first, work->place.tag) == NL_SET_WAYS &&
	    (table_way(second, work->place.tag) != NL_SET_WAYS ||
	     table_free_ways(second) > table_free_ways(first)))
		number = work->place.set[1];
	NL_WIDEN(number, first->zero);
	to = seam_flow_set(number);
	if (to && (to == first || lock_take(&to->lock))) {
		work->slot = number * NL_SET_WAYS;
		way = observe_settle(src, work, counters, to);
		if (to != first)
			lock_drop(&to->lock);
	}
	lock_drop(&first->lock);
	return way < NL_SET_WAYS ? (int)(number * NL_SET_WAYS + way) : -1;
}

/*
 * Ask for the lines of a flow that its packet will need, at once. Reading the clock
 * and taking the lock each wait for what was asked for before, and would otherwise
 * make their cache misses come one after the other.
 */
NL_CORE void observe_fetch(const struct nl_flow *f)
{
	u32 any = f->lock + f->pending[0].method;

	asm volatile("" ::"r"(any));
}

/* Slot of the flow of work->key where it is not in its preferred way; -1: it is nowhere. */
NL_STEP int observe_search(struct nl_work *work)
{
	struct nl_flow_set *set;
	u32 way;

	if (!work)
		return -1;
	for (u32 i = 0; i < 2; i++) {
		set = seam_flow_set(work->place.set[i]);
		if (!set)
			return -1;
		way = (u32)table_way(set, work->place.tag);
		if (way != NL_SET_WAYS)
			return (int)(work->place.set[i] * NL_SET_WAYS + way);
	}
	return -1;
}

/*
 * The flow of work->key, locked, with work->slot and work->now_ns set; or NULL, with
 * *ret_contended saying that it is there but could not be locked, or that nothing is under
 * way on it to which a bare ACK could matter.
 */
NL_CORE struct nl_flow *observe_find(nl_source *src, struct nl_work *work, bool *ret_contended)
{
	struct nl_flow_set *set = seam_flow_set(work->place.set[0]);
	struct nl_flow *f;

	*ret_contended = false;
	if (!set)
		return NULL;
	f = &set->flow[work->place.way & (NL_SET_WAYS - 1)];
	observe_fetch(f);
	work->slot = work->place.set[0] * NL_SET_WAYS + work->place.way;
	if (NL_UNLIKELY(!table_key_equals(f, &work->key))) {
		int slot = observe_search(work);

		if (slot < 0)
			return NULL;
		work->slot = (u32)slot;
		set = seam_flow_set(work->slot / NL_SET_WAYS);
		if (!set)
			return NULL;
		f = &set->flow[work->slot % NL_SET_WAYS];
	}
	if (!NL_CONFIG(recorder) && !f->pending_count && packet_is_bare_ack(&work->packet)) {
		*ret_contended = true;
		return NULL;
	}
	work->now_ns = seam_now(src, work);
	if (NL_UNLIKELY(!lock_take(&f->lock))) {
		*ret_contended = true;
		return NULL;
	}
	/* It may be another flow's by now, or have another key with the same tag. */
	if (NL_UNLIKELY(!table_key_equals(f, &work->key))) {
		lock_drop(&f->lock);
		return NULL;
	}
	return f;
}

/* Take the flow at work->slot, whose lock is held, out of the table. */
NL_CORE void observe_remove(struct nl_work *work)
{
	struct nl_flow_set *set = seam_flow_set(work->slot / NL_SET_WAYS);

	if (!set)
		return;
	head_give_back(work->slot);
	set->flow[work->slot % NL_SET_WAYS].key.in_use = 0;
	set->tag[work->slot % NL_SET_WAYS] = 0;
}

/*
 * A SYN on a known flow f, which is locked. 0: it and its payload belong to the
 * flow. 1: it says nothing new, or it begins a connection on the same addresses and
 * ports (RFC 9293, 3.6.1); then f was ended and taken out of the table.
 */
NL_STEP int observe_syn(nl_source *src, struct nl_flow *f, struct nl_work *work,
			struct nl_counters *counters)
{
	if (!src || !f || !work || !counters)
		return 1;
	/* A SYN-ACK may carry data: the answer to a request in the SYN (RFC 7413). Behind a
	 * request it comes again, because the server did not take the connection. */
	if (work->packet.tcp_flags & NL_TCP_ACK) {
		bool elsewhere = (f->flags & NL_FLOW_SEEN << NL_SERVER) &&
				 f->ifindex[NL_SERVER] != work->ifindex;

		if (!work->packet.payload_bytes && !elsewhere) {
			f->synack_retransmits += f->synack_retransmits < 255;
			f->timing.synacks_behind = 1;
			work->role = NL_SERVER;
			if (NL_CONFIG(recorder))
				recorder_copy(src, f, work);
		}
		return !work->packet.payload_bytes;
	}
	/* The SYN that began this flow, with the payload that did, once more. */
	if (f->first_seq == work->packet.seq)
		return !work->packet.payload_bytes;
	observe_end_all(src, f, work, counters, NL_END_connection_reused);
	observe_remove(work);
	return 1;
}

/*
 * Payload of an unknown flow: NL_COUNT_parsed if it looks like HTTP/1 and is to begin one,
 * work->role being its sender; else the packet's fate.
 */
NL_STEP int observe_is_http(nl_source *src, struct nl_work *work)
{
	const u8 *p;
	u32 bytes;

	if (!src || !work)
		return NL_COUNT_internal_error;
	bytes = min_u32(work->packet.payload_bytes, 24);
	p = work->window.bytes + NL_CARRY_BYTES;
	if (!within_1_to(&bytes, 24) ||
	    seam_load(src, work->packet.payload_offset, work->window.bytes + NL_CARRY_BYTES, bytes))
		return NL_COUNT_not_http;
	work->role = NL_CLIENT;
	if (bytes >= 12 && http1_looks_like_response(p, bytes))
		work->role = NL_SERVER;
	else if (!http1_looks_like_request(p, bytes))
		return NL_COUNT_not_http;
	/* The last segment of a connection that is over, once more or on another
	 * interface: it must not begin one. */
	if (work->role == NL_SERVER && (work->packet.tcp_flags & (NL_TCP_FIN | NL_TCP_RST)))
		return NL_COUNT_control;
	work->now_ns = seam_now(src, work);
	return NL_COUNT_parsed;
}

/* The flow f at work->slot, locked, is new, unless another CPU has just begun it. */
NL_STEP int observe_begin(nl_source *src, struct nl_flow *f, struct nl_work *work)
{
	bool response;

	if (!src || !f || !work)
		return 0;
	response = work->role == NL_SERVER;
	if (f->stream[NL_CLIENT].flags | f->stream[NL_SERVER].flags | f->flags)
		return 0;
	f->flags = (work->source_is_b != response) ? NL_FLOW_CLIENT_IS_B : 0;
	f->first_seq = work->packet.seq;
	if (response)
		f->flags |= NL_FLOW_MID_STREAM;
	else
		observe_connected(src, f, work);
	/* The other side's next byte is known from the acknowledgment. */
	if (work->packet.tcp_flags & NL_TCP_ACK) {
		f->stream[NL_CLIENT].next_seq = response ? work->packet.ack : work->packet.seq;
		f->stream[NL_SERVER].next_seq = response ? work->packet.seq : work->packet.ack;
		f->stream[NL_CLIENT].flags = f->stream[NL_SERVER].flags = NL_STREAM_SYNCED;
	}
	return 0;
}

/*
 * A new flow at work->slot, locked, if the payload of the packet at hand is to begin one:
 * then *ret_fate is NL_COUNT_parsed. Else NULL, and it is the packet's fate.
 */
NL_CORE struct nl_flow *observe_new_flow(nl_source *src, struct nl_work *work,
					 struct nl_counters *counters, u32 *ret_fate)
{
	struct nl_flow_set *set;
	struct nl_flow *f;
	int slot;

	*ret_fate = (u32)observe_is_http(src, work);
	if (*ret_fate != NL_COUNT_parsed)
		return NULL;
	slot = observe_insert(src, work, counters);
	if (slot < 0) {
		*ret_fate = NL_COUNT_flow_table_error;
		return NULL;
	}
	work->slot = (u32)slot;
	set = seam_flow_set(work->slot / NL_SET_WAYS);
	if (!set) {
		*ret_fate = NL_COUNT_internal_error;
		return NULL;
	}
	f = &set->flow[work->slot % NL_SET_WAYS];
	observe_begin(src, f, work);
	return f;
}

#endif
