/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_cells.h - what stands in one cell of the table, and its color. */
#ifndef NETLAT_TABLE_CELLS_H
#define NETLAT_TABLE_CELLS_H

#include <stdbool.h>

#include "table_groups.h"
#include "units.h"

/* In the order shown, after the column of names. */
enum table_column {
	COLUMN_REQUESTS,
	COLUMN_ANSWERED,
	COLUMN_SUCCESS,
	COLUMN_4XX,
	COLUMN_5XX,
	COLUMN_NO_ANSWER,
	COLUMN_RATE,
	COLUMN_P50,
	COLUMN_P90,
	COLUMN_P99,
	COLUMN_MAX,
	COLUMN_AVG,
	COLUMN_TTFB_P50,
	COLUMN_TTFB_P99,
	COLUMN_CAUSE,
	COLUMN_RTT_SERVER,
	COLUMN_RTT_CLIENT,
	COLUMN_RESENT,
	COLUMN_RESETS,
	COLUMN_COUNT,
};

/* Whether a line has something to show in a column that is only there if one has. */
bool table_cell_has_value(enum table_column column, const struct nl_stats *stats);

/* Rates are over `rate_s` seconds. */
void table_cell_format(char text[UNIT_TEXT_MAX], enum table_column column,
		       const struct table_line *line, double rate_s);

/* An escape sequence, or NULL. */
const char *table_cell_color(enum table_column column, const struct nl_stats *stats);

#endif
