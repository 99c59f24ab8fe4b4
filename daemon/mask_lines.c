/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* mask_lines.c - which bytes of an HTTP/1 stream are values that have to be masked. */
#include "mask_lines.h"

#include <ctype.h>
#include <string.h>

#include "mask_urls.h"
#include "record_view.h"

#define METHOD_BYTES_MAX 24
#define STATUS_LINE_BYTES 12 /* "HTTP/1.1 200" */
#define VERSION_BYTES 8	     /* "HTTP/1.1" */

static const char *const secret_names[] = {
	"authorization",
	"proxy-authorization",
	"cookie",
	"set-cookie",
	"set-cookie2",
	"x-forwarded-authorization",
	"x-original-authorization",
	"x-serverless-authorization",
	"authentication-info",
	"proxy-authentication-info",
	"x-api-key",
	"api-key",
	"apikey",
	"x-auth-token",
	"x-access-token",
	"x-forwarded-access-token",
	"x-csrf-token",
	"x-xsrf-token",
	"x-amz-security-token",
	"x-goog-api-key",
	"x-vault-token",
	"private-token",
};
_Static_assert(sizeof("x-serverless-authorization") - 1 <= MASK_NAME_BYTES, "the longest");

void mask_lines_begin(struct mask_lines *lines, bool is_response, bool is_start)
{
	memset(lines, 0, sizeof(*lines));
	lines->is_response = is_response;
	lines->is_first = true;
	lines->is_after_hole = !is_start;
	if (is_start)
		mask_framing_begin(&lines->framing, is_response);
}

static bool is_version(const u8 *at)
{
	return memcmp(at, "HTTP/", 5) == 0 && isdigit(at[5]) && at[6] == '.' && isdigit(at[7]);
}

/* A request line that is cut: a known method, and how a target begins. */
static bool is_cut_request_line(const u8 *bytes, size_t method_bytes, size_t count)
{
	const char *name;

	if (method_bytes + 1 >= count || !strchr("/*h", bytes[method_bytes + 1]))
		return false;
	for (unsigned i = 0; (name = record_method_name(i)) != NULL; i++)
		if (strlen(name) == method_bytes && memcmp(bytes, name, method_bytes) == 0)
			return true;
	return false;
}

/*
 * Whether a message begins here, after unknown bytes, as a packet mostly begins with one.
 * Values do not look like this, not even in part.
 */
static bool is_start_line(const u8 *bytes, size_t count, bool is_response)
{
	const u8 *end = memchr(bytes, '\n', count);
	size_t method_bytes = 0, length;

	if (is_response)
		return count >= STATUS_LINE_BYTES && is_version(bytes) && bytes[8] == ' ' &&
		       isdigit(bytes[9]) && isdigit(bytes[10]) && isdigit(bytes[11]);
	while (method_bytes < count && method_bytes < METHOD_BYTES_MAX &&
	       (isupper(bytes[method_bytes]) || bytes[method_bytes] == '-'))
		method_bytes++;
	if (method_bytes == 0 || method_bytes == count || bytes[method_bytes] != ' ')
		return false;
	if (!end)
		return is_cut_request_line(bytes, method_bytes, count);
	length = (size_t)(end - bytes);
	if (length > 0 && bytes[length - 1] == '\r')
		length--;
	/* Two spaces, and something between them. */
	return length >= method_bytes + 3 + VERSION_BYTES &&
	       is_version(bytes + length - VERSION_BYTES) &&
	       bytes[length - VERSION_BYTES - 1] == ' ';
}

static bool is_secret_name(const struct mask_lines *l)
{
	for (size_t i = 0; i < sizeof(secret_names) / sizeof(secret_names[0]); i++)
		if (l->name_bytes == strlen(secret_names[i]) &&
		    memcmp(l->name, secret_names[i], l->name_bytes) == 0)
			return true;
	return false;
}

static void set_line(struct mask_lines *l, enum mask_line line)
{
	l->line = line;
	l->is_leading = true;
	l->name_bytes = 0;
}

/* A byte of what may be a field's name. White space is left out: some recipients do so. */
static void take_name(struct mask_lines *l, u8 byte)
{
	if (byte == ':') {
		bool is_secret = is_secret_name(l);

		set_line(l, is_secret ? MASK_LINE_SECRET : MASK_LINE_OTHER);
	} else if (byte > ' ') {
		if (l->name_bytes == sizeof(l->name))
			set_line(l, MASK_LINE_OTHER);
		else
			l->name[l->name_bytes++] = (char)tolower(byte);
	}
}

/* White space before the value stays, so that a line folded into another remains one. */
static bool take_secret(struct mask_lines *l, u8 byte)
{
	if (byte == '\r' || (l->is_leading && (byte == ' ' || byte == '\t')))
		return false;
	l->is_leading = false;
	return true;
}

/* Where this is in its messages: text of a line outside of bodies is kept for its end. */
static void follow_framing(struct mask_lines *l, u8 byte)
{
	size_t length = l->text_bytes;

	if (l->framing.state == MASK_FRAMING_BODY) {
		mask_framing_byte(&l->framing, byte);
		return;
	}
	if (byte != '\n') {
		if (length < sizeof(l->text))
			l->text[length] = (char)byte;
		l->text_bytes++;
		return;
	}
	if (length > 0 && length <= sizeof(l->text) && l->text[length - 1] == '\r')
		length--;
	mask_framing_line(&l->framing, l->text, length < sizeof(l->text) ? length : sizeof(l->text),
			  length);
	l->text_bytes = 0;
}

/* A byte that is no LF. A bare CR may begin a line for some recipients, and ends none here. */
static bool take_in_line(struct mask_lines *l, u8 byte)
{
	if (l->line == MASK_LINE_BEGIN) {
		bool is_folded = l->was_secret && (byte == ' ' || byte == '\t');

		set_line(l, is_folded ? MASK_LINE_SECRET : MASK_LINE_NAME);
	}
	if (l->line == MASK_LINE_SECRET)
		return take_secret(l, byte);
	if (byte == '\r')
		set_line(l, MASK_LINE_NAME);
	else if (l->line == MASK_LINE_NAME)
		take_name(l, byte);
	return false;
}

/* Whether the byte is to be masked. */
static bool take_byte(struct mask_lines *l, u8 byte)
{
	bool was_body = l->framing.state == MASK_FRAMING_BODY, is_secret = false;

	follow_framing(l, byte);
	if (byte == '\n') {
		l->was_secret = l->line == MASK_LINE_SECRET;
		set_line(l, MASK_LINE_BEGIN);
	} else {
		is_secret = take_in_line(l, byte);
	}
	/* The next message begins, with or without the end of a line. */
	if (was_body && l->framing.state == MASK_FRAMING_START && l->line != MASK_LINE_SECRET) {
		l->was_secret = false;
		set_line(l, MASK_LINE_BEGIN);
	}
	return is_secret;
}

void mask_lines_skip(struct mask_lines *l, u64 count)
{
	l->text_bytes = 0;
	if (!mask_framing_skip(&l->framing, count)) {
		l->is_after_hole = true;
		return;
	}
	if (l->line == MASK_LINE_SECRET)
		return;
	l->was_secret = false;
	set_line(l, l->framing.state == MASK_FRAMING_START ? MASK_LINE_BEGIN : MASK_LINE_OTHER);
}

void mask_lines_take(struct mask_lines *l, const u8 *bytes, size_t count, u8 *marks)
{
	if (count == 0)
		return;
	if (l->is_after_hole) {
		bool is_start = is_start_line(bytes, count, l->is_response);

		set_line(l, is_start ? MASK_LINE_BEGIN : MASK_LINE_SECRET);
		l->is_leading = false;
		l->was_secret = false;
		if (is_start && l->is_first)
			mask_framing_begin(&l->framing, l->is_response);
	}
	l->is_after_hole = false;
	l->is_first = false;
	for (size_t i = 0; i < count; i++)
		if (take_byte(l, bytes[i]))
			marks[i] |= MASK_SECRET;
	mask_urls(bytes, count, l->is_response, marks);
}
