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

/* Gaps of less than this are charged by their phase alone: 1 to 2 ms. */
#define NL_GAP_TICKS 2

/* With less than this under way a sender need not wait for the network: a new
 * connection may send ten segments at once (RFC 6928). */
#define NL_FLIGHT_BYTES (9 * 1448)

/* ACKs for two segments or more are not delayed (RFC 5681, 4.2). */
#define NL_ACK_PROMPT_BYTES (2 * 1448)

/* A window that takes no whole segment is as good as shut (RFC 9293, 3.8.6.2.1). */
#define NL_WINDOW_MIN_BYTES 1448

/* After this long it was not for the duplicate ACK that bytes were sent again. */
#define NL_RESEND_FAST_NS 200000000ULL

/* The clock of TCP timestamps, and how far apart two readings of it may be for nothing. */
#define NL_CLOCK_TICK_NS 1000000ULL
#define NL_CLOCK_SLACK_NS (2 * NL_CLOCK_TICK_NS)

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

NL_CORE void parts_charge(struct nl_flow *f, u32 phase, u32 part, u64 ns)
{
	parts_begin(f);
	if (phase < NL_PHASE_COUNT && part < NL_PART_COUNT) {
		f->timing.part_ns[part] += ns;
		f->timing.charged_ns[phase] += ns;
	}
}

/* From now on it is the bytes of `role` that the ACKs are about. */
NL_CORE void parts_turn(struct nl_timing *t, u32 role)
{
	if (t->sender == role && (t->flags & NL_TIMING_ACKED))
		return;
	t->sender = (u8)role;
	t->flags &= (u8) ~(NL_TIMING_ACKED | NL_TIMING_ZERO);
	t->drained_ns = t->duplicate_ns = t->shut_ns = t->opened_ns = 0;
}

/* Whether bytes of `role` that pass at now_ns, not for the first time, do so for duplicate ACKs. */
NL_CORE bool parts_is_prompt(const struct nl_timing *t, u32 role, u64 now_ns)
{
	return t->sender == role && (t->flags & NL_TIMING_ACKED) && t->duplicate_ns &&
	       now_ns - t->duplicate_ns < NL_RESEND_FAST_NS;
}

/* Where in the message that begins at begin_seq the packet's payload lies. */
NL_CORE u32 parts_offset(const struct nl_packet *packet, u32 begin_seq)
{
	s32 offset = seq_diff(packet->seq, begin_seq);

	return offset > 0 ? (u32)offset : 0;
}

/* Bytes of the message of `role` that is under way, or waits for its answer, seen so far. */
NL_CORE u32 parts_message_bytes(const struct nl_flow *f, u32 role)
{
	u64 bytes = f->stream[role & 1].bytes;

	if (role == NL_CLIENT && !bytes && f->pending_count)
		bytes = f->pending[f->pending_first & (NL_PENDING_MAX - 1)].bytes;
	return (u32)min_u64(bytes, 0x7fffffff);
}

/* Whether an ACK without payload said that the bytes of `role` before `seq` had arrived. */
NL_CORE bool parts_is_acked(const struct nl_flow *f, u32 role, u32 seq)
{
	const struct nl_timing *t = &f->timing;

	return t->sender == role && (t->flags & NL_TIMING_ACKED) &&
	       seq_diff(t->acked_seq, seq) >= 0;
}

/* Bytes of `role` passed again. */
NL_CORE void parts_resent(struct nl_flow *f, const struct nl_packet *packet, u32 role, u64 now_ns)
{
	const struct nl_stream *x = &f->stream[role & 1];
	u32 begin_seq = x->next_seq - parts_message_bytes(f, role);
	struct nl_timing *t = &f->timing;

	if (seq_diff(packet->seq + packet->payload_bytes, begin_seq) <= 0)
		return; /* of an earlier message, for which this one did not wait */
	if (parts_is_acked(f, role, packet->seq + packet->payload_bytes))
		return; /* the other end has them: nothing waited for them */
	t->flags &= (u8)~NL_TIMING_PROMPT;
	if (parts_is_prompt(t, role, now_ns))
		t->flags |= NL_TIMING_PROMPT;
	t->resent_ns = now_ns;
	t->resent_role = (u8)role;
	t->resent_offset = parts_offset(packet, begin_seq);
	f->flags |= NL_FLOW_RESENT;
}

/* For `ns` nothing moved, for the loss of a segment of `role` at `offset` of its message. */
NL_CORE void parts_stall(struct nl_flow *f, u32 phase, u32 role, u32 offset, bool prompt, u64 ns)
{
	struct nl_timing *t = &f->timing;

	parts_charge(f, phase, prompt ? NL_PART_fast_retransmit : NL_PART_timer_retransmit, ns);
	if (ns > t->longest_stall_ns) {
		t->longest_stall_ns = ns;
		t->stall_offset = offset;
		t->stall_role = (u8)role;
	}
}

/* A packet of stream x passes. */
NL_CORE void parts_number(struct nl_stream *x, const struct nl_packet *packet, u32 segments)
{
	u8 state = NL_IP_ID_UNKNOWN;

	if (packet->has_ip_id && segments)
		state = x->ip_id_state && packet->ip_id == x->ip_id_next ? NL_IP_ID_COUNTED
									 : NL_IP_ID_SEEN;
	x->ip_id_next = (u16)(packet->ip_id + segments);
	x->ip_id_state = state;
}

/* More than this are not lost one after the other: then the numbers are others. */
#define NL_IP_ID_LOST_MAX 8

/*
 * Whether the numbers say that the sender of stream x sent something before the packet at
 * hand that did not pass here.
 */
NL_CORE bool parts_is_missing(const struct nl_stream *x, const struct nl_packet *packet)
{
	u16 missing = packet->ip_id - x->ip_id_next;

	/* What is missing in a hole was in the same row, and is yet to come. */
	return x->ip_id_state == NL_IP_ID_COUNTED && packet->has_ip_id && missing &&
	       missing <= NL_IP_ID_LOST_MAX && !x->hole_bytes && !stream_has_ahead(x);
}

/*
 * Whether all packets of `role` since its latest segment in this transaction were looked at, so
 * that a number that is missing is that of one lost: ACKs are not, where nothing is under way.
 */
NL_CORE bool parts_is_followed(const struct nl_flow *f, u32 phase, u32 role, u64 from_ns)
{
	if (phase == NL_PHASE_WAIT)
		return role == NL_SERVER && f->timing.sender == NL_CLIENT &&
		       (f->timing.flags & NL_TIMING_ACKED) && f->timing.acked_ns >= from_ns;
	return (phase == NL_PHASE_RESPONSE) == (role == NL_SERVER);
}

/*
 * The part of a gap from from_ns to to_ns in which nothing moved for a loss: until bytes
 * passed again, or for the first time where they had been lost before here (`fills`, in
 * the segment at hand of `role`). Returns the time from which on it went on.
 */
NL_CORE u64 parts_losses(struct nl_flow *f, const struct nl_packet *packet, u32 phase, u32 role,
			 u64 from_ns, u64 to_ns, bool fills)
{
	const struct nl_stream *x = &f->stream[role & 1];
	struct nl_timing *t = &f->timing;
	u64 until_ns = f->flags & NL_FLOW_RESENT ? t->resent_ns : 0;

	f->flags &= (u16)~NL_FLOW_RESENT;
	if (fills) {
		parts_stall(f, phase, role, parts_offset(packet, x->next_seq - (u32)x->bytes),
			    parts_is_prompt(t, role, to_ns), to_ns - from_ns);
		return to_ns;
	}
	if (until_ns > to_ns)
		until_ns = 0;
	/* It was sent again, as it was lost before it passed here. */
	if (until_ns <= from_ns && parts_is_missing(x, packet) &&
	    parts_is_followed(f, phase, role, from_ns)) {
		parts_stall(f, phase, role, parts_offset(packet, x->next_seq - (u32)x->bytes),
			    parts_is_prompt(t, role, to_ns), to_ns - from_ns);
		return to_ns;
	}
	if (until_ns <= from_ns)
		return from_ns;
	parts_stall(f, phase, t->resent_role, t->resent_offset, t->flags & NL_TIMING_PROMPT,
		    until_ns - from_ns);
	return until_ns;
}

/*
 * For how much longer than the quickest a segment of `role` was on its way here, by its
 * sender's clock: that went on by `value` minus what it was. ~0: not known.
 */
NL_CORE u64 parts_queued_ns(struct nl_timing *t, u32 role, u32 value, u64 now_ns)
{
	u64 then_ns = t->clock_ns[role & 1], elapsed_ns = now_ns - then_ns, sender_ns;
	bool known = t->flags & NL_TIMING_CLOCK << (role & 1);

	if (known && now_ns >= then_ns) {
		sender_ns = (u64)(value - t->clock_value[role & 1]) * NL_CLOCK_TICK_NS;
		/* Two clocks go apart by some ten microseconds a second. */
		elapsed_ns -= elapsed_ns >> 12;
		if (sender_ns <= elapsed_ns)
			return elapsed_ns - sender_ns;
	}
	t->clock_value[role & 1] = value;
	t->clock_ns[role & 1] = now_ns;
	t->flags |= (u8)(NL_TIMING_CLOCK << (role & 1));
	return known ? 0 : ~0ULL;
}

/*
 * The receiver of the bytes of `role` would not take more in some of the time between
 * from_ns and to_ns. Returns whether.
 */
NL_CORE bool parts_shut(struct nl_flow *f, u32 phase, u32 role, u64 from_ns, u64 to_ns)
{
	struct nl_timing *t = &f->timing;
	u32 part = NL_PART_server;

	if (t->sender != role || !(t->flags & NL_TIMING_ACKED))
		return false;
	/* Over by now; or of an earlier transaction, and opened by an ACK with payload since. */
	if ((t->opened_ns && t->opened_ns <= from_ns) || t->shut_ns < parts_first_ns(f))
		t->shut_ns = t->opened_ns = 0;
	if (!t->shut_ns)
		return false;
	if (from_ns < t->shut_ns)
		from_ns = t->shut_ns;
	if (t->opened_ns && to_ns > t->opened_ns)
		to_ns = t->opened_ns;
	if (t->opened_ns)
		t->shut_ns = t->opened_ns = 0;
	if (role == NL_SERVER)
		part = t->flags & NL_TIMING_ZERO ? NL_PART_zero_window : NL_PART_client;
	if (to_ns > from_ns)
		parts_charge(f, phase, part, to_ns - from_ns);
	return true;
}

/*
 * A gap within a message, up to a segment of its sender `role` that was queued on the
 * way for queued_ns: who kept the sender from sending it earlier?
 */
NL_CORE void parts_blame(struct nl_flow *f, u32 phase, u32 role, u64 from_ns, u64 to_ns,
			 u64 queued_ns)
{
	const struct nl_stream *x = &f->stream[role & 1];
	struct nl_timing *t = &f->timing;
	u32 under_way = (u32)min_u64(x->bytes, 0xffffffff), rtt_ns;

	if (parts_shut(f, phase, role, from_ns, to_ns))
		return;
	if (queued_ns == ~0ULL || queued_ns + NL_CLOCK_SLACK_NS >= to_ns - from_ns)
		return; /* it was under way all the time, for all that is known */
	if (t->sender == role && (t->flags & NL_TIMING_ACKED))
		under_way = min_u32(under_way, x->next_seq - t->acked_seq);
	if (!under_way) {
		/* It had to hear of that first. */
		rtt_ns = role == NL_SERVER ? f->server_rtt_ns : f->client_rtt_ns;
		if (from_ns < t->acked_ns + rtt_ns)
			from_ns = t->acked_ns + rtt_ns;
	} else if (under_way >= NL_FLIGHT_BYTES || t->longest_stall_ns) {
		return;
	}
	to_ns -= queued_ns;
	if (to_ns > from_ns)
		parts_charge(f, phase, role == NL_SERVER ? NL_PART_server : NL_PART_client,
			     to_ns - from_ns);
}

/* A gap from from_ns to to_ns, which the segment at hand of `role` ends; fills: see parts_losses().
 */
NL_CORE void parts_gap(struct nl_flow *f, const struct nl_packet *packet, u32 role, u64 from_ns,
		       u64 to_ns, u64 queued_ns, bool fills)
{
	u32 phase = parts_phase(f);

	if (phase == NL_PHASE_NONE || from_ns >= to_ns)
		return;
	from_ns = parts_losses(f, packet, phase, role, from_ns, to_ns, fills);
	if (from_ns >= to_ns)
		return;
	if (phase == NL_PHASE_WAIT) {
		u64 drained_ns = f->timing.drained_ns;

		if (role == NL_CLIENT)
			return;
		if (f->timing.sender == NL_CLIENT && drained_ns > from_ns && drained_ns < to_ns) {
			parts_charge(f, phase, NL_PART_upload, drained_ns - from_ns);
			from_ns = drained_ns;
		}
		if (queued_ns != ~0ULL && queued_ns > NL_CLOCK_SLACK_NS)
			parts_charge(f, phase, NL_PART_network,
				     min_u64(queued_ns, to_ns - from_ns));
	} else if (phase == NL_PHASE_REQUEST && role == NL_SERVER) {
		/* An interim response, which the client may have waited for. */
		parts_charge(f, phase, NL_PART_server, to_ns - from_ns);
	} else if ((phase == NL_PHASE_REQUEST) == (role == NL_CLIENT)) {
		parts_blame(f, phase, role, from_ns, to_ns, queued_ns);
	}
}

/*
 * What comes after the last new byte of a transaction that did not complete: from from_ns
 * until it was known to be over at to_ns, for `reason`.
 */
NL_CORE void parts_tail(struct nl_flow *f, u32 reason, u64 from_ns, u64 to_ns)
{
	u32 phase = parts_phase(f), part = NL_PART_server;
	struct nl_timing *t = &f->timing;
	u64 opened_ns;

	if (phase == NL_PHASE_NONE || from_ns >= to_ns)
		return;
	if ((f->flags & NL_FLOW_RESENT) && t->resent_ns > from_ns && t->resent_ns <= to_ns) {
		parts_stall(f, phase, t->resent_role, t->resent_offset, t->flags & NL_TIMING_PROMPT,
			    t->resent_ns - from_ns);
		from_ns = t->resent_ns;
		/* Nobody ever had them: a timer would have sent them once more. */
		if (!parts_is_acked(f, t->resent_role, f->stream[t->resent_role & 1].next_seq))
			part = NL_PART_timer_retransmit;
	}
	f->flags &= (u16)~NL_FLOW_RESENT;
	/* A window that was shut until the end, or for some of the time. */
	opened_ns = t->opened_ns;
	if (phase != NL_PHASE_WAIT &&
	    parts_shut(f, phase, phase == NL_PHASE_RESPONSE ? NL_SERVER : NL_CLIENT, from_ns,
		       to_ns)) {
		if (!opened_ns || opened_ns >= to_ns)
			return;
		from_ns = opened_ns;
	}
	if (part == NL_PART_server &&
	    (phase == NL_PHASE_REQUEST ||
	     (phase == NL_PHASE_RESPONSE && reason == NL_END_client_reset)))
		part = NL_PART_client;
	parts_charge(f, phase, part, to_ns - from_ns);
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

/* The window for the bytes of t->sender, as just announced. */
NL_CORE void parts_window(struct nl_timing *t, u64 now_ns)
{
	/* Unshifted, a small number may be a large window. */
	bool shut = t->window_bytes < (t->flags & NL_TIMING_SHIFT ? NL_WINDOW_MIN_BYTES : 1u);

	if (!shut) {
		if (t->shut_ns && !t->opened_ns)
			t->opened_ns = now_ns;
		return;
	}
	if (!t->shut_ns) {
		t->shut_ns = now_ns;
		t->flags &= (u8)~NL_TIMING_ZERO;
	}
	t->opened_ns = 0;
	if (!t->window_bytes)
		t->flags |= NL_TIMING_ZERO;
}

/* The round trip between here and `role`, by an ACK of its; it may delay one, so the least counts.
 */
NL_CORE void parts_trip(struct nl_flow *f, u32 role, u64 trip_ns)
{
	u32 *rtt_ns = role == NL_SERVER ? &f->server_rtt_ns : &f->client_rtt_ns;

	if (trip_ns < 0xffffffff && (!*rtt_ns || trip_ns < *rtt_ns))
		*rtt_ns = (u32)trip_ns;
}

/*
 * An ACK without payload from `role`, while a transaction is under way: what it says of
 * the other side's bytes, if it is that side's turn.
 */
NL_CORE void parts_ack(struct nl_flow *f, const struct nl_packet *packet, u32 role, u64 now_ns)
{
	const struct nl_stream *x = &f->stream[(role & 1) ^ 1];
	struct nl_timing *t = &f->timing;
	u32 phase = parts_phase(f), ack = packet->ack, window_bytes = packet->window;
	bool answers = phase == NL_PHASE_RESPONSE || stream_has_ahead(&f->stream[NL_SERVER]);

	if (phase == NL_PHASE_NONE || answers != (role == NL_CLIENT))
		return;
	parts_turn(t, role ^ 1);
	if (t->flags & NL_TIMING_SHIFT)
		window_bytes <<= t->window_shift[role & 1] & 15;
	if ((t->flags & NL_TIMING_ACKED) && seq_diff(ack, t->acked_seq) < 0)
		return; /* overtaken */
	if (!(t->flags & NL_TIMING_ACKED) || ack != t->acked_seq) {
		/* Of this message: earlier ones may have been acknowledged with payload. */
		u32 advanced = ack - (x->next_seq - parts_message_bytes(f, role ^ 1));

		if (t->flags & NL_TIMING_ACKED)
			advanced = min_u32(advanced, ack - t->acked_seq);
		t->flags |= NL_TIMING_ACKED;
		t->acked_seq = ack;
		t->acked_ns = now_ns;
		if (role == NL_SERVER && (advanced >= NL_ACK_PROMPT_BYTES ||
					  seq_diff(x->next_seq, ack) >= NL_ACK_PROMPT_BYTES))
			t->drained_ns = now_ns;
		/* Of what was sent twice, or passed ahead, it cannot be told which is answered
		 * (RFC 6298, 3). */
		if (ack == x->next_seq && now_ns > x->last_ns && !stream_has_ahead(x) &&
		    !(f->flags & NL_FLOW_RESENT))
			parts_trip(f, role, now_ns - x->last_ns);
	} else if ((ack != x->next_seq || stream_has_ahead(x)) &&
		   (window_bytes <= t->window_bytes || packet->tcp_header_bytes > 32)) {
		t->duplicate_ns = now_ns;
	}
	t->window_bytes = window_bytes;
	parts_window(t, now_ns);
}

#endif
