/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trace_parent.c - the trace that a request is part of (W3C Trace Context, 3.2):
 *
 *     traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
 */
#include "trace_parent.h"

#include <string.h>
#include <strings.h>

static const char field[] = "traceparent:";

#define VERSION_AT 0
#define TRACE_AT 3
#define PARENT_AT 36
#define FLAGS_AT 53
#define VALUE_BYTES 55 /* of version 00; later ones may be longer */
#define PARENT_BYTES 16

/* Lower case alone is valid. */
static bool is_hex(const u8 *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!(bytes[i] >= '0' && bytes[i] <= '9') && !(bytes[i] >= 'a' && bytes[i] <= 'f'))
			return false;
	return true;
}

static bool is_zero(const u8 *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != '0')
			return false;
	return true;
}

static bool is_valid(const u8 *value, size_t length)
{
	bool is_first_version;

	if (length < VALUE_BYTES || !is_hex(value + VERSION_AT, 2) ||
	    memcmp(value + VERSION_AT, "ff", 2) == 0)
		return false;
	is_first_version = is_zero(value + VERSION_AT, 2);
	if (length > VALUE_BYTES && (is_first_version || value[VALUE_BYTES] != '-'))
		return false;
	return value[TRACE_AT - 1] == '-' && value[PARENT_AT - 1] == '-' &&
	       value[FLAGS_AT - 1] == '-' && is_hex(value + TRACE_AT, TRACE_ID_BYTES) &&
	       is_hex(value + PARENT_AT, PARENT_BYTES) && is_hex(value + FLAGS_AT, 2) &&
	       !is_zero(value + TRACE_AT, TRACE_ID_BYTES) &&
	       !is_zero(value + PARENT_AT, PARENT_BYTES);
}

static bool is_blank(u8 byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Whether a line, without its feed, is the field; its value then. */
static bool find_value(const u8 *line, const u8 *end, const u8 **ret_value, size_t *ret_length)
{
	const size_t name = sizeof(field) - 1;

	if ((size_t)(end - line) < name || strncasecmp((const char *)line, field, name) != 0)
		return false;
	line += name;
	while (line < end && is_blank(*line))
		line++;
	while (end > line && is_blank(end[-1]))
		end--;
	*ret_value = line;
	*ret_length = (size_t)(end - line);
	return true;
}

bool trace_parent_read(char trace_id[TRACE_ID_BYTES + 1], const u8 *head, size_t length)
{
	const u8 *end = head + length, *feed = length ? memchr(head, '\n', length) : NULL;
	const u8 *value, *found = NULL;
	size_t value_length, found_length = 0;

	while (feed) {
		const u8 *line = feed + 1;

		feed = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
		if (!feed || feed == line || (feed == line + 1 && *line == '\r'))
			break; /* cut off, or the end of the head */
		if (!find_value(line, feed, &value, &value_length))
			continue;
		if (found)
			return false;
		found = value;
		found_length = value_length;
	}
	if (!found || !is_valid(found, found_length))
		return false;
	memcpy(trace_id, found + TRACE_AT, TRACE_ID_BYTES);
	trace_id[TRACE_ID_BYTES] = '\0';
	return true;
}
