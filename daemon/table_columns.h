/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_columns.h - the columns of the table: what each shows, and which fit. */
#ifndef NETLAT_TABLE_COLUMNS_H
#define NETLAT_TABLE_COLUMNS_H

#include <stdbool.h>
#include <stdio.h>

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

#define TABLE_NAME_MAX 64

struct table_layout {
	unsigned name_width;
	unsigned name_widest; /* longest name met */
	unsigned widths[COLUMN_COUNT];
	bool is_used[COLUMN_COUNT]; /* some line has something to show there */
	bool is_shown[COLUMN_COUNT];
	bool color;
	double rate_s; /* what rates are divided by */
};

void table_layout_init(struct table_layout *layout, bool color, double rate_s);

/* Let the widths grow to what this line needs. */
void table_layout_measure(struct table_layout *layout, const char *name,
			  const struct table_line *line);

/* Leave out the less important columns until all fits into `columns` (0: any width). */
void table_layout_fit(struct table_layout *layout, unsigned columns);

/* Two lines of titles. */
void table_write_titles(FILE *out, const struct table_layout *layout);

/* A line of numbers. A name too long for its column loses its middle. */
void table_write_line(FILE *out, const struct table_layout *layout, const char *name, bool is_bold,
		      const struct table_line *line);

#endif
