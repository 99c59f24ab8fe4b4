/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_text.c - JSON put together in a buffer. */
#include "json_text.h"

#include <stdlib.h>

#include "utf8.h"

#define U64_DIGITS_MAX 20

int json_text_init(struct json_text *text, size_t size)
{
	memset(text, 0, sizeof(*text));
	text->begin = malloc(size);
	text->scratch = json_string("");
	if (!text->begin || !text->scratch) {
		json_text_free(text);
		return -ENOMEM;
	}
	text->end = text->begin + size;
	json_text_reset(text);
	return 0;
}

void json_text_free(struct json_text *text)
{
	free(text->begin);
	json_decref(text->scratch);
	memset(text, 0, sizeof(*text));
}

void json_text_reset(struct json_text *text)
{
	text->at = text->begin;
	text->error = 0;
}

void json_text_integer(struct json_text *text, u64 value)
{
	char digits[U64_DIGITS_MAX];
	size_t begin = sizeof(digits);

	do {
		digits[--begin] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	json_text_append(text, digits + begin, sizeof(digits) - begin);
}

/* Nothing that RFC 8259, 7 wants escaped, and nothing that is not ASCII. */
static bool is_plain(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\')
			return false;
	}
	return true;
}

/* By jansson, after repair. */
static void append_escaped(struct json_text *text, const char *bytes, size_t length)
{
	size_t room = (size_t)(text->end - text->at), used;
	char *repaired = NULL;

	if (!utf8_is_valid(bytes, length)) {
		size_t size = length * UTF8_REPAIR_FACTOR;

		repaired = malloc(size);
		if (!repaired) {
			text->error = -ENOMEM;
			return;
		}
		length = utf8_repair(repaired, size, bytes, length);
		bytes = repaired;
	}
	used = json_string_setn_nocheck(text->scratch, bytes, length) == 0
		       ? json_dumpb(text->scratch, text->at, room, JSON_ENCODE_ANY)
		       : 0;
	free(repaired);
	if (used == 0)
		text->error = -ENOMEM;
	else if (used > room)
		text->error = -ENOBUFS;
	else
		text->at += used;
}

void json_text_string(struct json_text *text, const char *bytes, size_t length)
{
	if (!bytes) {
		json_text_literal(text, "null");
	} else if (is_plain(bytes, length)) {
		json_text_literal(text, "\"");
		json_text_append(text, bytes, length);
		json_text_literal(text, "\"");
	} else {
		append_escaped(text, bytes, length);
	}
}
