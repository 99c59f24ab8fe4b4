/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * parts.h - whom the time of a transaction is charged to.
 *
 * The time from the request's first byte to the response's last is cut by the segments
 * that carried new bytes, of either side. What lies between two of them is a gap. A
 * short gap is charged by the phase it lies in: upload, the server, download. A longer
 * one is looked at once it is over: what passed in it without new bytes (bytes that were
 * sent again, acknowledgments, windows that shut and opened) and the sender's clock in
 * its last segment (RFC 7323, 3) tell who kept the other waiting. So the parts sum to
 * the whole, each nanosecond being in one gap and each gap given out once.
 *
 * All this is as seen from here. What was lost before here and sent again before
 * anything else passed leaves no trace, and is the sender's.
 */
#ifndef NETLAT_CORE_PARTS_H
#define NETLAT_CORE_PARTS_H

#include "stream.h"
#include "txn.h"

/* Where what is under way on f is. */
NL_CORE enum nl_phase parts_phase(const struct nl_flow *f)
{
	const struct nl_stream *c = &f->stream[NL_CLIENT], *s = &f->stream[NL_SERVER];
	const struct nl_pending *p = &f->pending[f->pending_first & (NL_PENDING_MAX - 1)];

	if (!f->pending_count)
		return c->bytes && c->mode != NL_MODE_TUNNEL ? NL_PHASE_REQUEST : NL_PHASE_NONE;
	if (f->flags & NL_FLOW_ORPHAN)
		return NL_PHASE_NONE;
	if (s->bytes)
		return NL_PHASE_RESPONSE;
	return p->last_ns ? NL_PHASE_WAIT : NL_PHASE_REQUEST;
}

/* When the first byte of the transaction at hand passed. */
NL_CORE u64 parts_first_ns(const struct nl_flow *f)
{
	if (!f->pending_count)
		return f->stream[NL_CLIENT].first_ns;
	return f->pending[f->pending_first & (NL_PENDING_MAX - 1)].first_ns;
}

/* Nothing is charged yet of the transaction at hand, if nothing was. */
NL_CORE void parts_begin(struct nl_flow *f)
{
	struct nl_timing *t = &f->timing;

	if (f->flags & NL_FLOW_TIMED)
		return;
	f->flags |= NL_FLOW_TIMED;
	for (u32 i = 0; i < NL_PART_COUNT; i++)
		t->part_ns[i] = 0;
	for (u32 i = 0; i < NL_PHASE_COUNT; i++)
		t->charged_ns[i] = 0;
	t->longest_stall_ns = 0;
}

/* After parts_begin(). */
NL_CORE void parts_charge(struct nl_flow *f, u32 phase, u32 part, u64 ns)
{
	if (phase < NL_PHASE_COUNT && part < NL_PART_COUNT) {
		f->timing.part_ns[part] += ns;
		f->timing.charged_ns[phase] += ns;
	}
}

/* Give `ns` of what is left of the whole to a part. Returns what is left then. */
NL_CORE u64 parts_give(struct nl_record *record, u32 part, u64 ns, u64 left_ns)
{
	u64 given_ns = min_u64(ns, left_ns);

	record->part_ns[part] += given_ns;
	return left_ns - given_ns;
}

/* The span of a phase, less what was charged in it already: the phase's alone. */
NL_CORE void parts_rest(struct nl_timing *t, u32 phase, u64 from_ns, u64 to_ns)
{
	u64 span_ns = to_ns - from_ns;

	t->charged_ns[phase] = span_ns - min_u64(span_ns, t->charged_ns[phase]);
}

/*
 * How long the transaction in *record took, and what of each phase nothing was charged for
 * yet (to t->charged_ns).
 */
NL_CORE u64 parts_spans(struct nl_timing *t, const struct nl_record *record)
{
	u64 first_ns = record->request_first_ns, asked_ns = record->request_last_ns;
	u64 began_ns = record->response_first_ns, over_ns = record->end_ns;

	if (record->outcome == NL_OUTCOME_OK)
		over_ns = record->response_last_ns;
	if (over_ns < first_ns) /* a capture's clock, or its order, goes backwards */
		over_ns = first_ns;
	if (!began_ns || began_ns > over_ns)
		began_ns = over_ns;
	if (began_ns < first_ns)
		began_ns = first_ns;
	if (!asked_ns || asked_ns > began_ns)
		asked_ns = began_ns;
	if (asked_ns < first_ns)
		asked_ns = first_ns;
	parts_rest(t, NL_PHASE_REQUEST, first_ns, asked_ns);
	parts_rest(t, NL_PHASE_WAIT, asked_ns, began_ns);
	parts_rest(t, NL_PHASE_RESPONSE, began_ns, over_ns);
	return over_ns - first_ns;
}

/* The parts of the transaction in *record, which is over and was the first one of f. */
NL_CORE void parts_close(struct nl_flow *f, struct nl_record *record)
{
	struct nl_timing *t = &f->timing;
	u64 left_ns, wait_ns;

	parts_begin(f);
	left_ns = parts_spans(t, record);
	for (u32 i = 0; i < NL_PART_COUNT; i++) {
		record->part_ns[i] = 0;
		left_ns = parts_give(record, i, t->part_ns[i], left_ns);
	}
	wait_ns = t->charged_ns[NL_PHASE_WAIT];
	left_ns = parts_give(record, NL_PART_network, min_u64(wait_ns, f->server_rtt_ns), left_ns);
	wait_ns -= min_u64(wait_ns, f->server_rtt_ns);
	left_ns = parts_give(record, NL_PART_server, wait_ns, left_ns);
	left_ns = parts_give(record, NL_PART_upload, t->charged_ns[NL_PHASE_REQUEST], left_ns);
	parts_give(record, NL_PART_download, left_ns, left_ns);

	record->server_rtt_ns = f->server_rtt_ns;
	record->client_rtt_ns = f->client_rtt_ns;
	record->longest_stall_ns =
		min_u64(t->longest_stall_ns, record->part_ns[NL_PART_timer_retransmit] +
						     record->part_ns[NL_PART_fast_retransmit]);
	record->stall_offset = t->stall_offset;
	record->stall_role = t->stall_role;
	record->connect_ns = 0;
	record->syn_retransmits = record->synack_retransmits = 0;
	if (f->flags & NL_FLOW_CONNECT) {
		record->connect_ns = f->connect_ns;
		record->syn_retransmits = f->syn_retransmits;
		record->synack_retransmits = f->synack_retransmits;
	}
}

/* Where most of the time of a record with its parts went. */
NL_CORE enum nl_cause parts_cause(const struct nl_flow *f, const struct nl_record *record)
{
	const u64 *part = record->part_ns;
	u64 loss_ns = part[NL_PART_timer_retransmit] + part[NL_PART_fast_retransmit];
	u64 most_ns = record->connect_ns;
	u32 cause = most_ns ? NL_CAUSE_connect : NL_CAUSE_none;

	/* A SYN-ACK once more behind the request: the server had not taken the connection. */
	if (f->timing.synacks_behind && record->connect_ns && loss_ns) {
		most_ns += loss_ns;
		loss_ns = 0;
		cause = NL_CAUSE_connect;
	}
#define NL_CAUSE_IF_MORE(name, ns)                                                                 \
	if ((ns) > most_ns) {                                                                      \
		most_ns = (ns);                                                                    \
		cause = NL_CAUSE_##name;                                                           \
	}
	NL_CAUSE_IF_MORE(server, part[NL_PART_server])
	NL_CAUSE_IF_MORE(network, part[NL_PART_network])
	NL_CAUSE_IF_MORE(client, part[NL_PART_client] + part[NL_PART_zero_window])
	NL_CAUSE_IF_MORE(loss, loss_ns)
	NL_CAUSE_IF_MORE(upload, part[NL_PART_upload])
	NL_CAUSE_IF_MORE(download, part[NL_PART_download])
#undef NL_CAUSE_IF_MORE
	return cause;
}

#endif
