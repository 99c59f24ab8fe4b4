/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * http1_text.h - how messages of HTTP/1.x begin: versions, methods, statuses
 * (RFC 9112, 2.3, 3 and 4).
 */
#ifndef NETLAT_CORE_HTTP1_TEXT_H
#define NETLAT_CORE_HTTP1_TEXT_H

#include "flow.h"

#define NL_HTTP1_VERSION_MASK 0x00ffffffffffffffULL /* "HTTP/1." without the digit */
#define NL_HTTP1_VERSION NL_WORD8('H', 'T', 'T', 'P', '/', '1', '.', 0)

/* Whether the 8 bytes at p are "HTTP/1." and a digit. */
NL_CORE bool http1_version_at(const u8 *p)
{
	u64 v = load_u64(p);
	u32 digit = (u32)(v >> 56) - '0';

	return (v & NL_HTTP1_VERSION_MASK) == NL_HTTP1_VERSION && digit <= 9;
}

/*
 * Method of the request line at p, whose first 24 bytes may be loaded.
 * Returns enum nl_method, or -1 where no token followed by a space begins there.
 */
NL_CORE int http1_method(const u8 *p)
{
	u64 v = load_u64(p), spaces = bytes_equal_mask(v, NL_BYTES_20), rest;

	/* One comparison for the commonest. */
	if ((v & 0xffffffff) == (u32)NL_WORD8('G', 'E', 'T', ' ', 0, 0, 0, 0))
		return NL_METHOD_GET;
	if (spaces) {
		u64 below = (spaces & -spaces) >> 7; /* 1 at the space's byte */

		v &= below - 1;
		if (v == 0)
			return -1;
		switch (v) {
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
		rest = below - 1;
	} else {
		if (!bytes_equal_mask(load_u64(p + 8), NL_BYTES_20) &&
		    !bytes_equal_mask(load_u64(p + 16), NL_BYTES_20))
			return -1;
		rest = ~0ULL;
	}
	/* An extension method: every byte seen of it must be printable ASCII. */
	if (v & rest & (NL_BYTES_01 * 0x80))
		return -1;
	if (((v | v << 1) & rest & (NL_BYTES_01 * 0x40)) != (rest & (NL_BYTES_01 * 0x40)))
		return -1;
	return NL_METHOD_OTHER;
}

/* Final or interim status of the status line at p (12 bytes), or -1. */
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
		return -1;
	return (int)(d1 * 100 + d2 * 10 + d3);
}

/*
 * Whether payload at p looks like the start of a message, from `length` bytes of
 * it (24 may be loaded). Strict where much is there, lenient for a first segment
 * of a few bytes: a method split over segments must not be missed.
 */
NL_CORE bool http1_looks_like_request(const u8 *p, u32 length)
{
	u32 first = p[0];

	if (length >= 24)
		return http1_method(p) >= 0 && first >= 'A' && first <= 'Z';
	if (length >= 8) {
		int method = http1_method(p);

		return method > NL_METHOD_OTHER;
	}
	/* G, HE, POST: upper case as far as there is anything, then a space at most. */
	for (u32 i = 0; i < 7; i++) {
		if (i >= length || (i >= 3 && p[i] == ' '))
			break;
		if (p[i] < 'A' || p[i] > 'Z')
			return false;
	}
	return true;
}

NL_CORE bool http1_looks_like_response(const u8 *p, u32 length)
{
	u64 mask;

	if (length >= 12)
		return http1_status(p) >= 0;
	if (length >= 8)
		return http1_version_at(p);
	mask = (1ULL << (length * 8)) - 1;
	return (load_u64(p) & mask) == (NL_HTTP1_VERSION & mask);
}

#endif
