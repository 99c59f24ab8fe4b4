/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_notes.h - what stands around the numbers: losses, the ledger, and why there is nothing. */
#ifndef NETLAT_TABLE_NOTES_H
#define NETLAT_TABLE_NOTES_H

#include <stdbool.h>
#include <stdio.h>

#include "metrics.h"

/*
 * Write a line of text, cut to `columns` (0: not cut). Characters are counted
 * as UTF-8; control characters become `?`.
 */
void table_write_text(FILE *out, unsigned columns, const char *text);

/* How many lines table_write_losses() needs to give each loss its own; 0: nothing was lost. */
size_t table_count_losses(const u64 counters[NL_COUNTER_MAX]);

/* What was lost or is uncertain. With fewer lines than losses: one line, names only. */
void table_write_losses(FILE *out, unsigned columns, size_t lines,
			const u64 counters[NL_COUNTER_MAX]);

/* In place of the table while no request was seen. At most `lines` (0: any number). */
void table_write_nothing(FILE *out, unsigned columns, size_t lines, bool is_final,
			 const u64 counters[NL_COUNTER_MAX]);

/* At the end: the equations that must hold, said so if they do not, and how many are clean. */
void table_write_ledger(FILE *out, unsigned columns, const u64 counters[NL_COUNTER_MAX]);

/* Every counter that is not 0. */
void table_write_counters(FILE *out, unsigned columns, const u64 counters[NL_COUNTER_MAX]);

#endif
