/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * http1_start.h - request lines and status lines in the window, also those without a
 * version or a status (RFC 9112, 3 and 4).
 */
#ifndef NETLAT_CORE_HTTP1_START_H
#define NETLAT_CORE_HTTP1_START_H

#include "http1_fields.h"
#include "http1_text.h"

/* A start line is complete: header fields follow. */
NL_CORE void http1_fields_begin(struct nl_stream *s)
{
	s->flags &= ~NL_STREAM_LINE_TAIL;
	s->mode = NL_MODE_FIELDS;
	s->head_flags = 0;
	s->remaining_bytes = 0;
}

#define NL_HTTP_0_9 0x09
#define NL_HTTP_2_0 0x20

/*
 * A request line without a version is one of HTTP/0.9, or a mistaken one that a server
 * may answer all the same; either way malformed where header fields follow. Many a protocol has
 * lines of two words, so only a known method with a path passes. w[line...] is the line's start.
 */
NL_STEP int http1_line_of_0_9(struct nl_stream *s, const struct nl_window *window, u32 line,
			      u32 end_of_line)
{
	u32 code, target, before;

	if (!s || !window || (s->flags & NL_STREAM_LINE_TAIL) || line > NL_WINDOW_END)
		return 0;
	code = http1_known_method(window->bytes + line);
	/* The space behind the method: all but OPTIONS, DELETE and CONNECT are this short. */
	target = line + (code == NL_METHOD_GET || code == NL_METHOD_PUT	      ? 4
			 : code == NL_METHOD_HEAD || code == NL_METHOD_POST   ? 5
			 : code == NL_METHOD_TRACE || code == NL_METHOD_PATCH ? 6
			 : code == NL_METHOD_DELETE			      ? 7
									      : 8);
	if (code == NL_METHOD_OTHER || target >= end_of_line || target > NL_WINDOW_END)
		return 0;
	if (window->bytes[target] != '/')
		return 0;
	/* What ends in another protocol's version is that protocol's: RTSP/1.0. */
	before = end_of_line - 9;
	if (end_of_line > target + 9 && within_1_to(&before, NL_WINDOW_END) &&
	    window->bytes[before] == ' ')
		return 0;
	s->code = (u16)code;
	s->version = NL_HTTP_0_9;
	http1_fields_begin(s);
	s->head_flags = NL_HEAD_MALFORMED;
	return 1;
}

/*
 * The request line in w[line, end_of_line), without its line end. The method was
 * taken when the line's start was at hand; here its tail is: " HTTP/x.y".
 */
NL_CORE bool http1_request_line_ends(struct nl_stream *s, const u8 *w, u32 line, u32 end_of_line)
{
	u32 version = end_of_line - 8;

	if (end_of_line < line + 9 || !within_1_to(&version, NL_WINDOW_END))
		return false;
	if (w[version - 1] != ' ' || !http1_version_at(w + version))
		return false;
	s->version = http1_version(w + version);
	/* PRI * HTTP/2.0, the preface of HTTP/2 (RFC 9113, 3.4). */
	return s->version != NL_HTTP_2_0 || s->code != NL_METHOD_OTHER;
}

/* Whether a method that has no number begins at `line`: checked by the verifier once. */
NL_STEP int http1_other_method(const struct nl_window *window, u32 line)
{
	return window && line <= NL_WINDOW_END && http1_extension_method(window->bytes + line);
}

/* A start line in w[line, end_of_line), or the tail of one. False if it is none. */
NL_CORE bool http1_start_line(struct nl_stream *s, const struct nl_window *window, u32 line,
			      u32 end_of_line, bool response)
{
	const u8 *w = window->bytes;
	bool tail = s->flags & NL_STREAM_LINE_TAIL;

	if (!tail && response) {
		int code = http1_line_status(w + line, end_of_line - line);

		if (code < 0 || end_of_line - line < 8)
			return false;
		s->code = (u16)code;
		s->version = http1_version(w + line);
	} else if (!tail) {
		s->code = (u16)http1_known_method(w + line);
		if (NL_UNLIKELY(s->code == NL_METHOD_OTHER) && !http1_other_method(window, line))
			return false;
	}
	if (!response && !http1_request_line_ends(s, w, line, end_of_line))
		return false;
	http1_fields_begin(s);
	return true;
}

#endif
