/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* container_table.c - which container has an address, or had it until some minutes ago. */
#include "container_table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* uthash calls exit() on lack of memory unless told otherwise. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct entry {
	union nl_addr address;
	struct container container;
	u64 listing; /* the last one that had it */
	bool has_gone;
	u64 gone_us;
	UT_hash_handle hh;
};

struct container_table {
	struct entry *entries;
	u64 listing;
};

struct container_table *container_table_new(void)
{
	return calloc(1, sizeof(struct container_table));
}

static void delete_entry(struct container_table *table, struct entry *entry)
{
	HASH_DEL(table->entries, entry);
	free(entry);
}

void container_table_free(struct container_table *table)
{
	struct entry *entry, *next;

	if (!table)
		return;
	HASH_ITER(hh, table->entries, entry, next)
	delete_entry(table, entry);
	free(table);
}

void container_table_begin(struct container_table *table)
{
	table->listing++;
}

static struct entry *find_entry(const struct container_table *table, const union nl_addr *address)
{
	struct entry *entry;

	HASH_FIND(hh, table->entries, address, sizeof(*address), entry);
	return entry;
}

static struct entry *add_entry(struct container_table *table, const union nl_addr *address)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->address = *address;
	HASH_ADD(hh, table->entries, address, sizeof(entry->address), entry);
	if (!entry->hh.tbl) { /* no memory for its place */
		free(entry);
		return NULL;
	}
	return entry;
}

int container_table_put(struct container_table *table, const union nl_addr *address,
			const struct container *container)
{
	struct entry *entry = find_entry(table, address);

	if (entry && entry->listing == table->listing)
		return 0;
	if (!entry) {
		if (HASH_COUNT(table->entries) >= CONTAINER_ADDRESSES_MAX)
			return -ENOSPC;
		entry = add_entry(table, address);
	}
	if (!entry)
		return -ENOMEM;
	entry->container = *container;
	entry->listing = table->listing;
	entry->has_gone = false;
	return 0;
}

static bool is_forgotten(const struct entry *entry, u64 now_us)
{
	return entry->has_gone && now_us - entry->gone_us > CONTAINER_KEPT_US;
}

void container_table_end(struct container_table *table, u64 now_us)
{
	struct entry *entry, *next;

	HASH_ITER(hh, table->entries, entry, next)
	{
		if (entry->listing == table->listing)
			continue;
		if (!entry->has_gone) {
			entry->has_gone = true;
			entry->gone_us = now_us;
		}
		if (is_forgotten(entry, now_us))
			delete_entry(table, entry);
	}
}

const struct container *container_table_find(const struct container_table *table,
					     const union nl_addr *address, u64 now_us)
{
	const struct entry *entry = find_entry(table, address);

	return entry && !is_forgotten(entry, now_us) ? &entry->container : NULL;
}
