/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* screen.h - the table on this terminal: size, colors, redrawing. */
#ifndef NETLAT_SCREEN_H
#define NETLAT_SCREEN_H

#include "table.h"
#include "why.h"

/* Whether stdout is a terminal, and so worth redrawing. */
bool screen_is_terminal(void);

/* Redraw the live table in place. `names` may be NULL, as everywhere. */
void screen_draw(const struct snapshot *now, const struct snapshot *before, const char *title,
		 const struct name_source *names);

/* Write the final summary to `out`, below what the live table showed last. */
void screen_summary(FILE *out, const struct snapshot *last, const char *title,
		    const struct name_source *names, bool verbose);

/* The same of slow and failed transactions (--why). */
void screen_draw_why(const struct slow_list *list, u64 now_ns, const char *title);
void screen_summary_why(FILE *out, const struct slow_list *list, u64 now_ns, const char *title);

#endif
