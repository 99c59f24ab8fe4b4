/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* replay_tables.h - a replay's rows and series, by number and by key, with the kernel's bounds. */
#ifndef NETLAT_REPLAY_TABLES_H
#define NETLAT_REPLAY_TABLES_H

#include <stdbool.h>

#include "metrics.h"

struct replay_row;
struct replay_series;

/* Memory is that of what was used: no entry is touched before it is given out. */
struct replay_tables {
	struct replay_row *rows; /* by number; 0 is `other` */
	struct replay_row *rows_by_key;
	u32 rows_used;
	struct replay_series *series; /* by number; 0 is the overflow */
	struct replay_series *series_by_key;
	u32 series_used;
};

/* false: no memory; replay_tables_close() undoes either. */
bool replay_tables_open(struct replay_tables *tables, u32 row_max, u32 series_max);
void replay_tables_close(struct replay_tables *tables);

/* The number of a row, given out if fewer than `limit` are. 0: it has none. */
u32 replay_tables_row(struct replay_tables *tables, const struct nl_row_key *key, u32 limit);
struct nl_stats *replay_tables_stats(const struct replay_tables *tables, u32 row);

/* The same of series. */
u32 replay_tables_number(struct replay_tables *tables, const struct nl_series_key *key, u32 limit);
struct nl_series *replay_tables_series(const struct replay_tables *tables, u32 number);

/* Fill in those of *snapshot that have counted anything. 0 or -ENOMEM. */
int replay_tables_snapshot(const struct replay_tables *tables, struct snapshot *snapshot);

#endif
