/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mask_lines.h - which bytes of an HTTP/1 stream are values of Authorization, Cookie,
 * X-Api-Key and the like, or secrets of URLs (mask_urls.h).
 *
 * Rather too many than too few: lines of bodies are looked at like those of heads, and
 * after bytes that nobody has all is value up to the end of the line, unless a start line
 * follows or the missing bytes are surely of a body (mask_framing.h).
 */
#ifndef NETLAT_MASK_LINES_H
#define NETLAT_MASK_LINES_H

#include "mask_framing.h"

/* Room for the longest name of a field that is looked for. */
#define MASK_NAME_BYTES 28

/* What the line at hand is. */
enum mask_line {
	MASK_LINE_BEGIN = 0, /* its first byte comes next */
	MASK_LINE_NAME,
	MASK_LINE_SECRET,
	MASK_LINE_OTHER,
};

struct mask_lines {
	enum mask_line line;
	bool is_response;
	bool is_leading;    /* of a secret line: only white space so far */
	bool was_secret;    /* the line before; one folded into it is, too */
	bool is_after_hole; /* what comes next follows bytes that nobody has */
	bool is_first;	    /* no byte was taken yet */
	struct mask_framing framing;
	char text[MASK_LINE_BYTES]; /* how the line at hand begins */
	size_t text_bytes;	    /* of the line, also those that were not kept */
	char name[MASK_NAME_BYTES]; /* of the field, lower-case, without white space */
	u32 name_bytes;
};

/* At the first byte that is known; is_start: the stream begins there. */
void mask_lines_begin(struct mask_lines *lines, bool is_response, bool is_start);

/* So many bytes of the stream that nobody has. */
void mask_lines_skip(struct mask_lines *lines, u64 count);

/* Set in the mark of each byte that has to go. */
#define MASK_SECRET 0x80

/* The next bytes, with a mark for each. All that are known in a row have to come at once. */
void mask_lines_take(struct mask_lines *lines, const u8 *bytes, size_t count, u8 *marks);

#endif
