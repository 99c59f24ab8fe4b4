/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exposition_protobuf.c - the protobuf format: each family a message with its length before it.
 *
 * A family may have thousands of metrics. Each is put together in the same messages, encoded by
 * protobuf-c and appended as the field that it is; the length of the whole is put in front when
 * it is known.
 */
#include "exposition.h"

#include <stdlib.h>

#include "prometheus.pb-c.h"

#define FIELD_METRIC 4		 /* of MetricFamily */
#define FIELD_HISTOGRAM 7	 /* of Metric */
#define FIELD_BUCKET 3		 /* of Histogram */
#define FIELD_CUMULATIVE_COUNT 1 /* of Bucket, as is the next */
#define FIELD_UPPER_BOUND 2
#define WIRE_FIXED64 1
#define BUCKET_BYTES_MAX (1 + VARINT_BYTES_MAX + 1 + sizeof(double))
/* Of labels that are not encoded before: a few short ones. */
#define EXPORT_OVERFLOW_BYTES_MAX 256
#define WIRE_LENGTH_DELIMITED 2
#define VARINT_BYTES_MAX 10
#define SECOND_NS 1000000000ULL

typedef Io__Prometheus__Client__LabelPair label_pair;
typedef Io__Prometheus__Client__Bucket bucket_message;
typedef Io__Prometheus__Client__BucketSpan span_message;
typedef Io__Prometheus__Client__Exemplar exemplar_message;
typedef Io__Prometheus__Client__Timestamp timestamp_message;

struct exposition_protobuf {
	Io__Prometheus__Client__Metric metric;
	Io__Prometheus__Client__Counter counter;
	Io__Prometheus__Client__Gauge gauge;
	Io__Prometheus__Client__Histogram histogram;
	label_pair extra; /* the one label that a sample may have beside its series' */
	label_pair *extra_pointer;
	/* Of a bucket with an exemplar. */
	bucket_message bucket;
	exemplar_message exemplar;
	timestamp_message time;
	label_pair trace_id;
	label_pair *trace_id_pointer;
	struct export_buffer buckets; /* of one histogram, encoded */
	span_message spans[NL_HISTOGRAM_BUCKETS];
	span_message *span_pointers[NL_HISTOGRAM_BUCKETS];
	struct export_native native;
	size_t family_begin; /* where in the output */
};

static void init_bucket(struct exposition_protobuf *protobuf)
{
	io__prometheus__client__bucket__init(&protobuf->bucket);
	io__prometheus__client__exemplar__init(&protobuf->exemplar);
	io__prometheus__client__timestamp__init(&protobuf->time);
	io__prometheus__client__label_pair__init(&protobuf->trace_id);
	protobuf->bucket.has_cumulative_count = protobuf->bucket.has_upper_bound = 1;
	protobuf->bucket.exemplar = &protobuf->exemplar;
	protobuf->trace_id.name = (char *)"trace_id";
	protobuf->trace_id_pointer = &protobuf->trace_id;
	protobuf->exemplar.label = &protobuf->trace_id_pointer;
	protobuf->exemplar.n_label = 1;
	protobuf->exemplar.has_value = 1;
	protobuf->exemplar.timestamp = &protobuf->time;
	protobuf->time.has_seconds = protobuf->time.has_nanos = 1;
}

static void init_histogram(struct exposition_protobuf *protobuf)
{
	Io__Prometheus__Client__Histogram *histogram = &protobuf->histogram;

	io__prometheus__client__histogram__init(histogram);
	histogram->has_sample_count = histogram->has_sample_sum = histogram->has_schema = 1;
	histogram->has_zero_threshold = histogram->has_zero_count = 1;
	histogram->schema = EXPORT_NATIVE_SCHEMA;
	histogram->zero_threshold = EXPORT_NATIVE_ZERO_THRESHOLD_S;
	histogram->positive_span = protobuf->span_pointers;
	for (unsigned i = 0; i < NL_HISTOGRAM_BUCKETS; i++) {
		io__prometheus__client__bucket_span__init(&protobuf->spans[i]);
		protobuf->spans[i].has_offset = protobuf->spans[i].has_length = 1;
		protobuf->span_pointers[i] = &protobuf->spans[i];
	}
}

struct exposition_protobuf *exposition_protobuf_new(void)
{
	struct exposition_protobuf *protobuf = calloc(1, sizeof(*protobuf));

	if (!protobuf)
		return NULL;
	io__prometheus__client__metric__init(&protobuf->metric);
	io__prometheus__client__counter__init(&protobuf->counter);
	io__prometheus__client__gauge__init(&protobuf->gauge);
	protobuf->counter.has_value = protobuf->gauge.has_value = 1;
	io__prometheus__client__label_pair__init(&protobuf->extra);
	protobuf->extra_pointer = &protobuf->extra;
	protobuf->metric.label = &protobuf->extra_pointer;
	init_bucket(protobuf);
	init_histogram(protobuf);
	return protobuf;
}

void exposition_protobuf_free(struct exposition_protobuf *protobuf)
{
	if (protobuf)
		export_buffer_free(&protobuf->buckets);
	free(protobuf);
}

/* Protocol Buffers, "Encoding": seven bits a byte, the lowest first. Returns the length. */
static size_t encode_varint(u8 bytes[VARINT_BYTES_MAX], u64 value)
{
	size_t length = 0;

	for (; value > 127; value >>= 7)
		bytes[length++] = (u8)(value | 128);
	bytes[length++] = (u8)value;
	return length;
}

static void add_packed(struct export_buffer *out, const ProtobufCMessage *message, size_t length)
{
	if (!export_buffer_reserve(out, length))
		return;
	out->used += protobuf_c_message_pack(message, (u8 *)out->bytes + out->used);
}

size_t exposition_protobuf_labels_max(const struct export_labels *labels)
{
	size_t bytes = 0;

	/* Three tags and three lengths each. */
	for (unsigned i = 0; i < labels->count; i++)
		bytes += strlen(labels->labels[i].name) + strlen(labels->labels[i].value) +
			 3 * (1 + VARINT_BYTES_MAX);
	return bytes;
}

size_t exposition_protobuf_encode_labels(const struct export_labels *labels, u8 *bytes)
{
	Io__Prometheus__Client__Metric metric = IO__PROMETHEUS__CLIENT__METRIC__INIT;
	label_pair pairs[EXPORT_LABELS_MAX], *pointers[EXPORT_LABELS_MAX];

	for (unsigned i = 0; i < labels->count; i++) {
		io__prometheus__client__label_pair__init(&pairs[i]);
		pairs[i].name = (char *)labels->labels[i].name;
		pairs[i].value = (char *)labels->labels[i].value;
		pointers[i] = &pairs[i];
	}
	metric.n_label = labels->count;
	metric.label = pointers;
	return io__prometheus__client__metric__pack(&metric, bytes);
}

/* The head of a field, before its message. */
static void add_field(struct export_buffer *out, u32 number, size_t length)
{
	u8 head[1 + VARINT_BYTES_MAX] = { (u8)(number << 3 | WIRE_LENGTH_DELIMITED) };

	export_buffer_add(out, (char *)head, 1 + encode_varint(head + 1, length));
}

static double bound_of(unsigned i)
{
	return i < EXPORT_BOUNDS ? export_bounds[i].upper_s : __builtin_inf();
}

/* By hand: there are 15 in each histogram, and two numbers in each. */
static void add_bucket(struct export_buffer *out, u64 cumulative_count, double upper_bound)
{
	u8 bytes[BUCKET_BYTES_MAX] = { FIELD_CUMULATIVE_COUNT << 3 };
	size_t length = 1 + encode_varint(bytes + 1, cumulative_count);

	bytes[length++] = FIELD_UPPER_BOUND << 3 | WIRE_FIXED64;
	memcpy(bytes + length, &upper_bound, sizeof(upper_bound)); /* little-endian, as we are */
	length += sizeof(upper_bound);
	add_field(out, FIELD_BUCKET, length);
	export_buffer_add(out, (char *)bytes, length);
}

static void add_bucket_with_exemplar(struct exposition_protobuf *protobuf, u64 cumulative_count,
				     double upper_bound, const struct exemplar *exemplar)
{
	const ProtobufCMessage *message = &protobuf->bucket.base;
	size_t length;

	protobuf->bucket.cumulative_count = cumulative_count;
	protobuf->bucket.upper_bound = upper_bound;
	protobuf->trace_id.value = (char *)exemplar->trace_id;
	protobuf->exemplar.value = (double)exemplar->value_ns / (double)SECOND_NS;
	protobuf->time.seconds = (s64)(exemplar->time_ns / SECOND_NS);
	protobuf->time.nanos = (s32)(exemplar->time_ns % SECOND_NS);
	length = protobuf_c_message_get_packed_size(message);
	add_field(&protobuf->buckets, FIELD_BUCKET, length);
	add_packed(&protobuf->buckets, message, length);
}

static void encode_buckets(struct exposition_protobuf *protobuf, const u64 *buckets,
			   const struct exemplar *exemplars)
{
	u64 cumulative[EXPORT_CLASSIC];

	export_classic(buckets, cumulative);
	export_buffer_reset(&protobuf->buckets);
	for (unsigned i = 0; i < EXPORT_CLASSIC; i++) {
		if (exemplars && *exemplars[i].trace_id)
			add_bucket_with_exemplar(protobuf, cumulative[i], bound_of(i),
						 &exemplars[i]);
		else
			add_bucket(&protobuf->buckets, cumulative[i], bound_of(i));
	}
}

/*
 * A metric of a series: its labels, encoded when they were put together, and `message` with `more`
 * as field `field` of it (0: they are the rest of the metric). In protobuf a message is the
 * sequence of its fields, however they came there.
 */
static void add_metric(struct exposition *exposition, const struct export_labels *labels, u32 field,
		       const ProtobufCMessage *message, const struct export_buffer *more)
{
	struct export_buffer *out = exposition->out;
	size_t packed = protobuf_c_message_get_packed_size(message);
	size_t length = packed + (more ? more->used : 0);
	u8 bytes[VARINT_BYTES_MAX], overflow[EXPORT_OVERFLOW_BYTES_MAX];
	size_t head = field ? 1 + encode_varint(bytes, length) : 0;
	const u8 *encoded = labels->encoded;
	size_t encoded_bytes = labels->encoded_bytes;

	if (!encoded) {
		encoded = overflow;
		encoded_bytes = exposition_protobuf_encode_labels(labels, overflow);
	}
	add_field(out, FIELD_METRIC, encoded_bytes + head + length);
	export_buffer_add(out, (const char *)encoded, encoded_bytes);
	if (field)
		add_field(out, field, length);
	add_packed(out, message, packed);
	if (more)
		export_buffer_add(out, more->bytes, more->used);
}

void exposition_protobuf_begin(struct exposition *exposition)
{
	const struct metric_family *family = exposition->family;
	Io__Prometheus__Client__MetricFamily message = IO__PROMETHEUS__CLIENT__METRIC_FAMILY__INIT;

	exposition->protobuf->family_begin = exposition->out->used;
	message.name = (char *)family->name;
	message.help = (char *)family->help;
	message.has_type = 1;
	message.type = (Io__Prometheus__Client__MetricType)family->type;
	message.unit = *family->unit ? (char *)family->unit : NULL;
	add_packed(exposition->out, &message.base,
		   protobuf_c_message_get_packed_size(&message.base));
}

void exposition_protobuf_end(struct exposition *exposition)
{
	struct export_buffer *out = exposition->out;
	size_t begin = exposition->protobuf->family_begin, length = out->used - begin;
	u8 head[VARINT_BYTES_MAX];
	size_t head_bytes = encode_varint(head, length);

	if (out->failed || !export_buffer_reserve(out, head_bytes))
		return;
	memmove(out->bytes + begin + head_bytes, out->bytes + begin, length);
	memcpy(out->bytes + begin, head, head_bytes);
	out->used += head_bytes;
}

static double number_of(struct exposition_value number)
{
	switch (number.kind) {
	case EXPOSITION_INTEGER:
		return (double)number.integer;
	case EXPOSITION_NANOSECONDS:
		return (double)number.integer / (double)SECOND_NS;
	case EXPOSITION_DOUBLE:
		break;
	}
	return number.number;
}

void exposition_protobuf_sample(struct exposition *exposition, const struct export_labels *labels,
				const char *name, const char *value, struct exposition_value number)
{
	struct exposition_protobuf *protobuf = exposition->protobuf;
	bool is_counter = exposition->family->type == METRIC_COUNTER;

	protobuf->extra.name = (char *)name;
	protobuf->extra.value = (char *)value;
	protobuf->metric.n_label = name != NULL;
	protobuf->metric.counter = is_counter ? &protobuf->counter : NULL;
	protobuf->metric.gauge = is_counter ? NULL : &protobuf->gauge;
	protobuf->counter.value = protobuf->gauge.value = number_of(number);
	add_metric(exposition, labels, 0, &protobuf->metric.base, NULL);
}

void exposition_protobuf_histogram(struct exposition *exposition,
				   const struct export_labels *labels,
				   const u64 buckets[NL_HISTOGRAM_BUCKETS], u64 sum_ns,
				   const struct exemplar *exemplars)
{
	struct exposition_protobuf *protobuf = exposition->protobuf;
	Io__Prometheus__Client__Histogram *histogram = &protobuf->histogram;
	struct export_native *native = &protobuf->native;

	encode_buckets(protobuf, buckets, exemplars);
	export_native(buckets, native);
	histogram->sample_count = native->count;
	histogram->sample_sum = (double)sum_ns / (double)SECOND_NS;
	histogram->zero_count = native->zero_count;
	histogram->n_positive_span = native->span_count;
	for (size_t i = 0; i < native->span_count; i++) {
		protobuf->spans[i].offset = native->spans[i].offset;
		protobuf->spans[i].length = native->spans[i].length;
	}
	histogram->n_positive_delta = native->delta_count;
	histogram->positive_delta = (int64_t *)native->deltas;
	exposition->out->failed = exposition->out->failed || protobuf->buckets.failed;
	add_metric(exposition, labels, FIELD_HISTOGRAM, &histogram->base, &protobuf->buckets);
}
