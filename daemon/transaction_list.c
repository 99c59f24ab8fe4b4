/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* transaction_list.c - the most recent records. */
#include "transaction_list.h"

#include <stdlib.h>
#include <string.h>

struct transaction_list {
	size_t capacity;
	u64 newest;
	struct transaction *entries; /* by id modulo capacity */
};

struct transaction_list *transaction_list_new(size_t capacity)
{
	struct transaction_list *list = calloc(1, sizeof(*list));

	if (!list)
		return NULL;
	list->capacity = capacity;
	list->entries = calloc(capacity, sizeof(*list->entries));
	if (list->entries)
		return list;
	free(list);
	return NULL;
}

void transaction_list_free(struct transaction_list *list)
{
	if (!list)
		return;
	free(list->entries);
	free(list);
}

void transaction_list_add(struct transaction_list *list, const struct nl_record *record,
			  u64 epoch_offset_ns)
{
	struct transaction *entry = &list->entries[++list->newest % list->capacity];

	entry->id = list->newest;
	entry->epoch_offset_ns = epoch_offset_ns;
	/* What the ring did not send of head[] is not there to be read. */
	memcpy(&entry->record, record,
	       NL_RECORD_FIXED_BYTES + min_u32(record->head_bytes, NL_HEAD_BYTES_MAX));
}

u64 transaction_list_newest(const struct transaction_list *list)
{
	return list->newest;
}

const struct transaction *transaction_list_find(const struct transaction_list *list, u64 id)
{
	const struct transaction *entry = &list->entries[id % list->capacity];

	return id && entry->id == id ? entry : NULL;
}

size_t transaction_list_capacity(const struct transaction_list *list)
{
	return list->capacity;
}
