/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * steps.h - the new bytes of a segment, step by step: a window of head framed, a
 * piece of body taken in by count, or a message's start looked for. Needs the seam of
 * observe.h.
 */
#ifndef NETLAT_CORE_STEPS_H
#define NETLAT_CORE_STEPS_H

#include "ending.h"
#include "holes.h"

/* Windows, bodies or messages taken from one segment at most; see step_limit. */
#define NL_STEPS_MAX 128

/*
 * Whether excerpts of all request heads are kept: only then can a grade tell of one that is cut.
 * Those of the slow and failed ones alone can be had from the flight recorder, which has copied
 * them all.
 */
NL_CORE bool observe_keeps_heads(void)
{
	return NL_CONFIG(records_wanted) & NL_RECORDS_ALL;
}

/* Count a request in its row, which is looked up with the first one of a flow. */
NL_CORE void observe_request(struct nl_flow *f, struct nl_work *work)
{
	struct nl_stats *stats;

	if (!f->row)
		f->row = (u16)(seam_row(f, work) + 1);
	stats = seam_stats(f);
	if (stats)
		stats_add(&stats->requests, 1, NL_CONFIG(stats_shared));
}

/*
 * Lines cut by the end of a segment. taken_bytes 0: put what was carried in front of
 * the window; else carry the end of the window, which held so many bytes of payload.
 */
NL_STEP int observe_carry(struct nl_flow *f, struct nl_work *work, u32 taken_bytes)
{
	u8 *carry;

	if (!f || !work || taken_bytes > NL_WINDOW_BYTES)
		return 0;
	carry = f->stream[work->role & 1].carry;
	for (u32 i = 0; i < NL_CARRY_BYTES; i += 8)
		if (taken_bytes)
			store_u64(carry + i, load_u64(work->window.bytes + taken_bytes + i));
		else
			store_u64(work->window.bytes + i, load_u64(carry + i));
	return 0;
}

NL_CORE bool observe_in_body(const struct nl_stream *s)
{
	return s->mode == NL_MODE_BODY_LENGTH || s->mode == NL_MODE_CHUNK_DATA ||
	       s->mode == NL_MODE_BODY_CLOSE || s->mode == NL_MODE_TUNNEL;
}

/*
 * The end of a head is not in the capture, which has `bytes` of it in the window: whose
 * it is can be told nevertheless, if what counts of its start line is there. Where the message
 * ends cannot: a request is taken to end with its segment, a response by turn-taking.
 * Returns enum txn_finish.
 */
NL_CORE u32 observe_cut_head(struct nl_flow *f, struct nl_stream *s, struct nl_work *work,
			     struct nl_counters *counters, u32 bytes)
{
	u32 rest = work->packet.payload_bytes - work->offset, finish = TXN_NOTHING;
	bool response = work->role == NL_SERVER;
	bool told = s->mode == NL_MODE_FIELDS || bytes >= 24;

	if (!s->bytes) {
		s->first_ns = work->now_ns;
		if (s->mode == NL_MODE_START)
			s->version = 0; /* of a request it is at the line's end */
		if (!response && head_is_wanted(f, work))
			observe_keep_head(f, work, bytes);
	}
	s->last_ns = work->now_ns;
	s->carry_bytes = 0;
	s->head_flags = 0;
	stream_skip(s, rest);
	work->offset += rest;
	s->grade |= NL_GRADE_truncated;
	if (told) {
		if (!(f->flags & NL_FLOW_CONFIRMED))
			observe_count(counters, NL_COUNT_flows);
		f->flags |= NL_FLOW_CONFIRMED;
		if (response) {
			finish = txn_response_head(f, work->packet.ack, counters);
			s->grade &= ~NL_GRADE_closed;
		} else {
			finish =
				txn_request_head(f, &work->packet, observe_keeps_heads(), counters);
			observe_request(f, work);
		}
	}
	if (s->mode != NL_MODE_TUNNEL)
		stream_lose(s, NL_GRADE_truncated);
	return finish;
}

/*
 * Load *bytes of payload from work->offset on into the window, or as many as the capture has.
 * Returns whether there are any; *cut says whether some are missing.
 */
NL_CORE bool observe_load(nl_source *src, struct nl_work *work, u32 *bytes, bool *cut)
{
	u32 from = work->packet.payload_offset + work->offset, length = *bytes;

	*cut = false;
	/* A number of its own, checked just before it is used: what 6.1 knows of one does not
	 * outlive its being put aside. */
	NL_OPAQUE(from);
	NL_OPAQUE(length);
	if (!within_1_to(&length, NL_WINDOW_BYTES))
		return false;
	if (NL_UNLIKELY(seam_load(src, from, work->window.bytes + NL_CARRY_BYTES, length))) {
		*bytes = seam_load_some(src, from, work->window.bytes + NL_CARRY_BYTES, *bytes);
		*cut = true;
	}
	return *bytes;
}

/* What framing a window came to. Returns enum txn_finish. */
NL_CORE u32 observe_event(struct nl_flow *f, struct nl_stream *s, struct nl_work *work,
			  struct nl_counters *counters, enum http1_event event)
{
	bool response = work->role == NL_SERVER;
	u32 finish = TXN_NOTHING;

	switch (event) {
	case HTTP1_BLANK:
		s->bytes = 0;
		f->request_head_bytes = response ? f->request_head_bytes : 0;
		break;
	case HTTP1_HEAD:
		if (NL_UNLIKELY(!(f->flags & NL_FLOW_CONFIRMED))) {
			f->flags |= NL_FLOW_CONFIRMED;
			observe_count(counters, NL_COUNT_flows);
		}
		if (response) {
			finish = txn_response_head(f, work->packet.ack, counters);
		} else {
			finish =
				txn_request_head(f, &work->packet, observe_keeps_heads(), counters);
			observe_request(f, work);
		}
		break;
	case HTTP1_MESSAGE:
		s->mode = NL_MODE_START;
		if (NL_UNLIKELY(txn_waits_for_holes(s)))
			break;
		if (response)
			finish = txn_response_end(f, counters);
		else
			txn_request_end(f, counters);
		break;
	default:
		break;
	}
	return finish;
}

/* What is left of the segment is no HTTP/1, or not framed as it should be. */
NL_CORE void observe_lose_rest(struct nl_flow *f, struct nl_stream *s, struct nl_work *work,
			       struct nl_counters *counters)
{
	u32 rest = work->packet.payload_bytes - work->offset;

	if (!(f->flags & NL_FLOW_CONFIRMED))
		work->not_http = 1;
	else
		observe_count(counters, NL_COUNT_malformed);
	stream_lose(s, NL_GRADE_malformed);
	stream_skip(s, rest);
	work->offset += rest;
}

/* Frame one window of the segment. Returns enum txn_finish. */
NL_CORE u32 observe_window(nl_source *src, struct nl_flow *f, struct nl_stream *s,
			   struct nl_work *work, struct nl_counters *counters)
{
	bool response = work->role == NL_SERVER, cut;
	bool in_head = s->mode == NL_MODE_START || s->mode == NL_MODE_FIELDS;
	u32 rest = work->packet.payload_bytes - work->offset;
	u32 bytes = min_u32(rest, NL_WINDOW_BYTES), pos = NL_CARRY_BYTES, consumed;
	u32 carried = s->carry_bytes;
	enum http1_event event;

	if (NL_UNLIKELY(!observe_load(src, work, &bytes, &cut))) {
		if (cut)
			stream_lose(s, NL_GRADE_truncated);
		return TXN_NOTHING;
	}
	if (NL_UNLIKELY(carried)) {
		observe_carry(f, work, 0);
		pos -= carried;
		s->carry_bytes = 0;
		NL_OPAQUE(pos);
		if (pos > NL_CARRY_BYTES)
			return TXN_NOTHING;
	}
	event = http1_frame(s, &work->window, &pos, NL_CARRY_BYTES + bytes, bytes == rest,
			    response);
	if (NL_UNLIKELY(cut && event == HTTP1_MORE && !observe_in_body(s)))
		return observe_cut_head(f, s, work, counters, bytes);
	if (NL_UNLIKELY(event == HTTP1_LOST)) {
		observe_lose_rest(f, s, work, counters);
		return TXN_NOTHING;
	}
	NL_OPAQUE(pos);
	consumed = pos - NL_CARRY_BYTES;
	if (consumed > bytes)
		return TXN_NOTHING;
	if (NL_UNLIKELY(s->carry_bytes))
		observe_carry(f, work, bytes);
	if (in_head) {
		if (!s->bytes)
			s->first_ns = work->now_ns;
		/* From its first byte on, or not at all. */
		if (!response && event != HTTP1_BLANK &&
		    (s->bytes ? f->request_head_bytes : head_is_wanted(f, work)))
			observe_keep_head(f, work, consumed);
	}
	s->bytes += consumed;
	s->last_ns = work->now_ns;
	s->next_seq += consumed;
	work->offset += consumed;
	return observe_event(f, s, work, counters, event);
}

/* Take in a piece of a body by count. Returns enum txn_finish. */
NL_CORE u32 observe_body(struct nl_flow *f, struct nl_stream *s, struct nl_work *work,
			 struct nl_counters *counters)
{
	u32 count = work->packet.payload_bytes - work->offset;

	if (s->mode != NL_MODE_BODY_CLOSE && s->mode != NL_MODE_TUNNEL &&
	    s->remaining_bytes < count)
		count = (u32)s->remaining_bytes;
	/* None, where the message waited for holes and the next one begins. */
	if (NL_LIKELY(count)) {
		stream_skip(s, count);
		s->last_ns = work->now_ns;
		work->offset += count;
	}
	if (s->mode == NL_MODE_CHUNK_DATA) {
		if (!s->remaining_bytes)
			s->mode = NL_MODE_CHUNK_END;
	} else if (s->mode == NL_MODE_BODY_LENGTH && !s->remaining_bytes) {
		if (NL_UNLIKELY(count && txn_waits_for_holes(s)))
			return TXN_NOTHING;
		s->mode = NL_MODE_START;
		if (work->role == NL_SERVER)
			return txn_response_end(f, counters);
		txn_request_end(f, counters);
	}
	return TXN_NOTHING;
}

/*
 * One step over the segment: frame a window of it, and take in by count the body
 * that follows. Returns enum txn_finish.
 */
NL_CORE u32 observe_step(nl_source *src, struct nl_flow *f, struct nl_work *work,
			 struct nl_counters *counters, u32 role)
{
	struct nl_stream *s = &f->stream[role];

	/* Or the compiler computes, and keeps, the address of each of its fields. */
	NL_OPAQUE(s);
	if (NL_UNLIKELY(s->mode == NL_MODE_RESYNC))
		return (u32)observe_resync(src, f, work, counters);
	if (!observe_in_body(s)) {
		u32 finish = observe_window(src, f, s, work, counters);

		if (finish || !observe_in_body(s) || work->offset >= work->packet.payload_bytes)
			return finish;
	}
	return observe_body(f, s, work, counters);
}

/* The second and later steps over a segment. */
NL_STEP int observe_next_step(nl_source *src, struct nl_flow *f, struct nl_work *work,
			      struct nl_counters *counters)
{
	u32 role, finish;

	if (!src || !f || !work || !counters)
		return 0;
	role = work->role & 1;
	NL_OPAQUE(role); /* or the compiler makes two copies of all that follows */
	finish = observe_step(src, f, work, counters, role & 1);
	/* Here, as the verifier walks each branch of the loop over these steps once a turn. */
	if (finish)
		observe_finish(f, work, counters, observe_how(finish));
	return 0;
}

/* What is left of a segment after the first step. */
NL_STEP int observe_rest(nl_source *src, struct nl_flow *f, struct nl_work *work,
			 struct nl_counters *counters)
{
	struct nl_stream *s;
	int finish;

	if (!src || !f || !work || !counters)
		return 0;
	s = &f->stream[work->role & 1];
	for (int i = 1; i < NL_STEPS_MAX; i++) {
		if (work->offset >= work->packet.payload_bytes)
			break;
		observe_next_step(src, f, work, counters);
	}
	if (work->offset < work->packet.payload_bytes) {
		observe_count(counters, NL_COUNT_step_limit);
		stream_lose(s, NL_GRADE_gap);
		s->next_seq += work->packet.payload_bytes - work->offset;
	}
	if (stream_has_ahead(s) && seq_diff(s->next_seq, s->ahead_seq) >= 0) {
		finish = observe_ahead(f, work, counters);
		if (finish)
			observe_finish(f, work, counters, observe_how((u32)finish));
	}
	return 0;
}

/*
 * New bytes, or a hole that stays: step through the segment. One step takes most
 * segments whole and is in line here; calls and returns are dear where the CPU's
 * return prediction is guarded.
 */
NL_CORE void observe_payload(nl_source *src, struct nl_flow *f, struct nl_stream *s,
			     struct nl_work *work, struct nl_counters *counters, u32 role)
{
	u32 finish = observe_step(src, f, work, counters, role);

	if (finish)
		observe_finish_here(f, work, counters, observe_how(finish),
				    NL_CONFIG(stats_shared));
	if (NL_UNLIKELY(work->offset < work->packet.payload_bytes || stream_has_ahead(s)))
		observe_rest(src, f, work, counters);
}

#endif
