/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * http1.h - the text of HTTP/1.x: start lines, the fields that frame a message,
 * chunk sizes (RFC 9112). Works on a window of payload; knows nothing of time,
 * pairing or sequence numbers.
 */
#ifndef NETLAT_CORE_HTTP1_H
#define NETLAT_CORE_HTTP1_H

#include "http1_fields.h"
#include "http1_start.h"
#include "http1_text.h"

/* Turns of the line scanner: 64 bytes or one line each. The verifier walks each, so seldom more
 * than one scan is needed for a window. What does not fit is left to the next window. */
#define NL_SCAN_STEPS 20
#define NL_SCANS_MAX 5

enum http1_event {
	HTTP1_MORE = 0,	  /* everything up to *pos was taken in; go on from there */
	HTTP1_HEAD,	  /* a head ends at *pos */
	HTTP1_MESSAGE,	  /* a chunked message ends at *pos */
	HTTP1_BLANK,	  /* empty lines before a start line end at *pos */
	HTTP1_LOST,	  /* this is not HTTP/1, or its framing is malformed */
	HTTP1_UNFINISHED, /* of http1_scan(): the line that begins at *pos has no end here */
	HTTP1_TURNED,	  /* of http1_scan(): out of turns */
};

/* A chunk-size line that is more than up to eight digits. */
NL_STEP int http1_chunk_size_any(struct nl_stream *s, const struct nl_window *window, u32 pos,
				 u32 end_of_line)
{
	u32 digits = 0, most = HTTP1_SPACE, behind = 0;
	u64 value = 0;

	if (!s || !window)
		return 0;
	for (int i = 0; i < 17; i++) {
		u32 class, space;

		if (pos >= end_of_line || pos > NL_WINDOW_END)
			break;
		class = http1_classes[window->bytes[pos]];
		/* A digit; or, before the first of them, white space. */
		if (class > most) {
			behind = class;
			break;
		}
		space = class >> 4;
		s->grade |= space * NL_GRADE_malformed;
		digits += 1 - space;
		most = HTTP1_SPACE - 1 + space;
		value = value << 4 | (class & 0xf);
		pos++;
		NL_WIDEN(pos, window->zero);
		NL_WIDEN(digits, window->zero);
		NL_WIDEN(most, window->zero);
		NL_WIDEN(value, window->zero);
	}
	if (behind && (!digits || (behind != HTTP1_SPACE && behind != HTTP1_SEMICOLON)))
		s->grade |= NL_GRADE_malformed;
	if (behind == HTTP1_LETTER || digits - 1 >= 15) /* 0x5 */
		return 0;
	s->remaining_bytes = value;
	return 1;
}

/*
 * A chunk-size line (RFC 9112, 7.1). 0 if it has no size, or one beyond 2^60. White space
 * before it, or something behind it that is no extension, is graded malformed and passed.
 * Up to eight digits alone, as nearly all are, are read at once: moved up behind zeros, then
 * digits are joined to bytes, bytes to pairs, and pairs to the whole.
 */
NL_CORE int http1_chunk_size(struct nl_stream *s, const struct nl_window *window, u32 pos,
			     u32 end_of_line)
{
	u32 digits = end_of_line - pos, at = pos;

	NL_OPAQUE(at);
	if (NL_LIKELY(digits - 1 < 8 && at <= NL_WINDOW_END)) {
		u64 v = load_u64(window->bytes + at), high = NL_BYTES_01 * 0x80;
		u64 lower = v | NL_BYTES_20, letters, numerals;
		u32 above = 64 - 8 * digits;

		/* Bit 7 of a byte is set by adding 128 - x to one that is x or more. */
		letters = (lower + NL_BYTES_01 * (128 - 'a')) &
			  ~(lower + NL_BYTES_01 * (127 - 'f')) & high;
		numerals = (v + NL_BYTES_01 * (128 - '0')) & ~(v + NL_BYTES_01 * (127 - '9'));
		if (NL_LIKELY(((letters | numerals) & ~v & high) << above == high << above)) {
			v = ((v & NL_BYTES_01 * 0xf) + (letters >> 7) * 9) << above;
			v = (v << 4 | v >> 8) & 0x00ff00ff00ff00ffULL;
			v = (v << 8 | v >> 16) & 0x0000ffff0000ffffULL;
			s->remaining_bytes = (u32)(v << 16 | v >> 32);
			return 1;
		}
	}
	return http1_chunk_size_any(s, window, pos, end_of_line);
}

/*
 * One whole line in [line, newline) of the window, or the tail of one that began
 * earlier. Returns the event it causes (enum http1_event); HTTP1_MORE for none.
 */
NL_STEP int http1_line(struct nl_stream *s, const struct nl_window *window, u32 line, u32 newline,
		       u32 response)
{
	u32 end_of_line;
	const u8 *w;
	bool tail;

	if (!s || !window)
		return HTTP1_LOST;
	w = window->bytes;
	tail = s->flags & NL_STREAM_LINE_TAIL;
	if (!within_1_to(&newline, NL_WINDOW_END + 1))
		return HTTP1_LOST;
	/* Against a constant: 6.1 learns nothing from comparing two variables. */
	NL_OPAQUE(line);
	if (line > NL_WINDOW_END || line > newline)
		return HTTP1_LOST;
	end_of_line = newline;
	if (newline > line && w[newline - 1] == '\r')
		end_of_line--;

	switch (s->mode) {
	case NL_MODE_FIELDS:
		if (tail) {
			s->flags &= ~NL_STREAM_LINE_TAIL;
			return HTTP1_MORE;
		}
		/* Field lines that say anything were taken by http1_scan(). A second carriage
		 * return makes no field of an empty line: endings are converted twice. */
		if (end_of_line == line + 1 && w[line] == '\r')
			return HTTP1_HEAD;
		return end_of_line == line ? HTTP1_HEAD : HTTP1_MORE;
	case NL_MODE_START:
		if (end_of_line == line && !tail)
			return HTTP1_BLANK;
		if (http1_start_line(s, window, line, end_of_line, response) ||
		    (!response && http1_line_of_0_9(s, window, line, end_of_line)))
			return HTTP1_MORE;
		return HTTP1_LOST;
	case NL_MODE_CHUNK_SIZE:
		if (end_of_line == line && !tail) {
			s->grade |= NL_GRADE_malformed;
			return HTTP1_MORE;
		}
		if (!tail && !http1_chunk_size(s, window, line, end_of_line))
			return HTTP1_LOST;
		s->flags &= ~NL_STREAM_LINE_TAIL;
		s->mode = s->remaining_bytes ? NL_MODE_CHUNK_DATA : NL_MODE_TRAILER;
		return HTTP1_MORE;
	case NL_MODE_CHUNK_END:
		if (end_of_line != line)
			return HTTP1_LOST;
		s->mode = NL_MODE_CHUNK_SIZE;
		return HTTP1_MORE;
	case NL_MODE_TRAILER:
		s->flags &= ~NL_STREAM_LINE_TAIL;
		return end_of_line == line && !tail ? HTTP1_MESSAGE : HTTP1_MORE;
	default:
		return HTTP1_LOST;
	}
}

/*
 * Whether a field line, of which 17 bytes may be loaded, is worth a look: most
 * are told by one comparison not to be Content-Length or Transfer-Encoding.
 */
NL_CORE bool http1_field_frames(const u8 *p)
{
	u32 first = p[0] | 0x20;
	u64 name;

	if (first != 'c' && first != 't')
		return false;
	name = load_u64(p) | NL_BYTES_20;
	if (name == NL_WORD8('c', 'o', 'n', 't', 'e', 'n', 't', '-'))
		return (p[8] | 0x20) == 'l';
	return name == NL_WORD8('t', 'r', 'a', 'n', 's', 'f', 'e', 'r');
}

/*
 * The unfinished line [line, end) of the window: can it still become what is due?
 * If it is too long to be carried whole, what its start tells is taken now: method,
 * status or chunk size.
 */
NL_STEP int http1_unfinished(struct nl_stream *s, const struct nl_window *window, u32 line, u32 end,
			     u32 response)
{
	u32 length = end - line;
	const u8 *w;
	int code;

	if (!s || !window)
		return false;
	w = window->bytes;
	if (s->flags & NL_STREAM_LINE_TAIL)
		return true;
	if (s->mode == NL_MODE_CHUNK_SIZE && length > NL_CARRY_BYTES)
		return http1_chunk_size_any(s, window, line, end);
	if (s->mode != NL_MODE_START)
		return true;
	NL_OPAQUE(line);
	if (line > NL_WINDOW_END)
		return false;
	if (length < 24) /* the carry will hold it; only reject what is no start already */
		return !response || (length == 1 && w[line] == '\r') || /* of an empty line */
		       http1_may_become_status_line(w + line, length);
	code = response ? http1_line_status(w + line, length) : http1_method(w + line);
	if (code < 0)
		return false;
	s->code = (u16)code;
	if (response)
		s->version = http1_version(w + line);
	return true;
}

/*
 * A start line at `line` that ends within the first block, as mostly all of it does. Returns
 * where the next line begins: behind it, or at `line` if it is none of the usual ones, for
 * http1_line() to have another look. *newlines: line feeds of the block from there on.
 */
NL_CORE u32 http1_first_line(struct nl_stream *s, const struct nl_window *window, u32 line, u32 end,
			     u32 response, u64 *newlines)
{
	const u8 *w = window->bytes;
	u32 newline, end_of_line;

	*newlines = bytes_equal_bits64(w + line, NL_BYTES_01 * '\n');
	if (NL_UNLIKELY(!*newlines))
		return line;
	newline = end_of_line = line + lowest_bit(*newlines);
	if (newline >= end || newline <= line + 1 || !within_1_to(&end_of_line, NL_WINDOW_END))
		return line;
	if (w[end_of_line - 1] == '\r')
		end_of_line--;
	if (NL_UNLIKELY(!http1_start_line(s, window, line, end_of_line, response)))
		return line;
	*newlines &= *newlines - 1;
	return newline + 1;
}

/*
 * Scan the window from `pos` to `end`: line by line, and chunk by chunk.
 * Returns enum http1_event in the low byte, the position reached above it.
 */
NL_STEP int http1_scan(struct nl_stream *s, const struct nl_window *window, u32 pos, u32 end,
		       u32 response)
{
	u32 line = pos, block = line, next_block = line;
	u64 newlines = 0, zero;
	const u8 *w;

	if (!s || !window || pos > NL_WINDOW_END || end > NL_WINDOW_END)
		return HTTP1_LOST;
	w = window->bytes;
	zero = window->zero;
	if (NL_LIKELY(s->mode == NL_MODE_START && !(s->flags & NL_STREAM_LINE_TAIL))) {
		line = http1_first_line(s, window, line, end, response, &newlines);
		next_block = block + 64;
	}
	/* Nor is anything known at the first turn, or the verifier would walk turns twice. */
	NL_WIDEN(line, zero);
	NL_WIDEN(block, zero);
	NL_WIDEN(next_block, zero);
	NL_WIDEN(newlines, zero);
	for (int i = 0; i < NL_SCAN_STEPS; i++) {
		u32 newline;
		int event;

		if (!newlines) {
			if (next_block >= end || next_block > NL_WINDOW_END)
				return (int)(HTTP1_UNFINISHED | line << 8);
			block = next_block;
			newlines = bytes_equal_bits64(w + block, NL_BYTES_01 * '\n');
			next_block += 64;
			goto next;
		}
		newline = block + lowest_bit(newlines);
		newlines &= newlines - 1;
		if (newline >= end || newline > NL_WINDOW_END || line > NL_WINDOW_END)
			return (int)(HTTP1_UNFINISHED | line << 8);
		if (w[newline] != '\n')
			goto next;
		/* The lines of a head, here and not in http1_line() for the sake of speed. */
		if (NL_LIKELY(s->mode == NL_MODE_FIELDS && newline - line > 2 &&
			      !(s->flags & NL_STREAM_LINE_TAIL))) {
			if (http1_field_frames(w + line))
				http1_field(s, window, line, newline);
			line = newline + 1;
			goto next;
		}
		event = http1_line(s, window, line, newline, response);
		line = newline + 1;
		if (event != HTTP1_MORE)
			return (int)((u32)event | line << 8);
		if (s->mode == NL_MODE_CHUNK_DATA) {
			if (s->remaining_bytes >= end - line)
				return (int)(HTTP1_MORE | line << 8); /* the rest by count */
			line += (u32)s->remaining_bytes;
			next_block = line;
			newlines = 0;
			s->remaining_bytes = 0;
			s->mode = NL_MODE_CHUNK_END;
		}
	next:
		/* All paths meet here, and the verifier takes up one state from here. */
		NL_WIDEN(line, zero);
		NL_WIDEN(block, zero);
		NL_WIDEN(next_block, zero);
		NL_WIDEN(newlines, zero);
	}
	return (int)(HTTP1_TURNED | line << 8);
}

/* The same from where one scan had no turns left, as far as there is patience. */
NL_STEP int http1_scan_on(struct nl_stream *s, const struct nl_window *window, u32 pos, u32 end,
			  u32 response)
{
	u32 result = HTTP1_TURNED | pos << 8;

	for (int i = 1; i < NL_SCANS_MAX && (result & 0xff) == HTTP1_TURNED; i++)
		result = (u32)http1_scan(s, window, result >> 8, end, response);
	return (int)result;
}

/*
 * Frame the window from *pos to `end`.
 *
 * last: the window reaches the end of the segment, so an unfinished line must be
 * carried; else the next window begins at *pos and may read it again.
 * On HTTP1_MORE with last, s->carry_bytes says how many bytes before `end` have
 * to be carried.
 */
NL_CORE enum http1_event http1_frame(struct nl_stream *s, const struct nl_window *window, u32 *pos,
				     u32 end, bool last, bool response)
{
	u32 result = (u32)http1_scan(s, window, *pos, end, response);
	u32 line, length;

	if (NL_UNLIKELY((result & 0xff) == HTTP1_TURNED))
		result = (u32)http1_scan_on(s, window, result >> 8, end, response);
	line = result >> 8;
	if ((result & 0xff) == HTTP1_TURNED)
		result = HTTP1_MORE;
	if ((result & 0xff) != HTTP1_UNFINISHED) {
		*pos = line;
		return (enum http1_event)(result & 0xff);
	}
	if (line >= end) {
		*pos = end;
		return HTTP1_MORE;
	}
	if (!http1_unfinished(s, window, line, end, response))
		return HTTP1_LOST;
	length = end - line;
	if (!last) {
		/* A line that fills the window: leave its last bytes, the tail may be due. */
		if (line == *pos && length > NL_CARRY_BYTES) {
			s->flags |= NL_STREAM_LINE_TAIL;
			line = end - NL_CARRY_BYTES;
		}
		*pos = line;
		return HTTP1_MORE;
	}
	if (length > NL_CARRY_BYTES) {
		s->flags |= NL_STREAM_LINE_TAIL;
		length = NL_CARRY_BYTES;
	}
	s->carry_bytes = (u8)length;
	*pos = end;
	return HTTP1_MORE;
}

#endif
