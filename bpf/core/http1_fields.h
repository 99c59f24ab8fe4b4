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

/* Of a Content-Length field's value, as many characters count. */
#define NL_LENGTH_CHARACTERS 40

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

/*
 * What a character is in the values that frame a message: of a digit, also a hexadecimal
 * one, its number; else one of these. Loops over characters go by this table and by
 * arithmetic: of a short loop with branches the verifier walks every way through several turns.
 */
enum http1_class {
	HTTP1_SPACE = 16, /* or a tab */
	HTTP1_LETTER,	  /* none of a digit */
	HTTP1_COMMA,
	HTTP1_COLON,
	HTTP1_SEMICOLON,
	HTTP1_OTHER,
};

#define L HTTP1_LETTER
#define O HTTP1_OTHER
#define NL_OTHER_16 O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O
#define NL_LETTERS                                                                                 \
	O, 10, 11, 12, 13, 14, 15, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L

static const u8 http1_classes[256] = {
	O,	     O,		  O,	       O,	    O,		 O,
	O,	     O,		  O,	       HTTP1_SPACE, O,		 O,
	O,	     O,		  O,	       O,	    NL_OTHER_16, /* controls */
	HTTP1_SPACE, O,		  O,	       O,	    O,		 O,
	O,	     O,		  O,	       O,	    O,		 O,
	HTTP1_COMMA, O,		  O,	       O, /* blank to / */
	0,	     1,		  2,	       3,	    4,		 5,
	6,	     7,		  8,	       9,	    HTTP1_COLON, HTTP1_SEMICOLON,
	O,	     O,		  O,	       O,			    /* 0 to ? */
	NL_LETTERS,  O,		  O,	       O,	    O,		 O, /* @ to _ */
	NL_LETTERS,  O,		  O,	       O,	    O,		 O, /* ` to DEL */
	NL_OTHER_16, NL_OTHER_16, NL_OTHER_16, NL_OTHER_16,		    /* beyond ASCII */
	NL_OTHER_16, NL_OTHER_16, NL_OTHER_16, NL_OTHER_16,
};
#undef NL_LETTERS
#undef NL_OTHER_16
#undef O
#undef L

/* 1 where a < b, both below 2^31; and 1 where a is not 0. The compiler would make jumps of these.
 */
NL_CORE u32 http1_less(u32 a, u32 b)
{
	u32 difference = a - b;

	NL_OPAQUE(difference);
	return difference >> 31;
}

NL_CORE u32 http1_any(u32 a)
{
	return 1 - http1_less(a, 1);
}

/*
 * With the count of digits: white space is behind them. A digit behind that makes them too
 * many for a number.
 */
#define HTTP1_GAP 64

/*
 * One number of a Content-Length field that is not just a few digits: up to a comma or the
 * end. Returns the position behind the comma, 0 at the end.
 */
NL_STEP int http1_length_next(struct nl_stream *s, const struct nl_window *window, u32 pos,
			      u32 end_of_line)
{
	u32 digits = 0, next = 0;
	u64 value = 0;

	if (!s || !window)
		return 0;
	for (int i = 0; i < NL_LENGTH_CHARACTERS; i++) {
		u32 class, is_digit;

		if (pos >= end_of_line || pos > NL_WINDOW_END)
			break;
		class = http1_classes[window->bytes[pos]];
		pos++;
		if (class == HTTP1_COMMA) {
			next = pos;
			break;
		}
		is_digit = http1_less(class, 10);
		value += is_digit * (value * 9 + class);
		digits += is_digit * (1 + (digits & HTTP1_GAP));
		digits |= (1 - is_digit) * http1_any(digits) * HTTP1_GAP;
		s->head_flags |=
			(1 - is_digit) * http1_any(class ^ HTTP1_SPACE) * NL_HEAD_MALFORMED;
		NL_WIDEN(pos, window->zero);
		NL_WIDEN(digits, window->zero);
		NL_WIDEN(value, window->zero);
	}
	digits -= digits & HTTP1_GAP;
	http1_take_length(s, value, digits);
	return (int)next;
}

/*
 * Value of a Content-Length field: digits, or equal numbers in a list (RFC 9110, 8.6). A number
 * of up to eight digits, as nearly all are, is read at once: moved up behind zeros, then
 * digits are joined to pairs, pairs to fours, and fours to the whole.
 */
NL_CORE void http1_content_length(struct nl_stream *s, const struct nl_window *window, u32 pos,
				  u32 end_of_line)
{
	u32 digits = end_of_line - pos, at = pos;

	NL_OPAQUE(at);
	if (NL_LIKELY(digits - 1 < 8 && at <= NL_WINDOW_END)) {
		u64 v = load_u64(window->bytes + at) ^ NL_BYTES_01 * '0';

		v <<= 64 - 8 * digits;
		if (NL_LIKELY(!((v | (v + NL_BYTES_01 * (0x80 - 10))) & NL_BYTES_01 * 0x80))) {
			v = v * 10 + (v >> 8);
			v = (v & 0x000000ff000000ffULL) * (1000000ULL << 32 | 100) +
			    ((v >> 16) & 0x000000ff000000ffULL) * (10000ULL << 32 | 1);
			http1_take_length(s, v >> 32, digits);
			return;
		}
	}
	end_of_line = min_u32(end_of_line, pos + NL_LENGTH_CHARACTERS);
	/* As many numbers as that may have, and the end. */
	for (int i = 0; i <= NL_LENGTH_CHARACTERS; i++) {
		pos = (u32)http1_length_next(s, window, pos, end_of_line);
		if (!pos)
			break;
	}
}

/*
 * Codings that are more than "chunked" alone. Returns the flag of the last: what the list
 * makes of the message.
 */
NL_STEP int http1_codings(const struct nl_window *window, u32 pos, u32 end_of_line)
{
	u32 before = 1, last = 0, rest, behind; /* before: the first character of a coding */
	u64 v, zero;

	if (!window)
		return 0;
	zero = window->zero;
	for (int i = 0; i < 64; i++) {
		u32 class, comma, begins;

		if (pos >= end_of_line || pos > NL_WINDOW_END)
			break;
		class = http1_classes[window->bytes[pos]];
		comma = 1 - http1_any(class ^ HTTP1_COMMA);
		begins = before & http1_any(class ^ HTTP1_SPACE) & (1 - comma);
		before = comma | (before & (1 - begins));
		last += begins * (pos - last);
		pos++;
		NL_WIDEN(pos, zero);
		NL_WIDEN(before, zero);
		NL_WIDEN(last, zero);
	}
	if (!last || last > NL_WINDOW_END)
		return NL_HEAD_TRANSFER_CODED;
	v = load_u64(window->bytes + last) | NL_BYTES_20;
	rest = end_of_line - last;
	behind = (u32)(v >> 56);
	/* Behind it may come nothing, white space, a comma or a parameter. */
	if ((v & 0x00ffffffffffffffULL) == NL_WORD8('c', 'h', 'u', 'n', 'k', 'e', 'd', 0) &&
	    (rest == 7 || (rest > 7 && (behind == ' ' || behind == (',' | 0x20) ||
					behind == ('\t' | 0x20) || behind == ';'))))
		return NL_HEAD_CHUNKED;
	return NL_HEAD_TRANSFER_CODED;
}

/*
 * Value of a Transfer-Encoding field: is "chunked" the last of its codings
 * (RFC 9112, 6.3, rule 4)? A later field line continues the list.
 */
NL_CORE void http1_transfer_encoding(struct nl_stream *s, const struct nl_window *window, u32 pos,
				     u32 end_of_line)
{
	u32 flag = NL_HEAD_CHUNKED, at = pos;

	NL_OPAQUE(at);
	if (at > NL_WINDOW_END || end_of_line - pos != 7 ||
	    (load_u64(window->bytes + at) & 0x00ffffffffffffffULL) !=
		    NL_WORD8('c', 'h', 'u', 'n', 'k', 'e', 'd', 0))
		flag = (u32)http1_codings(window, pos, end_of_line);
	s->head_flags &= ~(NL_HEAD_CHUNKED | NL_HEAD_TRANSFER_CODED);
	s->head_flags |= flag & (NL_HEAD_CHUNKED | NL_HEAD_TRANSFER_CODED);
}

/* The same as http1_field_value(), for any way of writing it. */
NL_STEP int http1_field_value_any(const struct nl_window *window, u32 pos, u32 end_of_line)
{
	u32 colon = 0;
	u64 zero;

	if (!window)
		return 0;
	zero = window->zero;
	for (int i = 0; i < 16; i++) {
		u32 class, is_colon;

		if (pos >= end_of_line || pos > NL_WINDOW_END)
			break;
		class = http1_classes[window->bytes[pos]];
		is_colon = 1 - http1_any(class ^ HTTP1_COLON);
		/* White space, or the first colon. */
		if (http1_any(class ^ HTTP1_SPACE) > (is_colon & (1 - colon)))
			break;
		colon |= is_colon;
		pos++;
		NL_WIDEN(pos, zero);
		NL_WIDEN(colon, zero);
	}
	return colon ? (int)pos : 0;
}

/* Position behind the colon and the white space around it, or 0 if there is none. */
NL_CORE u32 http1_field_value(const struct nl_window *window, u32 pos, u32 end_of_line)
{
	u32 at = pos;

	NL_OPAQUE(at);
	if (NL_LIKELY(at <= NL_WINDOW_END && at + 2 < end_of_line)) {
		const u8 *p = window->bytes + at;

		/* As nearly all are written. */
		if (NL_LIKELY(p[0] == ':' && p[1] == ' ' && p[2] > ' '))
			return pos + 2;
	}
	return (u32)http1_field_value_any(window, pos, end_of_line);
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
