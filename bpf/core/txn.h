/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * txn.h - from messages to transactions: which response answers which request,
 * when each began and ended, and how far that can be trusted.
 *
 * Requests wait in a queue of the flow; the response at hand belongs to its first
 * (RFC 9112, 9.3.2).
 */
#ifndef NETLAT_CORE_TXN_H
#define NETLAT_CORE_TXN_H

#include "flow.h"
#include "http1.h"
#include "stream.h"

/* What is to be done with the first pending request. */
enum txn_finish {
	TXN_NOTHING = 0,
	TXN_FINISH_OK,	    /* its response is complete */
	TXN_FINISH_LOST,    /* its response began and its end was not seen, but it had one */
	TXN_FINISH_MISSING, /* its response was not seen, a later one was */
};

NL_CORE struct nl_pending *txn_pending(struct nl_flow *f, u32 index)
{
	return &f->pending[(f->pending_first + index) & (NL_PENDING_MAX - 1)];
}

/* A message is over: the stream stands before the next one. */
NL_CORE void txn_message_reset(struct nl_stream *s)
{
	s->bytes = 0;
	s->hole_bytes = 0;
	s->grade = 0;
	s->flags &= ~NL_STREAM_OPEN;
	if (s->mode != NL_MODE_TUNNEL && s->mode != NL_MODE_RESYNC)
		s->mode = NL_MODE_START;
}

/* Grade what is missing of a message that is over. */
NL_CORE void txn_message_grade(struct nl_stream *s, struct nl_counters *counters)
{
	if (s->hole_bytes) {
		s->grade |= NL_GRADE_gap;
		counters->count[NL_COUNT_gap_bytes] += s->hole_bytes;
	}
}

/*
 * The last byte of a message by its position has passed: whether bytes of its body are
 * still missing. Then it is not over before they pass, or are known to never do: it waits in
 * NL_MODE_BODY_LENGTH with no byte remaining.
 */
NL_CORE bool txn_waits_for_holes(struct nl_stream *s)
{
	if (NL_LIKELY(!s->hole_bytes))
		return false;
	s->mode = NL_MODE_BODY_LENGTH;
	s->remaining_bytes = 0;
	return true;
}

/*
 * The receiver acknowledges bytes up to `ack` (RFC 9293, 3.4): whether the message at hand,
 * of known length, ended before that. What was not seen of it is a hole that stays.
 */
NL_CORE bool txn_ended_by_ack(struct nl_stream *s, u32 ack)
{
	if (s->mode != NL_MODE_BODY_LENGTH || s->remaining_bytes > 0x7fffffff ||
	    seq_diff(ack, s->next_seq + (u32)s->remaining_bytes) < 0)
		return false;
	stream_skip_hole(s, (u32)s->remaining_bytes);
	return true;
}

NL_CORE void txn_request_end(struct nl_flow *f, struct nl_counters *counters)
{
	struct nl_stream *s = &f->stream[NL_CLIENT];

	txn_message_grade(s, counters);
	if (f->request_open) {
		struct nl_pending *p = &f->pending[(f->request_open - 1) & (NL_PENDING_MAX - 1)];

		p->last_ns = s->last_ns;
		p->bytes = s->bytes;
		p->grade |= s->grade;
		f->request_open = 0;
	}
	txn_message_reset(s);
}

/* The response at hand is complete. */
NL_CORE enum txn_finish txn_response_end(struct nl_flow *f, struct nl_counters *counters)
{
	struct nl_stream *s = &f->stream[NL_SERVER];

	txn_message_grade(s, counters);
	counters->count[NL_COUNT_responses]++;
	if (NL_LIKELY(!(f->flags & NL_FLOW_ORPHAN)))
		return TXN_FINISH_OK; /* which resets the stream, having read it */
	counters->count[NL_COUNT_orphan]++;
	f->flags &= ~(NL_FLOW_ORPHAN | NL_FLOW_INTERIM);
	f->interim_responses = 0;
	txn_message_reset(s);
	return TXN_NOTHING;
}

/* The end of a response without a request was not seen: it is not counted as a response. */
NL_CORE void txn_orphan_lost(struct nl_flow *f, struct nl_counters *counters)
{
	f->flags &= ~NL_FLOW_ORPHAN;
	counters->count[NL_COUNT_orphan_partial]++;
	txn_message_reset(&f->stream[NL_SERVER]);
}

/*
 * A request comes while a response that answers none is under way. Whether that has a
 * body depends on its request's method, which is not known: if the client has all that was
 * sent of it, and goes on, then it was whole (as those to HEAD are).
 */
NL_CORE void txn_orphan_turn(struct nl_flow *f, u32 ack, struct nl_counters *counters)
{
	struct nl_stream *r = &f->stream[NL_SERVER];

	if (f->pending_count || (r->mode != NL_MODE_RESYNC && ack != r->next_seq))
		return;
	if (r->mode != NL_MODE_RESYNC)
		r->mode = NL_MODE_START;
	r->carry_bytes = 0;
	r->flags &= ~NL_STREAM_LINE_TAIL;
	txn_orphan_lost(f, counters);
}

/*
 * Nothing was seen of the response to the first pending request: whether the client had it,
 * by what it acknowledged with the second, and with the one at hand. (One such step alone
 * may be packets captured out of order.)
 */
NL_CORE bool txn_first_was_answered(struct nl_flow *f, u32 ack)
{
	const struct nl_pending *first = txn_pending(f, 0), *second = txn_pending(f, 1);

	return first->has_ack && second->has_ack && seq_diff(second->ack, first->ack) > 0 &&
	       seq_diff(ack, second->ack) > 0 &&
	       seq_diff(f->stream[NL_SERVER].next_seq, first->ack) <= 0;
}

/* Whether what the client sent before `seq` had its response before it was seen itself. */
NL_CORE bool txn_was_answered(const struct nl_flow *f, u32 seq)
{
	return (f->flags & NL_FLOW_ANSWERED) && seq_diff(seq, f->answered_seq) <= 0;
}

/*
 * What a new request says of those before it: the response under way, whose end was not seen,
 * is over, or that to the first was never seen. *outstanding: requests that stay pending.
 */
NL_CORE enum txn_finish txn_settle_before(struct nl_flow *f, u32 ack, u32 *outstanding,
					  struct nl_counters *counters)
{
	struct nl_stream *r = &f->stream[NL_SERVER];
	enum txn_finish finish = TXN_NOTHING;

	if (NL_UNLIKELY(f->flags & NL_FLOW_ORPHAN)) {
		txn_orphan_turn(f, ack, counters);
	} else if (NL_UNLIKELY(*outstanding) && (r->flags & NL_STREAM_OPEN)) {
		if (r->mode == NL_MODE_RESYNC) {
			counters->count[NL_COUNT_responses]++;
			finish = TXN_FINISH_LOST;
			--*outstanding;
		} else if (txn_ended_by_ack(r, ack)) {
			finish = txn_response_end(f, counters);
			--*outstanding;
		}
	} else if (NL_UNLIKELY(*outstanding > 1) && txn_first_was_answered(f, ack)) {
		finish = TXN_FINISH_MISSING;
		--*outstanding;
	}
	return finish;
}

/* The request whose head is complete is pending from now on, if there is room. */
NL_CORE void txn_push(struct nl_flow *f, const struct nl_packet *packet, bool excerpt_wanted,
		      u32 outstanding, struct nl_counters *counters)
{
	const struct nl_stream *s = &f->stream[NL_CLIENT];
	u32 index = (f->pending_first + f->pending_count) & (NL_PENDING_MAX - 1);
	struct nl_pending *p = &f->pending[index];

	if (NL_UNLIKELY(f->pending_count >= NL_PENDING_MAX ||
			((f->flags & NL_FLOW_OVERFLOW) && f->overflow_requests))) {
		f->flags |= NL_FLOW_OVERFLOW;
		f->overflow_requests++;
		counters->count[NL_COUNT_pipeline_overflow]++;
		counters->count[NL_COUNT_evicted]++;
		return;
	}
	p->first_ns = s->first_ns;
	p->last_ns = 0;
	p->bytes = s->bytes;
	p->ack = packet->ack;
	p->has_ack = (packet->tcp_flags & NL_TCP_ACK) != 0;
	p->grade = s->grade;
	p->retransmits = 0;
	p->method = (u8)s->code;
	p->version = s->version;
	p->head_bytes = f->request_head_bytes;
	p->head_offset = f->head_used;
	if (excerpt_wanted && s->bytes > f->request_head_bytes)
		p->grade |= NL_GRADE_head_cut;
	if (outstanding)
		p->grade |= NL_GRADE_pipelined;
	f->head_used += f->request_head_bytes;
	f->pending_count++;
	f->request_open = (u8)(index + 1);
}

/*
 * A request head is complete. Returns TXN_FINISH_LOST where this request shows
 * that the response under way, whose framing was lost, is over.
 */
NL_CORE enum txn_finish txn_request_head(struct nl_flow *f, const struct nl_packet *packet,
					 bool excerpt_wanted, struct nl_counters *counters)
{
	struct nl_stream *s = &f->stream[NL_CLIENT];
	u32 outstanding = f->pending_count;
	enum txn_finish finish;

	counters->count[NL_COUNT_requests]++;
	s->flags |= NL_STREAM_OPEN;
	if (s->head_flags & NL_HEAD_MALFORMED) {
		s->grade |= NL_GRADE_malformed;
		counters->count[NL_COUNT_malformed]++;
	}
	finish = txn_settle_before(f, packet->ack, &outstanding, counters);
	txn_push(f, packet, excerpt_wanted, outstanding, counters);
	f->request_head_bytes = 0;
	if (NL_UNLIKELY(f->flags & NL_FLOW_ANSWERED) && !outstanding && !finish &&
	    txn_was_answered(f, s->next_seq))
		finish = TXN_FINISH_MISSING;

	if (s->head_flags & NL_HEAD_CHUNKED) {
		s->mode = NL_MODE_CHUNK_SIZE;
	} else if ((s->head_flags & (NL_HEAD_LENGTH | NL_HEAD_MALFORMED)) == NL_HEAD_LENGTH &&
		   s->remaining_bytes) {
		s->mode = NL_MODE_BODY_LENGTH;
	} else {
		/* What follows CONNECT is not to be parsed before it is refused. */
		s->mode = s->code == NL_METHOD_CONNECT ? NL_MODE_TUNNEL : NL_MODE_START;
		txn_request_end(f, counters);
	}
	return finish;
}

/* Both directions stop being HTTP/1 (RFC 9110, 7.8 and 9.3.6). */
NL_CORE void txn_tunnel(struct nl_flow *f, struct nl_counters *counters)
{
	f->stream[NL_CLIENT].mode = NL_MODE_TUNNEL;
	f->stream[NL_SERVER].mode = NL_MODE_TUNNEL;
	counters->count[NL_COUNT_tunnels]++;
}

/*
 * Whether the response at hand may answer request p: not, if the client had its first bytes
 * when it sent that.
 */
NL_CORE bool txn_may_answer(const struct nl_stream *s, const struct nl_pending *p)
{
	return !p->has_ack || seq_diff(s->next_seq - (u32)s->bytes, p->ack) >= 0;
}

/* An interim response (RFC 9110, 15.2): its request is answered by a later one. */
NL_CORE void txn_interim(struct nl_flow *f, struct nl_stream *s, struct nl_counters *counters)
{
	counters->count[NL_COUNT_interim]++;
	f->flags |= NL_FLOW_INTERIM;
	if (f->interim_responses < NL_INTERIM_MAX)
		f->interim[f->interim_responses & (NL_INTERIM_MAX - 1)] = (u8)(s->code - 100);
	if (f->interim_responses < 255)
		f->interim_responses++;
	s->mode = NL_MODE_START;
	txn_message_reset(s);
}

/* Find the request of the response whose head is complete. Returns its method, if there is one. */
NL_CORE u32 txn_claim(struct nl_flow *f, u32 ack, struct nl_counters *counters)
{
	const struct nl_stream *s = &f->stream[NL_SERVER];
	struct nl_pending *p = f->pending_count ? txn_pending(f, 0) : NULL;

	if (NL_UNLIKELY((f->flags & NL_FLOW_OWED) && f->owed_responses)) {
		f->owed_responses--;
		f->flags |= NL_FLOW_ORPHAN;
	} else if (NL_UNLIKELY(p && !txn_may_answer(s, p))) {
		f->flags |= NL_FLOW_ORPHAN;
	} else if (p) {
		u32 method = p->method;

		if (!p->last_ns && txn_ended_by_ack(&f->stream[NL_CLIENT], ack))
			txn_request_end(f, counters);
		return method;
	} else {
		f->flags |= NL_FLOW_ORPHAN;
		/* The server has had bytes that are not seen yet: its request may come late. */
		if (seq_diff(ack, f->stream[NL_CLIENT].next_seq) > 0) {
			f->flags |= NL_FLOW_ANSWERED;
			f->answered_seq = ack;
		}
		if ((f->flags & NL_FLOW_OVERFLOW) &&
		    f->overflow_requests) /* its request was counted, but could not be held */
			f->overflow_requests--;
	}
	return NL_METHOD_OTHER;
}

/* How the body of the response to such a request ends (RFC 9112, 6.3). */
NL_CORE enum txn_finish txn_response_body(struct nl_flow *f, struct nl_stream *s, u32 method,
					  struct nl_counters *counters)
{
	bool has_length =
		(s->head_flags & (NL_HEAD_LENGTH | NL_HEAD_TRANSFER_CODED | NL_HEAD_MALFORMED)) ==
		NL_HEAD_LENGTH;

	if (method == NL_METHOD_HEAD || s->code == 204 || s->code == 304) {
		s->mode = NL_MODE_START;
		return txn_response_end(f, counters);
	}
	if (s->head_flags & NL_HEAD_CHUNKED) {
		s->mode = NL_MODE_CHUNK_SIZE;
	} else if (has_length) {
		if (!s->remaining_bytes) {
			s->mode = NL_MODE_START;
			return txn_response_end(f, counters);
		}
		s->mode = NL_MODE_BODY_LENGTH;
	} else {
		s->mode = NL_MODE_BODY_CLOSE;
		s->grade |= NL_GRADE_closed;
	}
	return TXN_NOTHING;
}

/* A response head is complete: find its request, and how its body will end. */
NL_CORE enum txn_finish txn_response_head(struct nl_flow *f, u32 ack, struct nl_counters *counters)
{
	struct nl_stream *s = &f->stream[NL_SERVER];
	u32 status = s->code, method;

	if (status < 200 && status != 101 && status) {
		txn_interim(f, s, counters);
		return TXN_NOTHING;
	}
	s->flags |= NL_STREAM_OPEN;
	if (!status)
		s->head_flags |= NL_HEAD_MALFORMED_STATUS;
	if (s->head_flags & (NL_HEAD_MALFORMED | NL_HEAD_MALFORMED_STATUS)) {
		s->grade |= NL_GRADE_malformed;
		counters->count[NL_COUNT_malformed]++;
	}
	method = txn_claim(f, ack, counters);
	if (status == 101 || (method == NL_METHOD_CONNECT && status < 300)) {
		enum txn_finish finish = txn_response_end(f, counters);

		txn_tunnel(f, counters);
		return finish;
	}
	if (NL_UNLIKELY(method == NL_METHOD_CONNECT))
		f->stream[NL_CLIENT].mode = NL_MODE_START;
	return txn_response_body(f, s, method, counters);
}

#endif
