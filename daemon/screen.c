/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* screen.c - the table on this terminal: size, colors, redrawing. */
#include "screen.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define HOME_AND_CLEAR "\033[H\033[J"

bool screen_is_terminal(void)
{
	return isatty(STDOUT_FILENO);
}

/* Width and height of a terminal; left at 0 (do not fit) where there is none. */
static void fit(int fd, struct table_style *style)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	struct winsize size;

	if (!isatty(fd))
		return;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col) {
		style->columns = size.ws_col;
		style->lines = size.ws_row > 1 ? size.ws_row - 1u : 1; /* each line ends with one */
	} else {
		style->columns = 80;
		style->lines = 24;
	}
	/* https://no-color.org: set and not empty */
	style->color = !(no_color && *no_color) && term && *term;
}

/* One write: a half-drawn table flickers. */
static void draw_at_once(char **text, size_t *bytes, FILE *memory)
{
	if (fclose(memory) == 0) {
		fwrite(*text, 1, *bytes, stdout);
		fflush(stdout);
	}
	free(*text);
}

void screen_draw(const struct snapshot *now, const struct snapshot *before, const char *title,
		 const struct name_source *names)
{
	struct table_style style = { .title = title, .names = names };
	char *text = NULL;
	size_t bytes = 0;
	FILE *memory = open_memstream(&text, &bytes);

	if (!memory)
		return;
	fit(STDOUT_FILENO, &style);
	fputs(HOME_AND_CLEAR, memory);
	table_write(memory, now, before, &style);
	draw_at_once(&text, &bytes, memory);
}

void screen_draw_why(const struct slow_list *list, u64 now_ns, const char *title)
{
	struct table_style size = { 0 };
	struct why_style style;
	char *text = NULL;
	size_t bytes = 0;
	FILE *memory = open_memstream(&text, &bytes);

	if (!memory)
		return;
	fit(STDOUT_FILENO, &size);
	style = (struct why_style){ size.columns, size.lines, size.color, title };
	fputs(HOME_AND_CLEAR, memory);
	why_print(memory, list, now_ns, &style);
	draw_at_once(&text, &bytes, memory);
}

void screen_summary_why(FILE *out, const struct slow_list *list, u64 now_ns, const char *title)
{
	struct table_style size = { 0 };
	struct why_style style;

	fit(fileno(out), &size);
	/* All of them: it can be scrolled. */
	style = (struct why_style){ size.columns, 0, size.color, title };
	if (out == stdout && style.columns)
		fputs(HOME_AND_CLEAR, out);
	why_print(out, list, now_ns, &style);
}

void screen_summary(FILE *out, const struct snapshot *last, const char *title,
		    const struct name_source *names, bool verbose)
{
	struct table_style style = {
		.title = title,
		.names = names,
		.final = true,
		.verbose = verbose,
	};

	fit(fileno(out), &style);
	style.lines = 0; /* all rows: it can be scrolled */
	if (out == stdout && style.columns)
		fputs(HOME_AND_CLEAR, out);
	table_write(out, last, NULL, &style);
}
