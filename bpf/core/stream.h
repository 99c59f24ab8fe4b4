/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stream.h - which bytes of a segment are new (RFC 9293, 3.4), and what a hole means.
 *
 * Nothing is buffered. Inside a body only the count matters, so a hole there is
 * passed by its sequence numbers and may be filled later or never. A hole that
 * touches a head or a chunk-size line is waited for: what follows it is noted as
 * one range "ahead", taken in by count once the hole is filled, or the reason to
 * look for a new start of a message once it is known to stay.
 */
#ifndef NETLAT_CORE_STREAM_H
#define NETLAT_CORE_STREAM_H

#include "flow.h"

enum stream_verdict {
	STREAM_NEW,   /* has new bytes; those before *skip_bytes are old */
	STREAM_OLD,   /* all of it passed before */
	STREAM_FILL,  /* all of it lies in a hole that was passed by count */
	STREAM_AHEAD, /* behind a hole that may yet be filled */
	STREAM_LOST,  /* behind a hole that will not: framing is lost, look at it for a start */
};

/* Signed distance from sequence number b to a, modulo 2^32 (RFC 1982). */
NL_CORE s32 seq_diff(u32 a, u32 b)
{
	return (s32)(a - b);
}

/* Whether a lies so near to b that a window of any use may hold both: 64 MB. */
NL_CORE bool seq_is_near(u32 a, u32 b)
{
	return a - b + (1u << 26) < 1u << 27;
}

/* Whether the next `count` bytes can be taken in unseen. */
NL_CORE bool stream_can_skip(const struct nl_stream *s, u32 count)
{
	switch (s->mode) {
	case NL_MODE_BODY_LENGTH:
	case NL_MODE_CHUNK_DATA:
		return s->remaining_bytes >= count;
	case NL_MODE_BODY_CLOSE:
	case NL_MODE_TUNNEL:
	case NL_MODE_RESYNC:
		return true;
	default:
		return false;
	}
}

/* Take in `count` bytes without looking at them; only after stream_can_skip(). */
NL_CORE void stream_skip(struct nl_stream *s, u32 count)
{
	if (s->mode == NL_MODE_BODY_LENGTH || s->mode == NL_MODE_CHUNK_DATA)
		s->remaining_bytes -= count;
	s->next_seq += count;
	s->bytes += count;
}

NL_CORE bool stream_has_ahead(const struct nl_stream *s)
{
	return s->ahead_seq != s->ahead_end;
}

/* Forget framing for the reason `grade`; the message at hand, if any, is left to turn-taking. */
NL_CORE void stream_lose(struct nl_stream *s, u32 grade)
{
	s->mode = NL_MODE_RESYNC;
	s->carry_bytes = 0;
	s->flags &= ~NL_STREAM_LINE_TAIL;
	s->ahead_seq = s->ahead_end = 0;
	s->grade |= (u8)grade;
}

/* Pass over `count` bytes of a body as a hole. */
NL_CORE void stream_skip_hole(struct nl_stream *s, u32 count)
{
	u32 sum = s->hole_bytes + count;

	if (s->hole_bytes == 0)
		s->hole_seq = s->next_seq;
	s->hole_bytes = sum < count ? 0xffffffff : sum; /* 4 GB of holes, and beyond */
	stream_skip(s, count);
}

NL_CORE enum stream_verdict stream_hole(struct nl_stream *s, u32 seq, u32 length)
{
	u32 missing = seq - s->next_seq;

	if (stream_can_skip(s, missing)) {
		if (s->mode != NL_MODE_RESYNC && s->mode != NL_MODE_TUNNEL)
			stream_skip_hole(s, missing);
		else
			stream_skip(s, missing);
		return STREAM_NEW;
	}
	if (!stream_has_ahead(s)) {
		s->ahead_seq = seq;
		s->ahead_end = seq + length;
		return STREAM_AHEAD;
	}
	if (seq_diff(seq, s->ahead_seq) >= 0 && seq_diff(seq, s->ahead_end) <= 0) {
		if (seq_diff(seq + length, s->ahead_end) > 0)
			s->ahead_end = seq + length;
		return STREAM_AHEAD;
	}
	if (seq + length == s->ahead_seq) {
		s->ahead_seq = seq;
		return STREAM_AHEAD;
	}
	return STREAM_LOST;
}

/*
 * `length` late bytes from seq on: whether they fill a hole. Holes are known by the start of
 * the first and the sum of all, so a repetition of what lies between two may pass for the
 * second's.
 */
NL_CORE bool stream_fill(struct nl_stream *s, u32 seq, u32 length)
{
	if (seq_diff(seq, s->hole_seq) < 0) {
		u32 before = s->hole_seq - seq;

		if (before >= length)
			return false;
		seq += before;
		length -= before;
	}
	if (seq == s->hole_seq)
		s->hole_seq = seq + length;
	s->hole_bytes -= min_u32(length, s->hole_bytes);
	s->grade |= NL_GRADE_reordered;
	return true;
}

/*
 * Judge a segment of `length` > 0 payload bytes at sequence number seq.
 * On STREAM_NEW, *ret_skip_bytes (less than length) of it are old.
 */
NL_CORE enum stream_verdict stream_accept(struct nl_stream *s, u32 seq, u32 length,
					  u32 *ret_skip_bytes)
{
	s32 distance;

	if (NL_UNLIKELY(!(s->flags & NL_STREAM_SYNCED))) {
		s->flags |= NL_STREAM_SYNCED;
		s->next_seq = seq;
	}
	distance = seq_diff(seq, s->next_seq);
	if (NL_LIKELY(distance == 0)) {
		*ret_skip_bytes = 0;
		return STREAM_NEW;
	}
	if (distance > 0) {
		enum stream_verdict verdict = stream_hole(s, seq, length);

		if (verdict == STREAM_NEW)
			*ret_skip_bytes = 0;
		return verdict;
	}
	if (0u - (u32)distance < length) {
		*ret_skip_bytes = 0u - (u32)distance;
		if (NL_UNLIKELY(s->hole_bytes))
			stream_fill(s, seq, *ret_skip_bytes);
		return STREAM_NEW;
	}
	return s->hole_bytes && stream_fill(s, seq, length) ? STREAM_FILL : STREAM_OLD;
}

#endif
