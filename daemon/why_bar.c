/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* why_bar.c - the parts of a transaction's time as a bar of letters. */
#include "why_bar.h"

#include <string.h>

#include "record_view.h"

#define LEGEND_TITLE "parts:"
#define RESET "\033[0m"

/* In the order of the bar: the handshake, then as in enum nl_part. */
static const struct kind {
	char letter;
	const char *color;
} kinds[WHY_BAR_KINDS] = {
	{ 'h', "\033[36m" },
	[1 + NL_PART_client] = { 'c', "\033[34m" },
	[1 + NL_PART_upload] = { 'u', "\033[36m" },
	[1 + NL_PART_server] = { 'S', "\033[33m" },
	[1 + NL_PART_network] = { 'n', "\033[35m" },
	[1 + NL_PART_download] = { 'd', "\033[32m" },
	[1 + NL_PART_timer_retransmit] = { 'R', "\033[31m" },
	[1 + NL_PART_fast_retransmit] = { 'r', "\033[31m" },
	[1 + NL_PART_zero_window] = { 'z', "\033[34m" },
};

static const char *kind_name(unsigned kind)
{
	return kind == 0 ? "handshake" : record_part_name(kind - 1);
}

static const struct kind *kind_of(char letter)
{
	for (unsigned i = 0; i < WHY_BAR_KINDS; i++)
		if (kinds[i].letter == letter)
			return &kinds[i];
	return NULL;
}

void why_bar_format(char text[WHY_BAR_CELLS + 1], const struct nl_record *record)
{
	double share[WHY_BAR_KINDS], whole = 0;
	unsigned cells[WHY_BAR_KINDS], used = 0;

	share[0] = record->cause == NL_CAUSE_connect ? (double)record->connect_ns : 0;
	for (unsigned i = 0; i < NL_PART_COUNT; i++)
		share[1 + i] = (double)record->part_ns[i];
	for (unsigned i = 0; i < WHY_BAR_KINDS; i++)
		whole += share[i];
	memset(text, '.', WHY_BAR_CELLS);
	text[WHY_BAR_CELLS] = '\0';
	if (!(whole > 0))
		return;
	for (unsigned i = 0; i < WHY_BAR_KINDS; i++) {
		share[i] *= WHY_BAR_CELLS / whole;
		cells[i] = (unsigned)share[i];
		used += cells[i];
	}
	/* What is left goes to whom rounding down has cost most. */
	for (; used < WHY_BAR_CELLS; used++) {
		unsigned most = 0;

		for (unsigned i = 1; i < WHY_BAR_KINDS; i++)
			if (share[i] - cells[i] > share[most] - cells[most])
				most = i;
		cells[most]++;
	}
	used = 0;
	for (unsigned i = 0; i < WHY_BAR_KINDS; i++)
		for (unsigned j = 0; j < cells[i] && used < WHY_BAR_CELLS; j++)
			text[used++] = kinds[i].letter;
}

void why_bar_write(FILE *out, const char *text, bool color)
{
	const struct kind *now = NULL;

	for (; *text; text++) {
		const struct kind *kind = color ? kind_of(*text) : NULL;

		if (kind != now)
			fputs(kind ? kind->color : RESET, out);
		now = kind;
		fputc(*text, out);
	}
	if (now)
		fputs(RESET, out);
}

void why_bar_mark(const char *text, bool seen[WHY_BAR_KINDS])
{
	for (; *text; text++) {
		const struct kind *kind = kind_of(*text);

		if (kind)
			seen[kind - kinds] = true;
	}
}

void why_bar_write_legend(FILE *out, unsigned columns, bool color, const bool seen[WHY_BAR_KINDS])
{
	size_t used = strlen(LEGEND_TITLE);

	if (!memchr(seen, true, WHY_BAR_KINDS * sizeof(seen[0])) || (columns && used > columns))
		return;
	fputs(LEGEND_TITLE, out);
	for (unsigned i = 0; i < WHY_BAR_KINDS; i++) {
		const char letter[2] = { kinds[i].letter };
		size_t needed = strlen("  ? ") + strlen(kind_name(i));

		if (!seen[i])
			continue;
		if (columns && used + needed > columns)
			break;
		used += needed;
		fputs("  ", out);
		why_bar_write(out, letter, color);
		fprintf(out, " %s", kind_name(i));
	}
	fputc('\n', out);
}
