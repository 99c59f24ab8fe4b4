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
	live_array_open(&maps->stats, fds->stats, stats_bytes(budget));
	maps->series_numbers_fd = fds->series_numbers;
	live_array_open(&maps->series, fds->series, series_bytes(budget));
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

	live_array_close(&maps->stats);
	live_array_close(&maps->series);
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

/* Many services are served by one CPU: what others have not counted need not be added up. */
static bool has_counted(const struct nl_stats *stats)
{
	return stats->requests || stats->request_bytes || stats->client_resets ||
	       stats->server_resets || stats->handshakes;
}

int live_maps_add_row(struct live_maps *maps, u32 number, struct nl_stats *to)
{
	const struct nl_stats *stats = live_maps_row(maps, number);

	if (!stats)
		return -errno;
	for (u32 shard = 0; shard < maps->budget.shards; shard++)
		if (has_counted(&stats[shard]))
			metrics_add(to, &stats[shard]);
	return 0;
}

const struct nl_stats *live_maps_row(struct live_maps *maps, u32 number)
{
	size_t row_bytes = maps->budget.shards * sizeof(struct nl_stats);
	const u8 *stats = live_array_reach(&maps->stats, (number + 1) * row_bytes);

	return stats ? (const struct nl_stats *)(stats + number * row_bytes) : NULL;
}

int live_maps_add_series(struct live_maps *maps, u32 number, struct nl_series *to)
{
	size_t series_bytes = maps->budget.series_shards * sizeof(struct nl_series);
	const u8 *memory = live_array_reach(&maps->series, (number + 1) * series_bytes);
	const struct nl_series *series;

	if (!memory)
		return -errno;
	series = (const struct nl_series *)(memory + number * series_bytes);
	for (u32 shard = 0; shard < maps->budget.series_shards; shard++)
		if (series[shard].count)
			metrics_add_series(to, &series[shard]);
	return 0;
}

int live_maps_list(int fd, void *keys, u32 *numbers, u32 room)
{
	u32 cursor[10] = {}, count = room;
	int r = bpf_map_lookup_batch(fd, NULL, cursor, keys, numbers, &count, NULL);

	return r < 0 && r != -ENOENT /* that is: to the end */ ? r : (int)count;
}

/* Those of the table, and row 0, which has no key, if something was counted in it. */
static int add_rows(struct live_maps *maps, const struct nl_row_key *keys, const u32 *numbers,
		    u32 count, struct snapshot *snapshot)
{
	static const struct nl_row_key other = { .kind = NL_ROW_OTHER };
	int r = 0;

	for (u32 i = 0; i <= count && r >= 0; i++) {
		struct metrics_row *to = &snapshot->rows[snapshot->row_count];

		to->key = i < count ? keys[i] : other;
		r = live_maps_add_row(maps, i < count ? numbers[i] : 0, &to->stats);
		snapshot->row_count += i < count || to->stats.requests;
	}
	return r;
}

static int snapshot_rows(struct live_maps *maps, struct snapshot *snapshot)
{
	u32 room = maps->budget.rows;
	struct nl_row_key *keys = calloc(room, sizeof(*keys));
	u32 *numbers = calloc(room, sizeof(*numbers));
	int r = keys && numbers ? live_maps_list(maps->rows_fd, keys, numbers, room) : -ENOMEM;

	if (r >= 0) {
		snapshot->rows = calloc((size_t)r + 1, sizeof(*snapshot->rows));
		r = snapshot->rows ? add_rows(maps, keys, numbers, (u32)r, snapshot) : -ENOMEM;
	}
	free(keys);
	free(numbers);
	return r;
}

/* Those that have counted something, the overflow series among them. */
static int add_all_series(struct live_maps *maps, const struct nl_series_key *keys,
			  const u32 *numbers, u32 count, struct snapshot *snapshot)
{
	static const struct nl_series_key overflow;
	int r = 0;

	for (u32 i = 0; i <= count && r >= 0; i++) {
		struct metrics_series *to = &snapshot->series[snapshot->series_count];

		to->key = i < count ? keys[i] : overflow;
		to->is_overflow = i == count;
		r = live_maps_add_series(maps, i < count ? numbers[i] : 0, &to->stats);
		snapshot->series_count += to->stats.count != 0;
	}
	return r;
}

static int snapshot_series(struct live_maps *maps, struct snapshot *snapshot)
{
	u32 room = maps->budget.series;
	struct nl_series_key *keys = calloc(room, sizeof(*keys));
	u32 *numbers = calloc(room, sizeof(*numbers));
	int r = keys && numbers ? live_maps_list(maps->series_numbers_fd, keys, numbers, room)
				: -ENOMEM;

	if (r >= 0) {
		snapshot->series = calloc((size_t)r + 1, sizeof(*snapshot->series));
		r = snapshot->series ? add_all_series(maps, keys, numbers, (u32)r, snapshot)
				     : -ENOMEM;
	}
	free(keys);
	free(numbers);
	return r;
}

int live_maps_snapshot(struct live_maps *maps, struct snapshot *snapshot)
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
