/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export_csv.c - a record as a line of CSV, made of its JSON. */
#include "export_csv.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_SEPARATOR '|'

/* JSON that is read and CSV that is written. */
struct conversion {
	const char *at, *end;
	char *to, *to_end;
	bool failed;
};

static void put(struct conversion *c, char byte)
{
	if (c->to == c->to_end)
		c->failed = true;
	else
		*c->to++ = byte;
}

static bool is_next(const struct conversion *c, char byte)
{
	return c->at < c->end && *c->at == byte;
}

/* Step over a byte that has to be there. */
static void expect(struct conversion *c, char byte)
{
	if (is_next(c, byte))
		c->at++;
	else
		c->failed = true;
}

/* Only control characters are escaped by number. */
static void put_control(struct conversion *c, unsigned char byte)
{
	static const char digits[] = "0123456789ABCDEF";

	put(c, '%');
	put(c, digits[byte >> 4]);
	put(c, digits[byte & 15]);
}

static void put_number_escape(struct conversion *c)
{
	char digits[5] = "";
	unsigned long code;
	char *end;

	if (c->end - c->at < 4) {
		c->failed = true;
		return;
	}
	memcpy(digits, c->at, 4);
	c->at += 4;
	code = strtoul(digits, &end, 16);
	if (*end || code >= 0x80)
		c->failed = true;
	else
		put_control(c, (unsigned char)code);
}

static void put_escape(struct conversion *c)
{
	static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
	const char *found;
	char byte;

	if (c->at == c->end) {
		c->failed = true;
		return;
	}
	byte = *c->at++;
	found = byte ? strchr(letters, byte) : NULL;
	if (byte == 'u') {
		put_number_escape(c);
	} else if (found) {
		put_control(c, (unsigned char)meanings[found - letters]);
	} else {
		if (byte == '"') /* RFC 4180, 2, rule 7 */
			put(c, '"');
		put(c, byte);
	}
}

static void put_bytes(struct conversion *c, const char *bytes, size_t length)
{
	if (length > (size_t)(c->to_end - c->to)) {
		c->failed = true;
		return;
	}
	memcpy(c->to, bytes, length);
	c->to += length;
}

/* Whether the byte stands for itself in both. Commas do, but want quotes. */
static bool is_plain(char byte)
{
	return (unsigned char)byte >= ' ' && byte != '"' && byte != '\\' && byte != ',' &&
	       byte != 0x7f;
}

/* Up to the closing quote of a string. True if a field of its own has to be in quotes. */
static bool put_characters(struct conversion *c)
{
	const char *begin = c->to;
	bool needs_quotes = false;

	while (!c->failed) {
		const char *run = c->at;

		while (c->at < c->end && is_plain(*c->at))
			c->at++;
		put_bytes(c, run, (size_t)(c->at - run));
		if (c->failed || c->at == c->end || *c->at == '"')
			break;
		if (*c->at == ',') {
			needs_quotes = true;
			put(c, *c->at++);
		} else if (*c->at == '\\') {
			c->at++;
			needs_quotes |= is_next(c, '"');
			put_escape(c);
		} else {
			put_control(c, (unsigned char)*c->at++);
		}
	}
	return needs_quotes || c->to == begin || *begin == ' ' || c->to[-1] == ' ';
}

/* A string; in quotes where its place is a field of its own and it needs them. */
static void put_string(struct conversion *c, bool may_quote)
{
	char *begin = c->to;
	bool needs_quotes;

	expect(c, '"');
	put(c, '"'); /* taken back, if it is not needed */
	if (c->failed)
		return;
	needs_quotes = put_characters(c);
	expect(c, '"');
	if (c->failed)
		return;
	if (may_quote && needs_quotes) {
		put(c, '"');
		return;
	}
	memmove(begin, begin + 1, (size_t)(c->to - begin - 1));
	c->to--;
}

/* A number, or null, which is nothing. */
static void put_bare(struct conversion *c)
{
	const char *begin = c->at;

	while (c->at < c->end &&
	       (isalnum((unsigned char)*c->at) || *c->at == '-' || *c->at == '.' || *c->at == '+'))
		c->at++;
	if (c->at == begin)
		c->failed = true;
	if (c->at - begin == 4 && memcmp(begin, "null", 4) == 0)
		return;
	put_bytes(c, begin, (size_t)(c->at - begin));
}

/* Names and numbers of ours: none needs quotes. */
static void put_list(struct conversion *c)
{
	bool is_first = true;

	expect(c, '[');
	while (!c->failed && c->at < c->end && *c->at != ']') {
		if (!is_first) {
			expect(c, ',');
			put(c, LIST_SEPARATOR);
		}
		is_first = false;
		if (is_next(c, '"'))
			put_string(c, false);
		else
			put_bare(c);
	}
	expect(c, ']');
}

static void put_value(struct conversion *c)
{
	if (is_next(c, '"'))
		put_string(c, true);
	else if (is_next(c, '['))
		put_list(c);
	else
		put_bare(c);
}

/* Step over a name, which has nothing to be escaped. */
static void skip_name(struct conversion *c)
{
	const char *quote;

	expect(c, '"');
	quote = c->at < c->end ? memchr(c->at, '"', (size_t)(c->end - c->at)) : NULL;
	if (quote)
		c->at = quote + 1;
	else
		c->failed = true;
}

/* Names or values of all members. */
static size_t convert(char *line, size_t size, const char *json, size_t length, bool is_header)
{
	struct conversion c = { json, json + length, line, line + size, false };

	while (!c.failed && c.at < c.end) {
		char *kept;

		if (c.at > json) {
			expect(&c, ',');
			put(&c, ',');
		}
		if (is_header)
			put_string(&c, true);
		else
			skip_name(&c);
		expect(&c, ':');
		kept = c.to;
		put_value(&c);
		if (is_header)
			c.to = kept;
	}
	put(&c, '\r');
	put(&c, '\n');
	return c.failed ? 0 : (size_t)(c.to - line);
}

size_t csv_line(char *line, size_t size, const char *json, size_t length)
{
	return convert(line, size, json, length, false);
}

size_t csv_header(char *line, size_t size, const char *json, size_t length)
{
	return convert(line, size, json, length, true);
}
