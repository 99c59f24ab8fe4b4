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

#include "sample_snapshot.h"
#include "scraped.h"

#define EXPIRE_NS (100 * 1000000000ULL)

static int make(void **state)
{
	(void)state;
	return scraped_make(EXPIRE_NS);
}

static void check_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s\nis not in\n%s", part, text);
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
	sample_usual(&scraped.snapshot);
	text = scraped_text(EXPORT_TEXT);
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
	sample_usual(&scraped.snapshot);
	text = scraped_text(EXPORT_TEXT);
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
	check_has(text, "\nnetlat_slow_files_total{result=\"written\"} 8\n"
			"netlat_slow_files_total{result=\"dropped_by_limit\"} 9\n"
			"netlat_slow_files_total{result=\"dropped_by_size\"} 0\n"
			"netlat_slow_files_total{result=\"dropped_by_queue\"} 0\n"
			"netlat_slow_files_total{result=\"failed\"} 10\n");
	check_has(text, "\nnetlat_requests_in_flight 0\n");
	check_has(text, "\nnetlat_series{scope=\"pair\",place=\"overflow\"} 1\n");
	check_has(text, "\nnetlat_series_limit 3\n");
	/* Both kinds of reset are one error.type: a series must be there once. */
	assert_true(scraped_value(text, "http_server_request_duration_seconds_count{" RESET "}") ==
		    7);
	assert_true(scraped_value(text, "http_server_request_duration_seconds_count{"
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
	sample_usual(&scraped.snapshot);
	metrics_exporter_take(scraped.exporter, &record, 1700000000000000000);
	text = scraped_text(EXPORT_OPENMETRICS);
	check_has(text, "# TYPE netlat_connect_seconds counter\n# UNIT netlat_connect_seconds "
			"seconds\nnetlat_connect_seconds_total{" SERVER "} 0.0015\n");
	check_has(text, ",le=\"0.005\"} 13 # {trace_id=\"0af7651916cd43dd8448eb211c80319c\"} 0.004 "
			"1700000001.004\n");
	check_has(text, ",le=\"10.0\"} 13\n");
	assert_string_equal(text + scraped.out.used - 6, "# EOF\n");
	/* The older format has no place for them. */
	assert_null(strstr(scraped_text(EXPORT_TEXT), "trace_id"));
}

/* With more series than places: sums stay exact, and places are kept. */
static void test_budget(void **state)
{
	char sample[512], *text;

	(void)state;
	for (unsigned turn = 1; turn <= 3; turn++) {
		double sum = 0;

		scraped.snapshot.series_count = 0;
		for (unsigned i = 0; i < 10 * turn; i++)
			sample_observe(
				&sample_series(&scraped.snapshot, 10 + i, 80, NL_METHOD_GET, 200, 0)
					 ->stats,
				turn, 1000000);
		text = scraped_text(EXPORT_TEXT);
		for (unsigned i = 0; i < SCRAPED_SERIES_MAX; i++) {
			snprintf(sample, sizeof(sample),
				 "netlat_wait_seconds_count{server_address=\"10.0.0.%u\",server_"
				 "port=\"80\",http_request_method=\"GET\",http_response_status_code"
				 "=\"200\",url_scheme=\"http\",network_protocol_version=\"1.1\"}",
				 11 + i);
			assert_true(scraped_value(text, sample) == turn);
			sum += turn;
		}
		sum += scraped_value(text,
				     "netlat_wait_seconds_count{otel_metric_overflow=\"true\"}");
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
	sample_usual(&scraped.snapshot);
	text = scraped_text(EXPORT_TEXT);
	assert_true(scraped_value(text, "netlat_requests_total{" SERVER "}") == 22);
	clients =
		scraped_value(text, "netlat_client_requests_total{otel_metric_overflow=\"true\"}");
	gone->key = scraped.snapshot.rows[0].key;
	gone->key.kind = NL_ROW_SERVICE;
	sample_answer(&gone->stats, 100, 200, 1000000);
	scraped.snapshot.given_back = gone;
	scraped.snapshot.given_back_count = 1;
	text = scraped_text(EXPORT_TEXT);
	assert_true(scraped_value(text, "netlat_requests_total{" SERVER "}") ==
		    22 + (double)gone->stats.requests);
	assert_true(scraped_value(text,
				  "netlat_client_requests_total{otel_metric_overflow=\"true\"}") ==
		    clients);
}

/* All that is of a silent service goes; and comes back. */
static void test_expiry(void **state)
{
	(void)state;
	sample_usual(&scraped.snapshot);
	check_has(scraped_text(EXPORT_TEXT), "server_address");
	scraped.snapshot.taken_ns += EXPIRE_NS;
	assert_null(strstr(scraped_text(EXPORT_TEXT), "server_address"));
	scraped.snapshot.rows[0].stats.requests++;
	assert_true(scraped_value(scraped_text(EXPORT_TEXT), "netlat_requests_total{" SERVER "}") ==
		    23);
	check_has(scraped.out.bytes, "http_server_request_duration_seconds_count{" OK200 "} 13\n");
}

static void test_nothing(void **state)
{
	(void)state;
	check_has(scraped_text(EXPORT_TEXT), "\nnetlat_clean_ratio 1\n");
	check_has(scraped_text(EXPORT_OPENMETRICS), "\nnetlat_build_info{version=");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, scraped_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_golden_histogram), TEST(test_golden_counters), TEST(test_openmetrics),
		TEST(test_budget),	     TEST(test_expiry),		 TEST(test_nothing),
		TEST(test_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
