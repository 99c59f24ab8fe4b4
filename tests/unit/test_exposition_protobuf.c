/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_exposition_protobuf.c - the protobuf format, decoded again: it says what the text says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metric_families.h"
#include "prometheus.pb-c.h"
#include "sample_snapshot.h"
#include "scraped.h"

typedef Io__Prometheus__Client__MetricFamily family_message;
typedef Io__Prometheus__Client__Metric metric_message;
typedef Io__Prometheus__Client__Histogram histogram_message;

static int make(void **state)
{
	(void)state;
	return scraped_make(~0ULL);
}

/* A length, and the message after it, taken off. */
static family_message *next_family(const u8 **at, const u8 *end)
{
	family_message *family;
	size_t length = 0;

	for (unsigned shift = 0;; shift += 7) {
		assert_true(*at < end);
		length |= (size_t)(**at & 127) << shift;
		if (!(*(*at)++ & 128))
			break;
	}
	assert_true(length <= (size_t)(end - *at));
	family = io__prometheus__client__metric_family__unpack(NULL, length, *at);
	assert_non_null(family);
	*at += length;
	return family;
}

/* In its bucket, and in no other. */
static void check_protobuf_exemplar(void)
{
	const Io__Prometheus__Client__Exemplar *exemplar = NULL;
	family_message *family;
	const u8 *at;

	scraped_as(EXPORT_PROTOBUF);
	at = (const u8 *)scraped.out.bytes;
	family = next_family(&at, at + scraped.out.used);
	for (size_t i = 0; i < family->n_metric; i++) {
		for (size_t j = 0; j < family->metric[i]->histogram->n_bucket; j++) {
			if (!family->metric[i]->histogram->bucket[j]->exemplar)
				continue;
			assert_null(exemplar);
			exemplar = family->metric[i]->histogram->bucket[j]->exemplar;
			assert_int_equal(j, 0);
		}
	}
	assert_non_null(exemplar);
	assert_int_equal(exemplar->n_label, 1);
	assert_string_equal(exemplar->label[0]->name, "trace_id");
	assert_string_equal(exemplar->label[0]->value, "0af7651916cd43dd8448eb211c80319c");
	assert_true(exemplar->value == 0.004);
	assert_int_equal(exemplar->timestamp->seconds, 1700000001);
	assert_int_equal(exemplar->timestamp->nanos, 4000000);
	io__prometheus__client__metric_family__free_unpacked(family, NULL);
}

/* `name{a="b",le="c"}`, from the message. No value here needs an escape. */
static void name_sample(char *text, size_t size, const family_message *family, const char *suffix,
			const metric_message *metric, const char *le)
{
	const char *separator = "{";
	size_t used = (size_t)snprintf(text, size, "%s%s", family->name, suffix);

	for (size_t i = 0; i < metric->n_label; i++, separator = ",")
		used += (size_t)snprintf(text + used, size - used, "%s%s=\"%s\"", separator,
					 metric->label[i]->name, metric->label[i]->value);
	if (le)
		used += (size_t)snprintf(text + used, size - used, "%sle=\"%s\"", separator, le);
	if (metric->n_label || le)
		snprintf(text + used, size - used, "}");
}

static void check_sample(const char *text, const family_message *family, const char *suffix,
			 const metric_message *metric, const char *le, double value)
{
	char name[512];
	double expected;

	name_sample(name, sizeof(name), family, suffix, metric, le);
	expected = scraped_value(text, name);
	/* What netlat takes itself changes from one scrape to the next. */
	if (strncmp(family->name, "process_", 8) != 0 &&
	    strcmp(family->name, "netlat_scrape_duration_seconds") != 0 && value != expected)
		fail_msg("%s: %.17g in protobuf, %.17g as text", name, value, expected);
}

static void check_native(const histogram_message *histogram)
{
	u64 count = histogram->zero_count, spans = 0;
	s64 bucket = 0;

	assert_int_equal(histogram->schema, 3);
	assert_true(histogram->zero_threshold == 1.0 / (1 << 20));
	for (size_t i = 0; i < histogram->n_positive_delta; i++) {
		bucket += histogram->positive_delta[i];
		count += (u64)bucket;
	}
	for (size_t i = 0; i < histogram->n_positive_span; i++)
		spans += histogram->positive_span[i]->length;
	assert_int_equal(spans, histogram->n_positive_delta);
	assert_int_equal(count, histogram->sample_count);
}

static void check_histogram(const char *text, const family_message *family,
			    const metric_message *metric)
{
	const histogram_message *histogram = metric->histogram;

	check_native(histogram);
	check_sample(text, family, "_count", metric, NULL, (double)histogram->sample_count);
	check_sample(text, family, "_sum", metric, NULL, histogram->sample_sum);
	assert_int_equal(histogram->n_bucket, 15);
	for (size_t i = 0; i < histogram->n_bucket; i++) {
		char le[32] = "+Inf";

		if (i < 14)
			snprintf(le, sizeof(le), "%g", histogram->bucket[i]->upper_bound);
		check_sample(text, family, "_bucket", metric, le,
			     (double)histogram->bucket[i]->cumulative_count);
	}
}

static unsigned count_samples(const char *text)
{
	unsigned count = 0;

	for (const char *at = text; *at; at = strchr(at, '\n') + 1)
		count += *at != '#';
	return count;
}

/* What is in the one is in the other. */
static void test_protobuf_says_the_same(void **state)
{
	unsigned families = 0, samples = 0;
	const u8 *at, *end;
	char *text;

	(void)state;
	sample_usual(&scraped.snapshot);
	text = strdup(scraped_text(EXPORT_TEXT));
	assert_non_null(text);
	scraped_as(EXPORT_PROTOBUF);
	at = (const u8 *)scraped.out.bytes;
	end = at + scraped.out.used;
	while (at < end) {
		family_message *family = next_family(&at, end);
		const struct metric_family *expected = NULL;

		for (unsigned i = 0; i < METRIC_COUNT; i++)
			if (strcmp(metric_families[i].name, family->name) == 0)
				expected = &metric_families[i];
		assert_non_null(expected);
		assert_int_equal(family->type, expected->type);
		assert_string_equal(family->help, expected->help);
		for (size_t i = 0; i < family->n_metric; i++) {
			const metric_message *metric = family->metric[i];

			samples += metric->histogram ? 17 : 1;
			if (metric->histogram)
				check_histogram(text, family, metric);
			else
				check_sample(text, family, "", metric, NULL,
					     metric->counter ? metric->counter->value
							     : metric->gauge->value);
		}
		families++;
		io__prometheus__client__metric_family__free_unpacked(family, NULL);
	}
	assert_int_equal(families, METRIC_COUNT);
	assert_int_equal(samples, count_samples(text));
	free(text);
}

static void test_exemplar(void **state)
{
	struct nl_record record = { .request_first_ns = 1000000000,
				    .request_last_ns = 1000000000,
				    .response_first_ns = 1004000000,
				    .response_last_ns = 1004000000,
				    .server_addr = sample_address(1),
				    .server_port = 8080,
				    .status = 200,
				    .method = NL_METHOD_GET,
				    .request_version = 0x11 };

	(void)state;
	record.head_bytes = (u16)sprintf((char *)record.head,
					 "GET / HTTP/1.1\r\ntraceparent: 00-0af7651916cd43dd8448"
					 "eb211c80319c-b7ad6b7169203331-01\r\n\r\n");
	sample_usual(&scraped.snapshot);
	metrics_exporter_take(scraped.exporter, &record, 1700000000000000000);
	check_protobuf_exemplar();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, scraped_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_protobuf_says_the_same),
		TEST(test_exemplar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
