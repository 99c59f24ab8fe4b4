/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * http1_text.h - how messages of HTTP/1.x begin: versions, methods, statuses
 * (RFC 9112, 2.3, 3 and 4).
 */
#ifndef NETLAT_CORE_HTTP1_TEXT_H
#define NETLAT_CORE_HTTP1_TEXT_H

#include "flow.h"

#define NL_HTTP_VERSION_MASK 0x00ff00ffffffffffULL /* "HTTP/x.y" without its digits */
#define NL_HTTP_VERSION NL_WORD8('H', 'T', 'T', 'P', '/', 0, '.', 0)

/*
 * Whether the 8 bytes at p are an HTTP-version: "HTTP/", a digit, a dot, a digit. A peer
 * that claims another major version in a line of HTTP/1 still speaks HTTP/1's syntax.
 */
NL_CORE bool http1_version_at(const u8 *p)
{
	u64 v = load_u64(p);
	u32 major = (u8)(v >> 40) - '0', minor = (u32)(v >> 56) - '0';

	return (v & NL_HTTP_VERSION_MASK) == NL_HTTP_VERSION && major <= 9 && minor <= 9;
}

/* The version at p, which has one: major << 4 | minor. */
NL_CORE u8 http1_version(const u8 *p)
{
	return (u8)((p[5] & 0xf) << 4 | (p[7] & 0xf));
}

/*
 * Whether all bytes of v under the mask `rest` (whole bytes) may stand in a token
 * (RFC 9110, 5.6.2), by ranges: the rare punctuation !#$%&'*+^`|~ counts as none.
 */
NL_CORE bool http1_token_bytes(u64 v, u64 rest)
{
	u64 letters, others, high = NL_BYTES_01 * 0x80;

	if (v & rest & high)
		return false;
	/* Bit 7 of a byte is set by adding 128 - x to one that is x or more. */
	letters = ((v | NL_BYTES_20) + NL_BYTES_01 * (128 - 'a')) &
		  ~((v | NL_BYTES_20) + NL_BYTES_01 * (127 - 'z')) &
		  (v << 1); /* bit 6: none of the punctuation that bit 5 would make a letter */
	others = (v + NL_BYTES_01 * (128 - '0')) & ~(v + NL_BYTES_01 * (127 - '9'));
	others |= bytes_equal_mask(v, NL_BYTES_01 * '-') | bytes_equal_mask(v, NL_BYTES_01 * '_') |
		  bytes_equal_mask(v, NL_BYTES_01 * '.');
	return ((letters | others) & rest & high) == (rest & high);
}

/*
 * Whether the request line at p, whose first 24 bytes may be loaded, begins with a token
 * followed by a space: an extension method.
 */
NL_CORE bool http1_extension_method(const u8 *p)
{
	for (u32 i = 0; i < 24; i += 8) {
		u64 v = load_u64(p + i), spaces = bytes_equal_mask(v, NL_BYTES_20);
		u64 before = ((spaces & -spaces) >> 7) - 1; /* all bytes, if there is no space */

		if (!http1_token_bytes(v, before))
			return false;
		if (spaces)
			return i || before;
	}
	return false;
}

/*
 * Method of the request line at p, whose first 8 bytes may be loaded; NL_METHOD_OTHER
 * where none of those that have a name begins there.
 */
NL_CORE u32 http1_known_method(const u8 *p)
{
	u64 v = load_u64(p), spaces = bytes_equal_mask(v, NL_BYTES_20);

	/* One comparison for the commonest. */
	if ((v & 0xffffffff) == (u32)NL_WORD8('G', 'E', 'T', ' ', 0, 0, 0, 0))
		return NL_METHOD_GET;
	if (spaces) {
		u64 below = (spaces & -spaces) >> 7; /* 1 at the space's byte */

		switch (v & (below - 1)) {
		case NL_WORD8('H', 'E', 'A', 'D', 0, 0, 0, 0):
			return NL_METHOD_HEAD;
		case NL_WORD8('P', 'O', 'S', 'T', 0, 0, 0, 0):
			return NL_METHOD_POST;
		case NL_WORD8('P', 'U', 'T', 0, 0, 0, 0, 0):
			return NL_METHOD_PUT;
		case NL_WORD8('D', 'E', 'L', 'E', 'T', 'E', 0, 0):
			return NL_METHOD_DELETE;
		case NL_WORD8('C', 'O', 'N', 'N', 'E', 'C', 'T', 0):
			return NL_METHOD_CONNECT;
		case NL_WORD8('O', 'P', 'T', 'I', 'O', 'N', 'S', 0):
			return NL_METHOD_OPTIONS;
		case NL_WORD8('T', 'R', 'A', 'C', 'E', 0, 0, 0):
			return NL_METHOD_TRACE;
		case NL_WORD8('P', 'A', 'T', 'C', 'H', 0, 0, 0):
			return NL_METHOD_PATCH;
		}
	}
	return NL_METHOD_OTHER;
}

/*
 * Method of the request line at p, whose first 24 bytes may be loaded.
 * Returns enum nl_method, or -1 where no token followed by a space begins there.
 */
NL_CORE int http1_method(const u8 *p)
{
	u32 known = http1_known_method(p);

	if (known == NL_METHOD_OTHER && !http1_extension_method(p))
		return -1;
	return (int)known;
}

/*
 * Final or interim status of the status line at p (12 bytes); 0 where a version is not
 * followed by one; -1: not even that.
 */
NL_CORE int http1_status(const u8 *p)
{
	u32 v, d1, d2, d3;

	if (!http1_version_at(p))
		return -1;
	v = load_u32(p + 8);
	d1 = ((v >> 8) & 0xff) - '0';
	d2 = ((v >> 16) & 0xff) - '0';
	d3 = (v >> 24) - '0';
	if ((v & 0xff) != ' ' || d1 > 9 || d2 > 9 || d3 > 9 || d1 == 0)
		return 0;
	return (int)(d1 * 100 + d2 * 10 + d3);
}

/* What http1_short_request() may load. */
struct http1_start {
	u8 bytes[24];
};

/*
 * G, HE, POST, M-SEARCH: whether `length` bytes, less than 24, are a method as far as there is
 * anything, then a space at most. Checked by the verifier once for all who ask.
 */
NL_STEP int http1_short_request(const struct http1_start *start, u32 length)
{
	if (!start)
		return 0;
	for (u32 i = 0; i < sizeof(start->bytes); i++) {
		u8 c = start->bytes[i];

		if (i >= length || (i >= 3 && c == ' '))
			break;
		if ((c < 'A' || c > 'Z') && (c != '-' || i == 0))
			return 0;
	}
	return 1;
}

/*
 * Whether payload at p looks like the start of a message, from `length` bytes of
 * it (26 may be loaded). Strict where much is there, lenient for a first segment
 * of a few bytes: a method split over segments must not be missed.
 */
NL_CORE bool http1_looks_like_request(const u8 *p, u32 length)
{
	u32 first;

	/* An empty line before it is to be ignored (RFC 9112, 2.2). */
	if (NL_UNLIKELY(p[0] == '\r' && p[1] == '\n' && length > 2)) {
		p += 2;
		length -= 2;
	}
	first = p[0];
	if (length >= 24)
		return http1_method(p) >= 0 && first >= 'A' && first <= 'Z';
	return http1_short_request((const struct http1_start *)p, length);
}

/* The same of a line of `length` bytes: 0 also where it is too short, or has a fourth digit. */
NL_CORE int http1_line_status(const u8 *p, u32 length)
{
	int code = http1_status(p);

	if (code > 0 && (length < 12 || (length > 12 && (u8)(p[12] - '0') <= 9)))
		return 0;
	return code;
}

/* Whether `length` (1 or more) bytes at p, 8 of which may be loaded, can begin a status line. */
NL_CORE bool http1_may_become_status_line(const u8 *p, u32 length)
{
	u64 mask;

	if (length >= 8)
		return http1_version_at(p);
	mask = ((1ULL << (length * 8)) - 1) & NL_HTTP_VERSION_MASK;
	return (load_u64(p) & mask) == (NL_HTTP_VERSION & mask);
}

NL_CORE bool http1_looks_like_response(const u8 *p, u32 length)
{
	if (length >= 12)
		return http1_status(p) > 0;
	return http1_may_become_status_line(p, length);
}

#endif
