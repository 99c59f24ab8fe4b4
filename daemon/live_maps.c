/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live_maps.c - what the kernel counts, through memory that it shares: no system call a value. */
#include "live_maps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

static size_t page_round(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

static const void *map_memory(int fd, size_t bytes)
{
	void *memory = mmap(NULL, page_round(bytes), PROT_READ, MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static size_t stats_bytes(const struct budget *b)
{
	return (size_t)b->rows * b->shards * sizeof(struct nl_stats);
}

static size_t counters_bytes(const struct budget *b)
{
	return (b->cpus + 1UL) * sizeof(struct nl_counters); /* and the sweep's */
}

int live_maps_open(struct live_maps *maps, const struct budget *budget, int rows_fd, int stats_fd,
		   int counters_fd)
{
	maps->budget = *budget;
	maps->rows_fd = rows_fd;
	maps->stats = map_memory(stats_fd, stats_bytes(budget));
	if (maps->stats)
		maps->counters = map_memory(counters_fd, counters_bytes(budget));
	return maps->counters ? 0 : -errno;
}

void live_maps_close(struct live_maps *maps)
{
	if (maps->stats)
		munmap((void *)maps->stats, page_round(stats_bytes(&maps->budget)));
	if (maps->counters)
		munmap((void *)maps->counters, page_round(counters_bytes(&maps->budget)));
	maps->stats = NULL;
	maps->counters = NULL;
}

static void add_rows(const struct live_maps *maps, const struct nl_row_key *keys, const u32 *rows,
		     u32 count, struct snapshot *snapshot)
{
	const struct budget *b = &maps->budget;

	for (u32 i = 0; i < count; i++) {
		struct metrics_row *row = &snapshot->rows[snapshot->row_count];

		row->key = keys[i];
		if (rows[i] >= b->rows)
			continue;
		for (u32 shard = 0; shard < b->shards; shard++)
			metrics_add(&row->stats, &maps->stats[rows[i] * b->shards + shard]);
		if (row->key.kind != NL_ROW_OTHER || row->stats.requests)
			snapshot->row_count++;
		else
			memset(row, 0, sizeof(*row));
	}
}

int live_maps_snapshot(const struct live_maps *maps, struct snapshot *snapshot)
{
	const struct budget *b = &maps->budget;
	struct nl_row_key *keys = calloc(b->rows + 1, sizeof(*keys));
	u32 *rows = calloc(b->rows + 1, sizeof(*rows)), cursor[10] = {}, count = b->rows;
	int r = -ENOMEM;

	snapshot_clear(snapshot);
	snapshot->rows = calloc(b->rows + 1, sizeof(*snapshot->rows));
	if (!keys || !rows || !snapshot->rows)
		goto out;
	r = bpf_map_lookup_batch(maps->rows_fd, NULL, cursor, keys, rows, &count, NULL);
	if (r < 0 && r != -ENOENT) /* that is: to the end */
		goto out;
	r = 0;
	keys[count].kind = NL_ROW_OTHER; /* row 0 has no entry in the map */
	add_rows(maps, keys, rows, count < b->rows ? count + 1 : b->rows, snapshot);
	for (u32 cpu = 0; cpu <= b->cpus; cpu++) /* and the sweep's */
		for (u32 i = 0; i < NL_COUNTER_MAX; i++)
			snapshot->counters[i] += maps->counters[cpu].count[i];
	metrics_count_clean(snapshot->counters);
	metrics_sort(snapshot);
out:
	free(keys);
	free(rows);
	return r;
}
