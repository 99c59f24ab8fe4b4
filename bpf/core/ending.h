/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ending.h - transactions that are over: counted in their row, offered as records.
 * Needs the seam of observe.h.
 */
#ifndef NETLAT_CORE_ENDING_H
#define NETLAT_CORE_ENDING_H

#include "excerpt.h"
#include "failed.h"
#include "finish.h"
#include "gaps.h"
#include "series.h"
#include "stats.h"
#include "work.h"

NL_CORE void observe_count(struct nl_counters *counters, u32 number)
{
	counters->count[number & (NL_COUNTER_MAX - 1)]++;
}

/*
 * Which of NL_RECORDS_* the transaction in *record is, of those that are wanted; it is over
 * and was the first one of f.
 */
NL_CORE u32 observe_interest(const struct nl_flow *f, const struct nl_record *record)
{
	u32 wanted = NL_CONFIG(records_wanted), interest = 0;
	u64 latency_ns = record->outcome == NL_OUTCOME_OK
				 ? record_duration_ns(record)
				 : time_between_ns(record->request_first_ns, record->end_ns);

	if ((wanted & NL_RECORDS_ALL) && latency_ns >= NL_CONFIG(min_record_latency_ns))
		interest |= NL_RECORDS_ALL;
	if (NL_CONFIG(slow_ns)) {
		if (NL_UNLIKELY(f->flags & NL_FLOW_CONNECT))
			latency_ns += f->connect_ns;
		if (NL_UNLIKELY(latency_ns >= NL_CONFIG(slow_ns)))
			interest |= NL_RECORDS_SLOW;
	}
	if (NL_CONFIG(failed) && NL_UNLIKELY(record_is_failed(record)))
		interest |= NL_RECORDS_FAILED;
	if (head_is_sample() && NL_UNLIKELY(record->head_bytes))
		interest |= NL_RECORDS_SAMPLED;
	return interest;
}

/* What comes after the last new byte of the first transaction of f, which is over for `reason`. */
NL_STEP int observe_tail(struct nl_flow *f, struct nl_work *work, u32 reason)
{
	u64 from_ns;

	if (!f || !work)
		return 0;
	from_ns = f->stream[NL_CLIENT].last_ns;
	if (from_ns < f->stream[NL_SERVER].last_ns)
		from_ns = f->stream[NL_SERVER].last_ns;
	parts_tail(f, reason, from_ns, work->now_ns);
	return 0;
}

/*
 * Parts of the transaction in work->record, which was the first one of f, and its cause: that of
 * any, unless what is slow or failed was said.
 */
NL_STEP int observe_parts(struct nl_flow *f, struct nl_work *work, u32 interest)
{
	bool said = NL_CONFIG(slow_ns) || NL_CONFIG(failed);

	if (!f || !work)
		return 0;
	parts_close(f, &work->record);
	work->record.cause = NL_CAUSE_none;
	if (!said || (interest & (NL_RECORDS_SLOW | NL_RECORDS_FAILED)))
		work->record.cause = (u8)parts_cause(f, &work->record);
	return 0;
}

/* What the transaction in work->record, the first one of f, is to the statistics beside its times.
 */
NL_STEP int observe_note(struct nl_flow *f, struct nl_work *work, u32 interest)
{
	struct nl_stats *stats;

	if (!f || !work)
		return 0;
	stats = f->row ? seam_stats(f) : NULL;
	if (stats && (f->flags & NL_FLOW_CONNECT))
		stats_handshake(stats, f);
	if (stats && (interest & (NL_RECORDS_SLOW | NL_RECORDS_FAILED)))
		stats_cause(stats, work->record.cause);
	f->flags &= (u16) ~(NL_FLOW_TIMED | NL_FLOW_CONNECT);
	return 0;
}

/* `role` has reset the connection of f. */
NL_STEP int observe_reset(struct nl_flow *f, u32 role)
{
	struct nl_stats *stats;

	if (!f || !f->row)
		return 0;
	stats = seam_stats(f);
	if (stats)
		stats_add(role == NL_CLIENT ? &stats->client_resets : &stats->server_resets, 1,
			  true);
	return 0;
}

/*
 * Offer work->record, of the first transaction of f, which is over; the excerpt of its request's
 * head lies at head_offset.
 */
NL_STEP int observe_emit(struct nl_flow *f, struct nl_work *work, struct nl_counters *counters,
			 u32 head_offset)
{
	struct nl_record *record;
	u32 bytes;

	if (!f || !work || !counters)
		return 0;
	record = &work->record;
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
	record->slot = work->slot;
	record->copy = f->copy;
	record->handshake_copy = (u64)f->handshake_ring << NL_COPY_RING_SHIFT | (u64)f->handshake_at
											<< 3;
	record->ifindex = f->ifindex[NL_CLIENT];
	observe_copy_head(work, head_offset & (NL_HEAD_BYTES_MAX - 1));
	bytes = record->head_bytes;
	NL_OPAQUE(bytes);
	if (bytes > NL_HEAD_BYTES_MAX)
		bytes = NL_HEAD_BYTES_MAX;
	observe_count(counters, NL_COUNT_records);
	if (seam_emit(record, NL_RECORD_FIXED_BYTES + bytes))
		observe_count(counters, NL_COUNT_record_ring_full);
	return 0;
}

/*
 * The first pending request of f is over: count it, and offer its record.
 * how: enum nl_outcome << 8 | enum nl_end_reason. shared: see stats.h.
 */
NL_CORE void observe_finish_here(struct nl_flow *f, struct nl_work *work,
				 struct nl_counters *counters, u32 how, bool shared)
{
	struct nl_record *record = &work->record;
	struct nl_series *series;
	struct nl_stats *stats;
	u32 head_offset, interest, number;

	if (!f->pending_count)
		return;
	if (NL_UNLIKELY(how >> 8 != NL_OUTCOME_OK))
		observe_tail(f, work, how & 0xff);
	txn_finish_first(f, (how >> 8) & 0xff, how & 0xff, work->now_ns, record, counters,
			 &head_offset);
	stats = f->row ? seam_stats(f) : NULL; /* it has one since its first request */
	if (stats)
		stats_record(stats, record, shared);
	if (stats && NL_LIKELY(series_has(record))) {
		number = series_recall(stats, record);
		if (NL_UNLIKELY(!number))
			number = (u32)observe_series(f, work);
		series = seam_series(number);
		if (series)
			series_record(series, record, shared || NL_CONFIG(series_shared));
	}
	interest = observe_interest(f, record);
	if (NL_UNLIKELY(interest))
		observe_parts(f, work, interest);
	if (NL_UNLIKELY(f->flags & (NL_FLOW_TIMED | NL_FLOW_CONNECT)))
		observe_note(f, work, interest);
	if (interest & NL_CONFIG(records_wanted))
		observe_emit(f, work, counters, head_offset);
	if (head_is_sample() && NL_UNLIKELY(record->head_bytes))
		head_give_back(work->slot);
}

/*
 * The same, checked by the verifier once for all who call it. A sweep does, which a packet
 * may interrupt on its CPU: so additions are atomic here.
 */
NL_STEP int observe_finish(struct nl_flow *f, struct nl_work *work, struct nl_counters *counters,
			   u32 how)
{
	if (f && work && counters)
		observe_finish_here(f, work, counters, how, true);
	return 0;
}

NL_CORE u32 observe_how(u32 finish)
{
	if (finish == TXN_FINISH_MISSING)
		return NL_OUTCOME_UNANSWERED << 8 | NL_END_gap;
	return NL_OUTCOME_OK << 8;
}

/* The response under way is complete, whether or not it answers a request. */
NL_STEP int observe_finish_response(struct nl_flow *f, struct nl_work *work,
				    struct nl_counters *counters)
{
	if (f && work && counters && txn_response_end(f, counters) == TXN_FINISH_OK)
		observe_finish(f, work, counters, NL_OUTCOME_OK << 8);
	return 0;
}

/* A response that is complete but for holes: nothing will fill them any more. */
NL_CORE void observe_stop_waiting(struct nl_flow *f, struct nl_work *work,
				  struct nl_counters *counters)
{
	const struct nl_stream *s = &f->stream[NL_SERVER];

	if ((s->flags & NL_STREAM_OPEN) && s->mode == NL_MODE_BODY_LENGTH && !s->remaining_bytes)
		observe_finish_response(f, work, counters);
}

/*
 * Stream s of f waited for a hole in its framing, which stays: take in what passed behind
 * it by count, and look for a new start.
 */
NL_CORE void observe_lose_ahead(struct nl_flow *f, struct nl_stream *s,
				struct nl_counters *counters)
{
	observe_count(counters, NL_COUNT_gaps);
	s->bytes += s->ahead_end - s->next_seq;
	s->next_seq = s->ahead_end;
	stream_lose(s, NL_GRADE_gap);
	f->flags |= NL_FLOW_LOST;
}

/* A part of the head of a final response: then the response to the first request has begun. */
NL_CORE void observe_partial_response(struct nl_flow *f, struct nl_counters *counters)
{
	struct nl_stream *s = &f->stream[NL_SERVER];

	if ((s->flags & NL_STREAM_OPEN) || !s->bytes || !f->pending_count)
		return;
	if (!txn_may_answer(s, txn_pending(f, 0))) {
		txn_orphan_lost(f, counters);
		return;
	}
	if (s->mode == NL_MODE_START)
		s->code = 0; /* not known yet */
	if ((s->mode == NL_MODE_START || s->mode == NL_MODE_FIELDS) &&
	    (s->code < 100 || s->code > 199))
		s->flags |= NL_STREAM_OPEN;
}

/* How the first pending request of f ends, where all end for `reason`; as observe_finish(). */
NL_STEP int observe_end_how(const struct nl_flow *f, u32 reason)
{
	u32 outcome = NL_OUTCOME_UNANSWERED, why = reason, flags;

	if (!f)
		return 0;
	flags = f->stream[NL_SERVER].flags;
	if (flags & NL_STREAM_OPEN)
		outcome = NL_OUTCOME_ABORTED;
	else if (reason == NL_END_server_reset && (flags & NL_STREAM_CLOSED))
		why = NL_END_after_server_fin;
	if (reason == NL_END_evicted)
		outcome = NL_OUTCOME_EVICTED;
	if (reason == NL_END_observation_over)
		outcome = NL_OUTCOME_IN_FLIGHT;
	return (int)(outcome << 8 | why);
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
	/* What may follow of it behind the server's FIN is no head of its own. */
	if (c->bytes && (c->mode == NL_MODE_START || c->mode == NL_MODE_FIELDS)) {
		observe_count(counters, NL_COUNT_partial_heads);
		c->bytes = 0;
		stream_lose(c, NL_GRADE_gap);
	}
	if (NL_UNLIKELY(stream_has_ahead(s))) {
		if (f->pending_count)
			txn_pending(f, 0)->grade |= NL_GRADE_gap;
		observe_lose_ahead(f, s, counters);
	}
	observe_partial_response(f, counters);
	/* A body delimited by the connection's end is whole at its FIN, which is its end
	 * (RFC 9112, 6.3, rule 8); one whose framing was lost has had its end by then. */
	if ((s->flags & NL_STREAM_OPEN) &&
	    (reason == NL_END_server_closed || reason == NL_END_client_closed) &&
	    (s->mode == NL_MODE_BODY_CLOSE || s->mode == NL_MODE_RESYNC)) {
		if (s->mode == NL_MODE_BODY_CLOSE || (s->grade & NL_GRADE_malformed))
			s->last_ns = work->now_ns;
		observe_finish_response(f, work, counters);
	}
	observe_stop_waiting(f, work, counters);
	if (f->flags & NL_FLOW_ORPHAN)
		txn_orphan_lost(f, counters);
	for (int i = 0; i < NL_PENDING_MAX; i++) {
		if (!f->pending_count)
			break;
		observe_finish(f, work, counters, (u32)observe_end_how(f, reason));
	}
	f->overflow_requests = 0;
	f->owed_responses = 0;
	f->flags &= ~(NL_FLOW_OVERFLOW | NL_FLOW_OWED);
	return 0;
}

#endif
