/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_losses.c - every counter for the API, and whether they add up. */
#include "api_losses.h"

#include <errno.h>

#include "api_page.h"
#include "clock.h"

#define COUNTER_BYTES_MAX 512
#define REST_BYTES_MAX 4096

static const char *kind_of(unsigned number)
{
	if (number >= NL_COUNT_GRADES)
		return "grade";
	return number < NL_COUNT_packets ? "packet" : "ledger";
}

static void append_counters(struct json_text *text, const u64 counters[NL_COUNTER_MAX])
{
	const char *separator = "";

	json_text_literal(text, "\"counters\":[");
	for (unsigned i = 0; i < NL_COUNTER_MAX; i++) {
		const char *name = counter_name(i);

		if (!name)
			continue;
		api_json_append(text, separator);
		separator = ",";
		json_text_literal(text, "{\"name\":");
		api_json_text(text, name);
		API_JSON_KEY(text, "kind");
		api_json_text(text, kind_of(i));
		API_JSON_KEY(text, "help");
		api_json_text(text, counter_help(i));
		API_JSON_KEY(text, "count");
		json_text_integer(text, counters[i]);
		json_text_literal(text, "}");
	}
	json_text_literal(text, "]");
}

/* What a sum lacks is still open, or was counted between the readings of two CPUs. */
static void append_check(struct json_text *text, const char *name, const char *help, u64 total,
			 u64 sum)
{
	json_text_literal(text, "{\"name\":");
	api_json_text(text, name);
	API_JSON_KEY(text, "help");
	api_json_text(text, help);
	API_JSON_KEY(text, "total");
	json_text_integer(text, total);
	API_JSON_KEY(text, "sum");
	json_text_integer(text, sum);
	API_JSON_KEY(text, "is_equal");
	api_json_bool(text, total == sum);
	json_text_literal(text, "}");
}

static void append_checks(struct json_text *text, const u64 counters[NL_COUNTER_MAX])
{
	u64 open = metrics_open_requests(counters);

	API_JSON_KEY(text, "open_requests");
	json_text_integer(text, open);
	API_JSON_KEY(text, "checks");
	json_text_literal(text, "[");
	append_check(text, "packets", "packets are the sum of their fates",
		     counters[NL_COUNT_packets], metrics_fated_packets(counters));
	json_text_literal(text, ",");
	append_check(text, "requests",
		     "requests are paired + unanswered + aborted + evicted + in_flight, "
		     "and those still open",
		     counters[NL_COUNT_requests], metrics_ended_requests(counters) + open);
	json_text_literal(text, ",");
	append_check(text, "responses", "responses are paired + orphan",
		     counters[NL_COUNT_responses],
		     counters[NL_COUNT_paired] + counters[NL_COUNT_orphan]);
	json_text_literal(text, "]}\n");
}

enum MHD_Result api_answer_losses(const struct api_request *request)
{
	const struct snapshot *snapshot =
		snapshot_cache_get(request->source->snapshots, monotonic_ns());
	struct json_text text;
	int r;

	if (!snapshot)
		return api_reply_failure(request, -errno);
	r = json_text_init(&text, (size_t)NL_COUNTER_MAX * COUNTER_BYTES_MAX + REST_BYTES_MAX);
	if (r < 0)
		return api_reply_failure(request, r);
	api_page_begin(&text, NULL, snapshot);
	append_counters(&text, snapshot->counters);
	append_checks(&text, snapshot->counters);
	return api_reply_json(request, MHD_HTTP_OK, &text);
}
