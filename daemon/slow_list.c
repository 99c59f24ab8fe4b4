/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_list.c - the slow and failed transactions of the last minutes. */
#include "slow_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "slow_wanted.h"

#define CAPACITY_MIN 2

struct slow_list {
	u64 age_ns;
	u64 last_id;
	const struct name_source *names; /* NULL: addresses have none */
	size_t capacity, count, failed_count;
	struct slow_entry **order; /* `count` of them, oldest first; behind them the free ones */
	struct slow_entry *entries;
};

struct slow_list *slow_list_new(size_t capacity, u64 age_ns)
{
	struct slow_list *list;

	if (capacity < CAPACITY_MIN) {
		errno = EINVAL;
		return NULL;
	}
	list = calloc(1, sizeof(*list));
	if (!list)
		return NULL;
	list->entries = calloc(capacity, sizeof(*list->entries));
	list->order = calloc(capacity, sizeof(struct slow_entry *));
	if (!list->entries || !list->order) {
		slow_list_free(list);
		errno = ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < capacity; i++)
		list->order[i] = &list->entries[i];
	list->age_ns = age_ns;
	list->capacity = capacity;
	return list;
}

void slow_list_free(struct slow_list *list)
{
	if (!list)
		return;
	free(list->entries);
	free(list->order);
	free(list);
}

void slow_list_name(struct slow_list *list, const struct name_source *names)
{
	list->names = names;
}

static const struct container *find_of_entry(const void *userdata, const union nl_addr *address)
{
	const struct slow_entry *entry = userdata;
	const struct nl_record *record = &entry->record;

	if (entry->server.name[0] && memcmp(address, &record->server_addr, sizeof(*address)) == 0)
		return &entry->server;
	if (entry->client.name[0] && memcmp(address, &record->client_addr, sizeof(*address)) == 0)
		return &entry->client;
	return name_source_find(entry->names, address);
}

struct name_source slow_entry_names(const struct slow_entry *entry)
{
	return (struct name_source){ find_of_entry, entry };
}

bool slow_entry_has_file(const struct slow_entry *entry)
{
	struct stat status;

	return entry->path[0] && lstat(entry->path, &status) == 0 && S_ISREG(status.st_mode);
}

size_t slow_list_capacity(const struct slow_list *list)
{
	return list->capacity;
}

static bool is_old(const struct slow_list *list, const struct slow_entry *entry, u64 now_ns)
{
	u64 end_ns = entry->record.end_ns;

	return list->age_ns && now_ns > end_ns && now_ns - end_ns > list->age_ns;
}

/* The place at `index` is free then, behind those in use. */
static void remove_at(struct slow_list *list, size_t index)
{
	struct slow_entry *entry = list->order[index];

	list->failed_count -= slow_is_failed(&entry->record);
	list->count--;
	memmove(&list->order[index], &list->order[index + 1],
		(list->count - index) * sizeof(struct slow_entry *));
	list->order[list->count] = entry;
}

static void remove_old(struct slow_list *list, u64 now_ns)
{
	for (size_t i = list->count; i-- > 0;)
		if (is_old(list, list->order[i], now_ns))
			remove_at(list, i);
}

static size_t find_oldest_failed(const struct slow_list *list)
{
	size_t i = 0;

	while (i < list->count && !slow_is_failed(&list->order[i]->record))
		i++;
	return i;
}

/* Of equally fast ones the oldest. list->count if all have failed. */
static size_t find_fastest(const struct slow_list *list)
{
	size_t fastest = list->count;

	for (size_t i = 0; i < list->count; i++) {
		if (slow_is_failed(&list->order[i]->record))
			continue;
		if (fastest == list->count ||
		    list->order[i]->whole_ns < list->order[fastest]->whole_ns)
			fastest = i;
	}
	return fastest;
}

/* Make room for a record. False if it is itself what the list can do without. */
static bool make_room(struct slow_list *list, const struct nl_record *record)
{
	bool is_failed = slow_is_failed(record);
	size_t fastest;

	if (list->count == list->capacity)
		remove_old(list, record->end_ns);
	if (list->count < list->capacity)
		return true;
	if (list->failed_count + is_failed > list->capacity / 2) {
		remove_at(list, find_oldest_failed(list));
		return true;
	}
	fastest = find_fastest(list);
	if (!is_failed && explain_whole_ns(record) < list->order[fastest]->whole_ns)
		return false;
	remove_at(list, fastest);
	return true;
}

/* The container of an address, or one without a name. */
static struct container container_of(const struct slow_list *list, const union nl_addr *address)
{
	const struct container *container = name_source_find(list->names, address);

	return container ? *container : (struct container){ .name = "" };
}

u64 slow_list_add(struct slow_list *list, const struct nl_record *record, u64 epoch_offset_ns,
		  const char *path, const struct server_timing *server_timing)
{
	u64 id = ++list->last_id;
	struct slow_entry *entry;

	if (!make_room(list, record))
		return id;
	entry = list->order[list->count++];
	list->failed_count += slow_is_failed(record);
	entry->id = id;
	entry->record = *record;
	entry->epoch_offset_ns = epoch_offset_ns;
	entry->whole_ns = explain_whole_ns(record);
	entry->server_timing = *server_timing;
	entry->names = list->names;
	entry->client = container_of(list, &record->client_addr);
	entry->server = container_of(list, &record->server_addr);
	explain_with_timing(entry->explanation, sizeof(entry->explanation), record, server_timing);
	entry->path[0] = '\0';
	if (path && strlen(path) < sizeof(entry->path))
		memcpy(entry->path, path, strlen(path) + 1);
	return id;
}

/* Of equally long ones the newest first. */
static bool comes_before(const struct slow_entry *a, const struct slow_entry *b)
{
	return a->whole_ns != b->whole_ns ? a->whole_ns > b->whole_ns : a->id > b->id;
}

/* Keep the longest `max` of what is offered in `entries`, of which `count` are taken, sorted. */
static size_t insert_longest(const struct slow_entry **entries, size_t count, size_t max,
			     const struct slow_entry *entry)
{
	size_t at = count;

	while (at > 0 && comes_before(entry, entries[at - 1]))
		at--;
	if (at == max)
		return count;
	count += count < max;
	memmove(&entries[at + 1], &entries[at],
		(count - 1 - at) * sizeof(const struct slow_entry *));
	entries[at] = entry;
	return count;
}

size_t slow_list_get(const struct slow_list *list, u64 now_ns, enum slow_order order,
		     const struct slow_entry **entries, size_t max)
{
	size_t count = 0;

	for (size_t i = list->count; i-- > 0;) {
		const struct slow_entry *entry = list->order[i];

		if (is_old(list, entry, now_ns))
			continue;
		if (order == SLOW_LONGEST_FIRST)
			count = insert_longest(entries, count, max, entry);
		else if (count < max)
			entries[count++] = entry;
	}
	return count;
}

const struct slow_entry *slow_list_find(const struct slow_list *list, u64 now_ns, u64 id)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->order[i]->id == id)
			return is_old(list, list->order[i], now_ns) ? NULL : list->order[i];
	return NULL;
}
