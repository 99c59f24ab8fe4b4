/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_columns.c - the columns of the table: what each shows, and which fit. */
#include "table_columns.h"

#include <limits.h>
#include <string.h>

#include "record_view.h"

#define NAME_TITLE "service / client"
#define NAME_WIDTH_MIN 21 /* 255.255.255.255:65535 whole before any column is added */
#define ELLIPSIS "..."

#define BOLD "\033[1m"
#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define RESET "\033[0m"

/* Success from which a service is well, and below which it is not. */
#define GOOD_PERCENT 99
#define BAD_PERCENT 90

/* `rank`: the larger, the sooner it is left out. Neighbors of one group share a heading. An
 * optional column is only there if some line has something to show in it. */
struct column_spec {
	const char *group;
	const char *title;
	unsigned width_min; /* so that columns do not move as numbers grow */
	unsigned rank;
	bool is_optional;
};

#define GROUP_DURATION "duration"
#define GROUP_TTFB "ttfb"
#define GROUP_RTT "rtt to"

static const struct column_spec columns_table[COLUMN_COUNT] = {
	[COLUMN_REQUESTS] = { NULL, "requests", 8, 0, false },
	[COLUMN_ANSWERED] = { NULL, "answered", 8, 10, false },
	[COLUMN_SUCCESS] = { NULL, "success", 7, 1, false },
	[COLUMN_4XX] = { NULL, "4xx", 4, 7, false },
	[COLUMN_5XX] = { NULL, "5xx", 4, 4, false },
	[COLUMN_NO_ANSWER] = { "no", "answer", 6, 5, false },
	[COLUMN_RATE] = { NULL, "req/s", 5, 6, false },
	[COLUMN_P50] = { GROUP_DURATION, "p50", 5, 2, false },
	[COLUMN_P90] = { GROUP_DURATION, "p90", 5, 9, false },
	[COLUMN_P99] = { GROUP_DURATION, "p99", 5, 3, false },
	[COLUMN_MAX] = { GROUP_DURATION, "max", 5, 8, false },
	[COLUMN_AVG] = { GROUP_DURATION, "avg", 5, 12, false },
	[COLUMN_TTFB_P50] = { GROUP_TTFB, "p50", 5, 11, false },
	[COLUMN_TTFB_P99] = { GROUP_TTFB, "p99", 5, 14, false },
	[COLUMN_CAUSE] = { "slow by", "cause", 8, 13, true },
	[COLUMN_RTT_SERVER] = { GROUP_RTT, "server", 6, 15, true },
	[COLUMN_RTT_CLIENT] = { GROUP_RTT, "client", 6, 16, true },
	[COLUMN_RESENT] = { NULL, "resent", 6, 17, true },
	[COLUMN_RESETS] = { NULL, "resets", 6, 18, true },
};

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

static bool has_value(enum table_column column, const struct nl_stats *stats)
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

static void format_cell(char text[UNIT_TEXT_MAX], enum table_column column,
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

/* The color of a cell, or NULL. */
static const char *cell_color(enum table_column column, const struct nl_stats *stats)
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

void table_layout_init(struct table_layout *layout, bool color, double rate_s)
{
	memset(layout, 0, sizeof(*layout));
	layout->color = color;
	layout->rate_s = rate_s;
	layout->name_widest = strlen(NAME_TITLE);
	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		size_t title = strlen(columns_table[i].title);

		layout->widths[i] = columns_table[i].width_min;
		layout->is_used[i] = !columns_table[i].is_optional;
		if (title > layout->widths[i])
			layout->widths[i] = (unsigned)title;
	}
}

void table_layout_measure(struct table_layout *layout, const char *name,
			  const struct table_line *line)
{
	char text[UNIT_TEXT_MAX];

	if (strlen(name) > layout->name_widest)
		layout->name_widest = (unsigned)strlen(name);
	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		format_cell(text, (enum table_column)i, line, layout->rate_s);
		if (strlen(text) > layout->widths[i])
			layout->widths[i] = (unsigned)strlen(text);
		if (!columns_table[i].is_optional || has_value((enum table_column)i, line->stats))
			layout->is_used[i] = true;
	}
}

static enum table_column column_of_rank(unsigned rank)
{
	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		if (columns_table[i].rank == rank)
			return (enum table_column)i;
	}
	return COLUMN_COUNT;
}

/* Where all columns are shown and there is room, two spaces between them instead of one. */
static void spread(struct table_layout *layout, unsigned room)
{
	unsigned needed = 0;

	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		if (!layout->is_used[i])
			continue;
		if (!layout->is_shown[i])
			return;
		needed += 2 + layout->widths[i];
	}
	if (needed > room)
		return;
	for (unsigned i = 0; i < COLUMN_COUNT; i++)
		layout->widths[i]++;
}

void table_layout_fit(struct table_layout *layout, unsigned columns)
{
	unsigned name = layout->name_widest, used;

	if (columns && name > NAME_WIDTH_MIN)
		name = NAME_WIDTH_MIN;
	used = name;
	/* In order of importance, and none after the first that does not fit: what is
	 * seen at one width is seen at every larger one. */
	for (unsigned rank = 0; rank < COLUMN_COUNT; rank++) {
		enum table_column column = column_of_rank(rank);
		unsigned needed = 1 + layout->widths[column];

		if (!layout->is_used[column])
			continue;
		if (columns && used + needed > columns)
			break;
		layout->is_shown[column] = true;
		used += needed;
	}
	layout->name_width = name;
	if (columns > used && layout->name_widest > name) {
		unsigned spare = columns - used, wanted = layout->name_widest - name;

		layout->name_width += spare < wanted ? spare : wanted;
	}
	if (columns && layout->name_width > columns)
		layout->name_width = columns;
	spread(layout, columns ? columns - layout->name_width : UINT_MAX);
}

static bool same_group(unsigned a, unsigned b)
{
	const char *x = columns_table[a].group, *y = columns_table[b].group;

	return x && y && strcmp(x, y) == 0;
}

static void write_repeated(FILE *out, char c, int count)
{
	for (int i = 0; i < count; i++)
		fputc(c, out);
}

/* Heading over `width` columns: right-aligned over one, between dashes over several. */
static void write_group(FILE *out, const char *group, int width, bool is_several)
{
	int length = group ? (int)strlen(group) : 0, dashes = width - length - 2;

	fputc(' ', out);
	if (!group || length > width) {
		write_repeated(out, ' ', width);
	} else if (!is_several || dashes < 2) {
		fprintf(out, "%*s", width, group);
	} else {
		write_repeated(out, '-', dashes / 2);
		fprintf(out, " %s ", group);
		write_repeated(out, '-', dashes - dashes / 2);
	}
}

static void write_groups(FILE *out, const struct table_layout *layout)
{
	fprintf(out, "%*s", (int)layout->name_width, "");
	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		int width = (int)layout->widths[i];
		unsigned first = i;
		bool is_several = false;

		if (!layout->is_shown[i])
			continue;
		for (; i + 1 < COLUMN_COUNT && same_group(first, i + 1); i++) {
			if (!layout->is_shown[i + 1])
				continue;
			width += 1 + (int)layout->widths[i + 1];
			is_several = true;
		}
		write_group(out, columns_table[first].group, width, is_several);
	}
	fputc('\n', out);
}

void table_write_titles(FILE *out, const struct table_layout *layout)
{
	write_groups(out, layout);
	fprintf(out, "%-*.*s", (int)layout->name_width, (int)layout->name_width, NAME_TITLE);
	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		if (layout->is_shown[i])
			fprintf(out, " %*s", (int)layout->widths[i], columns_table[i].title);
	}
	fputc('\n', out);
}

/* Of an address both ends tell more than the middle, and a port stands last. */
static void write_name(FILE *out, const char *name, unsigned width)
{
	unsigned length = (unsigned)strlen(name), dots = strlen(ELLIPSIS), head, tail;

	if (length <= width) {
		fprintf(out, "%-*s", (int)width, name);
		return;
	}
	if (width <= dots) {
		fprintf(out, "%.*s", (int)width, name);
		return;
	}
	tail = (width - dots + 1) / 2;
	head = width - dots - tail;
	fprintf(out, "%.*s%s%s", (int)head, name, ELLIPSIS, name + length - tail);
}

void table_write_line(FILE *out, const struct table_layout *layout, const char *name, bool is_bold,
		      const struct table_line *line)
{
	const char *weight = layout->color && is_bold ? BOLD : "";
	char text[UNIT_TEXT_MAX];

	fputs(weight, out);
	write_name(out, name, layout->name_width);
	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		enum table_column column = (enum table_column)i;
		const char *color = layout->color ? cell_color(column, line->stats) : NULL;

		if (!layout->is_shown[i])
			continue;
		format_cell(text, column, line, layout->rate_s);
		fputc(' ', out);
		if (color)
			fputs(color, out);
		fprintf(out, "%*s", (int)layout->widths[i], text);
		if (color)
			fprintf(out, "%s%s", RESET, weight);
	}
	fprintf(out, "%s\n", *weight ? RESET : "");
}
