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
#include "sample_snapshot.h"

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
	sample_usual(&snapshot);
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
	sample_usual(&snapshot);
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
	sample_usual(&snapshot);
	metrics_exporter_take(exporter, &record, 1700000000000000000);
	text = scrape_text(EXPORT_OPENMETRICS);
	check_has(text, "# TYPE netlat_connect_seconds counter\n# UNIT netlat_connect_seconds "
			"seconds\nnetlat_connect_seconds_total{" SERVER "} 0.0015\n");
	check_has(text, ",le=\"0.005\"} 13 # {trace_id=\"0af7651916cd43dd8448eb211c80319c\"} 0.004 "
			"1700000001.004\n");
	check_has(text, ",le=\"10.0\"} 13\n");
	assert_string_equal(text + out.used - 6, "# EOF\n");
	/* The older format has no place for them. */
	assert_null(strstr(scrape_text(EXPORT_TEXT), "trace_id"));
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

/* A service has what its clients had whose rows were given back; they themselves have left. */
static void test_given_back(void **state)
{
	struct metrics_row *gone = calloc(1, sizeof(*gone));
	const char *text;
	double clients;

	(void)state;
	assert_non_null(gone);
	sample_usual(&snapshot);
	text = scrape_text(EXPORT_TEXT);
	assert_true(value_of(text, "netlat_requests_total{" SERVER "}") == 22);
	clients = value_of(text, "netlat_client_requests_total{otel_metric_overflow=\"true\"}");
	gone->key = snapshot.rows[0].key;
	gone->key.kind = NL_ROW_SERVICE;
	sample_answer(&gone->stats, 100, 200, 1000000);
	snapshot.given_back = gone;
	snapshot.given_back_count = 1;
	text = scrape_text(EXPORT_TEXT);
	assert_true(value_of(text, "netlat_requests_total{" SERVER "}") ==
		    22 + (double)gone->stats.requests);
	assert_true(value_of(text, "netlat_client_requests_total{otel_metric_overflow=\"true\"}") ==
		    clients);
}

/* All that is of a silent service goes; and comes back. */
static void test_expiry(void **state)
{
	(void)state;
	sample_usual(&snapshot);
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
		TEST(test_golden_histogram), TEST(test_golden_counters), TEST(test_openmetrics),
		TEST(test_budget),	     TEST(test_expiry),		 TEST(test_nothing),
		TEST(test_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
