/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export_buffer.c - bytes of an answer: one buffer that grows, and quick ways to fill it. */
#include "export_buffer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_BYTES ((size_t)16 * 1024)
#define INTEGER_DIGITS_MAX 20
#define FRACTION_DIGITS 9
#define SECOND_NS 1000000000ULL
#define DOUBLE_TEXT_MAX 32
#define DOUBLE_DIGITS_MAX 17 /* always enough for a double to be read back (IEEE 754) */

bool export_buffer_grow(struct export_buffer *buffer, size_t more)
{
	size_t size = buffer->size ? buffer->size : FIRST_BYTES;
	char *bytes;

	if (buffer->failed)
		return false;
	while (size - buffer->used < more)
		size *= 2;
	bytes = realloc(buffer->bytes, size);
	if (!bytes) {
		buffer->failed = true;
		return false;
	}
	buffer->bytes = bytes;
	buffer->size = size;
	return true;
}

void export_buffer_reset(struct export_buffer *buffer)
{
	buffer->used = 0;
	buffer->failed = false;
}

void export_buffer_free(struct export_buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct export_buffer){ .bytes = NULL };
}

void export_buffer_text(struct export_buffer *buffer, const char *text)
{
	export_buffer_add(buffer, text, strlen(text));
}

void export_buffer_integer(struct export_buffer *buffer, u64 value)
{
	char digits[INTEGER_DIGITS_MAX], *at = digits + sizeof(digits);

	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	export_buffer_add(buffer, at, (size_t)(digits + sizeof(digits) - at));
}

void export_buffer_seconds(struct export_buffer *buffer, u64 value_ns)
{
	char fraction[1 + FRACTION_DIGITS] = ".";
	u64 rest_ns = value_ns % SECOND_NS;
	size_t length = sizeof(fraction);

	export_buffer_integer(buffer, value_ns / SECOND_NS);
	if (!rest_ns)
		return;
	for (size_t i = FRACTION_DIGITS; i > 0; i--) {
		fraction[i] = (char)('0' + rest_ns % 10);
		rest_ns /= 10;
	}
	while (fraction[length - 1] == '0')
		length--;
	export_buffer_add(buffer, fraction, length);
}

void export_buffer_double(struct export_buffer *buffer, double value)
{
	char text[DOUBLE_TEXT_MAX];

	if (isnan(value)) {
		export_buffer_literal(buffer, "NaN");
		return;
	}
	if (isinf(value)) {
		export_buffer_text(buffer, value > 0 ? "+Inf" : "-Inf");
		return;
	}
	for (int digits = 1; digits <= DOUBLE_DIGITS_MAX; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	export_buffer_text(buffer, text);
}
