/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * server_timing.c - how long a server says that it took.
 *
 * Bytes are the server's and may be anything: what is not exactly as the field's
 * definition has it says nothing.
 */
#include "server_timing.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define MS_NS 1000000ULL
#define SECOND_NS 1000000000ULL

static const char *const field_names[] = {
	[SERVER_TIMING_NONE] = NULL,
	[SERVER_TIMING_W3C] = "Server-Timing",
	[SERVER_TIMING_RUNTIME] = "X-Runtime",
	[SERVER_TIMING_ENVOY] = "x-envoy-upstream-service-time",
};

#define FIELD_COUNT (sizeof(field_names) / sizeof(field_names[0]))

/* The rest of what is being read. */
struct cursor {
	const u8 *at, *end;
};

/* What each field said, and for Server-Timing whether that was the total. */
struct findings {
	struct {
		u64 duration_ns;
		bool is_found;
	} fields[FIELD_COUNT];
	bool has_total;
};

const char *server_timing_field_name(enum server_timing_field field)
{
	return (size_t)field < FIELD_COUNT ? field_names[field] : NULL;
}

static bool is_blank(u8 byte)
{
	return byte == ' ' || byte == '\t';
}

static bool is_digit(u8 byte)
{
	return byte >= '0' && byte <= '9';
}

/* RFC 9110, 5.6.2 */
static bool is_token_byte(u8 byte)
{
	return byte > ' ' && byte < 0x7f && !strchr("\"(),/:;<=>?@[\\]{}", byte);
}

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->end && is_blank(*c->at))
		c->at++;
}

static bool take(struct cursor *c, char byte)
{
	if (c->at == c->end || *c->at != (u8)byte)
		return false;
	c->at++;
	return true;
}

static bool is_named(struct cursor name, const char *expected)
{
	size_t length = strlen(expected);

	return (size_t)(name.end - name.at) == length &&
	       strncasecmp((const char *)name.at, expected, length) == 0;
}

/* All of `text` is 1*DIGIT [ "." 1*DIGIT ] units of unit_ns; what is below 1 ns is dropped. */
static bool read_number(struct cursor text, u64 unit_ns, u64 *ret_ns)
{
	u64 whole = 0, fraction_ns = 0, digit_ns = unit_ns;

	if (text.at == text.end || !is_digit(*text.at))
		return false;
	for (; text.at < text.end && is_digit(*text.at); text.at++) {
		whole = whole * 10 + (*text.at - '0');
		if (whole > SERVER_TIMING_NS_MAX / unit_ns)
			return false;
	}
	if (take(&text, '.')) {
		if (text.at == text.end)
			return false;
		for (; text.at < text.end && is_digit(*text.at); text.at++) {
			digit_ns /= 10;
			fraction_ns += digit_ns * (*text.at - '0');
		}
	}
	if (text.at < text.end || whole * unit_ns + fraction_ns > SERVER_TIMING_NS_MAX)
		return false;
	*ret_ns = whole * unit_ns + fraction_ns;
	return true;
}

static struct cursor take_token(struct cursor *c)
{
	struct cursor token = { c->at, c->at };

	while (c->at < c->end && is_token_byte(*c->at))
		c->at++;
	token.end = c->at;
	return token;
}

/* A token, or what is between quotes (RFC 9110, 5.6.4). False if it is neither. */
static bool take_value(struct cursor *c, struct cursor *ret_value)
{
	if (!take(c, '"')) {
		*ret_value = take_token(c);
		return ret_value->at < ret_value->end;
	}
	ret_value->at = c->at;
	while (c->at < c->end && *c->at != '"') {
		if (*c->at == '\\' && c->at + 1 < c->end)
			c->at++;
		c->at++;
	}
	ret_value->end = c->at;
	return take(c, '"');
}

/* `;name=value` or `;name`. False at anything else. */
static bool take_parameter(struct cursor *c, struct cursor *ret_name, struct cursor *ret_value)
{
	skip_blanks(c);
	if (!take(c, ';'))
		return false;
	skip_blanks(c);
	*ret_name = take_token(c);
	*ret_value = (struct cursor){ c->at, c->at };
	skip_blanks(c);
	if (!take(c, '='))
		return ret_name->at < ret_name->end;
	skip_blanks(c);
	return ret_name->at < ret_name->end && take_value(c, ret_value);
}

static void add_metric(struct findings *findings, struct cursor name, u64 duration_ns)
{
	bool is_total = is_named(name, "total");
	bool is_found = findings->fields[SERVER_TIMING_W3C].is_found;

	if (findings->has_total || (is_found && !is_total &&
				    duration_ns <= findings->fields[SERVER_TIMING_W3C].duration_ns))
		return;
	findings->has_total = is_total;
	findings->fields[SERVER_TIMING_W3C].is_found = true;
	findings->fields[SERVER_TIMING_W3C].duration_ns = duration_ns;
}

/* `db;dur=53, app;dur=47.2;desc="a, b"`. What follows something else than that is not read. */
static void read_metrics(struct findings *findings, struct cursor c)
{
	do {
		struct cursor metric, name, value;
		bool has_duration = false, is_number = false;
		u64 duration_ns = 0;

		skip_blanks(&c);
		metric = take_token(&c);
		while (take_parameter(&c, &name, &value)) {
			/* The first of a name counts. */
			if (has_duration || !is_named(name, "dur"))
				continue;
			has_duration = true;
			is_number = read_number(value, MS_NS, &duration_ns);
		}
		skip_blanks(&c);
		if (c.at < c.end && *c.at != ',')
			return;
		if (is_number && metric.at < metric.end)
			add_metric(findings, metric, duration_ns);
	} while (take(&c, ','));
}

static void read_field(struct findings *findings, struct cursor line)
{
	struct cursor name = take_token(&line);
	enum server_timing_field field = SERVER_TIMING_NONE;
	u64 duration_ns;

	if (!take(&line, ':'))
		return;
	for (size_t i = 1; i < FIELD_COUNT; i++)
		if (is_named(name, field_names[i]))
			field = (enum server_timing_field)i;
	if (field == SERVER_TIMING_NONE)
		return;
	skip_blanks(&line);
	while (line.end > line.at && is_blank(line.end[-1]))
		line.end--;
	if (field == SERVER_TIMING_W3C) {
		read_metrics(findings, line);
		return;
	}
	if (findings->fields[field].is_found ||
	    !read_number(line, field == SERVER_TIMING_RUNTIME ? SECOND_NS : MS_NS, &duration_ns))
		return;
	findings->fields[field].is_found = true;
	findings->fields[field].duration_ns = duration_ns;
}

/* One whole line without its end; false if there is none. */
static bool take_line(struct cursor *c, struct cursor *ret_line)
{
	const u8 *feed = c->at < c->end ? memchr(c->at, '\n', (size_t)(c->end - c->at)) : NULL;

	if (!feed)
		return false;
	*ret_line = (struct cursor){ c->at, feed };
	if (feed > c->at && feed[-1] == '\r')
		ret_line->end--;
	c->at = feed + 1;
	return true;
}

/* "HTTP/1.1 103": an interim response, before that which is timed. 101 is final. */
static bool is_interim(struct cursor line)
{
	return line.end - line.at >= 12 && line.at[8] == ' ' && line.at[9] == '1' &&
	       memcmp(line.at + 10, "01", 2) != 0;
}

/* Those of the final response's head; none if the bytes do not begin with that of any. */
static void read_heads(struct findings *findings, struct cursor c)
{
	bool was_interim;
	struct cursor line;

	do {
		memset(findings, 0, sizeof(*findings));
		if (!take_line(&c, &line) || line.end - line.at < 5 ||
		    strncasecmp((const char *)line.at, "HTTP/", 5) != 0)
			return;
		was_interim = is_interim(line);
		while (take_line(&c, &line) && line.at < line.end) {
			/* What is continued on the next line (obs-fold) is not known whole. */
			if (c.at == c.end || !is_blank(*c.at))
				read_field(findings, line);
		}
	} while (was_interim);
}

void server_timing_read(struct server_timing *ret_timing, const u8 *bytes, size_t length)
{
	struct findings findings;

	*ret_timing = (struct server_timing){ 0, SERVER_TIMING_NONE };
	read_heads(&findings, (struct cursor){ bytes, bytes + length });
	for (size_t i = 1; i < FIELD_COUNT; i++) {
		if (!findings.fields[i].is_found)
			continue;
		ret_timing->duration_ns = findings.fields[i].duration_ns;
		ret_timing->field = (enum server_timing_field)i;
		return;
	}
}
