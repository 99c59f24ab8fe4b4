/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* utf8.c - bytes from the wire made fit for JSON. */
#include "utf8.h"

#include <string.h>

static const char replacement[UTF8_REPAIR_FACTOR + 1] = "\xef\xbf\xbd"; /* U+FFFD */

static bool is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* Bytes (1..4) of the well-formed character at `at`, 0 where there is none. RFC 3629, 4. */
static size_t character_bytes(const unsigned char *at, size_t length)
{
	unsigned char low = 0x80, high = 0xbf; /* what the second byte may be */
	size_t bytes;

	if (at[0] < 0x80)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4)
		return 0;
	bytes = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	if (bytes > length)
		return 0;
	if (at[0] == 0xe0)
		low = 0xa0; /* below: overlong */
	else if (at[0] == 0xed)
		high = 0x9f; /* above: surrogates */
	else if (at[0] == 0xf0)
		low = 0x90; /* below: overlong */
	else if (at[0] == 0xf4)
		high = 0x8f; /* above: beyond U+10FFFF */
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < bytes; i++) {
		if (!is_continuation(at[i]))
			return 0;
	}
	return bytes;
}

bool utf8_is_valid(const char *bytes, size_t length)
{
	const unsigned char *at = (const unsigned char *)bytes;

	while (length > 0) {
		size_t step = character_bytes(at, length);

		if (step == 0)
			return false;
		at += step;
		length -= step;
	}
	return true;
}

size_t utf8_repair(char *text, size_t size, const char *bytes, size_t length)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t used = 0;

	while (length > 0) {
		size_t step = character_bytes(at, length);
		const char *from = step ? (const char *)at : replacement;
		size_t written = step ? step : UTF8_REPAIR_FACTOR;

		if (written > size - used)
			break;
		memcpy(text + used, from, written);
		used += written;
		at += step ? step : 1;
		length -= step ? step : 1;
	}
	return used;
}
