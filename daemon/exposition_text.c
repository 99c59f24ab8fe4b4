/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exposition_text.c - Prometheus text 0.0.4 and OpenMetrics text 1.0.0.
 *
 * They differ in how a counter's family is called, in the UNIT line, in how a bucket's bound is
 * written, in exemplars and in the end. OpenMetrics' `_created` samples are left out: they would
 * be a series more for each counter, which Prometheus stores and does not use.
 */
#include "exposition.h"

#define TOTAL "_total"
#define TOTAL_BYTES (sizeof(TOTAL) - 1)

static bool is_openmetrics(const struct exposition *exposition)
{
	return exposition->format != EXPORT_TEXT;
}

static void add_comment(struct exposition *exposition, const char *keyword, size_t name_bytes,
			const char *text)
{
	export_buffer_text(exposition->out, keyword);
	export_buffer_add(exposition->out, exposition->family->name, name_bytes);
	export_buffer_literal(exposition->out, " ");
	export_buffer_text(exposition->out, text);
	export_buffer_literal(exposition->out, "\n");
}

void exposition_text_begin(struct exposition *exposition)
{
	const struct metric_family *family = exposition->family;
	size_t name_bytes = strlen(family->name);

	exposition->sample_name_bytes = name_bytes;
	if (is_openmetrics(exposition) && family->type == METRIC_COUNTER)
		name_bytes -= TOTAL_BYTES;
	add_comment(exposition, "# HELP ", name_bytes, family->help);
	add_comment(exposition, "# TYPE ", name_bytes, metric_type_name(family->type));
	if (is_openmetrics(exposition) && *family->unit)
		add_comment(exposition, "# UNIT ", name_bytes, family->unit);
}

static void add_value(struct export_buffer *out, struct exposition_value number)
{
	if (number.kind == EXPOSITION_DOUBLE)
		export_buffer_double(out, number.number);
	else if (number.kind == EXPOSITION_NANOSECONDS)
		export_buffer_seconds(out, number.integer);
	else
		export_buffer_integer(out, number.integer);
}

/* `name_suffix{labels,extra="value"} `, braces only around something. */
static void add_name(struct exposition *exposition, const char *suffix,
		     const struct export_labels *labels, const char *name, const char *value)
{
	struct export_buffer *out = exposition->out;

	export_buffer_add(out, exposition->family->name, exposition->sample_name_bytes);
	export_buffer_text(out, suffix);
	if (labels->text_bytes || name) {
		export_buffer_literal(out, "{");
		export_buffer_add(out, labels->text, labels->text_bytes);
		if (labels->text_bytes && name)
			export_buffer_literal(out, ",");
		if (name) {
			export_buffer_text(out, name);
			export_buffer_literal(out, "=\"");
			export_buffer_text(out, value);
			export_buffer_literal(out, "\"");
		}
		export_buffer_literal(out, "}");
	}
	export_buffer_literal(out, " ");
}

void exposition_text_sample(struct exposition *exposition, const struct export_labels *labels,
			    const char *name, const char *value, struct exposition_value number)
{
	add_name(exposition, "", labels, name, value);
	add_value(exposition->out, number);
	export_buffer_literal(exposition->out, "\n");
}

static void add_exemplar(struct export_buffer *out, const struct exemplar *exemplar)
{
	export_buffer_literal(out, " # {trace_id=\"");
	export_buffer_text(out, exemplar->trace_id);
	export_buffer_literal(out, "\"} ");
	export_buffer_seconds(out, exemplar->value_ns);
	export_buffer_literal(out, " ");
	export_buffer_seconds(out, exemplar->time_ns);
}

static const char *bound_text(const struct exposition *exposition, unsigned i)
{
	if (i == EXPORT_BOUNDS)
		return "+Inf";
	return is_openmetrics(exposition) ? export_bounds[i].openmetrics_text
					  : export_bounds[i].text;
}

/* Lines of buckets are most of an answer: what they begin with is copied from the first. */
void exposition_text_histogram(struct exposition *exposition, const struct export_labels *labels,
			       const u64 buckets[NL_HISTOGRAM_BUCKETS], u64 sum_ns,
			       const struct exemplar *exemplars)
{
	struct export_buffer *out = exposition->out;
	size_t begin = out->used, length;
	u64 cumulative[EXPORT_CLASSIC];

	export_classic(buckets, cumulative);
	export_buffer_add(out, exposition->family->name, exposition->sample_name_bytes);
	export_buffer_literal(out, "_bucket{");
	export_buffer_add(out, labels->text, labels->text_bytes);
	if (labels->text_bytes)
		export_buffer_literal(out, ",");
	export_buffer_literal(out, "le=\"");
	length = out->used - begin;
	for (unsigned i = 0; i < EXPORT_CLASSIC && !out->failed; i++) {
		if (i > 0 && export_buffer_reserve(out, length))
			export_buffer_add(out, out->bytes + begin, length);
		export_buffer_text(out, bound_text(exposition, i));
		export_buffer_literal(out, "\"} ");
		export_buffer_integer(out, cumulative[i]);
		if (is_openmetrics(exposition) && exemplars && *exemplars[i].trace_id)
			add_exemplar(out, &exemplars[i]);
		export_buffer_literal(out, "\n");
	}
	add_name(exposition, "_sum", labels, NULL, NULL);
	export_buffer_seconds(out, sum_ns);
	export_buffer_literal(out, "\n");
	add_name(exposition, "_count", labels, NULL, NULL);
	export_buffer_integer(out, cumulative[EXPORT_BOUNDS]);
	export_buffer_literal(out, "\n");
}

void exposition_text_end(struct exposition *exposition)
{
	if (is_openmetrics(exposition))
		export_buffer_literal(exposition->out, "# EOF\n");
}
