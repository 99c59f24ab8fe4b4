/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table.h - a snapshot as text for a person: live table and final summary. */
#ifndef NETLAT_TABLE_H
#define NETLAT_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "metrics.h"
#include "name_source.h"

struct table_style {
	unsigned columns;  /* width to fit into; 0: do not fit */
	unsigned lines;	   /* height to fit into; 0: do not fit */
	bool color;	   /* ANSI colors */
	bool final;	   /* the summary at the end, not a redraw */
	bool verbose;	   /* every counter and the ledger */
	const char *title; /* what is observed: "br-2b4e89c112d8 (3 ports)" or a file name */
	const struct name_source *names; /* of containers; NULL: none */
};

/*
 * Write `now` to `out`. Rates are over the time since `before`, or since the
 * start where before is NULL.
 */
void table_write(FILE *out, const struct snapshot *now, const struct snapshot *before,
		 const struct table_style *style);

#endif
