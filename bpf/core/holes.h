/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * holes.h - what to make of bytes that did not pass in order: a hole that was filled, one
 * that stays, and the start of the next message behind it. Needs the seam of observe.h.
 */
#ifndef NETLAT_CORE_HOLES_H
#define NETLAT_CORE_HOLES_H

#include "ending.h"

/*
 * Whether the `bytes` of payload in the window begin a request, where the bytes before them
 * are not known: then "T /a" may be the end of "GET /a", and only a method that has a name
 * will do.
 */
NL_CORE bool observe_starts_request(const struct nl_work *work, u32 bytes)
{
	const u8 *p = work->window.bytes + NL_CARRY_BYTES;

	return http1_looks_like_request(p, bytes) && http1_known_method(p) != NL_METHOD_OTHER;
}

/*
 * Whether the response that begins with the segment at hand cannot answer the first pending
 * request, where framing was lost before it: a client that does not pipeline has
 * acknowledged all up to the response when it sends its request. What answered the first
 * one, or whether this does, is then not known.
 */
NL_CORE bool observe_answers_later(struct nl_flow *f, const struct nl_work *work)
{
	const struct nl_pending *p = txn_pending(f, 0);

	return f->pending_count && p->has_ack && seq_diff(work->packet.seq, p->ack) > 0;
}

/*
 * A stream without framing meets the start of a segment: does a message begin
 * here? A response only if one is due; else a body could not quote one.
 */
NL_STEP int observe_resync(nl_source *src, struct nl_flow *f, struct nl_work *work,
			   struct nl_counters *counters)
{
	struct nl_stream *s;
	u32 rest, bytes, open;
	bool response, starts;

	if (!src || !f || !work || !counters)
		return TXN_NOTHING;
	s = &f->stream[work->role & 1];
	response = work->role == NL_SERVER;
	open = s->flags & NL_STREAM_OPEN ? 1 : 0;
	rest = work->packet.payload_bytes - work->offset;
	bytes = min_u32(rest, 24);
	/* Mid-segment nothing tells a message's start from a body's text. */
	if (bytes < 12 || work->offset)
		goto skip;
	NL_OPAQUE(bytes); /* or the two checks become one, from which no bound is learned */
	if (!within_1_to(&bytes, 24))
		goto skip;
	if (response && open && f->pending_count < 2)
		goto skip;
	if (seam_load(src, work->packet.payload_offset, work->window.bytes + NL_CARRY_BYTES, bytes))
		goto skip;
	starts = response ? http1_looks_like_response(work->window.bytes + NL_CARRY_BYTES, bytes)
			  : observe_starts_request(work, bytes);
	if (!starts)
		goto skip;
	if (!response) {
		s->mode = NL_MODE_START;
		f->request_open = 0;
		f->request_head_bytes = 0;
		txn_message_reset(s);
		return TXN_NOTHING;
	}
	f->flags |= NL_FLOW_MID_STREAM;
	if (open && !(f->flags & NL_FLOW_ORPHAN)) {
		observe_count(counters, NL_COUNT_responses);
		return TXN_FINISH_LOST;
	}
	if (f->flags & NL_FLOW_ORPHAN)
		txn_orphan_lost(f, counters);
	txn_message_reset(s);
	if (observe_answers_later(f, work))
		return TXN_FINISH_MISSING; /* and this is asked again for the next request */
	s->mode = NL_MODE_START;
	return TXN_NOTHING;
skip:
	s->last_ns = work->now_ns;
	stream_skip(s, rest);
	work->offset += rest;
	return TXN_NOTHING;
}

/*
 * The hole before the range that was noted as ahead is filled: take it in too,
 * by count, if its framing allows.
 */
NL_STEP int observe_ahead(struct nl_flow *f, struct nl_work *work, struct nl_counters *counters)
{
	struct nl_stream *s;
	u32 count, finish = TXN_NOTHING;

	if (!f || !work || !counters)
		return TXN_NOTHING;
	s = work->role == NL_SERVER ? &f->stream[NL_SERVER] : &f->stream[NL_CLIENT];
	if (seq_diff(s->ahead_end, s->next_seq) <= 0) {
		s->ahead_seq = s->ahead_end = 0;
		return TXN_NOTHING;
	}
	count = s->ahead_end - s->next_seq;
	s->ahead_seq = s->ahead_end = 0;
	s->grade |= NL_GRADE_reordered;
	s->last_ns = work->now_ns;
	if (stream_can_skip(s, count)) {
		stream_skip(s, count);
		if (s->mode != NL_MODE_BODY_LENGTH || s->remaining_bytes) {
			if (s->mode == NL_MODE_CHUNK_DATA && !s->remaining_bytes)
				s->mode = NL_MODE_CHUNK_END;
			return TXN_NOTHING;
		}
		count = 0;
	} else if (s->mode == NL_MODE_BODY_LENGTH) {
		u32 body = (u32)s->remaining_bytes; /* less than count */

		stream_skip(s, body);
		count -= body;
	} else {
		observe_count(counters, NL_COUNT_gaps);
		stream_lose(s, NL_GRADE_gap);
		stream_skip(s, count);
		return TXN_NOTHING;
	}
	if (!count && txn_waits_for_holes(s))
		return TXN_NOTHING;
	s->mode = NL_MODE_START;
	if (work->role == NL_SERVER)
		finish = txn_response_end(f, counters);
	else
		txn_request_end(f, counters);
	if (count) {
		observe_count(counters, NL_COUNT_gaps);
		s->mode = NL_MODE_RESYNC;
		s->next_seq += count;
	}
	return (int)finish;
}

/*
 * A late segment has filled a hole in a body, and maybe the last one of a message that
 * waited for just that.
 */
NL_STEP int observe_filled(struct nl_flow *f, struct nl_work *work, struct nl_counters *counters)
{
	struct nl_stream *s;
	u32 finish = TXN_NOTHING;

	if (!f || !work || !counters)
		return 0;
	s = &f->stream[work->role & 1];
	s->last_ns = work->now_ns;
	if (s->hole_bytes || s->mode != NL_MODE_BODY_LENGTH || s->remaining_bytes)
		return 0;
	s->mode = NL_MODE_START;
	if (work->role == NL_SERVER)
		finish = txn_response_end(f, counters);
	else
		txn_request_end(f, counters);
	if (finish)
		observe_finish(f, work, counters, observe_how(finish));
	if (stream_has_ahead(s) && seq_diff(s->next_seq, s->ahead_seq) >= 0) {
		finish = (u32)observe_ahead(f, work, counters);
		if (finish)
			observe_finish(f, work, counters, observe_how(finish));
	}
	return 0;
}

/* Whether a segment behind a hole between messages begins one nonetheless. */
NL_STEP int observe_starts_message(nl_source *src, struct nl_flow *f, struct nl_work *work)
{
	u32 bytes;

	if (!src || !f || !work)
		return 0;
	bytes = min_u32(work->packet.payload_bytes, 24);
	if (bytes < 12)
		return 0;
	NL_OPAQUE(bytes); /* or the two checks become one, from which no bound is learned */
	if (!within_1_to(&bytes, 24) ||
	    seam_load(src, work->packet.payload_offset, work->window.bytes + NL_CARRY_BYTES, bytes))
		return 0;
	/* With requests pending only if the client has had more of the server's since. */
	if (work->role == NL_CLIENT)
		return (!f->pending_count ||
			seq_diff(work->packet.ack, txn_pending(f, f->pending_count - 1u)->ack) >
				0) &&
		       f->stream[NL_CLIENT].mode == NL_MODE_START &&
		       observe_starts_request(work, bytes);
	/* The client's own acknowledgment says that a response begins just here. */
	if (!http1_looks_like_response(work->window.bytes + NL_CARRY_BYTES, bytes))
		return 0;
	for (u32 i = 0; i < 2; i++)
		if (i < f->pending_count && txn_pending(f, i)->ack == work->packet.seq)
			return 1;
	return 0;
}

#endif
