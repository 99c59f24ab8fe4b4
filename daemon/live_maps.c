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
	if (maps->stats)
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
