/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* given_back.c - what services counted in rows that were given back. */
#include "given_back.h"

#include <errno.h>
#include <stdlib.h>

/* uthash calls exit() on lack of memory unless told otherwise. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct entry {
	struct metrics_row row;
	UT_hash_handle hh;
};

struct given_back {
	struct entry *entries; /* hash by row.key */
};

struct given_back *given_back_new(void)
{
	return calloc(1, sizeof(struct given_back));
}

static void delete_entry(struct given_back *given_back, struct entry *entry)
{
	HASH_DEL(given_back->entries, entry);
	free(entry);
}

void given_back_free(struct given_back *given_back)
{
	struct entry *entry, *next;

	if (!given_back)
		return;
	HASH_ITER(hh, given_back->entries, entry, next)
	delete_entry(given_back, entry);
	free(given_back);
}

static struct entry *new_entry(struct given_back *given_back, const struct nl_row_key *service)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->row.key = *service;
	HASH_ADD(hh, given_back->entries, row.key, sizeof(entry->row.key), entry);
	if (entry->hh.tbl)
		return entry;
	free(entry);
	return NULL;
}

int given_back_add(struct given_back *given_back, const struct nl_row_key *key,
		   const struct nl_stats *stats)
{
	const struct nl_row_key service = { .server_addr = key->server_addr,
					    .server_port = key->server_port,
					    .kind = NL_ROW_SERVICE };
	struct entry *entry;

	HASH_FIND(hh, given_back->entries, &service, sizeof(service), entry);
	if (!entry)
		entry = new_entry(given_back, &service);
	if (!entry)
		return -ENOMEM;
	metrics_add(&entry->row.stats, stats);
	return 0;
}

void given_back_forget(struct given_back *given_back, given_back_keeps_fn keeps, void *userdata)
{
	struct entry *entry, *next;

	for (entry = given_back->entries; entry && given_back->entries; entry = next) {
		next = entry->hh.next;
		if (!keeps(&entry->row.key, userdata))
			delete_entry(given_back, entry);
	}
}

size_t given_back_count(const struct given_back *given_back)
{
	return HASH_COUNT(given_back->entries);
}

void given_back_list(const struct given_back *given_back, struct metrics_row *rows)
{
	for (const struct entry *entry = given_back->entries; entry; entry = entry->hh.next)
		*rows++ = entry->row;
}
