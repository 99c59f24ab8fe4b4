/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * observe.h - one packet's way through the core, the same for kernel and replay.
 *
 * The target that includes this file gives it a *seam* first: a type nl_source
 * (where the packet's bytes come from) and
 *
 *   NL_CONFIG(field)                        a field of struct nl_config
 *   int seam_load(src, offset, to, bytes)   copy frame bytes; 0, or negative if not there
 *   u32 seam_load_some(src, offset, to, bytes)  then: copy as many as there are
 *   NL_SEAM_TRUNCATED(work)                 whether the packet's payload is not all there
 *   u64 seam_now(src, work)                 the packet's time in nanoseconds
 *   struct nl_flow_set *seam_flow_set(number)  a set of the flow table; NULL beyond its end
 *   struct nl_head *seam_head(slot)         excerpts of the flow in a slot; NULL: not wanted
 *   u32 seam_row(flow, work)                number of the row that its service and client have
 *   struct nl_stats *seam_stats(flow)       row flow->row - 1, on this CPU's shard
 *   struct nl_stats *seam_first_stats(flow) of the same row, on shard 0
 *   u32 seam_series_number(key, 0)          number of a series; 0: it has none
 *   u32 seam_series_number(key, limit)      the same of one that has none: given out, if fewer are
 *   struct nl_series *seam_series(number)   on this CPU's shard
 *   void seam_mark_row(row, sweep)          a connection of this row is in the flow table
 *   int seam_emit(record, bytes)            0, or negative if the ring is full
 *   struct nl_handshake_set *seam_handshakes(number)  below NL_HANDSHAKE_SETS
 *   struct nl_copy_ring *seam_copy_ring(kind)    of this CPU, in the flight recorder
 *   u32 seam_copy_ring_number(kind)         its number
 *   struct nl_copy_chunk *seam_copy_chunk(kind, number)  of that ring
 *   int seam_copy(src, to, bytes)           the first *bytes of the frame, or as many as are there
 *   NL_SEAM_IS_IP(work)                     whether the frame is without a link header
 *
 * Nothing else here reaches outside its arguments.
 *
 * Why it is cut as it is: the verifier explores every path through a function
 * that it checks, so each step (frame one window, finish one transaction) is a
 * function of its own, checked once for any flow, and meets the next only
 * through memory.
 */
#ifndef NETLAT_CORE_OBSERVE_H
#define NETLAT_CORE_OBSERVE_H

#include "closing.h"
#include "filter.h"
#include "place.h"
#include "steps.h"
#include "sweep.h"

/*
 * Requests pass that were taken for lost: they were only overtaken by those that are
 * pending now. Their bytes are not looked at any more, so nothing is known of whose the
 * next responses are: as many as there are pending requests, and one, are no one's.
 */
NL_STEP int observe_jumped(struct nl_flow *f, struct nl_work *work, struct nl_counters *counters)
{
	if (!f || !work || !counters)
		return 0;
	f->jumped_seq = f->jumped_end;
	if (txn_was_answered(f, work->packet.seq + work->packet.payload_bytes))
		return 0;
	f->flags |= NL_FLOW_OWED;
	f->owed_responses++;
	if (f->stream[NL_SERVER].flags & NL_STREAM_OPEN)
		return 0; /* it answers what came first all the same */
	for (int i = 0; i < NL_PENDING_MAX; i++) {
		if (!f->pending_count)
			break;
		f->owed_responses += f->owed_responses < 255;
		observe_finish(f, work, counters, NL_OUTCOME_UNANSWERED << 8 | NL_END_gap);
	}
	return 0;
}

/*
 * New bytes pass after a while in which none did, or after others passed again: what was
 * that time lost to? fills: they had been missing.
 */
NL_STEP int observe_gap(nl_source *src, struct nl_flow *f, struct nl_work *work, u32 fills)
{
	u64 from_ns, queued_ns = ~0ULL;
	u8 *p;

	if (!src || !f || !work)
		return 0;
	p = work->window.bytes + NL_CARRY_BYTES;
	from_ns = f->stream[NL_CLIENT].last_ns;
	if (from_ns < f->stream[NL_SERVER].last_ns)
		from_ns = f->stream[NL_SERVER].last_ns;
	/* Where all stacks have timestamps: alone, behind two bytes of padding. */
	if (work->packet.tcp_header_bytes >= 32 &&
	    !seam_load(src, work->packet.payload_offset - work->packet.tcp_header_bytes + 20, p,
		       12) &&
	    load_u32(p) == 0x0a080101)
		queued_ns = parts_queued_ns(&f->timing, work->role, load_be32(p + 4), work->now_ns);
	parts_gap(f, &work->packet, work->role & 1, from_ns, work->now_ns, queued_ns, fills);
	return 0;
}

/* An ACK without payload on flow f, which is locked. Returns the packet's fate. */
NL_STEP int observe_ack(nl_source *src, struct nl_flow *f, struct nl_work *work)
{
	u32 role;

	if (!src || !f || !work)
		return NL_COUNT_internal_error;
	role = work->source_is_b == ((f->flags & NL_FLOW_CLIENT_IS_B) != 0) ? NL_CLIENT : NL_SERVER;
	work->role = role;
	role &= 1;
	if (!(f->flags & NL_FLOW_SEEN << role)) {
		f->flags |= (u16)(NL_FLOW_SEEN << role);
		f->ifindex[role] = work->ifindex;
	}
	if (f->ifindex[role] != work->ifindex)
		return NL_COUNT_no_payload; /* met again on another interface */
	if (f->pending_count) {
		parts_ack(f, &work->packet, role, work->now_ns);
		parts_number(&f->stream[role], &work->packet, work->segments);
	}
	if (NL_CONFIG(recorder))
		f->copy = recorder_copy_here(src, work, f->copy, role, NL_COPY_FLOWS);
	return NL_COUNT_no_payload;
}

/* All of a segment was seen before. Returns the packet's fate. */
NL_STEP int observe_old(nl_source *src, struct nl_flow *f, struct nl_work *work,
			struct nl_counters *counters)
{
	u32 role;

	if (!src || !f || !work || !counters)
		return NL_COUNT_internal_error;
	role = work->role & 1;
	if (f->ifindex[role] != work->ifindex)
		return NL_COUNT_duplicate;
	if (role == NL_CLIENT && f->jumped_seq != f->jumped_end &&
	    seq_diff(work->packet.seq, f->jumped_seq) >= 0 &&
	    seq_diff(work->packet.seq, f->jumped_end) < 0) {
		observe_jumped(f, work, counters);
		return NL_COUNT_parsed;
	}
	if (work->packet.payload_bytes == 1) /* keep-alive probe (RFC 9293, 3.8.4) */
		return NL_COUNT_control;
	if (f->pending_count) {
		if (role == NL_SERVER)
			f->response_retransmits += f->response_retransmits < 255;
		else
			txn_pending(f, f->pending_count - 1u)->retransmits++;
	}
	parts_resent(f, &work->packet, role, work->now_ns);
	parts_number(&f->stream[role], &work->packet, work->segments);
	if (NL_CONFIG(recorder))
		recorder_copy(src, f, work);
	return NL_COUNT_retransmission;
}

/*
 * Where the payload at hand lies in its stream. What is ahead of it and begins a message is
 * taken up there: the bytes before are given up.
 */
NL_CORE enum stream_verdict observe_accept(nl_source *src, struct nl_flow *f, struct nl_stream *s,
					   struct nl_work *work, struct nl_counters *counters,
					   u32 role)
{
	enum stream_verdict verdict =
		stream_accept(s, work->packet.seq, work->packet.payload_bytes, &work->offset);

	if (verdict == STREAM_AHEAD && observe_starts_message(src, f, work))
		verdict = STREAM_LOST;
	if (NL_LIKELY(verdict != STREAM_LOST))
		return verdict;
	observe_count(counters, NL_COUNT_gaps);
	stream_lose(s, NL_GRADE_gap);
	if (role == NL_CLIENT) {
		f->jumped_seq = s->next_seq;
		f->jumped_end = work->packet.seq;
	}
	s->next_seq = work->packet.seq;
	work->offset = 0;
	return STREAM_NEW;
}

/* What new bytes say of time, whatever is in them; and a copy of them. */
NL_CORE void observe_arrival(nl_source *src, struct nl_flow *f, struct nl_stream *s,
			     struct nl_work *work, enum stream_verdict verdict, u32 role)
{
	u32 tick = (u32)(work->now_ns >> NL_TICK_SHIFT);
	u32 fills = verdict == STREAM_FILL || (verdict == STREAM_NEW && stream_has_ahead(s));

	if (NL_UNLIKELY(tick - f->used >= NL_GAP_TICKS || fills || (f->flags & NL_FLOW_RESENT)))
		observe_gap(src, f, work, fills);
	f->used = tick;
	parts_number(s, &work->packet, work->segments);
	if (NL_CONFIG(recorder))
		f->copy = recorder_copy_here(src, work, f->copy, role, NL_COPY_FLOWS);
}

/* The payload of a segment. Returns the packet's fate; not_http: nothing of the flow is. */
NL_CORE u32 observe_bytes(nl_source *src, struct nl_flow *f, struct nl_stream *s,
			  struct nl_work *work, struct nl_counters *counters, u32 role)
{
	enum stream_verdict verdict;
	u32 fate = NL_COUNT_parsed;

	if (NL_UNLIKELY(!(f->flags & NL_FLOW_SEEN << role))) {
		f->flags |= NL_FLOW_SEEN << role;
		f->ifindex[role] = work->ifindex;
	}
	verdict = observe_accept(src, f, s, work, counters, role);
	if (NL_SEAM_TRUNCATED(work))
		s->grade |= NL_GRADE_truncated;
	if (NL_LIKELY(verdict != STREAM_OLD))
		observe_arrival(src, f, s, work, verdict, role);
	if (verdict == STREAM_NEW)
		observe_payload(src, f, s, work, counters, role);
	else if (verdict == STREAM_OLD)
		fate = (u32)observe_old(src, f, work, counters);
	else if (verdict == STREAM_FILL)
		observe_filled(f, work, counters);
	else
		s->last_ns = work->now_ns;
	if (NL_UNLIKELY(stream_has_ahead(s)))
		f->flags |= NL_FLOW_AHEAD << role;
	if (NL_UNLIKELY(s->mode == NL_MODE_RESYNC))
		f->flags |= NL_FLOW_LOST;
	return fate;
}

/*
 * A segment of a known flow, whose lock is held. Returns the packet's fate;
 * *ret_over: the flow is to be deleted.
 */
NL_CORE u32 observe_segment(nl_source *src, struct nl_flow *f, struct nl_work *work,
			    struct nl_counters *counters, bool *ret_over)
{
	u32 fate = NL_COUNT_control, role;
	struct nl_stream *s, *other;

	role = work->source_is_b == ((f->flags & NL_FLOW_CLIENT_IS_B) != 0) ? NL_CLIENT : NL_SERVER;
	work->role = role;
	work->not_http = 0;
	NL_OPAQUE(role);
	role &= 1;
	s = &f->stream[role];
	other = &f->stream[role ^ 1];

	if (work->packet.payload_bytes) {
		fate = observe_bytes(src, f, s, work, counters, role);
		if (NL_UNLIKELY(work->not_http)) {
			*ret_over = true;
			return NL_COUNT_not_http;
		}
	} else if (NL_CONFIG(recorder) &&
		   (!(f->flags & NL_FLOW_SEEN << role) || f->ifindex[role] == work->ifindex)) {
		recorder_copy(src, f, work);
	}
	/* The sender acknowledges bytes that were waited for: they passed unseen. */
	if (NL_UNLIKELY((f->flags & NL_FLOW_AHEAD << (role ^ 1)) && stream_has_ahead(other) &&
			seq_diff(work->packet.ack, other->ahead_seq) >= 0))
		observe_lose_ahead(f, other, counters);
	if (NL_UNLIKELY((work->packet.tcp_flags & (NL_TCP_FIN | NL_TCP_RST)) ||
			(s->flags & (NL_STREAM_FIN | NL_STREAM_CLOSED)) == NL_STREAM_FIN))
		*ret_over = observe_end(src, f, work, counters) != 0;
	return fate;
}

/*
 * A decoded TCP segment (work->packet). Returns the packet's fate.
 */
NL_CORE int observe_tcp(nl_source *src, struct nl_work *work, struct nl_counters *counters)
{
	struct nl_packet *packet = &work->packet;
	bool over = false, contended;
	struct nl_flow *f;
	u32 fate;

	if (observe_filtered(packet))
		return NL_COUNT_filtered;
	work->source_is_b =
		flow_key_make(&work->key, packet,
			      NL_CONFIG(vlan_in_key) ? (packet->vlan_id ?: work->vlan_id) : 0);
	work->place = table_place(&work->key, NL_CONFIG(flow_hash_seed), NL_CONFIG(flow_sets));
	f = observe_find(src, work, &contended);
	if (NL_UNLIKELY(contended))
		return packet_is_bare_ack(packet) ? NL_COUNT_no_payload : NL_COUNT_lock_contended;
	if (f && NL_UNLIKELY(flow_is_idle(f, work->now_ns, NL_CONFIG(timeout_ticks))) &&
	    observe_idle(src, f, work, counters)) {
		lock_drop(&f->lock);
		f = NULL;
	}
	if (NL_UNLIKELY(packet->tcp_flags & NL_TCP_SYN)) {
		observe_handshake(src, work);
		packet->seq++; /* payload, if any, lies behind the SYN (RFC 7413) */
		if (f && observe_syn(src, f, work, counters)) {
			lock_drop(&f->lock);
			if (!packet->payload_bytes || (packet->tcp_flags & NL_TCP_ACK))
				return NL_COUNT_control;
			f = NULL;
		}
	}
	/* Of a connection in which nothing of ours was seen (yet). */
	if (!f && !packet->payload_bytes) {
		if (packet_is_bare_ack(packet))
			observe_handshake_ack(src, work);
		return NL_COUNT_no_payload;
	}
	if (f && packet_is_bare_ack(packet)) {
		fate = (u32)observe_ack(src, f, work);
		lock_drop(&f->lock);
		return (int)fate;
	}
	if (NL_UNLIKELY(!f)) {
		f = observe_new_flow(src, work, counters, &fate);
		if (!f)
			return (int)fate;
	}
	fate = observe_segment(src, f, work, counters, &over);
	if (NL_UNLIKELY(over))
		observe_remove(work);
	lock_drop(&f->lock);
	return (int)fate;
}

/* What to do with a decoded frame: `decoded` is what a packet_decode function returned. */
NL_CORE int observe_decoded(nl_source *src, struct nl_work *work, struct nl_counters *counters,
			    int decoded)
{
	if (decoded != NL_DECODED_TCP)
		return decoded;
	return observe_tcp(src, work, counters);
}

#endif
