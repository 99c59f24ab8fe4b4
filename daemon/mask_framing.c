/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* mask_framing.c - how much of a stream is surely body. */
#include "mask_framing.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define LENGTH_DIGITS_MAX 18

static const char version_start[] = "HTTP/";
static const char length_name[] = "content-length";
/* With these the body ends elsewhere, may not be sent, or something else follows. */
static const char *const odd_names[] = { "transfer-encoding", "expect", "upgrade" };

void mask_framing_begin(struct mask_framing *framing, bool is_response)
{
	*framing = (struct mask_framing){ .state = MASK_FRAMING_START, .is_response = is_response };
}

static bool begins_with(const char *text, size_t length, const char *name)
{
	return length >= strlen(name) && strncasecmp(text, name, strlen(name)) == 0;
}

/* "HTTP/1.1 200 OK", or anything of a request. */
static void take_start_line(struct mask_framing *f, const char *text, size_t kept)
{
	mask_framing_begin(f, f->is_response);
	f->state = MASK_FRAMING_FIELDS;
	if (!f->is_response) {
		f->is_odd = begins_with(text, kept, "CONNECT ");
		return;
	}
	if (kept < 12 || !begins_with(text, kept, version_start)) {
		f->state = MASK_FRAMING_LOST;
		return;
	}
	f->is_odd = memcmp(text + 9, "101", 3) == 0;
	f->is_bodiless = text[9] == '1' || memcmp(text + 9, "204", 3) == 0 ||
			 memcmp(text + 9, "304", 3) == 0;
}

/* Digits and nothing else but white space around them. */
static bool parse_length(const char *text, const char *end, u64 *ret_length)
{
	u64 value = 0;
	u32 digits = 0;

	while (text < end && isblank((unsigned char)*text))
		text++;
	for (; text < end && isdigit((unsigned char)*text); text++, digits++)
		value = value * 10 + (u64)(*text - '0');
	while (text < end && isblank((unsigned char)*text))
		text++;
	*ret_length = value;
	return text == end && digits > 0 && digits <= LENGTH_DIGITS_MAX;
}

static void take_field(struct mask_framing *f, const char *text, size_t kept, size_t length)
{
	const char *colon = memchr(text, ':', kept);

	/* A line folded into the one before may be a part of its length. */
	if (!colon || isblank((unsigned char)text[0]))
		f->is_odd = true;
	for (size_t i = 0; i < sizeof(odd_names) / sizeof(odd_names[0]); i++)
		f->is_odd |= begins_with(text, kept, odd_names[i]);
	if (f->is_odd || !begins_with(text, kept, length_name))
		return;
	f->is_odd = f->has_length || kept < length || colon != text + strlen(length_name) ||
		    !parse_length(colon + 1, text + kept, &f->length);
	f->has_length = true;
}

static void take_end_of_head(struct mask_framing *f)
{
	f->state = MASK_FRAMING_LOST;
	if (f->is_odd)
		return;
	if (f->is_bodiless || (f->has_length ? f->length == 0 : !f->is_response)) {
		f->state = MASK_FRAMING_START;
	} else if (f->has_length) {
		f->state = MASK_FRAMING_BODY;
		f->body_left = f->length;
		f->is_body = !f->is_response;
	}
}

void mask_framing_line(struct mask_framing *f, const char *text, size_t kept, size_t length)
{
	if (f->state == MASK_FRAMING_START && length > 0)
		take_start_line(f, text, kept);
	else if (f->state == MASK_FRAMING_FIELDS && length > 0)
		take_field(f, text, kept, length);
	else if (f->state == MASK_FRAMING_FIELDS)
		take_end_of_head(f);
}

void mask_framing_byte(struct mask_framing *f, u8 byte)
{
	if (!f->is_body) {
		f->is_body = byte != (u8)version_start[f->version_bytes++];
		if (!f->is_body && f->version_bytes == strlen(version_start)) {
			f->state = MASK_FRAMING_LOST;
			return;
		}
	}
	if (--f->body_left == 0)
		f->state = MASK_FRAMING_START;
}

bool mask_framing_skip(struct mask_framing *f, u64 count)
{
	if (f->state != MASK_FRAMING_BODY || !f->is_body || count > f->body_left) {
		f->state = MASK_FRAMING_LOST;
		return false;
	}
	f->body_left -= count;
	if (f->body_left == 0)
		f->state = MASK_FRAMING_START;
	return true;
}
