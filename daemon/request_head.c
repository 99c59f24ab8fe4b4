/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * request_head.c - method, target and host from the excerpt of a request head.
 *
 * Framing was decided in the kernel; this only names what was asked, and never
 * fails: bytes are what they are, and what is missing stays missing.
 */
#include "request_head.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char host_field[] = "host:";

static const u8 *find_byte(const u8 *begin, const u8 *end, char byte)
{
	return begin < end ? memchr(begin, byte, (size_t)(end - begin)) : NULL;
}

static struct byte_span span_of(const u8 *begin, const u8 *end)
{
	if (begin >= end)
		return (struct byte_span){ NULL, 0 };
	return (struct byte_span){ begin, (size_t)(end - begin) };
}

/* A line ends in CRLF, or in a bare LF as RFC 9112, 2.2 allows. */
static const u8 *strip_cr(const u8 *begin, const u8 *end)
{
	return end > begin && end[-1] == '\r' ? end - 1 : end;
}

/* Whether it is `http` or the like (RFC 3986, 3.1), and not a part of a query. */
static bool is_scheme(const u8 *begin, const u8 *end)
{
	if (begin == end)
		return false;
	for (; begin < end; begin++)
		if (!isalnum(*begin) && !memchr("+-.", *begin, 3))
			return false;
	return true;
}

/* Authority of http://user@example.org:80/path, without userinfo. */
static struct byte_span authority_of(struct byte_span target, bool is_whole)
{
	const u8 *end = target.begin + target.length;
	const u8 *colon = find_byte(target.begin, end, ':');
	const u8 *at, *begin, *stop;

	if (!colon || !is_scheme(target.begin, colon) || end - colon < 3 || colon[1] != '/' ||
	    colon[2] != '/')
		return (struct byte_span){ NULL, 0 };
	begin = colon + 3;
	for (stop = begin; stop < end; stop++) {
		if (*stop == '/' || *stop == '?' || *stop == '#')
			break;
	}
	if (stop == end && !is_whole)
		return (struct byte_span){ NULL, 0 };
	at = begin < stop ? memrchr(begin, '@', (size_t)(stop - begin)) : NULL;
	return span_of(at ? at + 1 : begin, stop);
}

/* The Host field in the lines from `line` on. Its line must have been kept whole. */
static struct byte_span host_of(const u8 *line, const u8 *end)
{
	const size_t name = strlen(host_field);
	const u8 *feed;

	for (; (feed = find_byte(line, end, '\n')) != NULL; line = feed + 1) {
		const u8 *begin = line + name, *stop = feed;

		if ((size_t)(feed - line) < name ||
		    strncasecmp((const char *)line, host_field, name) != 0)
			continue;
		stop = strip_cr(begin, stop);
		while (begin < stop && (*begin == ' ' || *begin == '\t'))
			begin++;
		while (begin < stop && (stop[-1] == ' ' || stop[-1] == '\t'))
			stop--;
		return span_of(begin, stop);
	}
	return (struct byte_span){ NULL, 0 };
}

void request_head_read(struct request_head *ret_head, const u8 *bytes, size_t length)
{
	const u8 *end = bytes + length, *feed, *line_end, *space;

	memset(ret_head, 0, sizeof(*ret_head));
	feed = find_byte(bytes, end, '\n');
	line_end = feed ? strip_cr(bytes, feed) : end;
	space = find_byte(bytes, line_end, ' ');
	ret_head->method = span_of(bytes, space ? space : line_end);
	if (space) {
		const u8 *target = space + 1;

		/* A recipient may split at any white space (RFC 9112, 3). */
		while (target < line_end && *target == ' ')
			target++;
		space = find_byte(target, line_end, ' ');
		ret_head->target = span_of(target, space ? space : line_end);
		ret_head->is_target_whole = space || feed;
	}
	if (ret_head->target.begin && ret_head->target.begin[0] != '/')
		ret_head->host = authority_of(ret_head->target, space || feed);
	if (!ret_head->host.begin && feed)
		ret_head->host = host_of(feed + 1, end);
}
