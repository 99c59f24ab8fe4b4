/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_text.c - JSON put together in a buffer. */
#include "json_text.h"

#include <stdlib.h>

#include "utf8.h"

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

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

void json_text_nine_digits(struct json_text *text, u32 value)
{
	char *to = text->at;

	if (text->end - to < 9) {
		json_text_append(text, pairs, sizeof(pairs)); /* too much: text->error is set */
		return;
	}
	for (int i = 7; i > 0; i -= 2, value /= 100)
		memcpy(&to[i], &pairs[value % 100 * 2], 2);
	to[0] = (char)('0' + value);
	text->at += 9;
}

static unsigned count_digits(u64 value)
{
	unsigned digits = 1;

	for (; value >= 10000; value /= 10000)
		digits += 4;
	return digits + (value >= 10) + (value >= 100) + (value >= 1000);
}

/*
 * Two digits at a time, from the last one on, and where they belong: what was written byte by
 * byte cannot be read back at once to be copied.
 */
void json_text_integer(struct json_text *text, u64 value)
{
	unsigned digits = count_digits(value);
	char *to = text->at + digits;

	if (text->end - text->at < (ptrdiff_t)digits) {
		json_text_append(text, pairs, sizeof(pairs)); /* too much: text->error is set */
		return;
	}
	text->at = to;
	for (; value >= 100; value /= 100)
		memcpy(to -= 2, &pairs[value % 100 * 2], 2);
	if (value >= 10)
		memcpy(to - 2, &pairs[value * 2], 2);
	else
		to[-1] = (char)('0' + value);
}

#define EACH_BYTE(byte) (0x0101010101010101ULL * (byte))

/* Not 0 if a byte of the word is less than `byte`, which is at most 0x80. */
static u64 has_less(u64 word, u8 byte)
{
	return (word - EACH_BYTE(byte)) & ~word & EACH_BYTE(0x80);
}

static u64 has_byte(u64 word, u8 byte)
{
	return has_less(word ^ EACH_BYTE(byte), 1);
}

static bool is_plain_byte(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

/* The same of eight bytes. */
static bool is_plain_word(const char *bytes)
{
	u64 word;

	memcpy(&word, bytes, sizeof(word));
	return !((word & EACH_BYTE(0x80)) | has_less(word, 0x20) | has_byte(word, 0x7f) |
		 has_byte(word, '"') | has_byte(word, '\\'));
}

/* Nothing that RFC 8259, 7 wants escaped, and nothing that is not ASCII. */
static bool is_plain(const char *bytes, size_t length)
{
	size_t i = 0;

	for (; i + sizeof(u64) <= length; i += sizeof(u64))
		if (!is_plain_word(bytes + i))
			return false;
	for (; i < length; i++)
		if (!is_plain_byte((unsigned char)bytes[i]))
			return false;
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
