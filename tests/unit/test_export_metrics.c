/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_export_metrics.c - what a scraper gets of a snapshot, in each format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "export_metrics.h"
#include "metric_families.h"
#include "prometheus.pb-c.h"
#include "sample_snapshot.h"

typedef Io__Prometheus__Client__MetricFamily family_message;
typedef Io__Prometheus__Client__Metric metric_message;
typedef Io__Prometheus__Client__Histogram histogram_message;

#define MAX_SERIES 3
#define EXPIRE_NS (100 * 1000000000ULL)

static struct snapshot snapshot;
static struct metrics_exporter *exporter;
static struct export_buffer out;
static const struct export_coverage coverage = {
	.hooks = 7,
	.observed = 2,
	.not_observed = 1,
	.kernel_bytes = 4096,
	.written = 5,
	.not_written = 6,
};
static const struct container web = { .name = "web" };

static const struct container *find_name(const void *userdata, const union nl_addr *address)
{
	(void)userdata;
	return address->bytes[15] == 2 ? &web : NULL; /* that of number 1 */
}

static const struct name_source names = { .find = find_name };

static int make(void **state)
{
	(void)state;
	exporter = metrics_exporter_new(MAX_SERIES, EXPIRE_NS, &names);
	return sample_init(&snapshot) && exporter ? 0 : -1;
}

static int drop(void **state)
{
	(void)state;
	metrics_exporter_free(exporter);
	snapshot_clear(&snapshot);
	export_buffer_free(&out);
	return 0;
}

/* One service with a client that succeeds, one that fails, and one who only gets 404. */
static void fill(void)
{
	struct metrics_row *row = sample_row(&snapshot, NL_ROW_PAIR, 1, 8080, 5);

	sample_answer(&row->stats, 8, 200, 4000000);
	sample_answer(&row->stats, 2, 500, 300000000);
	row->stats.client_resets = 3;
	row->stats.causes[NL_CAUSE_server] = 2;
	row->stats.handshakes = 4;
	row->stats.connect_sum_ns = 1500000;
	row = sample_row(&snapshot, NL_ROW_PAIR, 1, 8080, 6);
	sample_answer(&row->stats, 7, 404, 1000000);
	row = sample_row(&snapshot, NL_ROW_SERVICE, 1, 8080, 0);
	sample_answer(&row->stats, 5, 200, 1000000);
	row = sample_row(&snapshot, NL_ROW_OTHER, 0, 0, 0);
	sample_answer(&row->stats, 11, 200, 1000000);
	sample_observe(&sample_series(&snapshot, 0, 0, NL_METHOD_GET, 200, 0)->stats, 11, 1000000);
	snapshot.series[0].is_overflow = true;
	sample_observe(&sample_series(&snapshot, 1, 8080, NL_METHOD_GET, 200, 0)->stats, 13,
		       4000000);
	sample_observe(&sample_series(&snapshot, 1, 8080, NL_METHOD_GET, 500, 0)->stats, 2,
		       300000000);
	sample_observe(
		&sample_series(&snapshot, 1, 8080, NL_METHOD_PUT, 0, NL_END_client_reset)->stats, 3,
		1000000);
	sample_observe(
		&sample_series(&snapshot, 1, 8080, NL_METHOD_PUT, 0, NL_END_server_reset)->stats, 4,
		1000000);
	snapshot.counters[NL_COUNT_requests] = 40;
	snapshot.counters[NL_COUNT_paired] = 33;
	snapshot.counters[NL_COUNT_unanswered] = 7;
	snapshot.counters[NL_COUNT_graded] = 10;
	snapshot.counters[NL_COUNT_clean] = 30;
	snapshot.counters[NL_COUNT_packets] = 100;
	snapshot.counters[NL_COUNT_packet_bytes] = 12345;
	snapshot.counters[NL_COUNT_parsed] = 90;
	snapshot.counters[NL_COUNT_not_tcp] = 10;
}

static void scrape(enum export_format format)
{
	assert_int_equal(metrics_exporter_write(exporter, &snapshot, &coverage, format, &out), 0);
}

static char *scrape_text(enum export_format format)
{
	scrape(format);
	export_buffer_add(&out, "", 1);
	out.used--;
	return out.bytes;
}

static void check_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s\nis not in\n%s", part, text);
}

/* The value of a sample, which must be there. */
static double value_of(const char *text, const char *sample)
{
	char line[512];
	const char *found;

	snprintf(line, sizeof(line), "\n%s ", sample);
	found = strstr(text, line);
	if (!found)
		fail_msg("%s is not in\n%s", sample, text);
	return strtod(found + strlen(line), NULL);
}

#define SERVER "server_address=\"10.0.0.2\",server_port=\"8080\",server_name=\"web\""
#define OK200                                                                                      \
	SERVER ",http_request_method=\"GET\",http_response_status_code=\"200\","                   \
	       "url_scheme=\"http\",network_protocol_version=\"1.1\""
#define RESET                                                                                      \
	SERVER ",http_request_method=\"PUT\",url_scheme=\"http\","                                 \
	       "network_protocol_version=\"1.1\",error_type=\"connection_reset\""

static void test_golden_histogram(void **state)
{
#define LE(bound, count)                                                                           \
	"http_server_request_duration_seconds_bucket{" OK200 ",le=\"" bound "\"} " count "\n"
	const char *text;

	(void)state;
	fill();
	text = scrape_text(EXPORT_TEXT);
	check_has(
		text,
		"# HELP http_server_request_duration_seconds Time from the first byte of a "
		"request to the last of its response, or until it was known that none "
		"comes\n"
		"# TYPE http_server_request_duration_seconds histogram\n" LE("0.005", "13") LE(
			"0.01", "13") LE("0.025", "13") LE("0.05", "13") LE("0.075", "13")
			LE("0.1", "13") LE("0.25", "13") LE("0.5", "13") LE("0.75", "13") LE(
				"1", "13") LE("2.5", "13") LE("5", "13") LE("7.5", "13") LE("10",
											    "13")
				LE("+Inf", "13") "http_server_request_duration_seconds_sum{" OK200
						 "} 0.052\n"
						 "http_server_request_duration_seconds_count{" OK200
						 "} 13\n"
						 "http_server_request_duration_seconds_bucket{");
	assert_null(strstr(text, "# UNIT"));
	assert_null(strstr(text, "# EOF"));
#undef LE
}

static void test_golden_counters(void **state)
{
	const char *text;

	(void)state;
	fill();
	text = scrape_text(EXPORT_TEXT);
	check_has(text, "# TYPE netlat_requests_total counter\n"
			"netlat_requests_total{" SERVER "} 22\n"
			"netlat_requests_total{otel_metric_overflow=\"true\"} 11\n"
			"# HELP netlat_request_bytes_total ");
	check_has(text, "netlat_resets_total{" SERVER ",side=\"client\"} 3\n");
	check_has(text, "netlat_slow_total{" SERVER ",cause=\"server\"} 2\n");
	check_has(text, "netlat_connect_seconds_total{" SERVER "} 0.0015\n");
	check_has(text, "netlat_unanswered_total{" SERVER ",reason=\"client_reset\"} 3\n"
			"netlat_unanswered_total{" SERVER ",reason=\"server_reset\"} 4\n"
			"# HELP netlat_aborted_total ");
	check_has(text,
		  "netlat_client_server_errors_total{" SERVER ",client_address=\"10.0.0.6\"} 2\n");
	/* Who only gets 404 has no label; who found no row has none, either. */
	check_has(text, "netlat_client_requests_total{" SERVER ",client_address=\"10.0.0.6\"} 10\n"
			"netlat_client_requests_total{otel_metric_overflow=\"true\"} 23\n");
	check_has(text, "\nnetlat_packets_total{fate=\"not_tcp\"} 10\n");
	check_has(text, "\nnetlat_packet_bytes_total 12345\n");
	check_has(text, "\nnetlat_ledger_total{entry=\"paired\"} 33\n");
	check_has(text, "\nnetlat_clean_ratio 0.75\n");
	check_has(text, "\nnetlat_hooks 7\n");
	check_has(text, "\nnetlat_interfaces{state=\"not_observed\"} 1\n");
	check_has(text, "\nnetlat_kernel_bytes 4096\n");
	check_has(text, "\nnetlat_record_lines_total{result=\"written\"} 5\n"
			"netlat_record_lines_total{result=\"not_written\"} 6\n");
	check_has(text, "\nnetlat_requests_in_flight 0\n");
	check_has(text, "\nnetlat_series{scope=\"pair\",place=\"overflow\"} 1\n");
	/* Both kinds of reset are one error.type: a series must be there once. */
	assert_true(value_of(text, "http_server_request_duration_seconds_count{" RESET "}") == 7);
	assert_true(value_of(text, "http_server_request_duration_seconds_count{"
				   "otel_metric_overflow=\"true\"}") == 11);
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

/* That of test_openmetrics(): in its bucket, and in no other. */
static void check_protobuf_exemplar(void)
{
	const Io__Prometheus__Client__Exemplar *exemplar = NULL;
	family_message *family;
	const u8 *at;

	scrape(EXPORT_PROTOBUF);
	at = (const u8 *)out.bytes;
	family = next_family(&at, at + out.used);
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

static void test_openmetrics(void **state)
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
	const char *text;

	(void)state;
	record.head_bytes = (u16)sprintf((char *)record.head,
					 "GET / HTTP/1.1\r\ntraceparent: 00-0af7651916cd43dd8448"
					 "eb211c80319c-b7ad6b7169203331-01\r\n\r\n");
	fill();
	metrics_exporter_take(exporter, &record, 1700000000000000000);
	text = scrape_text(EXPORT_OPENMETRICS);
	check_has(text, "# TYPE netlat_connect_seconds counter\n# UNIT netlat_connect_seconds "
			"seconds\nnetlat_connect_seconds_total{" SERVER "} 0.0015\n");
	check_has(text, ",le=\"0.005\"} 13 # {trace_id=\"0af7651916cd43dd8448eb211c80319c\"} 0.004 "
			"1700000001.004\n");
	check_has(text, ",le=\"10.0\"} 13\n");
	assert_string_equal(text + out.used - 6, "# EOF\n");
	check_protobuf_exemplar();
	/* The older format has no place for them. */
	assert_null(strstr(scrape_text(EXPORT_TEXT), "trace_id"));
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
	expected = value_of(text, name);
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
	fill();
	text = strdup(scrape_text(EXPORT_TEXT));
	assert_non_null(text);
	scrape(EXPORT_PROTOBUF);
	at = (const u8 *)out.bytes;
	end = at + out.used;
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

/* With more series than places: sums stay exact, and places are kept. */
static void test_budget(void **state)
{
	char sample[512], *text;

	(void)state;
	for (unsigned turn = 1; turn <= 3; turn++) {
		double sum = 0;

		snapshot.series_count = 0;
		for (unsigned i = 0; i < 10 * turn; i++)
			sample_observe(
				&sample_series(&snapshot, 10 + i, 80, NL_METHOD_GET, 200, 0)->stats,
				turn, 1000000);
		text = scrape_text(EXPORT_TEXT);
		for (unsigned i = 0; i < MAX_SERIES; i++) {
			snprintf(sample, sizeof(sample),
				 "netlat_wait_seconds_count{server_address=\"10.0.0.%u\",server_"
				 "port=\"80\",http_request_method=\"GET\",http_response_status_code"
				 "=\"200\",url_scheme=\"http\",network_protocol_version=\"1.1\"}",
				 11 + i);
			assert_true(value_of(text, sample) == turn);
			sum += turn;
		}
		sum += value_of(text, "netlat_wait_seconds_count{otel_metric_overflow=\"true\"}");
		assert_true(sum == 10 * turn * turn);
	}
}

/* All that is of a silent service goes; and comes back. */
static void test_expiry(void **state)
{
	(void)state;
	fill();
	check_has(scrape_text(EXPORT_TEXT), "server_address");
	snapshot.taken_ns += EXPIRE_NS;
	assert_null(strstr(scrape_text(EXPORT_TEXT), "server_address"));
	snapshot.rows[0].stats.requests++;
	assert_true(value_of(scrape_text(EXPORT_TEXT), "netlat_requests_total{" SERVER "}") == 23);
	check_has(out.bytes, "http_server_request_duration_seconds_count{" OK200 "} 13\n");
}

static void test_nothing(void **state)
{
	(void)state;
	check_has(scrape_text(EXPORT_TEXT), "\nnetlat_clean_ratio 1\n");
	check_has(scrape_text(EXPORT_OPENMETRICS), "\nnetlat_build_info{version=");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_golden_histogram), TEST(test_golden_counters),
		TEST(test_openmetrics),	     TEST(test_protobuf_says_the_same),
		TEST(test_budget),	     TEST(test_expiry),
		TEST(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
