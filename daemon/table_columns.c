/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_columns.c - the columns of the table: what each shows, and which fit. */
#include "table_columns.h"

#include <limits.h>
#include <string.h>

#include "table_cells.h"

#define NAME_TITLE "service / client"
#define NAME_WIDTH_MIN 21 /* 255.255.255.255:65535 whole before any column is added */
/* With names of containers, 14 characters for them besides, or less on a narrow terminal. */
#define NAMED_WIDTH_MIN 36
#define NAMED_PERCENT 45
#define CLIENT_INDENT "  "

#define BOLD "\033[1m"
#define RESET "\033[0m"

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

static const char *indent_of(const struct table_name *name)
{
	return name->is_indented ? CLIENT_INDENT : "";
}

static void measure_name(struct table_layout *layout, const struct table_name *name)
{
	char text[NAMED_ADDRESS_TEXT_MAX];
	size_t width;

	named_address_format(text, &name->named, 0);
	width = strlen(indent_of(name)) + strlen(text);
	if (width > layout->name_widest)
		layout->name_widest = (unsigned)width;
	layout->has_containers = layout->has_containers || name->named.container;
}

void table_layout_measure(struct table_layout *layout, const struct table_name *name,
			  const struct table_line *line)
{
	char text[UNIT_TEXT_MAX];

	measure_name(layout, name);
	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		table_cell_format(text, (enum table_column)i, line, layout->rate_s);
		if (strlen(text) > layout->widths[i])
			layout->widths[i] = (unsigned)strlen(text);
		if (!columns_table[i].is_optional ||
		    table_cell_has_value((enum table_column)i, line->stats))
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

/*
 * What names have before any column is added. It grows more slowly than the terminal, so that a
 * wider one never shows fewer columns.
 */
static unsigned name_width_before(const struct table_layout *layout, unsigned columns)
{
	unsigned width = NAME_WIDTH_MIN;

	if (!columns)
		return layout->name_widest;
	if (layout->has_containers && columns * NAMED_PERCENT / 100 > width)
		width = columns * NAMED_PERCENT / 100;
	if (width > NAMED_WIDTH_MIN)
		width = NAMED_WIDTH_MIN;
	return width < layout->name_widest ? width : layout->name_widest;
}

void table_layout_fit(struct table_layout *layout, unsigned columns)
{
	unsigned name = name_width_before(layout, columns), used = name;

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

static void write_name(FILE *out, const struct table_name *name, unsigned width)
{
	const char *indent = indent_of(name);
	unsigned left = width - (unsigned)strlen(indent);
	char text[NAMED_ADDRESS_TEXT_MAX];

	named_address_format(text, &name->named, left);
	fprintf(out, "%s%-*s", indent, (int)left, text);
}

void table_write_line(FILE *out, const struct table_layout *layout, const struct table_name *name,
		      bool is_bold, const struct table_line *line)
{
	const char *weight = layout->color && is_bold ? BOLD : "";
	char text[UNIT_TEXT_MAX];

	fputs(weight, out);
	write_name(out, name, layout->name_width);
	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		enum table_column column = (enum table_column)i;
		const char *color = layout->color ? table_cell_color(column, line->stats) : NULL;

		if (!layout->is_shown[i])
			continue;
		table_cell_format(text, column, line, layout->rate_s);
		fputc(' ', out);
		if (color)
			fputs(color, out);
		fprintf(out, "%*s", (int)layout->widths[i], text);
		if (color)
			fprintf(out, "%s%s", RESET, weight);
	}
	fprintf(out, "%s\n", *weight ? RESET : "");
}
