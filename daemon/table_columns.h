/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_columns.h - the columns of the table: what each shows, and which fit. */
#ifndef NETLAT_TABLE_COLUMNS_H
#define NETLAT_TABLE_COLUMNS_H

#include <stdbool.h>
#include <stdio.h>

#include "named_address.h"
#include "table_cells.h"

/* What a line is named by. */
struct table_name {
	bool is_indented; /* a client, below its service */
	struct named_address named;
};

struct table_layout {
	unsigned name_width;
	unsigned name_widest; /* longest name met */
	bool has_containers;  /* some of them have the name of one */
	unsigned widths[COLUMN_COUNT];
	bool is_used[COLUMN_COUNT]; /* some line has something to show there */
	bool is_shown[COLUMN_COUNT];
	bool color;
	double rate_s; /* what rates are divided by */
};

void table_layout_init(struct table_layout *layout, bool color, double rate_s);

/* Let the widths grow to what this line needs. */
void table_layout_measure(struct table_layout *layout, const struct table_name *name,
			  const struct table_line *line);

/* Leave out the less important columns until all fits into `columns` (0: any width). */
void table_layout_fit(struct table_layout *layout, unsigned columns);

/* Two lines of titles. */
void table_write_titles(FILE *out, const struct table_layout *layout);

/* A line of numbers. A name too long for its column is cut (named_address.h). */
void table_write_line(FILE *out, const struct table_layout *layout, const struct table_name *name,
		      bool is_bold, const struct table_line *line);

#endif
