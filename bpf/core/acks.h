/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * acks.h - what ACKs without payload say of a transaction under way: what has arrived, how
 * far the ends are, whether a window is shut. Kept for one sender at a time, whose turn it is.
 */
#ifndef NETLAT_CORE_ACKS_H
#define NETLAT_CORE_ACKS_H

#include "parts.h"

/* ACKs for two segments or more are not delayed (RFC 5681, 4.2). */
#define NL_ACK_PROMPT_BYTES (2 * 1448)

/* A window that takes no whole segment is as good as shut (RFC 9293, 3.8.6.2.1). */
#define NL_WINDOW_MIN_BYTES 1448

/* From now on it is the bytes of `role` that the ACKs are about. */
NL_CORE void parts_turn(struct nl_timing *t, u32 role)
{
	if (t->sender == role && (t->flags & NL_TIMING_ACKED))
		return;
	t->sender = (u8)role;
	t->flags &= (u8) ~(NL_TIMING_ACKED | NL_TIMING_ZERO);
	t->drained_ns = t->duplicate_ns = t->shut_ns = t->opened_ns = 0;
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

#endif
