/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* finish.h - a transaction that is over: its record, and the counters of its outcome and grades. */
#ifndef NETLAT_CORE_FINISH_H
#define NETLAT_CORE_FINISH_H

#include "txn.h"

/* Count a transaction by its grades. The clean ones are the others: metrics_count_clean(). */
NL_CORE void txn_count_grade(u32 grade, struct nl_counters *counters)
{
	if (NL_LIKELY(!grade))
		return;
	counters->count[NL_COUNT_graded]++;
#define X(number, name, help) counters->count[NL_COUNT_GRADES + number] += (grade >> number) & 1;
	NL_GRADES(X)
#undef X
}

/* What a record says of its request, the first that is pending. */
NL_CORE void txn_record_request(struct nl_flow *f, struct nl_record *record)
{
	const struct nl_pending *p = txn_pending(f, 0);
	u32 index = f->pending_first & (NL_PENDING_MAX - 1);

	record->request_first_ns = p->first_ns;
	record->request_last_ns = p->last_ns;
	record->request_bytes = p->bytes;
	if (NL_UNLIKELY(f->request_open == index + 1)) {
		record->request_bytes = f->stream[NL_CLIENT].bytes;
		f->request_open = 0;
	}
	record->method = p->method;
	record->request_version = p->version;
	record->retransmits = p->retransmits;
	record->head_bytes = p->head_bytes;
	record->interim_responses = 0;
	__builtin_memset(record->interim, 0, sizeof(record->interim));
	if (NL_UNLIKELY(f->flags & NL_FLOW_INTERIM)) {
		record->interim_responses = f->interim_responses;
		__builtin_memcpy(record->interim, f->interim, sizeof(record->interim));
		f->interim_responses = 0;
		f->flags &= ~NL_FLOW_INTERIM;
	}
}

/* What it says of its response, which is what the server's stream holds. Returns its grade. */
NL_CORE u32 txn_record_response(struct nl_flow *f, struct nl_record *record)
{
	struct nl_stream *s = &f->stream[NL_SERVER];
	u32 grade = s->grade;

	record->idle_ns = 0;
	record->response_first_ns = s->first_ns;
	record->response_last_ns = s->last_ns;
	record->response_bytes = s->bytes;
	record->status = s->code;
	record->retransmits += f->response_retransmits;
	f->response_retransmits = 0;
	if (!record->request_last_ns || record->request_last_ns > s->first_ns)
		grade |= NL_GRADE_early;
	/* What still comes of a response that stood still for too long is no one's. */
	if (NL_UNLIKELY(record->reason == NL_END_timeout))
		f->flags |= NL_FLOW_ORPHAN;
	else
		txn_message_reset(s);
	return grade;
}

NL_CORE void txn_record_no_response(const struct nl_stream *s, struct nl_record *record)
{
	record->idle_ns = s->last_ns && record->request_first_ns > s->last_ns
				  ? record->request_first_ns - s->last_ns
				  : 0;
	record->response_first_ns = 0;
	record->response_last_ns = 0;
	record->response_bytes = 0;
	record->status = 0;
}

/*
 * Take the first pending request off the queue and write its record, whose
 * response is what the server's stream holds if `outcome` says that there is one.
 * The excerpt of its head is left to the caller: head_bytes at *ret_head_offset.
 */
NL_CORE void txn_finish_first(struct nl_flow *f, enum nl_outcome outcome, enum nl_end_reason reason,
			      u64 now_ns, struct nl_record *record, struct nl_counters *counters,
			      u32 *ret_head_offset)
{
	struct nl_stream *s = &f->stream[NL_SERVER];
	const struct nl_pending *p = txn_pending(f, 0);
	u32 grade = p->grade;

	*ret_head_offset = p->head_offset;
	record->end_ns = now_ns;
	record->outcome = (u8)outcome;
	record->reason = (u8)reason;
	txn_record_request(f, record);
	if (outcome == NL_OUTCOME_OK || outcome == NL_OUTCOME_ABORTED ||
	    (outcome != NL_OUTCOME_UNANSWERED && (s->flags & NL_STREAM_OPEN)))
		grade |= txn_record_response(f, record);
	else
		txn_record_no_response(s, record);
	if (reason == NL_END_gap)
		grade |= NL_GRADE_gap;
	/* Without framing on the server's side nobody knows what was in what passed. */
	if (outcome != NL_OUTCOME_OK && s->mode == NL_MODE_RESYNC)
		grade |= s->grade ? s->grade : NL_GRADE_gap;
	if (NL_UNLIKELY(f->flags & NL_FLOW_MID_STREAM)) {
		grade |= NL_GRADE_mid_stream;
		f->flags &= ~NL_FLOW_MID_STREAM;
	}
	record->grade = (u16)grade;

	txn_count_grade(grade, counters);
	counters->count[outcome == NL_OUTCOME_OK	   ? NL_COUNT_paired
			: outcome == NL_OUTCOME_ABORTED	   ? NL_COUNT_aborted
			: outcome == NL_OUTCOME_EVICTED	   ? NL_COUNT_evicted
			: outcome == NL_OUTCOME_UNANSWERED ? NL_COUNT_unanswered
							   : NL_COUNT_in_flight]++;
	f->pending_count--;
	f->pending_first = f->pending_count ? f->pending_first + 1 : 0;
	if (!f->pending_count && !f->request_head_bytes)
		f->head_used = 0;
}

/* 0 where a capture's clock, or its order, goes backwards. */
NL_CORE u64 time_between_ns(u64 from_ns, u64 to_ns)
{
	return to_ns > from_ns ? to_ns - from_ns : 0;
}

#define NL_HTTP_1_0 0x10
#define NL_HTTP_1_1 0x11

/*
 * The version that a request is counted under. Whatever a client claims, one who speaks HTTP/1 has
 * it served as the highest minor version that there is (RFC 9110, 2.5) or refused: so nobody makes
 * a series of each number that fits into a request line.
 */
NL_CORE u8 record_counted_version(const struct nl_record *record)
{
	return record->request_version < NL_HTTP_1_1 ? NL_HTTP_1_0 : NL_HTTP_1_1;
}

/* Time to first byte and duration of a record whose outcome is not unanswered. */
NL_CORE u64 record_duration_ns(const struct nl_record *record)
{
	return time_between_ns(record->request_first_ns, record->response_last_ns);
}

NL_CORE u64 record_ttfb_ns(const struct nl_record *record)
{
	return time_between_ns(record->request_first_ns, record->response_first_ns);
}

#endif
