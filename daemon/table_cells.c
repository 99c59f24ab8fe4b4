/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_cells.c - what stands in one cell of the table, and its color. */
#include "table_cells.h"

#include <stdio.h>

#include "record_view.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"

/* Success from which a service is well, and below which it is not. */
#define GOOD_PERCENT 99
#define BAD_PERCENT 90

/* Of the answered; nothing where there were none. */
static void format_quantile(char *text, u64 answered, const u64 *buckets, double q,
			    u64 min_complement_ns, u64 max_ns)
{
	if (answered == 0)
		snprintf(text, UNIT_TEXT_MAX, "-");
	else
		format_duration(
			text,
			metrics_quantile_ns(buckets, q, metrics_min_ns(min_complement_ns), max_ns));
}

static void format_duration_quantile(char *text, const struct nl_stats *stats, double q)
{
	format_quantile(text, metrics_answered(stats), stats->duration, q,
			stats->duration_min_complement_ns, stats->duration_max_ns);
}

static void format_ttfb_quantile(char *text, const struct nl_stats *stats, double q)
{
	format_quantile(text, metrics_answered(stats), stats->ttfb, q,
			stats->ttfb_min_complement_ns, stats->ttfb_max_ns);
}

static void format_count(char *text, u64 count)
{
	snprintf(text, UNIT_TEXT_MAX, "%llu", count);
}

static u64 successes(const struct nl_stats *stats)
{
	return stats->responses[1] + stats->responses[2] + stats->responses[3];
}

static u64 failures_to_answer(const struct nl_stats *stats)
{
	return stats->unanswered + stats->aborted;
}

/* Of maximum and mean, nothing where nothing was answered. */
static void format_duration_if(char *text, u64 answered, u64 duration_ns)
{
	if (answered)
		format_duration(text, duration_ns);
	else
		snprintf(text, UNIT_TEXT_MAX, "-");
}

/* The cause that most of the slow and failed transactions have; NL_CAUSE_none: there are none. */
static unsigned commonest_cause(const struct nl_stats *stats)
{
	unsigned cause = NL_CAUSE_none;

	for (unsigned i = NL_CAUSE_none + 1; i < NL_CAUSE_COUNT; i++)
		if (stats->causes[i] > (cause == NL_CAUSE_none ? 0 : stats->causes[cause]))
			cause = i;
	return cause;
}

static void format_cause(char *text, const struct nl_stats *stats)
{
	unsigned cause = commonest_cause(stats);

	snprintf(text, UNIT_TEXT_MAX, "%s",
		 cause == NL_CAUSE_none ? "-" : record_cause_name(cause));
}

bool table_cell_has_value(enum table_column column, const struct nl_stats *stats)
{
	switch (column) {
	case COLUMN_CAUSE:
		return commonest_cause(stats) != NL_CAUSE_none;
	case COLUMN_RTT_SERVER:
	case COLUMN_RTT_CLIENT:
		return stats->handshakes != 0;
	case COLUMN_RESENT:
		return stats->retransmits != 0;
	case COLUMN_RESETS:
		return stats->client_resets + stats->server_resets != 0;
	default:
		return true;
	}
}

void table_cell_format(char text[UNIT_TEXT_MAX], enum table_column column,
		       const struct table_line *line, double rate_s)
{
	const struct nl_stats *stats = line->stats;
	u64 answered = metrics_answered(stats);

	switch (column) {
	case COLUMN_REQUESTS:
		return format_count(text, stats->requests);
	case COLUMN_ANSWERED: /* of those that are over: one still open is no failure */
		return format_percent(text, answered, answered + failures_to_answer(stats));
	case COLUMN_SUCCESS:
		return format_percent(text, successes(stats), answered);
	case COLUMN_4XX:
		return format_count(text, stats->responses[4]);
	case COLUMN_5XX:
		return format_count(text, stats->responses[5]);
	case COLUMN_NO_ANSWER:
		return format_count(text, failures_to_answer(stats));
	case COLUMN_RATE:
		return format_rate(text, rate_s > 0 ? (double)line->new_requests / rate_s : 0);
	case COLUMN_P50:
		return format_duration_quantile(text, stats, 0.5);
	case COLUMN_P90:
		return format_duration_quantile(text, stats, 0.9);
	case COLUMN_P99:
		return format_duration_quantile(text, stats, 0.99);
	case COLUMN_MAX:
		return format_duration_if(text, answered, stats->duration_max_ns);
	case COLUMN_AVG:
		return format_duration_if(text, answered,
					  answered ? stats->duration_sum_ns / answered : 0);
	case COLUMN_TTFB_P50:
		return format_ttfb_quantile(text, stats, 0.5);
	case COLUMN_TTFB_P99:
		return format_ttfb_quantile(text, stats, 0.99);
	case COLUMN_CAUSE:
		return format_cause(text, stats);
	case COLUMN_RTT_SERVER:
		return format_duration_if(
			text, stats->handshakes,
			stats->handshakes ? stats->server_rtt_sum_ns / stats->handshakes : 0);
	case COLUMN_RTT_CLIENT:
		return format_duration_if(
			text, stats->handshakes,
			stats->handshakes ? stats->client_rtt_sum_ns / stats->handshakes : 0);
	case COLUMN_RESENT:
		return format_count(text, stats->retransmits);
	case COLUMN_RESETS:
		return format_count(text, stats->client_resets + stats->server_resets);
	case COLUMN_COUNT:
		break;
	}
	text[0] = '\0';
}

const char *table_cell_color(enum table_column column, const struct nl_stats *stats)
{
	u64 answered = metrics_answered(stats);

	switch (column) {
	case COLUMN_SUCCESS:
		if (answered == 0)
			return NULL;
		if (successes(stats) * 100 >= answered * GOOD_PERCENT)
			return GREEN;
		return successes(stats) * 100 >= answered * BAD_PERCENT ? YELLOW : RED;
	case COLUMN_4XX:
		return stats->responses[4] ? YELLOW : NULL;
	case COLUMN_5XX:
		return stats->responses[5] ? RED : NULL;
	case COLUMN_ANSWERED:
	case COLUMN_NO_ANSWER:
		if (failures_to_answer(stats) == 0)
			return NULL;
		return failures_to_answer(stats) * 100 > stats->requests ? RED : YELLOW;
	default:
		return NULL;
	}
}
