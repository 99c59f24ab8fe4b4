/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_notes.c - losses, the ledger, and why there is nothing. */
#include "table_notes.h"

#include <string.h>

#define TEXT_MAX 512
#define FATES_SHOWN 3
#define LOSS_TITLE "lost/uncertain: "

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Worst first. What is merely not HTTP is no loss. */
static const enum nl_counter losses[] = {
	NL_COUNT_internal_error,
	NL_COUNT_lock_contended,
	NL_COUNT_flow_table_error,
	NL_COUNT_record_ring_full,
	NL_COUNT_gaps,
	NL_COUNT_gap_bytes,
	NL_COUNT_step_limit,
	NL_COUNT_pipeline_overflow,
	NL_COUNT_malformed,
	NL_COUNT_malformed_header,
	NL_COUNT_truncated_header,
	NL_COUNT_fragment,
	NL_COUNT_encapsulated,
	NL_COUNT_orphan,
	NL_COUNT_orphan_partial,
	NL_COUNT_partial_heads,
	NL_COUNT_rows_other,
	NL_COUNT_evicted,
	NL_COUNT_flows_evicted,
};

static const enum nl_counter fates[] = {
#define X(number, name, help) NL_COUNT_##name,
	NL_PACKET_FATES(X)
#undef X
};

static bool is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

void table_write_text(FILE *out, unsigned columns, const char *text)
{
	static const char dots[] = "...";
	size_t width = 0, keep, seen = 0;

	for (const char *at = text; *at; at++)
		width += !is_continuation(*at);
	keep = width;
	if (columns && width > columns)
		keep = columns > strlen(dots) ? columns - strlen(dots) : columns;
	for (const char *at = text; *at; at++) {
		seen += !is_continuation(*at);
		if (seen > keep)
			break;
		fputc((unsigned char)*at < ' ' || *at == 0x7f ? '?' : *at, out);
	}
	if (keep < width && columns > strlen(dots))
		fputs(dots, out);
	fputc('\n', out);
}

size_t table_count_losses(const u64 counters[NL_COUNTER_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < COUNT_OF(losses); i++)
		count += counters[losses[i]] != 0;
	return count;
}

static void write_losses_short(FILE *out, unsigned columns, const u64 counters[NL_COUNTER_MAX])
{
	char text[TEXT_MAX] = LOSS_TITLE;
	size_t used = strlen(text);
	const char *separator = "";

	for (size_t i = 0; i < COUNT_OF(losses) && used < sizeof(text); i++) {
		if (!counters[losses[i]])
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%llu %s", separator,
					 counters[losses[i]], counter_name(losses[i]));
		separator = ", ";
	}
	table_write_text(out, columns, text);
}

void table_write_losses(FILE *out, unsigned columns, size_t lines,
			const u64 counters[NL_COUNTER_MAX])
{
	const char *title = LOSS_TITLE;
	char text[TEXT_MAX];

	if (lines < table_count_losses(counters)) {
		write_losses_short(out, columns, counters);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(losses); i++) {
		if (!counters[losses[i]])
			continue;
		snprintf(text, sizeof(text), "%-*s%llu %s (%s)", (int)strlen(LOSS_TITLE), title,
			 counters[losses[i]], counter_name(losses[i]), counter_help(losses[i]));
		table_write_text(out, columns, text);
		title = "";
	}
}

/* The fate with most packets among those not yet taken; COUNT_OF(fates) when none is left. */
static size_t largest_fate(const u64 counters[NL_COUNTER_MAX], const bool *is_taken)
{
	size_t largest = COUNT_OF(fates);

	for (size_t i = 0; i < COUNT_OF(fates); i++) {
		if (is_taken[i] || !counters[fates[i]])
			continue;
		if (largest == COUNT_OF(fates) || counters[fates[i]] > counters[fates[largest]])
			largest = i;
	}
	return largest;
}

/* What to look at, by what most of the packets were; NULL where there is nothing to advise. */
static const char *advice(const u64 counters[NL_COUNTER_MAX])
{
	const u64 *count = counters;

	if (count[NL_COUNT_filtered] * 2 > count[NL_COUNT_packets])
		return "Most of them are excluded by --port or --net.";
	if (count[NL_COUNT_not_http])
		return "The connections that carry data are no HTTP/1: TLS (https) or HTTP/2?";
	if (count[NL_COUNT_no_payload])
		return "TCP connections were seen, but none of them carried data yet.";
	if (count[NL_COUNT_parsed])
		return "HTTP was found, but no request has been seen whole.";
	return "No TCP connection was seen: is this the interface that the traffic passes?";
}

void table_write_nothing(FILE *out, unsigned columns, size_t lines, bool is_final,
			 const u64 counters[NL_COUNTER_MAX])
{
	const char *what = is_final ? "no HTTP was seen" : "no HTTP yet";
	u64 packets = counters[NL_COUNT_packets];
	bool is_taken[COUNT_OF(fates)] = { false };
	char text[TEXT_MAX];

	if (packets == 0) {
		snprintf(text, sizeof(text), "%s: not one packet has passed (%s)", what,
			 "is it the right interface?");
		table_write_text(out, columns, text);
		return;
	}
	snprintf(text, sizeof(text), "%s: %llu packets seen, of which", what, packets);
	table_write_text(out, columns, text);
	for (size_t i = 0; i < FATES_SHOWN && (lines == 0 || i + 2 < lines); i++) {
		size_t fate = largest_fate(counters, is_taken);

		if (fate == COUNT_OF(fates))
			break;
		is_taken[fate] = true;
		snprintf(text, sizeof(text), "%12llu %s (%s)", counters[fates[fate]],
			 counter_name(fates[fate]), counter_help(fates[fate]));
		table_write_text(out, columns, text);
	}
	if (lines != 1)
		table_write_text(out, columns, advice(counters));
}

/* How many of the numbers are clean, and what is to be said of the others. */
static void write_grades(FILE *out, unsigned columns, const u64 counters[NL_COUNTER_MAX])
{
	char text[TEXT_MAX];
	const char *separator = "; of the others ";
	u64 all = counters[NL_COUNT_clean] + counters[NL_COUNT_graded];
	int used = snprintf(text, sizeof(text), "grades: %llu of %llu transactions are clean",
			    counters[NL_COUNT_clean], all);

#define X(number, name, help)                                                                      \
	if (counters[NL_COUNT_grade_##name]) {                                                     \
		used += snprintf(text + used, sizeof(text) - (size_t)used, "%s%llu " #name,        \
				 separator, counters[NL_COUNT_grade_##name]);                      \
		separator = ", ";                                                                  \
	}
	NL_GRADES(X)
#undef X
	table_write_text(out, columns, text);
}

void table_write_ledger(FILE *out, unsigned columns, const u64 counters[NL_COUNTER_MAX])
{
	u64 fated = metrics_fated_packets(counters);
	char text[TEXT_MAX];

	snprintf(text, sizeof(text),
		 "requests %llu = paired %llu + unanswered %llu + aborted %llu + evicted %llu + "
		 "in_flight %llu",
		 counters[NL_COUNT_requests], counters[NL_COUNT_paired],
		 counters[NL_COUNT_unanswered], counters[NL_COUNT_aborted],
		 counters[NL_COUNT_evicted], counters[NL_COUNT_in_flight]);
	table_write_text(out, columns, text);
	snprintf(text, sizeof(text), "responses %llu = paired %llu + orphan %llu",
		 counters[NL_COUNT_responses], counters[NL_COUNT_paired],
		 counters[NL_COUNT_orphan]);
	table_write_text(out, columns, text);
	snprintf(text, sizeof(text), "packets %llu = parsed %llu + skipped %llu",
		 counters[NL_COUNT_packets], counters[NL_COUNT_parsed],
		 fated - counters[NL_COUNT_parsed]);
	table_write_text(out, columns, text);
	if (!metrics_add_up(counters))
		table_write_text(out, columns, "the lines above DO NOT ADD UP: please report");
	write_grades(out, columns, counters);
}

void table_write_counters(FILE *out, unsigned columns, const u64 counters[NL_COUNTER_MAX])
{
	char text[TEXT_MAX];

	for (unsigned i = 0; i < NL_COUNTER_MAX; i++) {
		if (!counters[i] || !counter_name(i))
			continue;
		snprintf(text, sizeof(text), "%14llu %-18s %s", counters[i], counter_name(i),
			 counter_help(i));
		table_write_text(out, columns, text);
	}
}
