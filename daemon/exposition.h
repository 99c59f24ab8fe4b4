/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exposition.h - metrics written in the format that was asked for: exposition_text.c has the
 * two text formats, exposition_protobuf.c the other.
 */
#ifndef NETLAT_EXPOSITION_H
#define NETLAT_EXPOSITION_H

#include "export_accept.h"
#include "export_buffer.h"
#include "export_histogram.h"
#include "export_labels.h"
#include "metric_families.h"

#define EXEMPLAR_TRACE_ID_BYTES 32

/* A transaction that stands for its bucket. */
struct exemplar {
	char trace_id[EXEMPLAR_TRACE_ID_BYTES + 1]; /* empty: there is none */
	u64 value_ns;
	u64 time_ns; /* since the epoch */
};

/* A value as it is known: exactly. */
enum exposition_kind {
	EXPOSITION_INTEGER,
	EXPOSITION_NANOSECONDS, /* written as seconds */
	EXPOSITION_DOUBLE,
};

struct exposition_value {
	enum exposition_kind kind;
	union {
		u64 integer;
		double number;
	};
};

struct exposition_protobuf;

/* Begin with { .out, .format }, and the protobuf writer where that is the format. */
struct exposition {
	struct export_buffer *out;
	enum export_format format;
	struct exposition_protobuf *protobuf;
	const struct metric_family *family;
	size_t sample_name_bytes; /* text: of the name in front of each sample */
};

/*
 * Labels as the fields of a message that has nothing else, in at most
 * exposition_protobuf_labels_max() bytes. Returns how many.
 */
size_t exposition_protobuf_labels_max(const struct export_labels *labels);
size_t exposition_protobuf_encode_labels(const struct export_labels *labels, u8 *bytes);

/* The memory that the protobuf format is put together in. NULL on lack of memory. */
struct exposition_protobuf *exposition_protobuf_new(void);
void exposition_protobuf_free(struct exposition_protobuf *protobuf);

/* A family, and what follows is of it, until the next one or exposition_end(). */
void exposition_begin(struct exposition *exposition, enum metric metric);

/* A sample with one more label, or none (name NULL). Its value needs no escape. */
void exposition_sample(struct exposition *exposition, const struct export_labels *labels,
		       const char *name, const char *value, struct exposition_value number);

/*
 * A histogram of buckets of core/histogram.h. `exemplars`, EXPORT_CLASSIC of them, may be
 * NULL.
 */
void exposition_histogram(struct exposition *exposition, const struct export_labels *labels,
			  const u64 buckets[NL_HISTOGRAM_BUCKETS], u64 sum_ns,
			  const struct exemplar *exemplars);

/* Once, at the end. */
void exposition_end(struct exposition *exposition);

/* What the formats are made of; for exposition.c alone. */
void exposition_text_begin(struct exposition *exposition);
void exposition_text_sample(struct exposition *exposition, const struct export_labels *labels,
			    const char *name, const char *value, struct exposition_value number);
void exposition_text_histogram(struct exposition *exposition, const struct export_labels *labels,
			       const u64 buckets[NL_HISTOGRAM_BUCKETS], u64 sum_ns,
			       const struct exemplar *exemplars);
void exposition_text_end(struct exposition *exposition);

void exposition_protobuf_begin(struct exposition *exposition);
void exposition_protobuf_sample(struct exposition *exposition, const struct export_labels *labels,
				const char *name, const char *value,
				struct exposition_value number);
void exposition_protobuf_histogram(struct exposition *exposition,
				   const struct export_labels *labels,
				   const u64 buckets[NL_HISTOGRAM_BUCKETS], u64 sum_ns,
				   const struct exemplar *exemplars);
void exposition_protobuf_end(struct exposition *exposition);

#endif
