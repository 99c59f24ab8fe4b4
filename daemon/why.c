/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* why.c - slow and failed transactions as text for a person. */
#include "why.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "record_view.h"
#include "named_address.h"
#include "redact.h"
#include "table_notes.h"
#include "slow_wanted.h"
#include "units.h"
#include "why_bar.h"

#define SECOND_NS 1000000000ULL
#define ELLIPSIS "..."
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define RESET "\033[0m"
/* Heading, titles and legend. */
#define LINES_AROUND 3
/* A request is cut to no less than this while the sentence behind it has more. */
#define REQUEST_WIDTH 40
/* A head of which every byte is written as three. */
#define CELL_BYTES_MAX (3 * NL_HEAD_BYTES_MAX + 16)

/* In the order shown. */
enum column {
	COLUMN_TIME,
	COLUMN_TOOK,
	COLUMN_STATUS,
	COLUMN_CAUSE,
	COLUMN_BAR,
	COLUMN_CLIENT,
	COLUMN_SERVICE,
	COLUMN_REQUEST,
	COLUMN_WHY,
	COLUMN_FILE,
	COLUMN_COUNT,
};

/* `rank`: the larger, the sooner it is left out. What can be cut needs less than it wants. */
static const struct column_spec {
	const char *title;
	unsigned rank;
	unsigned width_cut; /* to which it may be cut; 0: not */
	bool is_right;
} columns_table[COLUMN_COUNT] = {
	[COLUMN_TIME] = { "time", 7, 0, false },
	[COLUMN_TOOK] = { "took", 0, 0, true },
	[COLUMN_STATUS] = { "status", 4, 0, false },
	[COLUMN_CAUSE] = { "cause", 5, 0, false },
	[COLUMN_BAR] = { "parts", 3, 0, false },
	[COLUMN_CLIENT] = { "client", 8, 28, false },
	[COLUMN_SERVICE] = { "service", 6, 28, false },
	[COLUMN_REQUEST] = { "request", 1, 20, false },
	[COLUMN_WHY] = { "why", 2, 32, false },
	[COLUMN_FILE] = { "file", 9, 0, false },
};

struct layout {
	unsigned widths[COLUMN_COUNT];
	bool is_shown[COLUMN_COUNT];
	enum column last;
};

/* Printable ASCII as it is, anything else as %XX: nothing of the wire reaches a terminal. */
static size_t append_printable(char *text, size_t size, size_t used, const char *bytes,
			       size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		bool is_plain = byte > ' ' && byte < 0x7f;
		size_t needed = is_plain ? 1 : 3;

		if (size - used <= needed)
			break;
		if (is_plain)
			text[used] = (char)byte;
		else
			snprintf(text + used, size - used, "%%%02X", byte);
		used += needed;
	}
	text[used] = '\0';
	return used;
}

static void format_request(char *text, const struct nl_record *record)
{
	struct shown_request shown;
	size_t used = 0;

	redact_request(&shown, record);
	if (record->head_bytes)
		used = append_printable(text, CELL_BYTES_MAX, 0, (const char *)shown.method.begin,
					shown.method.length);
	if (!used)
		snprintf(text, CELL_BYTES_MAX, "-");
	if (!used || !shown.target.begin)
		return;
	text[used++] = ' ';
	append_printable(text, CELL_BYTES_MAX, used, (const char *)shown.target.begin,
			 shown.target.length);
}

/* Of UTC, as in the records. */
static void format_time(char *text, const struct slow_entry *entry)
{
	time_t when =
		(time_t)((entry->record.request_first_ns + entry->epoch_offset_ns) / SECOND_NS);
	struct tm parts;

	if (!gmtime_r(&when, &parts) || !strftime(text, CELL_BYTES_MAX, "%H:%M:%S", &parts))
		snprintf(text, CELL_BYTES_MAX, "-");
}

static void format_status(char *text, const struct nl_record *record)
{
	const char *outcome = record_outcome_name(record->outcome);

	if (record->outcome == NL_OUTCOME_OK && record->status)
		snprintf(text, CELL_BYTES_MAX, "%u", record->status);
	else
		snprintf(text, CELL_BYTES_MAX, "%s", outcome ? outcome : "-");
}

static void format_cause(char *text, const struct nl_record *record)
{
	const char *name = record_cause_name(record->cause);

	snprintf(text, CELL_BYTES_MAX, "%s", record->cause && name ? name : "-");
}

static void format_file(char *text, const struct slow_entry *entry)
{
	const char *slash = strrchr(entry->path, '/'), *name = slash ? slash + 1 : entry->path;

	if (slow_entry_has_file(entry))
		append_printable(text, CELL_BYTES_MAX, 0, name, strlen(name));
	else
		snprintf(text, CELL_BYTES_MAX, "-");
}

/* Client or service, in at most `width` characters; 0: any number. */
static void format_end(char *text, enum column column, const struct slow_entry *entry,
		       unsigned width)
{
	const struct name_source names = slow_entry_names(entry);
	const struct nl_record *record = &entry->record;
	struct named_address named;

	if (column == COLUMN_CLIENT)
		named_address_of_host(&named, &names, &record->client_addr);
	else
		named_address_of_endpoint(&named, &names, &record->server_addr,
					  record->server_port);
	named_address_format(text, &named, width);
}

static void format_cell(char text[CELL_BYTES_MAX], enum column column,
			const struct slow_entry *entry)
{
	const struct nl_record *record = &entry->record;

	text[0] = '\0';
	switch (column) {
	case COLUMN_TIME:
		return format_time(text, entry);
	case COLUMN_TOOK:
		return format_duration(text, entry->whole_ns);
	case COLUMN_STATUS:
		return format_status(text, record);
	case COLUMN_CAUSE:
		return format_cause(text, record);
	case COLUMN_BAR:
		return why_bar_format(text, record);
	case COLUMN_CLIENT:
	case COLUMN_SERVICE:
		return format_end(text, column, entry, 0);
	case COLUMN_REQUEST:
		return format_request(text, record);
	case COLUMN_WHY:
		snprintf(text, CELL_BYTES_MAX, "%s", entry->explanation);
		return;
	case COLUMN_FILE:
		return format_file(text, entry);
	case COLUMN_COUNT:
		break;
	}
}

static void measure(struct layout *layout, const struct slow_entry **entries, size_t count)
{
	char text[CELL_BYTES_MAX];

	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		layout->widths[i] = (unsigned)strlen(columns_table[i].title);
		for (size_t j = 0; j < count; j++) {
			format_cell(text, (enum column)i, entries[j]);
			if (strlen(text) > layout->widths[i])
				layout->widths[i] = (unsigned)strlen(text);
		}
	}
}

static unsigned column_of_rank(unsigned rank)
{
	unsigned i = 0;

	while (i < COLUMN_COUNT - 1 && columns_table[i].rank != rank)
		i++;
	return i;
}

/* Let a column have more of what is left over, up to what it wants. */
static void widen(struct layout *layout, enum column column, unsigned wanted, unsigned *left)
{
	unsigned more = wanted - layout->widths[column];

	if (!layout->is_shown[column])
		return;
	if (more > *left)
		more = *left;
	layout->widths[column] += more;
	*left -= more;
}

/* Leave out the less important columns until all fits into `columns` (0: any width). */
static void fit(struct layout *layout, unsigned columns)
{
	const struct layout wanted = *layout;
	const unsigned request = wanted.widths[COLUMN_REQUEST];
	unsigned used = 0, left;

	for (unsigned rank = 0; rank < COLUMN_COUNT; rank++) {
		unsigned i = column_of_rank(rank), needed;

		if (columns && columns_table[i].width_cut &&
		    layout->widths[i] > columns_table[i].width_cut)
			layout->widths[i] = columns_table[i].width_cut;
		needed = layout->widths[i] + (used > 0);
		if (columns && used + needed > columns)
			break;
		layout->is_shown[i] = true;
		used += needed;
	}
	left = columns > used ? columns - used : 0;
	widen(layout, COLUMN_REQUEST, request < REQUEST_WIDTH ? request : REQUEST_WIDTH, &left);
	widen(layout, COLUMN_WHY, wanted.widths[COLUMN_WHY], &left);
	widen(layout, COLUMN_SERVICE, wanted.widths[COLUMN_SERVICE], &left);
	widen(layout, COLUMN_CLIENT, wanted.widths[COLUMN_CLIENT], &left);
	widen(layout, COLUMN_REQUEST, request, &left);
	for (unsigned i = 0; i < COLUMN_COUNT; i++)
		if (layout->is_shown[i])
			layout->last = (enum column)i;
}

static void write_cell(FILE *out, const struct layout *layout, enum column column, const char *text)
{
	const unsigned dots = strlen(ELLIPSIS);
	unsigned width = layout->widths[column], length = (unsigned)strlen(text);

	if (length > width)
		fprintf(out, "%.*s" ELLIPSIS, (int)(width - dots), text);
	else if (columns_table[column].is_right)
		fprintf(out, "%*s", (int)width, text);
	else
		fprintf(out, "%-*s", column == layout->last ? 0 : (int)width, text);
}

/* The color of a failure, or NULL. */
static const char *status_color(const struct nl_record *record)
{
	if (slow_is_failed(record))
		return RED;
	return record->outcome != NL_OUTCOME_OK || record->status >= 400 ? YELLOW : NULL;
}

static void write_entry(FILE *out, const struct layout *layout, const struct slow_entry *entry,
			bool color)
{
	const char *separator = "", *status = color ? status_color(&entry->record) : NULL;
	char text[CELL_BYTES_MAX];

	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		if (!layout->is_shown[i])
			continue;
		format_cell(text, (enum column)i, entry);
		fputs(separator, out);
		separator = " ";
		if (i == COLUMN_BAR) {
			why_bar_write(out, text, color);
			continue;
		}
		if (i == COLUMN_CLIENT || i == COLUMN_SERVICE)
			format_end(text, (enum column)i, entry, layout->widths[i]);
		if (i == COLUMN_STATUS && status)
			fputs(status, out);
		write_cell(out, layout, (enum column)i, text);
		if (i == COLUMN_STATUS && status)
			fputs(RESET, out);
	}
	fputc('\n', out);
}

static void write_titles(FILE *out, const struct layout *layout)
{
	const char *separator = "";

	for (unsigned i = 0; i < COLUMN_COUNT; i++) {
		if (!layout->is_shown[i])
			continue;
		fputs(separator, out);
		separator = " ";
		write_cell(out, layout, (enum column)i, columns_table[i].title);
	}
	fputc('\n', out);
}

static void write_legend(FILE *out, const struct why_style *style,
			 const struct slow_entry **entries, size_t count)
{
	bool seen[WHY_BAR_KINDS] = { false };
	char bar[WHY_BAR_CELLS + 1];

	for (size_t i = 0; i < count; i++) {
		why_bar_format(bar, &entries[i]->record);
		why_bar_mark(bar, seen);
	}
	why_bar_write_legend(out, style->columns, style->color, seen);
}

static void write_heading(FILE *out, const struct why_style *style, size_t shown, size_t count)
{
	const char *title = style->title ? style->title : "";
	char text[512];

	if (count == 0)
		snprintf(text, sizeof(text), "netlat: %s, no slow or failed transaction", title);
	else if (shown < count)
		snprintf(text, sizeof(text),
			 "netlat: %s, the longest %zu of %zu slow or failed transactions; UTC",
			 title, shown, count);
	else
		snprintf(text, sizeof(text),
			 "netlat: %s, %zu slow or failed transaction%s, longest first; UTC", title,
			 count, count == 1 ? "" : "s");
	table_write_text(out, style->columns, text);
}

void why_print(FILE *out, const struct slow_list *list, u64 now_ns, const struct why_style *style)
{
	size_t capacity = slow_list_capacity(list), count, shown;
	const struct slow_entry **entries = calloc(capacity, sizeof(const struct slow_entry *));
	struct layout layout = { 0 };

	if (!entries) {
		table_write_text(out, style->columns, "no list: out of memory");
		return;
	}
	shown = count = slow_list_get(list, now_ns, SLOW_LONGEST_FIRST, entries, capacity);
	if (style->lines && shown + LINES_AROUND > style->lines)
		shown = style->lines > LINES_AROUND ? style->lines - LINES_AROUND : 0;
	write_heading(out, style, shown, count);
	if (shown) {
		measure(&layout, entries, shown);
		fit(&layout, style->columns);
		write_titles(out, &layout);
		for (size_t i = 0; i < shown; i++)
			write_entry(out, &layout, entries[i], style->color);
		if (layout.is_shown[COLUMN_BAR])
			write_legend(out, style, entries, shown);
	}
	free(entries);
}
