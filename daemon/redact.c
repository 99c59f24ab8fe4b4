/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* redact.c - which bytes of a URL are secret, and what is told of a request without them. */
#include "redact.h"

#include <string.h>

#include "record_view.h"

#define NAME_BYTES_MAX 64
#define TOKEN_BYTES_MIN 16
#define MARK_SECRET 1

static bool is_off;

void redact_set_off(bool off)
{
	is_off = off;
}

static bool is_alphanumeric(u8 byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
	       (byte >= 'A' && byte <= 'Z');
}

static bool is_slash(u8 byte)
{
	return byte == '/' || byte == '\\'; /* as clients take the second for the first */
}

static int digit_of(u8 byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Bytes that this character has there: 1, percent-encoded 3; 0: it is another. */
static size_t width_of(const u8 *url, size_t at, size_t end, char byte)
{
	int high, low;

	if (url[at] == (u8)byte)
		return 1;
	if (url[at] != '%' || end - at < 3)
		return 0;
	high = digit_of(url[at + 1]);
	low = digit_of(url[at + 2]);
	return high >= 0 && low >= 0 && high * 16 + low == byte ? 3 : 0;
}

static size_t width_of_slash(const u8 *url, size_t at, size_t end)
{
	return is_slash(url[at]) ? 1 : width_of(url, at, end, '/');
}

static void mark_bytes(u8 *marks, size_t begin, size_t end, u8 mark)
{
	for (size_t i = begin; i < end; i++)
		marks[i] |= mark;
}

/* Where the byte stands in [begin, end); end if it does not. */
static size_t find(const u8 *url, size_t begin, size_t end, char byte)
{
	const u8 *at = begin < end ? memchr(url + begin, byte, end - begin) : NULL;

	return at ? (size_t)(at - url) : end;
}

/* A bracket, encoded as in `filter%5Bname%5D=`. */
static bool is_bracket(const u8 *url, size_t at, size_t end)
{
	return end - at >= 3 && url[at + 1] == '5' && memchr("BDbd", url[at + 2], 4);
}

/* Whether a name stands there, as forms and APIs have them, and not what may be a value. */
static bool is_name(const u8 *url, size_t begin, size_t end)
{
	if (end - begin > NAME_BYTES_MAX)
		return false;
	for (size_t i = begin; i < end; i++) {
		if (is_alphanumeric(url[i]) || memchr("-_.~$:[]", url[i], 8))
			continue;
		if (url[i] != '%' || !is_bracket(url, i, end))
			return false;
		i += 2;
	}
	return true;
}

/* `dGhlIHNlY3JldA==` is no name without a value. */
static bool may_be_token(const u8 *url, size_t begin, size_t equals, size_t end)
{
	while (equals < end && url[equals] == '=')
		equals++;
	return equals == end && end - begin >= TOKEN_BYTES_MIN;
}

static void mark_query(const u8 *url, size_t begin, size_t end, u8 mark, u8 *marks)
{
	for (size_t next; begin < end; begin = next + 1) {
		size_t equals;

		next = find(url, begin, end, '&');
		equals = find(url, begin, next, '=');
		if (equals < next && is_name(url, begin, equals) &&
		    !may_be_token(url, begin, equals, next))
			begin = equals + 1;
		mark_bytes(marks, begin, next, mark);
	}
}

/* `/cart;jsessionid=0123/list` */
static void mark_path(const u8 *url, size_t begin, size_t end, u8 mark, u8 *marks)
{
	while ((begin = find(url, begin, end, ';')) < end) {
		size_t stop = ++begin;

		while (stop < end && url[stop] != ';' && url[stop] != '/')
			stop++;
		mark_bytes(marks, find(url, begin, stop, '=') + 1, stop, mark);
		begin = stop;
	}
}

/* Where the authority begins: at once in a CONNECT, behind `http://` or `//`; 0 in a path. */
static size_t find_authority(const u8 *url, size_t length, bool *ret_is_there)
{
	size_t at = 0, slashes = 0;

	while (at < length && (is_alphanumeric(url[at]) || memchr("+-.", url[at], 3)))
		at++;
	at = at > 0 && at < length && url[at] == ':' ? at + 1 : 0;
	while (at + slashes < length && is_slash(url[at + slashes]))
		slashes++;
	*ret_is_there = at > 0 || slashes != 1;
	/* Without slashes it is no scheme: `user:password@host` */
	return slashes > 0 ? at + slashes : 0;
}

/* Where the host begins: behind the last @, of which *ret_at is the place; `begin`: there is none.
 */
static size_t find_host(const u8 *url, size_t begin, size_t end, size_t *ret_at)
{
	size_t host = begin;

	for (size_t at = begin; at < end; at++) {
		size_t width = width_of(url, at, end, '@');

		if (width == 0)
			continue;
		*ret_at = at;
		host = at + width;
	}
	return host;
}

/* User name and password of an authority that ends there. */
static void mark_userinfo(const u8 *url, size_t begin, size_t end, u8 mark, u8 *marks)
{
	size_t at = begin, colon;

	if (find_host(url, begin, end, &at) == begin)
		return;
	colon = find(url, begin, at, ':');
	mark_bytes(marks, begin, colon, mark);
	mark_bytes(marks, colon + 1, at, mark);
}

/* The same of URLs that a path or a field's value has in it: `/fetch/https://user:password@host/`
 */
static void mark_inner(const u8 *url, size_t end, bool is_end_known, u8 mark, u8 *marks)
{
	for (size_t at = 0; at < end; at++) {
		size_t colon = width_of(url, at, end, ':'), begin = at + colon, stop, width;

		if (colon == 0)
			continue;
		while (begin < end && (width = width_of_slash(url, begin, end)) > 0)
			begin += width;
		if (begin == at + colon)
			continue;
		for (stop = begin; stop < end && !width_of_slash(url, stop, end); stop++)
			;
		if (stop == end && !is_end_known)
			mark_bytes(marks, begin, end, mark);
		else
			mark_userinfo(url, begin, stop, mark, marks);
		at = begin - 1;
	}
}

/* All behind a ? that is encoded: mostly a query of a URL in the path. */
static void mark_inner_query(const u8 *url, size_t end, u8 mark, u8 *marks)
{
	for (size_t at = 0; at < end; at++) {
		size_t width = width_of(url, at, end, '?');

		if (width == 0)
			continue;
		mark_bytes(marks, at + width, end, mark);
		return;
	}
}

/* Returns where the path begins. */
static size_t mark_authority(const u8 *url, size_t end, bool is_end_known, u8 mark, u8 *marks)
{
	bool is_there;
	size_t begin = find_authority(url, end, &is_there), stop = begin;

	if (!is_there)
		return 0;
	while (stop < end && !is_slash(url[stop]))
		stop++;
	if (stop == end && !is_end_known) {
		mark_bytes(marks, begin, end, mark);
		return end;
	}
	mark_userinfo(url, begin, stop, mark, marks);
	return stop;
}

void redact_mark_url(const u8 *url, size_t length, bool is_whole, u8 mark, u8 *marks)
{
	size_t hash = find(url, 0, length, '#');
	size_t question = find(url, 0, hash, '?');
	bool is_end_known = is_whole || question < length;
	size_t path;

	mark_bytes(marks, hash + 1, length, mark);
	mark_query(url, question + 1, hash, mark, marks);
	path = mark_authority(url, question, is_end_known, mark, marks);
	mark_path(url, path, question, mark, marks);
	mark_inner(url, question, is_end_known, mark, marks);
	mark_inner_query(url, question, mark, marks);
}

/* Put REDACTED for each row of marked bytes. Returns the length of the text. */
static size_t replace(u8 *text, size_t size, struct byte_span from, const u8 *marks)
{
	const size_t room = strlen(REDACTED);
	size_t used = 0;

	for (size_t i = 0; i < from.length && size - used >= room; i++) {
		if (!marks[i]) {
			text[used++] = from.begin[i];
		} else if (i == 0 || !marks[i - 1]) {
			memcpy(text + used, REDACTED, room);
			used += room;
		}
	}
	return used;
}

/* Most targets are a path and nothing else. */
static bool is_mere_path(struct byte_span target)
{
	static const bool is_other[256] = {
		['?'] = true, [';'] = true, ['#'] = true, ['%'] = true, [':'] = true,
	};

	if (target.begin[0] != '/' || (target.length > 1 && is_slash(target.begin[1])))
		return false;
	for (size_t i = 0; i < target.length; i++)
		if (is_other[target.begin[i]])
			return false;
	return true;
}

static void redact_target(struct shown_request *shown, bool is_whole)
{
	u8 marks[NL_HEAD_BYTES_MAX];

	if (!shown->target.begin || is_mere_path(shown->target))
		return;
	memset(marks, 0, shown->target.length);
	redact_mark_url(shown->target.begin, shown->target.length, is_whole, MARK_SECRET, marks);
	if (!memchr(marks, MARK_SECRET, shown->target.length))
		return;
	shown->target.length = replace(shown->text, sizeof(shown->text), shown->target, marks);
	shown->target.begin = shown->text;
}

/* A Host field has no userinfo, path or query, but who sends it may not know that. */
static void redact_host(struct byte_span *host)
{
	size_t at, begin, kept = 0;

	if (!host->begin)
		return;
	/* Nearly never is there one, as it is or encoded. */
	if (memchr(host->begin, '@', host->length) || memchr(host->begin, '%', host->length)) {
		begin = find_host(host->begin, 0, host->length, &at);
		host->begin += begin;
		host->length -= begin;
	}
	while (kept < host->length && !is_slash(host->begin[kept]) && host->begin[kept] != '?' &&
	       host->begin[kept] != '#')
		kept++;
	host->length = kept;
	if (kept == 0)
		host->begin = NULL;
}

void redact_request(struct shown_request *ret_shown, const struct nl_record *record)
{
	struct request_head head;

	/* What the ring did not send of head[] is not ours to read. */
	request_head_read(&head, record->head, min_u32(record->head_bytes, NL_HEAD_BYTES_MAX));
	if (!head.method.begin) {
		const char *name = record_method_name(record->method);

		head.method.begin = (const u8 *)name;
		head.method.length = name ? strlen(name) : 0;
	}
	ret_shown->method = head.method;
	ret_shown->target = head.target;
	ret_shown->host = head.host;
	if (is_off)
		return;
	redact_target(ret_shown, head.is_target_whole);
	redact_host(&ret_shown->host);
}
