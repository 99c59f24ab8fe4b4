/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * http1_fields.h - the window of payload that is framed, and the fields in it that say
 * how a message ends: Content-Length and Transfer-Encoding (RFC 9112, 6).
 */
#ifndef NETLAT_CORE_HTTP1_FIELDS_H
#define NETLAT_CORE_HTTP1_FIELDS_H

#include "flow.h"

/*
 * The window: NL_CARRY_BYTES for the end of a line cut by the previous segment,
 * right-aligned, then up to NL_WINDOW_BYTES of payload, then slack so that a word
 * may be loaded at any position. Bytes at and behind `end` are stale: nothing may
 * be decided by them.
 */
#define NL_WINDOW_BYTES 512
#define NL_WINDOW_END (NL_CARRY_BYTES + NL_WINDOW_BYTES)
#define NL_WINDOW_SLACK 72

struct nl_window {
	u8 bytes[NL_WINDOW_END + NL_WINDOW_SLACK];
	u64 zero; /* for NL_WIDEN */
};

/* Take one number of a Content-Length field; a different one before it is malformed. */
NL_CORE void http1_take_length(struct nl_stream *s, u64 value, u32 digits)
{
	/* 18 digits fit into 63 bits; more is no length. */
	if (digits - 1 >= 18 || ((s->head_flags & NL_HEAD_LENGTH) && s->remaining_bytes != value)) {
		s->head_flags |= NL_HEAD_MALFORMED;
		return;
	}
	s->head_flags |= NL_HEAD_LENGTH;
	s->remaining_bytes = value;
}

/* Value of a Content-Length field: digits, or equal numbers in a list (RFC 9110, 8.6). */
NL_CORE void http1_content_length(struct nl_stream *s, const struct nl_window *window, u32 pos,
				  u32 end_of_line)
{
	u32 digits = 0, gap = 0;
	u64 value = 0, zero = window->zero;

	for (int i = 0; i < 40; i++) {
		u32 c, digit;

		if (pos >= end_of_line || pos > NL_WINDOW_END)
			break;
		c = window->bytes[pos];
		pos++;
		digit = c - '0';
		if (digit <= 9) {
			value = value * 10 + digit;
			/* White space inside a number makes it none. */
			digits += 1 + gap;
		} else if (c == ',') {
			http1_take_length(s, value, digits);
			value = 0;
			digits = 0;
			gap = 0;
		} else {
			if (c != ' ' && c != '\t')
				s->head_flags |= NL_HEAD_MALFORMED;
			gap = digits ? 32 : 0;
		}
		NL_WIDEN(pos, zero);
		NL_WIDEN(digits, zero);
		NL_WIDEN(gap, zero);
		NL_WIDEN(value, zero);
	}
	http1_take_length(s, value, digits);
}

/*
 * Value of a Transfer-Encoding field: is "chunked" the last of its codings
 * (RFC 9112, 6.3, rule 4)? A later field line continues the list.
 */
NL_STEP int http1_transfer_encoding(struct nl_stream *s, const struct nl_window *window, u32 pos,
				    u32 end_of_line)
{
	u32 flag = NL_HEAD_TRANSFER_CODED, at_coding = 1;
	u64 zero;

	if (!s || !window)
		return 0;
	zero = window->zero;
	for (int i = 0; i < 64; i++) {
		u32 c;

		if (pos >= end_of_line || pos > NL_WINDOW_END)
			break;
		c = window->bytes[pos];
		if (c == ',') {
			at_coding = 1;
		} else if (at_coding && c != ' ' && c != '\t') {
			u64 v = load_u64(window->bytes + pos) | NL_BYTES_20;
			u32 rest = end_of_line - pos, behind = (u32)(v >> 56);

			flag = NL_HEAD_TRANSFER_CODED;
			/* Behind it may come nothing, white space, a comma or a parameter. */
			if ((v & 0x00ffffffffffffffULL) ==
				    NL_WORD8('c', 'h', 'u', 'n', 'k', 'e', 'd', 0) &&
			    (rest == 7 || (rest > 7 && (behind == ' ' || behind == (',' | 0x20) ||
							behind == ('\t' | 0x20) || behind == ';'))))
				flag = NL_HEAD_CHUNKED;
			at_coding = 0;
		}
		pos++;
		NL_WIDEN(pos, zero);
		NL_WIDEN(at_coding, zero);
		NL_WIDEN(flag, zero);
	}
	s->head_flags &= ~(NL_HEAD_CHUNKED | NL_HEAD_TRANSFER_CODED);
	s->head_flags |= flag & (NL_HEAD_CHUNKED | NL_HEAD_TRANSFER_CODED);
	return 0;
}

/* Position behind the colon and the white space around it, or 0 if there is none. */
NL_CORE u32 http1_field_value(const struct nl_window *window, u32 pos, u32 end_of_line)
{
	u64 zero = window->zero;
	u32 colon = 0;

	for (int i = 0; i < 16; i++) {
		u32 c;

		if (pos >= end_of_line || pos > NL_WINDOW_END)
			break;
		c = window->bytes[pos];
		if (c == ':' && !colon)
			colon = 1;
		else if (c != ' ' && c != '\t')
			break;
		pos++;
		NL_WIDEN(pos, zero);
		NL_WIDEN(colon, zero);
	}
	return colon ? pos : 0;
}

/*
 * A field line up to its line feed or carriage return: only the two fields that
 * frame a message matter.
 */
NL_STEP int http1_field(struct nl_stream *s, const struct nl_window *window, u32 line,
			u32 end_of_line)
{
	u32 value;
	u64 name;

	if (!s || !window || line > NL_WINDOW_END || !within_1_to(&end_of_line, NL_WINDOW_END + 1))
		return 0;
	if (window->bytes[end_of_line - 1] == '\r')
		end_of_line--;
	name = load_u64(window->bytes + line) | NL_BYTES_20;
	/* Lower case by a bit makes '-' of a carriage return too: look at it itself. */
	if (name == NL_WORD8('c', 'o', 'n', 't', 'e', 'n', 't', '-')) {
		if (window->bytes[line + 7] != '-')
			return 0;
		name = (load_u64(window->bytes + line + 8) | NL_BYTES_20) & 0x0000ffffffffffffULL;
		if (name != NL_WORD8('l', 'e', 'n', 'g', 't', 'h', 0, 0))
			return 0;
		value = http1_field_value(window, line + 14, end_of_line);
		if (value)
			http1_content_length(s, window, value, end_of_line);
	} else if (name == NL_WORD8('t', 'r', 'a', 'n', 's', 'f', 'e', 'r')) {
		name = load_u64(window->bytes + line + 8) | NL_BYTES_20;
		if (name != NL_WORD8('-', 'e', 'n', 'c', 'o', 'd', 'i', 'n') ||
		    window->bytes[line + 8] != '-' || (window->bytes[line + 16] | 0x20) != 'g')
			return 0;
		value = http1_field_value(window, line + 17, end_of_line);
		if (value)
			http1_transfer_encoding(s, window, value, end_of_line);
	}
	return 0;
}

#endif
