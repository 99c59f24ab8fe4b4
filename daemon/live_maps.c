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

static size_t series_bytes(const struct budget *b)
{
	return (size_t)b->series * b->series_shards * sizeof(struct nl_series);
}

static size_t counters_bytes(const struct budget *b)
{
	return (b->cpus + 1UL) * sizeof(struct nl_counters); /* and the sweep's */
}

static size_t flows_bytes(const struct budget *b)
{
	return (size_t)b->flow_sets * sizeof(struct nl_flow_set);
}

static size_t rings_bytes(const struct budget *b)
{
	return (size_t)b->cpus * NL_COPY_KINDS * sizeof(struct nl_copy_ring);
}

static size_t copies_bytes(const struct budget *b)
{
	return (size_t)budget_copy_chunks(b) * sizeof(struct nl_copy_chunk);
}

/* Positions begin behind 0, which is that of no copy. */
static int begin_rings(int fd, u32 count)
{
	struct nl_copy_ring ring = { .head = NL_COPY_HEADER_BYTES };

	for (u32 i = 0; i < count; i++)
		if (bpf_map_update_elem(fd, &i, &ring, BPF_ANY) < 0)
			return -errno;
	return 0;
}

static int open_recorder(struct live_maps *maps, const struct live_map_fds *fds)
{
	const struct budget *b = &maps->budget;
	struct recorder *recorder = &maps->recorder;
	int rings_fd = fds->copy_rings, r;

	recorder->ring_count = b->cpus * NL_COPY_KINDS;
	memcpy(recorder->chunks, b->copy_chunks, sizeof(recorder->chunks));
	r = begin_rings(rings_fd, recorder->ring_count);
	if (r < 0)
		return r;
	maps->flows = map_memory(fds->flows, flows_bytes(b));
	if (maps->flows)
		recorder->rings = map_memory(rings_fd, rings_bytes(b));
	if (recorder->rings)
		recorder->copies = map_memory(fds->copies, copies_bytes(b));
	return recorder->copies ? 0 : -errno;
}

int live_maps_open(struct live_maps *maps, const struct budget *budget,
		   const struct live_map_fds *fds)
{
	maps->budget = *budget;
	maps->rows_fd = fds->rows;
	maps->stats = map_memory(fds->stats, stats_bytes(budget));
	maps->series_numbers_fd = fds->series_numbers;
	if (maps->stats)
		maps->series = map_memory(fds->series, series_bytes(budget));
	if (maps->series)
		maps->counters = map_memory(fds->counters, counters_bytes(budget));
	if (!maps->counters)
		return -errno;
	return budget_has_recorder(budget) ? open_recorder(maps, fds) : 0;
}

static void unmap(const void *memory, size_t bytes)
{
	if (memory)
		munmap((void *)memory, page_round(bytes));
}

void live_maps_close(struct live_maps *maps)
{
	const struct budget *b = &maps->budget;

	unmap(maps->stats, stats_bytes(b));
	unmap(maps->series, series_bytes(b));
	unmap(maps->counters, counters_bytes(b));
	unmap(maps->flows, flows_bytes(b));
	unmap(maps->recorder.rings, rings_bytes(b));
	unmap(maps->recorder.copies, copies_bytes(b));
	memset(maps, 0, sizeof(*maps));
}

u64 live_maps_latest_copy(const struct live_maps *maps, const struct nl_record *record)
{
	if (!maps->flows || record->slot / NL_SET_WAYS >= maps->budget.flow_sets)
		return 0;
	return recorder_latest_copy(
		&maps->flows[record->slot / NL_SET_WAYS].flow[record->slot % NL_SET_WAYS], record);
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

/* Rows and their numbers; room for one more. How many, or a negative errno. */
static int read_table(int fd, void *keys, u32 *numbers, u32 room)
{
	u32 cursor[10] = {}, count = room;
	int r = bpf_map_lookup_batch(fd, NULL, cursor, keys, numbers, &count, NULL);

	return r < 0 && r != -ENOENT /* that is: to the end */ ? r : (int)count;
}

static int snapshot_rows(const struct live_maps *maps, struct snapshot *snapshot)
{
	const struct budget *b = &maps->budget;
	struct nl_row_key *keys = calloc(b->rows + 1, sizeof(*keys));
	u32 *numbers = calloc(b->rows + 1, sizeof(*numbers));
	int r = -ENOMEM;

	snapshot->rows = calloc(b->rows + 1, sizeof(*snapshot->rows));
	if (keys && numbers && snapshot->rows)
		r = read_table(maps->rows_fd, keys, numbers, b->rows);
	if (r >= 0) {
		keys[r].kind = NL_ROW_OTHER; /* row 0 has no entry in the map */
		numbers[r] = 0;
		add_rows(maps, keys, numbers, (u32)r < b->rows ? (u32)r + 1 : b->rows, snapshot);
		r = 0;
	}
	free(keys);
	free(numbers);
	return r;
}

static void add_series(const struct live_maps *maps, const struct nl_series_key *key, u32 number,
		       struct snapshot *snapshot)
{
	const struct budget *b = &maps->budget;
	struct metrics_series *to = &snapshot->series[snapshot->series_count];

	if (number >= b->series)
		return;
	to->key = *key;
	to->is_overflow = number == 0;
	for (u32 shard = 0; shard < b->series_shards; shard++)
		metrics_add_series(&to->stats, &maps->series[number * b->series_shards + shard]);
	/* One that was given out this moment has counted nothing yet. */
	if (to->stats.count)
		snapshot->series_count++;
	else
		memset(to, 0, sizeof(*to));
}

static int snapshot_series(const struct live_maps *maps, struct snapshot *snapshot)
{
	static const struct nl_series_key none;
	const struct budget *b = &maps->budget;
	struct nl_series_key *keys = calloc(b->series, sizeof(*keys));
	u32 *numbers = calloc(b->series, sizeof(*numbers));
	int r = -ENOMEM;

	snapshot->series = calloc(b->series + 1, sizeof(*snapshot->series));
	if (keys && numbers && snapshot->series)
		r = read_table(maps->series_numbers_fd, keys, numbers, b->series);
	if (r >= 0) {
		add_series(maps, &none, 0, snapshot);
		for (int i = 0; i < r; i++)
			add_series(maps, &keys[i], numbers[i], snapshot);
		r = 0;
	}
	free(keys);
	free(numbers);
	return r;
}

int live_maps_snapshot(const struct live_maps *maps, struct snapshot *snapshot)
{
	const struct budget *b = &maps->budget;
	int r;

	snapshot_clear(snapshot);
	r = snapshot_rows(maps, snapshot);
	if (r >= 0)
		r = snapshot_series(maps, snapshot);
	if (r < 0)
		return r;
	for (u32 cpu = 0; cpu <= b->cpus; cpu++) /* and the sweep's */
		for (u32 i = 0; i < NL_COUNTER_MAX; i++)
			snapshot->counters[i] += maps->counters[cpu].count[i];
	metrics_count_clean(snapshot->counters);
	metrics_sort(snapshot);
	return 0;
}
