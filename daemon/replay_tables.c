/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* replay_tables.c - a replay's rows and series: arrays, with a hash table beside each. */
#include "replay_tables.h"

#include <errno.h>
#include <stdlib.h>

/* uthash calls exit() on lack of memory unless told otherwise. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct replay_row {
	struct nl_row_key key;
	struct nl_stats stats;
	UT_hash_handle hh;
};

struct replay_series {
	struct nl_series_key key;
	struct nl_series stats;
	UT_hash_handle hh;
};

bool replay_tables_open(struct replay_tables *tables, u32 row_max, u32 series_max)
{
	*tables = (struct replay_tables){
		.rows = calloc(row_max, sizeof(*tables->rows)),
		.rows_used = 1,
		.series = calloc(series_max, sizeof(*tables->series)),
		.series_used = 1,
	};
	if (!tables->rows || !tables->series)
		return false;
	tables->rows[0].key.kind = NL_ROW_OTHER;
	return true;
}

void replay_tables_close(struct replay_tables *tables)
{
	HASH_CLEAR(hh, tables->rows_by_key);
	free(tables->rows);
	HASH_CLEAR(hh, tables->series_by_key);
	free(tables->series);
}

u32 replay_tables_row(struct replay_tables *tables, const struct nl_row_key *key, u32 limit)
{
	struct replay_row *row;

	HASH_FIND(hh, tables->rows_by_key, key, sizeof(*key), row);
	if (row)
		return (u32)(row - tables->rows);
	if (tables->rows_used >= limit)
		return 0;
	row = &tables->rows[tables->rows_used];
	row->key = *key;
	HASH_ADD(hh, tables->rows_by_key, key, sizeof(row->key), row);
	return row->hh.tbl ? tables->rows_used++ : 0;
}

struct nl_stats *replay_tables_stats(const struct replay_tables *tables, u32 row)
{
	return &tables->rows[row].stats;
}

u32 replay_tables_number(struct replay_tables *tables, const struct nl_series_key *key, u32 limit)
{
	struct replay_series *series;

	HASH_FIND(hh, tables->series_by_key, key, sizeof(*key), series);
	if (series)
		return (u32)(series - tables->series);
	if (tables->series_used >= limit)
		return 0;
	series = &tables->series[tables->series_used];
	series->key = *key;
	HASH_ADD(hh, tables->series_by_key, key, sizeof(series->key), series);
	return series->hh.tbl ? tables->series_used++ : 0;
}

struct nl_series *replay_tables_series(const struct replay_tables *tables, u32 number)
{
	return &tables->series[number].stats;
}

int replay_tables_snapshot(const struct replay_tables *tables, struct snapshot *snapshot)
{
	snapshot->rows = calloc(tables->rows_used, sizeof(*snapshot->rows));
	snapshot->series = calloc(tables->series_used, sizeof(*snapshot->series));
	if (!snapshot->rows || !snapshot->series)
		return -ENOMEM;
	for (u32 i = 0; i < tables->rows_used; i++) {
		const struct replay_row *row = &tables->rows[i];
		struct metrics_row *to = &snapshot->rows[snapshot->row_count];

		if (!row->stats.requests)
			continue;
		to->key = row->key;
		to->stats = row->stats;
		snapshot->row_count++;
	}
	for (u32 i = 0; i < tables->series_used; i++) {
		const struct replay_series *series = &tables->series[i];
		struct metrics_series *to = &snapshot->series[snapshot->series_count];

		if (!series->stats.count)
			continue;
		to->key = series->key;
		to->stats = series->stats;
		to->is_overflow = i == 0;
		snapshot->series_count++;
	}
	return 0;
}
