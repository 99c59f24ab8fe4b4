/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export_metrics.c - all metrics of a snapshot, for GET /metrics. */
#include "export_metrics.h"

#include <errno.h>
#include <stdlib.h>

#include "clock.h"
#include "exemplar_table.h"
#include "export_globals.h"
#include "export_scopes.h"
#include "exposition.h"

struct metrics_exporter {
	struct export_scopes scopes;
	struct exemplar_table *exemplars;
	struct exposition_protobuf *protobuf;
};

#define WORD(type, member) (offsetof(struct type, member) / sizeof(u64))

/* Samples that are a word of what was counted; those of one metric follow each other. */
struct counted {
	enum metric metric;
	enum export_scope scope;
	size_t word;
	enum exposition_kind kind;
	const char *label, *value; /* one more; NULL: none */
};

#define SERVICE(symbol, member, kind)                                                              \
	{                                                                                          \
		METRIC_##symbol, EXPORT_SERVICES, WORD(nl_stats, member), EXPOSITION_##kind, NULL, \
			NULL                                                                       \
	}
#define SERVICE_WITH(symbol, member, label, value)                                                 \
	{                                                                                          \
		METRIC_##symbol, EXPORT_SERVICES, WORD(nl_stats, member), EXPOSITION_INTEGER,      \
			label, value                                                               \
	}
#define END(symbol, member)                                                                        \
	{                                                                                          \
		METRIC_##symbol, EXPORT_ENDS, WORD(export_ends, member), EXPOSITION_INTEGER, NULL, \
			NULL                                                                       \
	}
#define PAIR(symbol, member)                                                                       \
	{                                                                                          \
		METRIC_##symbol, EXPORT_PAIRS, WORD(nl_stats, member), EXPOSITION_INTEGER, NULL,   \
			NULL                                                                       \
	}

static const struct counted counted[] = {
	SERVICE(REQUESTS, requests, INTEGER),
	SERVICE(REQUEST_BYTES, request_bytes, INTEGER),
	SERVICE(RESPONSE_BYTES, response_bytes, INTEGER),
	SERVICE(RETRANSMITS, retransmits, INTEGER),
	SERVICE_WITH(RESETS, client_resets, "side", "client"),
	SERVICE_WITH(RESETS, server_resets, "side", "server"),
	SERVICE_WITH(SLOW, causes[NL_CAUSE_server], "cause", "server"),
	SERVICE_WITH(SLOW, causes[NL_CAUSE_network], "cause", "network"),
	SERVICE_WITH(SLOW, causes[NL_CAUSE_client], "cause", "client"),
	SERVICE_WITH(SLOW, causes[NL_CAUSE_connect], "cause", "connect"),
	SERVICE_WITH(SLOW, causes[NL_CAUSE_loss], "cause", "loss"),
	SERVICE_WITH(SLOW, causes[NL_CAUSE_upload], "cause", "upload"),
	SERVICE_WITH(SLOW, causes[NL_CAUSE_download], "cause", "download"),
	SERVICE(HANDSHAKES, handshakes, INTEGER),
	SERVICE(SYN_RETRANSMITS, syn_retransmits, INTEGER),
	SERVICE(CONNECT, connect_sum_ns, NANOSECONDS),
	SERVICE(SERVER_RTT, server_rtt_sum_ns, NANOSECONDS),
	SERVICE(CLIENT_RTT, client_rtt_sum_ns, NANOSECONDS),
	END(UNANSWERED, unanswered),
	END(ABORTED, aborted),
	PAIR(CLIENT_REQUESTS, requests),
	PAIR(CLIENT_ERRORS, responses[5]),
	PAIR(CLIENT_UNANSWERED, unanswered),
	PAIR(CLIENT_ABORTED, aborted),
};

/* Histograms: their first bucket, and their sum. */
struct observed {
	enum metric metric;
	enum export_scope scope;
	size_t buckets, sum;
	bool has_exemplars;
};

static const struct observed observed[] = {
	{ METRIC_DURATION, EXPORT_SERIES, WORD(nl_series, duration),
	  WORD(nl_series, duration_sum_ns), true },
	{ METRIC_WAIT, EXPORT_SERIES, WORD(nl_series, wait), WORD(nl_series, wait_sum_ns), false },
	{ METRIC_TTFB, EXPORT_SERVICES, WORD(nl_stats, ttfb), WORD(nl_stats, ttfb_sum_ns), false },
	{ METRIC_CLIENT_DURATION, EXPORT_PAIRS, WORD(nl_stats, duration),
	  WORD(nl_stats, duration_sum_ns), false },
};

struct metrics_exporter *metrics_exporter_new(unsigned max_series, u64 expire_ns,
					      const struct name_source *names)
{
	struct metrics_exporter *exporter = calloc(1, sizeof(*exporter));

	if (!exporter)
		return NULL;
	exporter->exemplars = exemplar_table_new();
	exporter->protobuf = exposition_protobuf_new();
	if (export_scopes_open(&exporter->scopes, max_series, expire_ns, names) == 0 &&
	    exporter->exemplars && exporter->protobuf)
		return exporter;
	metrics_exporter_free(exporter);
	errno = ENOMEM;
	return NULL;
}

void metrics_exporter_free(struct metrics_exporter *exporter)
{
	if (!exporter)
		return;
	export_scopes_close(&exporter->scopes);
	exemplar_table_free(exporter->exemplars);
	exposition_protobuf_free(exporter->protobuf);
	free(exporter);
}

void metrics_exporter_take(struct metrics_exporter *exporter, const struct nl_record *record,
			   u64 epoch_offset_ns)
{
	exemplar_table_take(exporter->exemplars, record, epoch_offset_ns);
}

static void write_counted(struct metrics_exporter *exporter, struct exposition *exposition,
			  const struct counted *what)
{
	struct series_budget *budget = exporter->scopes.budgets[what->scope];
	const u64 *overflow = series_budget_overflow(budget);
	struct exposition_value value = { .kind = what->kind };

	for (struct series *series = series_budget_first(budget); series;
	     series = series_budget_next(series)) {
		value.integer = series_counts(budget, series)[what->word];
		exposition_sample(exposition, export_scopes_labels(series), what->label,
				  what->value, value);
	}
	if (!overflow)
		return;
	value.integer = overflow[what->word];
	exposition_sample(exposition, &export_overflow_labels, what->label, what->value, value);
}

static void write_observed(struct metrics_exporter *exporter, struct exposition *exposition,
			   const struct observed *what)
{
	struct series_budget *budget = exporter->scopes.budgets[what->scope];
	const u64 *overflow = series_budget_overflow(budget);

	exposition_begin(exposition, what->metric);
	for (struct series *series = series_budget_first(budget); series;
	     series = series_budget_next(series)) {
		const u64 *counts = series_counts(budget, series);
		const struct exemplar *exemplars =
			what->has_exemplars
				? exemplar_table_find(exporter->exemplars, series_key(series))
				: NULL;

		exposition_histogram(exposition, export_scopes_labels(series),
				     counts + what->buckets, counts[what->sum], exemplars);
	}
	if (overflow)
		exposition_histogram(exposition, &export_overflow_labels, overflow + what->buckets,
				     overflow[what->sum], NULL);
}

int metrics_exporter_write(struct metrics_exporter *exporter, const struct snapshot *snapshot,
			   const struct export_coverage *coverage, enum export_format format,
			   struct export_buffer *out)
{
	struct exposition exposition = { .out = out,
					 .format = format,
					 .protobuf = exporter->protobuf };
	u64 started_ns = monotonic_ns();
	int r = export_scopes_take(&exporter->scopes, snapshot);

	if (r < 0)
		return r;
	export_buffer_reset(out);
	for (size_t i = 0; i < sizeof(observed) / sizeof(observed[0]); i++)
		write_observed(exporter, &exposition, &observed[i]);
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		if (i == 0 || counted[i].metric != counted[i - 1].metric)
			exposition_begin(&exposition, counted[i].metric);
		write_counted(exporter, &exposition, &counted[i]);
	}
	export_globals(&exposition, snapshot, &exporter->scopes, coverage, started_ns);
	exposition_end(&exposition);
	return out->failed ? -ENOMEM : 0;
}
