/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snippet_comment.h - what is written at the frames of a transaction: lines of key=value,
 * UTF-8 without control characters. Names are those of export_json.c; what does not
 * apply is left out.
 */
#ifndef NETLAT_SNIPPET_COMMENT_H
#define NETLAT_SNIPPET_COMMENT_H

#include <stddef.h>

#include "server_timing.h"

/* Room for every comment, with all heads and names at their longest. */
#define SNIPPET_COMMENT_BYTES 8192

struct snippet_comment {
	char text[SNIPPET_COMMENT_BYTES]; /* terminated, without a line feed at the end */
	size_t length;
};

/* The whole breakdown, and what the server says of its time; explanation may be NULL. */
void snippet_comment_transaction(struct snippet_comment *comment, const struct nl_record *record,
				 const char *explanation, const struct server_timing *timing);
/* Until the response began. */
void snippet_comment_response_first(struct snippet_comment *comment,
				    const struct nl_record *record);
/* Until it ended. */
void snippet_comment_response_last(struct snippet_comment *comment, const struct nl_record *record);

#endif
