/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export_globals.c - metrics that are of no service: the ledger, losses, netlat itself. */
#include "export_globals.h"

#include "clock.h"
#include "process_stats.h"
#include "version.h"

static void add(struct exposition *exposition, const char *name, const char *value,
		enum exposition_kind kind, u64 number)
{
	exposition_sample(exposition, &export_no_labels, name, value,
			  (struct exposition_value){ .kind = kind, .integer = number });
}

static void add_only(struct exposition *exposition, enum metric metric, enum exposition_kind kind,
		     u64 number)
{
	exposition_begin(exposition, metric);
	add(exposition, NULL, NULL, kind, number);
}

static void add_counters(struct exposition *exposition, enum metric metric, const char *label,
			 unsigned first, unsigned end, const u64 *counters)
{
	exposition_begin(exposition, metric);
	for (unsigned i = first; i < end; i++) {
		/* Bytes have metrics of their own; what is derived or lives only at the end does
		 * not just grow. */
		if (!counter_name(i) || i == NL_COUNT_packet_bytes || i == NL_COUNT_gap_bytes ||
		    i == NL_COUNT_in_flight || i == NL_COUNT_clean)
			continue;
		add(exposition, label, counter_name(i), EXPOSITION_INTEGER, counters[i]);
	}
}

static void add_grades(struct exposition *exposition, const u64 *counters)
{
	exposition_begin(exposition, METRIC_GRADES);
#define X(number, name, help)                                                                      \
	add(exposition, "grade", #name, EXPOSITION_INTEGER, counters[NL_COUNT_GRADES + number]);
	NL_GRADES(X)
#undef X
}

/* Of nothing, all is clean. */
static void add_clean(struct exposition *exposition, const u64 *counters)
{
	u64 all = counters[NL_COUNT_clean] + counters[NL_COUNT_graded];

	exposition_begin(exposition, METRIC_CLEAN);
	exposition_sample(
		exposition, &export_no_labels, NULL, NULL,
		(struct exposition_value){
			.kind = EXPOSITION_DOUBLE,
			.number = all ? (double)counters[NL_COUNT_clean] / (double)all : 1 });
}

static void add_series(struct exposition *exposition, const struct export_scopes *scopes)
{
	exposition_begin(exposition, METRIC_SERIES);
	for (unsigned i = 0; i < EXPORT_SCOPES; i++) {
		const char *scope = export_scope_name(i);
		char labels_text[64];
		struct export_labels labels = { .labels = { { "scope", scope } }, .count = 1 };

		labels.text = labels_text;
		labels.text_bytes =
			(size_t)snprintf(labels_text, sizeof(labels_text), "scope=\"%s\"", scope);
		exposition_sample(exposition, &labels, "place", "own",
				  (struct exposition_value){
					  .integer = series_budget_used(scopes->budgets[i]) });
		exposition_sample(exposition, &labels, "place", "overflow",
				  (struct exposition_value){
					  .integer = series_budget_left_out(scopes->budgets[i]) });
	}
	add_only(exposition, METRIC_SERIES_LIMIT, EXPOSITION_INTEGER,
		 series_budget_max(scopes->budgets[EXPORT_SERIES]));
}

static void add_process(struct exposition *exposition)
{
	struct process_stats process;

	if (!process_stats_read(&process))
		return;
	add_only(exposition, METRIC_CPU, EXPOSITION_NANOSECONDS, process.cpu_ns);
	add_only(exposition, METRIC_RESIDENT, EXPOSITION_INTEGER, process.resident_bytes);
	add_only(exposition, METRIC_VIRTUAL, EXPOSITION_INTEGER, process.virtual_bytes);
	add_only(exposition, METRIC_OPEN_FDS, EXPOSITION_INTEGER, process.open_fds);
	add_only(exposition, METRIC_MAX_FDS, EXPOSITION_INTEGER, process.max_fds);
	add_only(exposition, METRIC_START_TIME, EXPOSITION_NANOSECONDS, process.start_time_ns);
}

static void add_files(struct exposition *exposition, const struct slow_totals *files)
{
	exposition_begin(exposition, METRIC_FILES);
	add(exposition, "result", "written", EXPOSITION_INTEGER, files->written);
	add(exposition, "result", "dropped_by_limit", EXPOSITION_INTEGER, files->dropped_by_limit);
	add(exposition, "result", "dropped_by_size", EXPOSITION_INTEGER, files->dropped_by_size);
	add(exposition, "result", "dropped_by_queue", EXPOSITION_INTEGER, files->dropped_by_queue);
	add(exposition, "result", "failed", EXPOSITION_INTEGER, files->failed);
}

static void add_coverage(struct exposition *exposition, const struct export_coverage *coverage)
{
	add_only(exposition, METRIC_HOOKS, EXPOSITION_INTEGER, coverage->hooks);
	exposition_begin(exposition, METRIC_INTERFACES);
	add(exposition, "state", "observed", EXPOSITION_INTEGER, coverage->observed);
	add(exposition, "state", "not_observed", EXPOSITION_INTEGER, coverage->not_observed);
	add_only(exposition, METRIC_KERNEL, EXPOSITION_INTEGER, coverage->kernel_bytes);
	exposition_begin(exposition, METRIC_LINES);
	add(exposition, "result", "written", EXPOSITION_INTEGER, coverage->written);
	add(exposition, "result", "not_written", EXPOSITION_INTEGER, coverage->not_written);
	add_files(exposition, &coverage->files);
}

void export_globals(struct exposition *exposition, const struct snapshot *snapshot,
		    const struct export_scopes *scopes, const struct export_coverage *coverage,
		    u64 started_ns)
{
	const u64 *counters = snapshot->counters;

	add_only(exposition, METRIC_IN_FLIGHT, EXPOSITION_INTEGER, metrics_open_requests(counters));
	add_counters(exposition, METRIC_PACKETS, "fate", 0, NL_COUNT_packets, counters);
	add_only(exposition, METRIC_PACKET_BYTES, EXPOSITION_INTEGER,
		 counters[NL_COUNT_packet_bytes]);
	add_only(exposition, METRIC_GAP_BYTES, EXPOSITION_INTEGER, counters[NL_COUNT_gap_bytes]);
	add_counters(exposition, METRIC_LEDGER, "entry", NL_COUNT_packets, NL_COUNT_GRADES,
		     counters);
	add_grades(exposition, counters);
	add_clean(exposition, counters);
	if (coverage)
		add_coverage(exposition, coverage);
	add_series(exposition, scopes);
	exposition_begin(exposition, METRIC_BUILD);
	add(exposition, "version", NETLAT_VERSION, EXPOSITION_INTEGER, 1);
	add_process(exposition);
	add_only(exposition, METRIC_SCRAPE, EXPOSITION_NANOSECONDS, monotonic_ns() - started_ns);
}
