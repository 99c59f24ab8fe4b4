/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* closing.h - the end of a connection: FIN and RST. Needs the seam of observe.h. */
#ifndef NETLAT_CORE_CLOSING_H
#define NETLAT_CORE_CLOSING_H

#include "ending.h"
#include "holes.h"

/* With the role of observe_close(): a hole before the FIN is known to stay. */
#define NL_CLOSE_FORCED 2

/* If everything up to the FIN of stream `role` was taken in: what its end ends. */
NL_STEP int observe_close(nl_source *src, struct nl_flow *f, struct nl_work *work,
			  struct nl_counters *counters, u32 role)
{
	bool forced = role & NL_CLOSE_FORCED;
	struct nl_stream *s, *other;

	if (!src || !f || !work || !counters)
		return 0;
	s = &f->stream[role & 1];
	other = &f->stream[(role & 1) ^ 1];
	if ((s->flags & (NL_STREAM_FIN | NL_STREAM_CLOSED)) != NL_STREAM_FIN)
		return 0;
	/* A hole is waited for, unless the other side has the FIN already. */
	if (seq_diff(s->next_seq, f->timing.fin_seq[role & 1]) < 0) {
		u32 missing = f->timing.fin_seq[role & 1] - s->next_seq;

		if (stream_can_skip(s, missing)) {
			stream_skip_hole(s, missing);
		} else if (forced || (other->flags & NL_STREAM_CLOSED)) {
			observe_count(counters, NL_COUNT_gaps);
			stream_lose(s, NL_GRADE_gap);
		} else {
			return 0;
		}
	}
	s->flags |= NL_STREAM_CLOSED;
	if ((role & 1) == NL_SERVER)
		observe_end_all(src, f, work, counters,
				other->flags & NL_STREAM_CLOSED ? NL_END_client_closed
								: NL_END_server_closed);
	else if (other->flags & NL_STREAM_CLOSED)
		observe_end_all(src, f, work, counters, NL_END_after_server_fin);
	return 0;
}

/* FIN and RST. Returns whether the connection is over. */
NL_STEP int observe_end(nl_source *src, struct nl_flow *f, struct nl_work *work,
			struct nl_counters *counters)
{
	struct nl_stream *s, *other;
	bool has_ack;

	if (!src || !f || !work || !counters)
		return 0;
	s = &f->stream[work->role & 1];
	other = &f->stream[(work->role & 1) ^ 1];
	has_ack = work->packet.tcp_flags & NL_TCP_ACK;
	if ((work->packet.tcp_flags & NL_TCP_RST) && (s->flags & NL_STREAM_SYNCED) &&
	    !seq_is_near(work->packet.seq, s->next_seq))
		return 0; /* no end would take it: RFC 5961, 3.2 */
	/* The client has all of a response whose end was not seen. */
	if (work->role == NL_CLIENT && has_ack && (other->flags & NL_STREAM_OPEN) &&
	    f->pending_count && txn_ended_by_ack(other, work->packet.ack))
		observe_finish_response(f, work, counters);
	if (work->packet.tcp_flags & NL_TCP_RST) {
		observe_reset(f, work->role);
		observe_end_all(src, f, work, counters,
				work->role == NL_CLIENT ? NL_END_client_reset
							: NL_END_server_reset);
		return 1;
	}
	if (work->packet.tcp_flags & NL_TCP_FIN) {
		s->flags |= NL_STREAM_FIN;
		f->timing.fin_seq[work->role & 1] = work->packet.seq + work->packet.payload_bytes;
	}
	if (has_ack && seq_diff(work->packet.ack, f->timing.fin_seq[(work->role & 1) ^ 1]) > 0)
		observe_close(src, f, work, counters, (work->role ^ 1) | NL_CLOSE_FORCED);
	observe_close(src, f, work, counters, work->role);
	return (s->flags & NL_STREAM_CLOSED) && (other->flags & NL_STREAM_CLOSED);
}

#endif
