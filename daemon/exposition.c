/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* exposition.c - metrics written in the format that was asked for. */
#include "exposition.h"

static bool is_protobuf(const struct exposition *exposition)
{
	return exposition->format == EXPORT_PROTOBUF;
}

static void end_family(struct exposition *exposition)
{
	if (exposition->family && is_protobuf(exposition))
		exposition_protobuf_end(exposition);
}

void exposition_begin(struct exposition *exposition, enum metric metric)
{
	end_family(exposition);
	exposition->family = &metric_families[metric];
	if (is_protobuf(exposition))
		exposition_protobuf_begin(exposition);
	else
		exposition_text_begin(exposition);
}

void exposition_sample(struct exposition *exposition, const struct export_labels *labels,
		       const char *name, const char *value, struct exposition_value number)
{
	if (is_protobuf(exposition))
		exposition_protobuf_sample(exposition, labels, name, value, number);
	else
		exposition_text_sample(exposition, labels, name, value, number);
}

void exposition_histogram(struct exposition *exposition, const struct export_labels *labels,
			  const u64 buckets[NL_HISTOGRAM_BUCKETS], u64 sum_ns,
			  const struct exemplar *exemplars)
{
	if (is_protobuf(exposition))
		exposition_protobuf_histogram(exposition, labels, buckets, sum_ns, exemplars);
	else
		exposition_text_histogram(exposition, labels, buckets, sum_ns, exemplars);
}

void exposition_end(struct exposition *exposition)
{
	end_family(exposition);
	if (!is_protobuf(exposition))
		exposition_text_end(exposition);
}
