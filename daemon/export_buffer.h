/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export_buffer.h - bytes of an answer: one buffer that grows, and quick ways to fill it. */
#ifndef NETLAT_EXPORT_BUFFER_H
#define NETLAT_EXPORT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "abi.h"

struct export_buffer {
	char *bytes;
	size_t used, size;
	bool failed; /* out of memory: what is in it is not whole */
};

/* Make room for `more` bytes. False, and failed from then on, if there is none to be had. */
bool export_buffer_grow(struct export_buffer *buffer, size_t more);

/* Empty, and without failure; the memory is kept. */
void export_buffer_reset(struct export_buffer *buffer);
void export_buffer_free(struct export_buffer *buffer);

static inline bool export_buffer_reserve(struct export_buffer *buffer, size_t more)
{
	return buffer->size - buffer->used >= more || export_buffer_grow(buffer, more);
}

static inline void export_buffer_add(struct export_buffer *buffer, const char *bytes, size_t length)
{
	if (!export_buffer_reserve(buffer, length))
		return;
	memcpy(buffer->bytes + buffer->used, bytes, length);
	buffer->used += length;
}

#define export_buffer_literal(buffer, text) export_buffer_add(buffer, text, sizeof(text) - 1)

void export_buffer_text(struct export_buffer *buffer, const char *text);

/* Decimal digits. */
void export_buffer_integer(struct export_buffer *buffer, u64 value);

/* Nanoseconds as seconds, exactly: `0`, `1.25`, `0.000000001`. */
void export_buffer_seconds(struct export_buffer *buffer, u64 value_ns);

/* The shortest decimal that is read back as `value`; `NaN`, `+Inf`, `-Inf`. */
void export_buffer_double(struct export_buffer *buffer, double value);

#endif
