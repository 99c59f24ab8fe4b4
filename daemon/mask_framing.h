/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mask_framing.h - how much of a stream is surely body, so that bytes missing there need
 * not be taken for a head.
 *
 * Only a single Content-Length is believed, and only as long as every message since the
 * stream's known start could be followed. What is not sure is no body.
 */
#ifndef NETLAT_MASK_FRAMING_H
#define NETLAT_MASK_FRAMING_H

#include <stddef.h>

#include "abi.h"

/* Bytes of a line that have to be kept for mask_framing_line(). */
#define MASK_LINE_BYTES 64

enum mask_framing_state {
	MASK_FRAMING_LOST = 0, /* for good */
	MASK_FRAMING_START,    /* a start line comes next */
	MASK_FRAMING_FIELDS,
	MASK_FRAMING_BODY, /* body_left bytes of it */
};

struct mask_framing {
	enum mask_framing_state state;
	bool is_response;
	bool is_bodiless; /* by its status (RFC 9112, 6.3, rule 1) */
	bool has_length;
	bool is_odd; /* a field was met that may move the end of the body */
	u64 length;
	u64 body_left;
	u32 version_bytes; /* of "HTTP/" that the body began with so far */
	bool is_body;	   /* it went on otherwise: it is not what follows the response to a HEAD */
};

/* At the first byte of a message. */
void mask_framing_begin(struct mask_framing *framing, bool is_response);

/* A line outside of bodies, without its end: the first `kept` of `length` bytes. */
void mask_framing_line(struct mask_framing *framing, const char *text, size_t kept, size_t length);

/* A byte of a body. */
void mask_framing_byte(struct mask_framing *framing, u8 byte);

/* Unknown bytes. True if all of them are of a body; otherwise framing is lost. */
bool mask_framing_skip(struct mask_framing *framing, u64 count);

#endif
