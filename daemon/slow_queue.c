/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slow_queue.c - transactions that wait for a moment beyond their end.
 *
 * A binary heap by time: records come in the order in which CPUs and sweeps finished them, and a
 * capture's time may go back.
 */
#include "slow_queue.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	u64 due_ns;
	u64 order; /* of those due at once, the one added first */
	u32 slot;
};

struct slow_queue {
	u64 added, overflows;
	u32 count;
	struct entry heap[SLOW_QUEUE_RECORDS_MAX];
	u32 slots[SLOW_QUEUE_RECORDS_MAX]; /* from `count` on: those free */
	u64 epoch_offsets_ns[SLOW_QUEUE_RECORDS_MAX];
	struct nl_record records[SLOW_QUEUE_RECORDS_MAX];
};

struct slow_queue *slow_queue_new(void)
{
	/* Zeroed by the kernel when first touched: an empty queue costs next to nothing. */
	struct slow_queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		return NULL;
	for (u32 i = 0; i < SLOW_QUEUE_RECORDS_MAX; i++)
		queue->slots[i] = i;
	return queue;
}

void slow_queue_free(struct slow_queue *queue)
{
	free(queue);
}

static bool is_before(const struct entry *one, const struct entry *other)
{
	if (one->due_ns != other->due_ns)
		return one->due_ns < other->due_ns;
	return one->order < other->order;
}

/* Put an entry where the heap has a hole at its end. */
static void heap_raise(struct entry *heap, u32 hole, struct entry entry)
{
	while (hole > 0 && is_before(&entry, &heap[(hole - 1) / 2])) {
		heap[hole] = heap[(hole - 1) / 2];
		hole = (hole - 1) / 2;
	}
	heap[hole] = entry;
}

/* Put an entry where the heap of `count` has a hole at its top. */
static void heap_sink(struct entry *heap, u32 count, struct entry entry)
{
	u32 hole = 0;

	for (u32 child = 1; child < count; child = 2 * hole + 1) {
		if (child + 1 < count && is_before(&heap[child + 1], &heap[child]))
			child++;
		if (!is_before(&heap[child], &entry))
			break;
		heap[hole] = heap[child];
		hole = child;
	}
	heap[hole] = entry;
}

bool slow_queue_add(struct slow_queue *queue, const struct nl_record *record, u64 epoch_offset_ns,
		    u64 now_ns)
{
	u64 end_ns = record->end_ns < now_ns ? record->end_ns : now_ns;
	u32 head_bytes = min_u32(record->head_bytes, NL_HEAD_BYTES_MAX);
	struct entry entry;

	if (queue->count == SLOW_QUEUE_RECORDS_MAX) {
		queue->overflows++;
		return false;
	}
	entry = (struct entry){ .due_ns = end_ns + SLOW_QUEUE_WAIT_NS,
				.order = queue->added++,
				.slot = queue->slots[queue->count] };
	memcpy(&queue->records[entry.slot], record, NL_RECORD_FIXED_BYTES + head_bytes);
	queue->epoch_offsets_ns[entry.slot] = epoch_offset_ns;
	heap_raise(queue->heap, queue->count++, entry);
	return true;
}

bool slow_queue_take_due(struct slow_queue *queue, u64 now_ns, struct nl_record *ret_record,
			 u64 *ret_epoch_offset_ns)
{
	struct entry first = queue->heap[0];
	const struct nl_record *record = &queue->records[first.slot];
	u32 head_bytes;

	if (queue->count == 0 || first.due_ns > now_ns)
		return false;
	head_bytes = min_u32(record->head_bytes, NL_HEAD_BYTES_MAX);
	memcpy(ret_record, record, NL_RECORD_FIXED_BYTES + head_bytes);
	*ret_epoch_offset_ns = queue->epoch_offsets_ns[first.slot];
	queue->count--;
	queue->slots[queue->count] = first.slot;
	if (queue->count)
		heap_sink(queue->heap, queue->count, queue->heap[queue->count]);
	return true;
}

u64 slow_queue_overflows(const struct slow_queue *queue)
{
	return queue->overflows;
}
