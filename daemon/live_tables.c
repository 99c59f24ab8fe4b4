/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live_tables.c - the kernel's tables of rows and series, as reclaim.h wants them. */
#include "live_tables.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

struct live_tables {
	struct live_maps *maps;
	struct live_table_fds fds;
	const u32 *marks; /* mapped: by row */
};

static size_t marks_bytes(const struct live_tables *tables)
{
	/* Elements of an array are padded to eight bytes. */
	return (size_t)tables->maps->budget.rows * sizeof(u64);
}

static int list_rows(void *userdata, struct nl_row_key *keys, u32 *numbers)
{
	struct live_tables *tables = userdata;

	return live_maps_list(tables->fds.rows, keys, numbers, tables->maps->budget.rows);
}

static int list_series(void *userdata, struct nl_series_key *keys, u32 *numbers)
{
	struct live_tables *tables = userdata;

	return live_maps_list(tables->fds.series_numbers, keys, numbers,
			      tables->maps->budget.series);
}

static int forget_row(void *userdata, const struct nl_row_key *key)
{
	struct live_tables *tables = userdata;

	return bpf_map_delete_elem(tables->fds.rows, key);
}

static int restore_row(void *userdata, const struct nl_row_key *key, u32 number)
{
	struct live_tables *tables = userdata;

	return bpf_map_update_elem(tables->fds.rows, key, &number, BPF_NOEXIST);
}

static int forget_series(void *userdata, const struct nl_series_key *key)
{
	struct live_tables *tables = userdata;

	return bpf_map_delete_elem(tables->fds.series_numbers, key);
}

static int restore_series(void *userdata, const struct nl_series_key *key, u32 number)
{
	struct live_tables *tables = userdata;

	return bpf_map_update_elem(tables->fds.series_numbers, key, &number, BPF_NOEXIST);
}

static u64 row_activity(void *userdata, u32 number)
{
	struct live_maps *maps = ((struct live_tables *)userdata)->maps;
	const struct nl_stats *stats = live_maps_row(maps, number);
	u64 activity = 0;

	for (u32 shard = 0; stats && shard < maps->budget.shards; shard++)
		activity += stats[shard].requests + stats[shard].request_bytes +
			    stats[shard].response_bytes;
	return activity;
}

static bool row_is_met(void *userdata, u32 number, u32 sweep)
{
	const struct live_tables *tables = userdata;

	return tables->marks[number * 2] == sweep;
}

static int add_row(void *userdata, u32 number, struct nl_stats *to)
{
	return live_maps_add_row(((struct live_tables *)userdata)->maps, number, to);
}

static int add_series(void *userdata, u32 number, struct nl_series *to)
{
	return live_maps_add_series(((struct live_tables *)userdata)->maps, number, to);
}

static int clear(int fd, u32 first, u32 count, const void *zero)
{
	int r = 0;

	for (u32 i = first; i < first + count && r == 0; i++)
		r = bpf_map_update_elem(fd, &i, zero, BPF_ANY);
	return r;
}

static int free_row(void *userdata, u32 number)
{
	static const struct nl_stats none;
	struct live_tables *tables = userdata;
	const struct budget *b = &tables->maps->budget;
	int r = clear(tables->fds.stats, number * b->shards, b->shards, &none);

	if (r < 0)
		return r;
	return bpf_map_update_elem(number < NL_ROWS_PAIR_SHARE(b->rows) ? tables->fds.pairs_free
									: tables->fds.services_free,
				   NULL, &number, BPF_ANY);
}

static int free_series(void *userdata, u32 number)
{
	static const struct nl_series none;
	struct live_tables *tables = userdata;
	const struct budget *b = &tables->maps->budget;
	int r = clear(tables->fds.series, number * b->series_shards, b->series_shards, &none);

	return r < 0 ? r : bpf_map_update_elem(tables->fds.series_free, NULL, &number, BPF_ANY);
}

struct live_tables *live_tables_new(struct live_maps *maps, const struct live_table_fds *fds)
{
	struct live_tables *tables = calloc(1, sizeof(*tables));
	void *marks;

	if (!tables)
		return NULL;
	tables->maps = maps;
	tables->fds = *fds;
	marks = mmap(NULL, marks_bytes(tables), PROT_READ, MAP_SHARED, fds->row_marks, 0);
	if (marks != MAP_FAILED) {
		tables->marks = marks;
		return tables;
	}
	free(tables);
	return NULL;
}

void live_tables_free(struct live_tables *tables)
{
	if (!tables)
		return;
	munmap((void *)tables->marks, marks_bytes(tables));
	free(tables);
}

struct reclaim_tables live_tables_of(struct live_tables *tables)
{
	return (struct reclaim_tables){
		.rows = tables->maps->budget.rows,
		.series = tables->maps->budget.series,
		.userdata = tables,
		.list_rows = list_rows,
		.list_series = list_series,
		.forget_row = forget_row,
		.restore_row = restore_row,
		.forget_series = forget_series,
		.restore_series = restore_series,
		.row_activity = row_activity,
		.row_is_met = row_is_met,
		.add_row = add_row,
		.add_series = add_series,
		.free_row = free_row,
		.free_series = free_series,
	};
}
