/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * gaps.h - the longer gaps between segments with new bytes, once they are over: what kept
 * the sender of the segment at hand from having it here earlier? parts.h has the idea.
 */
#ifndef NETLAT_CORE_GAPS_H
#define NETLAT_CORE_GAPS_H

#include "acks.h"

/* Gaps of less than this are charged by their phase alone: 1 to 2 ms. */
#define NL_GAP_TICKS 2

/* With less than this under way a sender need not wait for the network: a new
 * connection may send ten segments at once (RFC 6928). */
#define NL_FLIGHT_BYTES (9 * 1448)

/* After this long it was not for the duplicate ACK that bytes were sent again. */
#define NL_RESEND_FAST_NS 200000000ULL

/* The clock of TCP timestamps, and how far apart two readings of it may be for nothing. */
#define NL_CLOCK_TICK_NS 1000000ULL
#define NL_CLOCK_SLACK_NS (2 * NL_CLOCK_TICK_NS)

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
 * Who sends no timestamps, as Windows, counts the packets of all connections in one row: there a
 * number is missing whenever another connection had it.
 */
NL_CORE bool parts_is_followed(const struct nl_flow *f, u32 phase, u32 role, u64 from_ns)
{
	if (!(f->timing.flags & NL_TIMING_CLOCK << (role & 1)))
		return false;
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
		/* The server had nothing to lose before it acknowledged the request. */
		if (phase == NL_PHASE_WAIT)
			from_ns = min_u64(t->acked_ns, to_ns);
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
	parts_begin(f);
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
	parts_begin(f);
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

#endif
