/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* mask_urls.c - which bytes of an HTTP/1 stream are secrets of URLs. */
#include "mask_urls.h"

#include <ctype.h>
#include <string.h>

#include "mask_lines.h"
#include "record_view.h"
#include "redact.h"

#define METHOD_BYTES_MAX 24
#define NAME_BYTES_MAX 24
#define VERSION_BYTES 8 /* "HTTP/1.1" */

static const char *const url_names[] = {
	"referer",
	"location",
	"content-location",
	"destination",
	"refresh",
	"link",
	"x-original-url",
	"x-original-uri",
	"x-rewrite-url",
	"x-forwarded-uri",
	"x-forwarded-url",
	"x-request-uri",
	"x-envoy-original-path",
	"x-accel-redirect",
	"x-auth-request-redirect",
	"hx-current-url",
};

/* A line without its end, which a cut one has not. */
struct line {
	const u8 *bytes;
	size_t length;
	bool is_whole;
	u8 *marks;
};

static void mark_url(const struct line *line, size_t begin, size_t end)
{
	redact_mark_url(line->bytes + begin, end - begin, line->is_whole, MASK_SECRET,
			line->marks + begin);
}

static void mark_all(const struct line *line)
{
	for (size_t i = 0; i < line->length; i++)
		line->marks[i] |= MASK_SECRET;
}

static size_t skip_blanks(const struct line *line, size_t at)
{
	while (at < line->length && isblank(line->bytes[at]))
		at++;
	return at;
}

/*
 * Read a field's name, lower-case and without white space, which some recipients leave out.
 * Where its value begins; 0: there is no name.
 */
static size_t read_name(const struct line *line, char name[NAME_BYTES_MAX + 1])
{
	size_t used = 0, at = 0;

	for (; at < line->length && line->bytes[at] != ':'; at++) {
		if (line->bytes[at] <= ' ')
			continue;
		/* As in RFC 9110, 5.6.2 nearly: what cannot be in a name. */
		if (line->bytes[at] >= 0x7f || strchr("\"(),/;<=>?@[\\]{}", line->bytes[at]))
			return 0;
		if (used < NAME_BYTES_MAX)
			name[used] = (char)tolower(line->bytes[at]);
		used++;
	}
	name[used <= NAME_BYTES_MAX ? used : 0] = '\0';
	return at < line->length && used > 0 ? at + 1 : 0;
}

static bool is_url_name(const char *name)
{
	for (size_t i = 0; i < sizeof(url_names) / sizeof(url_names[0]); i++)
		if (strcmp(name, url_names[i]) == 0)
			return true;
	return false;
}

/* Where " HTTP/1.1" begins, at which the line ends; its length if it does not. */
static size_t find_version(const struct line *line)
{
	const u8 *at = line->bytes + line->length - VERSION_BYTES;

	if (line->length <= VERSION_BYTES || memcmp(at, "HTTP/", 5) != 0 || !isdigit(at[5]) ||
	    at[6] != '.' || !isdigit(at[7]) || !isblank(at[-1]))
		return line->length;
	return line->length - VERSION_BYTES - 1;
}

/* As in http1_extension_method(), which tells what is a request. */
static bool is_method_byte(u8 byte)
{
	return isalnum(byte) || byte == '-' || byte == '_' || byte == '.';
}

/*
 * The length of the method at the beginning, known or not; 0: there is none. A line of a body
 * may begin with any word, but then it hardly has a version.
 */
static size_t first_method(const struct line *line)
{
	bool is_odd = false;
	size_t length = 0;

	for (; length < line->length && length < METHOD_BYTES_MAX &&
	       is_method_byte(line->bytes[length]);
	     length++)
		is_odd |= islower(line->bytes[length]) || line->bytes[length] == '.';
	if (is_odd && line->is_whole && !memmem(line->bytes, line->length, "HTTP/", 5))
		return 0;
	return length < line->length && isblank(line->bytes[length]) ? length : 0;
}

/* Whether a known method ends there, maybe behind a body that had no end of line. */
static bool is_method_before(const struct line *line, size_t end)
{
	const char *name;

	for (unsigned i = 0; (name = record_method_name(i)) != NULL; i++) {
		size_t length = strlen(name);

		if (length <= end && memcmp(line->bytes + end - length, name, length) == 0)
			return true;
	}
	return false;
}

/* Where the target begins; the line's length if it is no request line. */
static size_t find_target(const struct line *line)
{
	size_t length = first_method(line);

	if (length > 0)
		return skip_blanks(line, length);
	for (size_t at = 0; at < line->length; at++)
		if (isblank(line->bytes[at]) && is_method_before(line, at))
			return skip_blanks(line, at);
	return line->length;
}

static void mark_request_line(const struct line *line, bool is_field)
{
	size_t target = find_target(line), version = find_version(line);

	if (target < version)
		mark_url(line, target, version);
	else if (version < line->length && target == line->length &&
		 (!is_field || memmem(line->bytes, line->length, "://", 3)))
		mark_all(line); /* behind a body, and its method is not known */
}

static bool is_slash_at(const struct line *line, size_t at)
{
	return at < line->length && (line->bytes[at] == '/' || line->bytes[at] == '\\');
}

/* Users and passwords of URLs behind something else, as in `Link: <http://user:password@host/>`. */
static void mark_authorities(const struct line *line, size_t at)
{
	for (size_t end; at < line->length; at = end) {
		end = at + 1;
		if (!is_slash_at(line, at) || !is_slash_at(line, end))
			continue;
		while (is_slash_at(line, end))
			end++;
		while (end < line->length && !is_slash_at(line, end))
			end++;
		redact_mark_url(line->bytes + at, end - at, line->is_whole || end < line->length,
				MASK_SECRET, line->marks + at);
	}
}

/* True if lines that are folded into this one are a part of its URL. */
static bool mark_line(const struct line *line, bool is_response)
{
	char name[NAME_BYTES_MAX + 1];
	size_t value = read_name(line, name);

	if (value && is_url_name(name)) {
		mark_url(line, skip_blanks(line, value), line->length);
		mark_authorities(line, value);
		return true;
	}
	/* It has no user and password, but who sends it may not know that. */
	if (value && strcmp(name, "host") == 0) {
		value = skip_blanks(line, value);
		redact_mark_url(line->bytes + value, line->length - value, true, MASK_SECRET,
				line->marks + value);
	}
	if (!is_response)
		mark_request_line(line, value > 0);
	return false;
}

void mask_urls(const u8 *bytes, size_t count, bool is_response, u8 *marks)
{
	bool is_url = false;
	size_t end;

	for (size_t begin = 0; begin < count; begin = end + 1) {
		struct line line = { .bytes = bytes + begin, .marks = marks + begin };

		/* A bare CR begins a line for some recipients. */
		for (end = begin; end < count && bytes[end] != '\n' && bytes[end] != '\r'; end++)
			;
		line.length = end - begin;
		line.is_whole = end < count;
		if (line.length == 0) {
			is_url &= line.is_whole && bytes[end] == '\n' && begin > 0 &&
				  bytes[begin - 1] == '\r';
			continue;
		}
		if (is_url && isblank(line.bytes[0]))
			mark_all(&line);
		else
			is_url = mark_line(&line, is_response);
	}
}
