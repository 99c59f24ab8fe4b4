/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exemplar_table.h - the latest transaction with a trace in each classic bucket of each series,
 * of the series that had one last.
 */
#ifndef NETLAT_EXEMPLAR_TABLE_H
#define NETLAT_EXEMPLAR_TABLE_H

#include "exposition.h"

#define EXEMPLAR_SERIES_MAX 256 /* 250 kB */

struct exemplar_table;

/* NULL on lack of memory. */
struct exemplar_table *exemplar_table_new(void);
void exemplar_table_free(struct exemplar_table *table);

/*
 * A record that reached userspace; epoch_offset_ns is added to its times. What has no trace or
 * is in no series is passed over.
 */
void exemplar_table_take(struct exemplar_table *table, const struct nl_record *record,
			 u64 epoch_offset_ns);

/* EXPORT_CLASSIC of them of a key as export_series_key() gives it; NULL if there is none. */
const struct exemplar *exemplar_table_find(const struct exemplar_table *table,
					   const struct nl_series_key *key);

#endif
