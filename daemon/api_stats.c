/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_stats.c - statistics as the API's answers have them. */
#include "api_stats.h"

#include "record_view.h"

#define RATE_DECIMALS 3
#define RATIO_DECIMALS 6

void api_stats_init(struct api_stats *stats, const struct snapshot *snapshot)
{
	*stats = (struct api_stats){ .recent_s = 0 };
	if (snapshot->taken_ns > snapshot->started_ns)
		stats->elapsed_s = (double)(snapshot->taken_ns - snapshot->started_ns) / 1e9;
}

void api_stats_add(struct api_stats *stats, const struct snapshot_cache *cache,
		   const struct snapshot *snapshot, const struct metrics_row *row)
{
	u64 before, before_ns;

	metrics_add(&stats->sum, &row->stats);
	if (!snapshot_cache_before(cache, &row->key, &before, &before_ns))
		return;
	stats->recent_s = (double)(snapshot->taken_ns - before_ns) / 1e9;
	if (row->stats.requests > before)
		stats->recent_requests += row->stats.requests - before;
}

static void append_ratio(struct json_text *text, u64 part, u64 whole)
{
	api_json_decimal_if(text, whole != 0, (double)part / (double)whole, RATIO_DECIMALS);
}

static void append_counts(struct json_text *text, const struct api_stats *stats)
{
	const struct nl_stats *sum = &stats->sum;
	u64 answered = metrics_answered(sum);
	u64 successes = sum->responses[1] + sum->responses[2] + sum->responses[3];

	json_text_literal(text, "\"requests\":");
	json_text_integer(text, sum->requests);
	API_JSON_KEY(text, "requests_per_s");
	api_json_decimal_if(text, stats->elapsed_s > 0, (double)sum->requests / stats->elapsed_s,
			    RATE_DECIMALS);
	API_JSON_KEY(text, "recent_requests_per_s");
	api_json_decimal_if(text, stats->recent_s > 0,
			    (double)stats->recent_requests / stats->recent_s, RATE_DECIMALS);
	API_JSON_KEY(text, "responses");
	json_text_integer(text, answered);
	API_JSON_KEY(text, "response_ratio");
	append_ratio(text, answered, answered + sum->unanswered + sum->aborted);
	API_JSON_KEY(text, "success_ratio");
	append_ratio(text, successes, answered);
	API_JSON_KEY(text, "unanswered");
	json_text_integer(text, sum->unanswered);
	API_JSON_KEY(text, "aborted");
	json_text_integer(text, sum->aborted);
}

/* Of responses; of those that are in no class as well. */
static void append_classes(struct json_text *text, const struct nl_stats *sum)
{
	API_JSON_KEY(text, "responses_by_class");
	json_text_literal(text, "{\"1xx\":");
	json_text_integer(text, sum->responses[1]);
	API_JSON_KEY(text, "2xx");
	json_text_integer(text, sum->responses[2]);
	API_JSON_KEY(text, "3xx");
	json_text_integer(text, sum->responses[3]);
	API_JSON_KEY(text, "4xx");
	json_text_integer(text, sum->responses[4]);
	API_JSON_KEY(text, "5xx");
	json_text_integer(text, sum->responses[5]);
	API_JSON_KEY(text, "other");
	json_text_integer(text, sum->responses[0]);
	json_text_literal(text, "}");
}

static void append_times(struct json_text *text, u64 count, u64 sum_ns, u64 min_ns, u64 max_ns,
			 const u64 *histogram)
{
	bool is_any = count != 0;

	json_text_literal(text, "{\"min_ns\":");
	api_json_integer_if(text, is_any, min_ns);
	API_JSON_KEY(text, "mean_ns");
	api_json_integer_if(text, is_any, is_any ? sum_ns / count : 0);
	API_JSON_KEY(text, "p50_ns");
	api_json_integer_if(text, is_any, metrics_quantile_ns(histogram, 0.5, min_ns, max_ns));
	API_JSON_KEY(text, "p90_ns");
	api_json_integer_if(text, is_any, metrics_quantile_ns(histogram, 0.9, min_ns, max_ns));
	API_JSON_KEY(text, "p99_ns");
	api_json_integer_if(text, is_any, metrics_quantile_ns(histogram, 0.99, min_ns, max_ns));
	API_JSON_KEY(text, "max_ns");
	api_json_integer_if(text, is_any, max_ns);
	json_text_literal(text, "}");
}

/* Means of connections whose handshake was seen. */
static void append_connections(struct json_text *text, const struct nl_stats *sum)
{
	u64 count = sum->handshakes, divisor = count ? count : 1;

	API_JSON_KEY(text, "handshakes");
	json_text_integer(text, count);
	API_JSON_KEY(text, "connect_mean_ns");
	api_json_integer_if(text, count, sum->connect_sum_ns / divisor);
	API_JSON_KEY(text, "server_rtt_mean_ns");
	api_json_integer_if(text, count, sum->server_rtt_sum_ns / divisor);
	API_JSON_KEY(text, "client_rtt_mean_ns");
	api_json_integer_if(text, count, sum->client_rtt_sum_ns / divisor);
	API_JSON_KEY(text, "retransmits");
	json_text_integer(text, sum->retransmits);
	API_JSON_KEY(text, "syn_retransmits");
	json_text_integer(text, sum->syn_retransmits);
	API_JSON_KEY(text, "client_resets");
	json_text_integer(text, sum->client_resets);
	API_JSON_KEY(text, "server_resets");
	json_text_integer(text, sum->server_resets);
}

static void append_causes(struct json_text *text, const struct nl_stats *sum)
{
	API_JSON_KEY(text, "causes");
	json_text_literal(text, "{");
	for (unsigned i = NL_CAUSE_none + 1; i < NL_CAUSE_COUNT; i++) {
		if (i > NL_CAUSE_none + 1)
			json_text_literal(text, ",");
		api_json_text(text, record_cause_name(i));
		json_text_literal(text, ":");
		json_text_integer(text, sum->causes[i]);
	}
	json_text_literal(text, "}");
}

void api_stats_append(struct json_text *text, const struct api_stats *stats)
{
	const struct nl_stats *sum = &stats->sum;
	u64 answered = metrics_answered(sum);

	append_counts(text, stats);
	append_classes(text, sum);
	API_JSON_KEY(text, "request_bytes");
	json_text_integer(text, sum->request_bytes);
	API_JSON_KEY(text, "response_bytes");
	json_text_integer(text, sum->response_bytes);
	API_JSON_KEY(text, "duration");
	append_times(text, answered, sum->duration_sum_ns,
		     metrics_min_ns(sum->duration_min_complement_ns), sum->duration_max_ns,
		     sum->duration);
	API_JSON_KEY(text, "ttfb");
	append_times(text, answered, sum->ttfb_sum_ns, metrics_min_ns(sum->ttfb_min_complement_ns),
		     sum->ttfb_max_ns, sum->ttfb);
	append_connections(text, sum);
	append_causes(text, sum);
}
