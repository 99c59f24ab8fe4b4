/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_text.h - JSON put together in a buffer, for what is written 100,000 times a second.
 *
 * jansson needs 4 us to dump an object of 25 members, nearly all of it for keys and
 * integers, where nothing can go wrong. Here those are copied; a string with
 * anything to escape or repair still goes through jansson.
 */
#ifndef NETLAT_JSON_TEXT_H
#define NETLAT_JSON_TEXT_H

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "abi.h"

struct json_text {
	char *begin, *at, *end;
	json_t *scratch; /* the string that jansson is given */
	int error;	 /* the first negative errno; nothing is appended after it */
};

/* 0 or -ENOMEM. */
int json_text_init(struct json_text *text, size_t size);
void json_text_free(struct json_text *text);
/* Empty, and without error. */
void json_text_reset(struct json_text *text);

/* Bytes as they are; -ENOBUFS if they do not fit. */
static inline void json_text_append(struct json_text *text, const char *bytes, size_t length)
{
	if (length > (size_t)(text->end - text->at)) {
		text->error = -ENOBUFS;
		text->at = text->end; /* so that nothing shorter follows */
		return;
	}
	memcpy(text->at, bytes, length);
	text->at += length;
}

#define json_text_literal(text, literal) json_text_append(text, literal, sizeof(literal) - 1)

void json_text_integer(struct json_text *text, u64 value);

/* A number below 10^9 with leading zeros: nanoseconds within a second. */
void json_text_nine_digits(struct json_text *text, u32 value);

/* A string of bytes that need not be UTF-8 (see utf8.h); NULL gives null. */
void json_text_string(struct json_text *text, const char *bytes, size_t length);

#endif
