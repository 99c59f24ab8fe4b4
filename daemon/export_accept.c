/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * export_accept.c - in which format metrics are asked for.
 *
 * The forms of Prometheus' Accept header: "Scrape protocols" in its documentation of
 * content negotiation. Parameters that are not known (escaping) are passed over.
 */
#include "export_accept.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define Q_MAX 1000
#define PROTOBUF_TYPE                                                                              \
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "               \
	"encoding=delimited"

struct text_span {
	const char *begin;
	size_t length;
};

/* One element of the list; a parameter that is not there is empty. */
struct media_range {
	struct text_span type, version, proto, encoding;
	int q; /* in thousandths; negative: not a number, so the element is nothing */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct text_span trim(const char *begin, const char *end)
{
	while (begin < end && is_blank(*begin))
		begin++;
	while (begin < end && is_blank(end[-1]))
		end--;
	return (struct text_span){ begin, (size_t)(end - begin) };
}

static bool equals(struct text_span span, const char *text)
{
	return span.length == strlen(text) && strncasecmp(span.begin, text, span.length) == 0;
}

/* RFC 9110, 12.4.2: 0 or 1, and at most three digits behind the point. */
static int parse_q(struct text_span span)
{
	int q;

	if (span.length < 1 || span.length > 5 || (*span.begin != '0' && *span.begin != '1') ||
	    (span.length > 1 && span.begin[1] != '.'))
		return -1;
	q = (*span.begin - '0') * Q_MAX;
	for (size_t i = 2, weight = Q_MAX / 10; i < span.length; i++, weight /= 10) {
		if (span.begin[i] < '0' || span.begin[i] > '9')
			return -1;
		q += (span.begin[i] - '0') * (int)weight;
	}
	return q <= Q_MAX ? q : -1;
}

/* `name=value`, quotes around the value taken off. */
static void read_parameter(struct media_range *range, struct text_span parameter)
{
	const char *end = parameter.begin + parameter.length;
	const char *equal = memchr(parameter.begin, '=', parameter.length);
	struct text_span name, value;

	if (!equal)
		return;
	name = trim(parameter.begin, equal);
	value = trim(equal + 1, end);
	if (value.length >= 2 && *value.begin == '"' && value.begin[value.length - 1] == '"')
		value = (struct text_span){ value.begin + 1, value.length - 2 };
	if (equals(name, "q"))
		range->q = parse_q(value);
	else if (equals(name, "version"))
		range->version = value;
	else if (equals(name, "proto"))
		range->proto = value;
	else if (equals(name, "encoding"))
		range->encoding = value;
}

static struct media_range read_range(const char *begin, const char *end)
{
	struct media_range range = { .q = Q_MAX };
	const char *semicolon = memchr(begin, ';', (size_t)(end - begin));

	range.type = trim(begin, semicolon ? semicolon : end);
	while (semicolon) {
		begin = semicolon + 1;
		semicolon = memchr(begin, ';', (size_t)(end - begin));
		read_parameter(&range, trim(begin, semicolon ? semicolon : end));
	}
	return range;
}

static bool is_version(const struct media_range *range, const char *version)
{
	return !range->version.length || equals(range->version, version);
}

/* False if it is none of ours. */
static bool format_of(const struct media_range *range, enum export_format *ret_format)
{
	if (equals(range->type, "application/vnd.google.protobuf") &&
	    equals(range->proto, "io.prometheus.client.MetricFamily") &&
	    equals(range->encoding, "delimited"))
		*ret_format = EXPORT_PROTOBUF;
	else if (equals(range->type, "application/openmetrics-text") && is_version(range, "1.0.0"))
		*ret_format = EXPORT_OPENMETRICS;
	else if (equals(range->type, "application/openmetrics-text") && is_version(range, "0.0.1"))
		*ret_format = EXPORT_OPENMETRICS_0_0_1;
	else if ((equals(range->type, "text/plain") && is_version(range, "0.0.4")) ||
		 equals(range->type, "text/*") || equals(range->type, "*/*"))
		*ret_format = EXPORT_TEXT;
	else
		return false;
	return true;
}

enum export_format export_accept(const char *accept)
{
	enum export_format best = EXPORT_TEXT, format;
	int best_q = 0;

	while (accept && *accept) {
		size_t length = strcspn(accept, ",");
		struct media_range range = read_range(accept, accept + length);

		if (range.q > best_q && format_of(&range, &format)) {
			best = format;
			best_q = range.q;
		}
		accept += length + (accept[length] == ',');
	}
	return best;
}

const char *export_content_type(enum export_format format)
{
	static const char *const types[EXPORT_FORMATS] = {
		[EXPORT_TEXT] = "text/plain; version=0.0.4; charset=utf-8",
		[EXPORT_OPENMETRICS] = "application/openmetrics-text; version=1.0.0; charset=utf-8",
		[EXPORT_OPENMETRICS_0_0_1] =
			"application/openmetrics-text; version=0.0.1; charset=utf-8",
		[EXPORT_PROTOBUF] = PROTOBUF_TYPE,
	};

	return types[format];
}
