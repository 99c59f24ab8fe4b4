/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * observe.h - one packet's way through the core, the same for kernel and replay.
 *
 * The target that includes this file gives it a *seam* first: a type nl_source
 * (where the packet's bytes come from) and
 *
 *   NL_CONFIG(field)                        a field of struct nl_config
 *   int seam_load(src, offset, to, bytes)   copy frame bytes; 0, or negative if not there
 *   u64 seam_now(src, work)                 the packet's time in nanoseconds
 *   struct nl_flow_set *seam_flow_set(number)  a set of the flow table; NULL beyond its end
 *   struct nl_stats *seam_stats(flow, work) the row of this flow, on this CPU's shard
 *   int seam_emit(record, bytes)            0, or negative if the ring is full
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

#include "stats.h"
#include "txn.h"
#include "work.h"

/* Windows, bodies or messages taken from one segment at most; see step_limit. */
#define NL_STEPS_MAX 128

NL_CORE void observe_count(struct nl_counters *counters, u32 number)
{
	counters->count[number & (NL_COUNTER_MAX - 1)]++;
}

/* Copy the excerpt of a request head into the record. */
NL_CORE void observe_copy_head(struct nl_record *record, const struct nl_flow *f, u32 head_offset)
{
	u32 bytes = record->head_bytes;

	for (u32 i = 0; i < NL_HEAD_BYTES_MAX; i += 8) {
		u32 from = head_offset + i;

		NL_OPAQUE(from);
		if (i >= bytes || from > NL_HEAD_BYTES_MAX)
			break;
		store_u64(record->head + i, load_u64(f->head + from));
	}
}

/*
 * The first pending request of f is over: count it, and offer its record.
 * how: enum nl_outcome << 8 | enum nl_end_reason.
 */
NL_STEP int observe_finish(nl_source *src, struct nl_flow *f, struct nl_work *work,
			   struct nl_counters *counters, u32 how)
{
	struct nl_record *record;
	struct nl_stats *stats;
	u32 head_offset, bytes;
	u64 latency_ns;

	if (!src || !f || !work || !counters || !f->pending_count)
		return 0;
	record = &work->record;
	txn_finish_first(f, (how >> 8) & 0xff, how & 0xff, work->now_ns, record, counters,
			 &head_offset);
	stats = seam_stats(f, work);
	if (stats)
		stats_record(stats, record, NL_CONFIG(stats_shared));
	if (!NL_CONFIG(records_wanted))
		return 0;
	latency_ns = record->outcome == NL_OUTCOME_OK ? record_duration_ns(record)
						      : record->end_ns - record->request_first_ns;
	if (latency_ns < NL_CONFIG(min_record_latency_ns))
		return 0;
	if (f->flags & NL_FLOW_CLIENT_IS_B) {
		record->client_addr = work->key.b_addr;
		record->client_port = work->key.b_port;
		record->server_addr = work->key.a_addr;
		record->server_port = work->key.a_port;
	} else {
		record->client_addr = work->key.a_addr;
		record->client_port = work->key.a_port;
		record->server_addr = work->key.b_addr;
		record->server_port = work->key.b_port;
	}
	record->vlan_id = work->key.vlan_id;
	record->ifindex = f->ifindex[NL_CLIENT];
	observe_copy_head(record, f, head_offset & (NL_HEAD_BYTES_MAX - 1));
	bytes = record->head_bytes;
	NL_OPAQUE(bytes);
	if (bytes > NL_HEAD_BYTES_MAX)
		bytes = NL_HEAD_BYTES_MAX;
	observe_count(counters, NL_COUNT_records);
	if (seam_emit(record, NL_RECORD_FIXED_BYTES + bytes))
		observe_count(counters, NL_COUNT_record_ring_full);
	return 0;
}

/* Store the first `bytes` (1 to 7) of the word at `from`, leaving what is behind them. */
NL_CORE void observe_keep_tail(u8 *to, const u8 *from, u32 bytes)
{
	u64 mask = (1ULL << ((bytes & 7) * 8)) - 1;

	store_u64(to, (load_u64(to) & ~mask) | (load_u64(from) & mask));
}

/*
 * Find room in head[] for the excerpt of a new request: behind the last one, or
 * once more from the start, up to the oldest that is still needed.
 */
NL_CORE void observe_place_head(struct nl_flow *f)
{
	const struct nl_pending *oldest = txn_pending(f, 0);
	u32 used = f->head_used, needed = oldest->head_offset;

	f->head_limit = NL_HEAD_BYTES_MAX;
	if (!f->pending_count || (used == needed && !oldest->head_bytes))
		f->head_used = 0;
	else if (used <= needed)
		f->head_limit = (u16)needed;
	else if (NL_HEAD_BYTES_MAX - used < needed) {
		f->head_used = 0;
		f->head_limit = (u16)needed;
	}
}

/* Keep the `bytes` just framed at the window's start as excerpt of the request head at hand. */
NL_STEP int observe_keep_head(struct nl_flow *f, struct nl_work *work, u32 bytes)
{
	u64 zero;
	u32 to;

	if (!f || !work)
		return 0;
	zero = work->window.zero;
	if (!f->request_head_bytes)
		observe_place_head(f);
	to = f->head_used + f->request_head_bytes;
	if (to >= f->head_limit)
		return 0;
	bytes = min_u32(bytes, f->head_limit - to);
	f->request_head_bytes += bytes;
	for (u32 i = 0; i < NL_WINDOW_BYTES; i += 8) {
		if (to > NL_HEAD_BYTES_MAX)
			break;
		/* Whole words would run into the excerpt behind. */
		if (bytes < 8) {
			if (bytes)
				observe_keep_tail(f->head + to,
						  work->window.bytes + NL_CARRY_BYTES + i, bytes);
			break;
		}
		store_u64(f->head + to, load_u64(work->window.bytes + NL_CARRY_BYTES + i));
		to += 8;
		bytes -= 8;
		NL_WIDEN(to, zero);
		NL_WIDEN(bytes, zero);
	}
	return 0;
}

/* Count a request in its row, which is looked up with the first one of a flow. */
NL_CORE void observe_request(struct nl_flow *f, struct nl_work *work)
{
	struct nl_stats *stats = seam_stats(f, work);

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
	carry = f->carry[work->role & 1];
	for (u32 i = 0; i < NL_CARRY_BYTES; i += 8)
		if (taken_bytes)
			store_u64(carry + i, load_u64(work->window.bytes + taken_bytes + i));
		else
			store_u64(work->window.bytes + i, load_u64(carry + i));
	return 0;
}

/* Frame one window of the segment. Returns enum txn_finish. */
NL_CORE u32 observe_window(nl_source *src, struct nl_flow *f, struct nl_stream *s,
			   struct nl_work *work, struct nl_counters *counters)
{
	bool response = work->role == NL_SERVER;
	bool in_head = s->mode == NL_MODE_START || s->mode == NL_MODE_FIELDS;
	u32 rest = work->packet.payload_bytes - work->offset;
	u32 bytes = min_u32(rest, NL_WINDOW_BYTES), pos = NL_CARRY_BYTES, consumed;
	u32 carried = s->carry_bytes;
	enum http1_event event;
	u32 finish = TXN_NOTHING;

	if (!within_1_to(&bytes, NL_WINDOW_BYTES))
		return finish;
	if (seam_load(src, work->packet.payload_offset + work->offset,
		      work->window.bytes + NL_CARRY_BYTES, bytes)) {
		/* The capture does not have these bytes. */
		stream_lose(s);
		s->grade |= NL_GRADE_truncated;
		return finish;
	}
	if (NL_UNLIKELY(carried)) {
		observe_carry(f, work, 0);
		pos -= carried;
		s->carry_bytes = 0;
		NL_OPAQUE(pos);
		if (pos > NL_CARRY_BYTES)
			return finish;
	}
	event = http1_frame(s, &work->window, &pos, NL_CARRY_BYTES + bytes, bytes == rest,
			    response);
	if (NL_UNLIKELY(event == HTTP1_LOST)) {
		if (!(f->flags & NL_FLOW_CONFIRMED))
			work->not_http = 1;
		else
			observe_count(counters, NL_COUNT_gaps);
		stream_lose(s);
		stream_skip(s, rest);
		work->offset += rest;
		return finish;
	}
	NL_OPAQUE(pos);
	consumed = pos - NL_CARRY_BYTES;
	if (consumed > bytes)
		return finish;
	if (NL_UNLIKELY(s->carry_bytes))
		observe_carry(f, work, bytes);
	if (in_head) {
		if (!s->bytes)
			s->first_ns = work->now_ns;
		if (!response && event != HTTP1_BLANK && NL_CONFIG(records_wanted))
			observe_keep_head(f, work, consumed);
	}
	s->bytes += consumed;
	s->last_ns = work->now_ns;
	s->next_seq += consumed;
	work->offset += consumed;

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
			finish = txn_request_head(f, work->packet.ack, counters);
			observe_request(f, work);
		}
		break;
	case HTTP1_MESSAGE:
		s->mode = NL_MODE_START;
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

/*
 * A stream without framing meets the start of a segment: does a message begin
 * here? A response only if one is due; else a body could not quote one.
 */
NL_STEP int observe_resync(nl_source *src, struct nl_flow *f, struct nl_work *work)
{
	struct nl_stream *s;
	u32 rest, bytes, open;
	bool response, starts;

	if (!src || !f || !work)
		return TXN_NOTHING;
	s = &f->stream[work->role & 1];
	response = work->role == NL_SERVER;
	open = s->flags & NL_STREAM_OPEN ? 1 : 0;
	rest = work->packet.payload_bytes - work->offset;
	bytes = min_u32(rest, 24);
	/* Mid-segment nothing tells a message's start from a body's text. */
	if (!within_1_to(&bytes, 24) || bytes < 12 || work->offset)
		goto skip;
	if (response && open && f->pending_count < 2)
		goto skip;
	if (seam_load(src, work->packet.payload_offset, work->window.bytes + NL_CARRY_BYTES, bytes))
		goto skip;
	starts = response ? http1_looks_like_response(work->window.bytes + NL_CARRY_BYTES, bytes)
			  : http1_looks_like_request(work->window.bytes + NL_CARRY_BYTES, bytes);
	if (!starts)
		goto skip;
	s->mode = NL_MODE_START;
	if (!response) {
		f->request_open = 0;
		txn_message_reset(s);
		return TXN_NOTHING;
	}
	f->flags |= NL_FLOW_MID_STREAM;
	if (open && !(f->flags & NL_FLOW_ORPHAN))
		return TXN_FINISH_LOST;
	f->flags &= ~NL_FLOW_ORPHAN;
	txn_message_reset(s);
	/* The client acknowledged up to here in its second request: what answered the
	 * first one was not seen. */
	if (f->pending_count > 1 && txn_pending(f, 0)->ack != work->packet.seq &&
	    txn_pending(f, 1)->ack == work->packet.seq)
		return TXN_FINISH_MISSING;
	return TXN_NOTHING;
skip:
	s->last_ns = work->now_ns;
	stream_skip(s, rest);
	work->offset += rest;
	return TXN_NOTHING;
}

/* Take in a piece of a body by count. Returns enum txn_finish. */
NL_CORE u32 observe_body(struct nl_flow *f, struct nl_stream *s, struct nl_work *work,
			 struct nl_counters *counters)
{
	u32 count = work->packet.payload_bytes - work->offset;

	if (s->mode != NL_MODE_BODY_CLOSE && s->mode != NL_MODE_TUNNEL &&
	    s->remaining_bytes < count)
		count = (u32)s->remaining_bytes;
	stream_skip(s, count);
	s->last_ns = work->now_ns;
	work->offset += count;
	if (s->mode == NL_MODE_CHUNK_DATA) {
		if (!s->remaining_bytes)
			s->mode = NL_MODE_CHUNK_END;
	} else if (s->mode == NL_MODE_BODY_LENGTH && !s->remaining_bytes) {
		s->mode = NL_MODE_START;
		if (work->role == NL_SERVER)
			return txn_response_end(f, counters);
		txn_request_end(f, counters);
	}
	return TXN_NOTHING;
}

NL_CORE bool observe_in_body(const struct nl_stream *s)
{
	return s->mode == NL_MODE_BODY_LENGTH || s->mode == NL_MODE_CHUNK_DATA ||
	       s->mode == NL_MODE_BODY_CLOSE || s->mode == NL_MODE_TUNNEL;
}

/*
 * One step over the segment: frame a window of it, and take in by count the body
 * that follows. Returns enum txn_finish.
 */
NL_CORE u32 observe_step(nl_source *src, struct nl_flow *f, struct nl_work *work,
			 struct nl_counters *counters, u32 role)
{
	struct nl_stream *s = &f->stream[role];

	if (NL_UNLIKELY(s->mode == NL_MODE_RESYNC))
		return (u32)observe_resync(src, f, work);
	if (!observe_in_body(s)) {
		u32 finish = observe_window(src, f, s, work, counters);

		if (finish || !observe_in_body(s) || work->offset >= work->packet.payload_bytes)
			return finish;
	}
	return observe_body(f, s, work, counters);
}

/* The second and later steps over a segment. Returns enum txn_finish. */
NL_STEP int observe_next_step(nl_source *src, struct nl_flow *f, struct nl_work *work,
			      struct nl_counters *counters)
{
	u32 role;

	if (!src || !f || !work || !counters)
		return TXN_NOTHING;
	role = work->role & 1;
	NL_OPAQUE(role); /* or the compiler makes two copies of all that follows */
	return (int)observe_step(src, f, work, counters, role & 1);
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
		stream_lose(s);
		stream_skip(s, count);
		return TXN_NOTHING;
	}
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

/* Whether a segment behind a hole between messages begins one nonetheless. */
NL_STEP int observe_starts_message(nl_source *src, struct nl_flow *f, struct nl_work *work)
{
	u32 bytes;

	if (!src || !f || !work)
		return 0;
	bytes = min_u32(work->packet.payload_bytes, 24);
	if (!within_1_to(&bytes, 24) || bytes < 12 ||
	    seam_load(src, work->packet.payload_offset, work->window.bytes + NL_CARRY_BYTES, bytes))
		return 0;
	if (work->role == NL_CLIENT)
		return !f->pending_count && f->stream[NL_CLIENT].mode == NL_MODE_START &&
		       http1_looks_like_request(work->window.bytes + NL_CARRY_BYTES, bytes);
	/* The client's own acknowledgment says that a response begins just here. */
	if (!http1_looks_like_response(work->window.bytes + NL_CARRY_BYTES, bytes))
		return 0;
	for (u32 i = 0; i < 2; i++)
		if (i < f->pending_count && txn_pending(f, i)->ack == work->packet.seq)
			return 1;
	return 0;
}

NL_CORE u32 observe_how(u32 finish)
{
	if (finish == TXN_FINISH_MISSING)
		return NL_OUTCOME_UNANSWERED << 8 | NL_END_gap;
	return NL_OUTCOME_OK << 8;
}

/* End every pending request of f for `reason`. */
NL_STEP int observe_end_all(nl_source *src, struct nl_flow *f, struct nl_work *work,
			    struct nl_counters *counters, u32 reason)
{
	struct nl_stream *c, *s;

	if (!src || !f || !work || !counters)
		return 0;
	c = &f->stream[NL_CLIENT];
	s = &f->stream[NL_SERVER];
	if (c->bytes && (c->mode == NL_MODE_START || c->mode == NL_MODE_FIELDS)) {
		observe_count(counters, NL_COUNT_partial_heads);
		c->bytes = 0;
	}
	if (f->flags & NL_FLOW_ORPHAN) {
		f->flags &= ~NL_FLOW_ORPHAN;
		txn_message_reset(s);
	}
	for (int i = 0; i < NL_PENDING_MAX; i++) {
		u32 outcome = NL_OUTCOME_UNANSWERED, why = reason;

		if (!f->pending_count)
			break;
		if (s->flags & NL_STREAM_OPEN) {
			outcome = NL_OUTCOME_ABORTED;
			/* A body delimited by the connection's end is whole at its FIN; one
			 * whose framing was lost has had its end. */
			if ((reason == NL_END_server_closed || reason == NL_END_client_closed) &&
			    (s->mode == NL_MODE_BODY_CLOSE || s->mode == NL_MODE_RESYNC)) {
				outcome = NL_OUTCOME_OK;
				why = NL_END_none;
				txn_message_grade(s, counters);
			}
		} else if (reason == NL_END_server_reset && (s->flags & NL_STREAM_CLOSED)) {
			why = NL_END_after_server_fin;
		}
		if (reason == NL_END_evicted)
			outcome = NL_OUTCOME_EVICTED;
		observe_finish(src, f, work, counters, outcome << 8 | why);
	}
	f->overflow_requests = 0;
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
		finish = observe_next_step(src, f, work, counters);
		if (finish)
			observe_finish(src, f, work, counters, observe_how((u32)finish));
	}
	if (work->offset < work->packet.payload_bytes) {
		observe_count(counters, NL_COUNT_step_limit);
		stream_lose(s);
		s->next_seq += work->packet.payload_bytes - work->offset;
	}
	if (stream_has_ahead(s) && seq_diff(s->next_seq, s->ahead_seq) >= 0) {
		finish = observe_ahead(f, work, counters);
		if (finish)
			observe_finish(src, f, work, counters, observe_how((u32)finish));
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
		observe_finish(src, f, work, counters, observe_how(finish));
	if (NL_UNLIKELY(work->offset < work->packet.payload_bytes || stream_has_ahead(s)))
		observe_rest(src, f, work, counters);
}

/* All of a segment was seen before. Returns the packet's fate. */
NL_STEP int observe_old(struct nl_flow *f, struct nl_work *work)
{
	u32 role;

	if (!f || !work)
		return NL_COUNT_internal_error;
	role = work->role & 1;
	if (f->ifindex[role] != work->ifindex)
		return NL_COUNT_duplicate;
	if (work->packet.payload_bytes == 1) /* keep-alive probe (RFC 9293, 3.8.4) */
		return NL_COUNT_control;
	if (f->pending_count) {
		if (role == NL_SERVER)
			f->response_retransmits++;
		else
			txn_pending(f, f->pending_count - 1u)->retransmits++;
	}
	return NL_COUNT_retransmission;
}

/* FIN and RST. Returns whether the connection is over. */
NL_STEP int observe_end(nl_source *src, struct nl_flow *f, struct nl_work *work,
			struct nl_counters *counters)
{
	struct nl_stream *s, *other;

	if (!src || !f || !work || !counters)
		return 0;
	s = &f->stream[work->role & 1];
	other = &f->stream[(work->role & 1) ^ 1];
	if (work->packet.tcp_flags & NL_TCP_RST) {
		observe_end_all(src, f, work, counters,
				work->role == NL_CLIENT ? NL_END_client_reset
							: NL_END_server_reset);
		return 1;
	}
	if (work->packet.tcp_flags & NL_TCP_FIN) {
		s->flags |= NL_STREAM_FIN;
		s->fin_seq = work->packet.seq + work->packet.payload_bytes;
	}
	if (!(s->flags & NL_STREAM_FIN) || (s->flags & NL_STREAM_CLOSED))
		return 0;
	/* A hole before the FIN is waited for, unless the other side has the FIN already. */
	if (seq_diff(s->next_seq, s->fin_seq) < 0 && !(other->flags & NL_STREAM_CLOSED)) {
		u32 missing = s->fin_seq - s->next_seq;

		if (!stream_can_skip(s, missing))
			return 0;
		s->hole_bytes += missing;
		stream_skip(s, missing);
	}
	s->flags |= NL_STREAM_CLOSED;
	if (work->role == NL_SERVER)
		observe_end_all(src, f, work, counters,
				other->flags & NL_STREAM_CLOSED ? NL_END_client_closed
								: NL_END_server_closed);
	else if (other->flags & NL_STREAM_CLOSED)
		observe_end_all(src, f, work, counters, NL_END_after_server_fin);
	return (other->flags & NL_STREAM_CLOSED) != 0;
}

/*
 * A segment of a known flow, whose lock is held. Returns the packet's fate;
 * *ret_over: the flow is to be deleted.
 */
NL_CORE u32 observe_segment(nl_source *src, struct nl_flow *f, struct nl_work *work,
			    struct nl_counters *counters, bool *ret_over)
{
	u32 fate = NL_COUNT_control, role, length = work->packet.payload_bytes;
	struct nl_stream *s, *other;

	role = work->source_is_b == ((f->flags & NL_FLOW_CLIENT_IS_B) != 0) ? NL_CLIENT : NL_SERVER;
	work->role = role;
	work->not_http = 0;
	NL_OPAQUE(role);
	role &= 1;
	s = &f->stream[role];
	other = &f->stream[role ^ 1];

	if (length) {
		enum stream_verdict verdict;

		if (NL_UNLIKELY(!f->ifindex[role]))
			f->ifindex[role] = work->ifindex;
		verdict = stream_accept(s, work->packet.seq, length, &work->offset);
		if (verdict == STREAM_AHEAD && observe_starts_message(src, f, work))
			verdict = STREAM_LOST;
		if (NL_UNLIKELY(verdict == STREAM_LOST)) {
			observe_count(counters, NL_COUNT_gaps);
			stream_lose(s);
			s->next_seq = work->packet.seq;
			work->offset = 0;
			verdict = STREAM_NEW;
		}
		if (verdict == STREAM_NEW) {
			observe_payload(src, f, s, work, counters, role);
			fate = NL_COUNT_parsed;
		} else if (verdict == STREAM_OLD) {
			fate = (u32)observe_old(f, work);
		} else {
			fate = NL_COUNT_parsed;
		}
		/* The sender acknowledges bytes that were waited for: they passed unseen. */
		if (NL_UNLIKELY(stream_has_ahead(other) &&
				seq_diff(work->packet.ack, other->ahead_seq) >= 0)) {
			observe_count(counters, NL_COUNT_gaps);
			other->next_seq = other->ahead_end;
			stream_lose(other);
		}
		if (NL_UNLIKELY(work->not_http)) {
			*ret_over = true;
			return NL_COUNT_not_http;
		}
	}
	if (NL_UNLIKELY((work->packet.tcp_flags & (NL_TCP_FIN | NL_TCP_RST)) ||
			(s->flags & (NL_STREAM_FIN | NL_STREAM_CLOSED)) == NL_STREAM_FIN))
		*ret_over = observe_end(src, f, work, counters) != 0;
	return fate;
}

/*
 * Give way `way` of a set, whose lock is held, to the flow of work->key: end what
 * may be there. False if its flow is being worked on for too long.
 */
NL_CORE bool observe_take_way(nl_source *src, struct nl_work *work, struct nl_counters *counters,
			      struct nl_flow_set *set, u32 way)
{
	struct nl_flow *f = &set->flow[way & (NL_SET_WAYS - 1)];

	if (!lock_take(&f->lock))
		return false;
	if (set->tag[way & (NL_SET_WAYS - 1)]) {
		work->new_key = work->key;
		work->key = f->key; /* records are written from it */
		observe_end_all(src, f, work, counters, NL_END_evicted);
		work->key = work->new_key;
		observe_count(counters, NL_COUNT_flows_evicted);
	}
	table_clear_flow(f);
	f->key = work->key;
	f->used = (u32)(work->now_ns >> 20);
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
	u32 way = table_way(set, work->place.tag);
	struct nl_flow *f;

	if (way == NL_SET_WAYS) {
		way = table_victim(set, (u32)(work->now_ns >> 20));
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
		way = observe_settle(src, work, counters, to);
		if (to != first)
			lock_drop(&to->lock);
	}
	lock_drop(&first->lock);
	return way < NL_SET_WAYS ? (int)(number * NL_SET_WAYS + way) : -1;
}

/*
 * Ask for the lines of a flow that its packet will need, all at once. Reading the
 * clock and taking the lock each wait for what was asked for before, and would
 * otherwise make their cache misses come one after the other.
 */
NL_CORE void observe_fetch(const struct nl_flow *f)
{
	u32 any = f->lock + f->stream[NL_CLIENT].mode + f->stream[NL_SERVER].mode +
		  f->pending[0].method;

	asm volatile("" ::"r"(any));
}

/*
 * The flow of work->key, locked, with work->slot and work->now_ns set; or NULL, with
 * *ret_contended saying that it is there but could not be locked.
 */
NL_CORE struct nl_flow *observe_find(nl_source *src, struct nl_work *work, bool *ret_contended)
{
	u32 way, number = work->place.set[0];
	struct nl_flow_set *set = seam_flow_set(number);
	struct nl_flow *f;

	*ret_contended = false;
	if (!set)
		return NULL;
	way = table_way(set, work->place.tag);
	if (NL_UNLIKELY(way == NL_SET_WAYS)) {
		number = work->place.set[1];
		set = seam_flow_set(number);
		if (!set)
			return NULL;
		way = table_way(set, work->place.tag);
		if (way == NL_SET_WAYS)
			return NULL;
	}
	NL_OPAQUE(way);
	f = &set->flow[way & (NL_SET_WAYS - 1)];
	observe_fetch(f);
	work->now_ns = seam_now(src, work);
	if (NL_UNLIKELY(!lock_take(&f->lock))) {
		*ret_contended = true;
		return NULL;
	}
	/* It may be another flow's by now, or have another key with the same tag. */
	if (NL_UNLIKELY(set->tag[way & (NL_SET_WAYS - 1)] != work->place.tag ||
			!table_key_equals(f, &work->key))) {
		lock_drop(&f->lock);
		return NULL;
	}
	work->slot = number * NL_SET_WAYS + way;
	return f;
}

/* Take the flow at work->slot, whose lock is held, out of the table. */
NL_CORE void observe_remove(struct nl_work *work)
{
	struct nl_flow_set *set = seam_flow_set(work->slot / NL_SET_WAYS);

	if (set)
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
	if (work->packet.tcp_flags & NL_TCP_ACK)
		return 1;
	/* The SYN that began this flow, with the payload that did, once more. */
	if (f->first_seq == work->packet.seq)
		return !work->packet.payload_bytes;
	observe_end_all(src, f, work, counters, NL_END_connection_reused);
	observe_remove(work);
	return 1;
}

/*
 * Payload of an unknown flow: a new flow at work->slot, locked, if it looks like
 * HTTP/1. Returns NL_COUNT_parsed, or the packet's fate.
 */
NL_STEP int observe_new_flow(nl_source *src, struct nl_work *work, struct nl_counters *counters)
{
	struct nl_flow_set *set;
	struct nl_flow *f;
	bool response;
	const u8 *p;
	u32 bytes;
	int slot;

	if (!src || !work || !counters)
		return NL_COUNT_internal_error;
	bytes = min_u32(work->packet.payload_bytes, 24);
	p = work->window.bytes + NL_CARRY_BYTES;
	if (!within_1_to(&bytes, 24) ||
	    seam_load(src, work->packet.payload_offset, work->window.bytes + NL_CARRY_BYTES, bytes))
		return NL_COUNT_not_http;
	response = bytes >= 12 && http1_looks_like_response(p, bytes);
	if (!response && !http1_looks_like_request(p, bytes))
		return NL_COUNT_not_http;
	/* The last segment of a connection that is over, once more or on another
	 * interface: it must not begin one. */
	if (response && (work->packet.tcp_flags & (NL_TCP_FIN | NL_TCP_RST)))
		return NL_COUNT_control;
	work->now_ns = seam_now(src, work);
	slot = observe_insert(src, work, counters);
	if (slot < 0)
		return NL_COUNT_flow_table_error;
	work->slot = (u32)slot;
	set = seam_flow_set(work->slot / NL_SET_WAYS);
	if (!set)
		return NL_COUNT_internal_error;
	f = &set->flow[work->slot % NL_SET_WAYS];
	if (f->stream[NL_CLIENT].flags | f->stream[NL_SERVER].flags | f->flags)
		return NL_COUNT_parsed; /* another CPU's, and under way */
	f->flags = (work->source_is_b != response) ? NL_FLOW_CLIENT_IS_B : 0;
	f->first_seq = work->packet.seq;
	if (response)
		f->flags |= NL_FLOW_MID_STREAM;
	/* The other side's next byte is known from the acknowledgment. */
	if (work->packet.tcp_flags & NL_TCP_ACK) {
		f->stream[NL_CLIENT].next_seq = response ? work->packet.ack : work->packet.seq;
		f->stream[NL_SERVER].next_seq = response ? work->packet.seq : work->packet.ack;
		f->stream[NL_CLIENT].flags = f->stream[NL_SERVER].flags = NL_STREAM_SYNCED;
	}
	return NL_COUNT_parsed;
}

/* --port: either end's port; --net: either end's address. */
NL_CORE bool observe_filtered(const struct nl_packet *packet)
{
	bool wanted = true;

	if (NL_CONFIG(filter_ports)) {
		wanted = false;
		for (u32 i = 0; i < NL_FILTER_PORTS_MAX; i++) {
			u16 port = NL_CONFIG(ports[i]);

			if (i >= NL_CONFIG(filter_ports))
				break;
			if (packet->source_port == port || packet->destination_port == port)
				wanted = true;
		}
	}
	if (NL_CONFIG(filter_nets) && wanted) {
		wanted = false;
		for (u32 i = 0; i < NL_FILTER_NETS_MAX; i++) {
			struct nl_filter_net net;

			if (i >= NL_CONFIG(filter_nets))
				break;
			net.addr.words[0] = NL_CONFIG(nets[i].addr.words[0]);
			net.addr.words[1] = NL_CONFIG(nets[i].addr.words[1]);
			net.mask.words[0] = NL_CONFIG(nets[i].mask.words[0]);
			net.mask.words[1] = NL_CONFIG(nets[i].mask.words[1]);
			if (filter_net_matches(&net, &packet->source_addr) ||
			    filter_net_matches(&net, &packet->destination_addr))
				wanted = true;
		}
	}
	return !wanted;
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
		return NL_COUNT_lock_contended;
	if (NL_UNLIKELY(packet->tcp_flags & NL_TCP_SYN)) {
		packet->seq++; /* payload, if any, lies behind the SYN (RFC 7413) */
		if (f && observe_syn(src, f, work, counters)) {
			lock_drop(&f->lock);
			if (!packet->payload_bytes || (packet->tcp_flags & NL_TCP_ACK))
				return NL_COUNT_control;
			f = NULL;
		}
	}
	/* A SYN, or FIN or RST of a connection in which nothing of ours was seen. */
	if (!f && !packet->payload_bytes)
		return NL_COUNT_no_payload;
	if (NL_UNLIKELY(!f)) {
		struct nl_flow_set *set;

		fate = (u32)observe_new_flow(src, work, counters);
		if (fate != NL_COUNT_parsed)
			return (int)fate;
		set = seam_flow_set(work->slot / NL_SET_WAYS);
		if (!set)
			return NL_COUNT_internal_error;
		f = &set->flow[work->slot % NL_SET_WAYS];
	}
	f->used = (u32)(work->now_ns >> 20);
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
	if (packet_is_bare_ack(&work->packet))
		return NL_COUNT_no_payload;
	return observe_tcp(src, work, counters);
}

#endif
