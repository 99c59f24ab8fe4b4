/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* exemplar_table.c - the latest transaction with a trace in each bucket of each series. */
#include "exemplar_table.h"

#include <stdlib.h>
#include <string.h>

/* uthash calls exit() on lack of memory unless told otherwise. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "core/finish.h"
#include "export_scopes.h"
#include "trace_parent.h"

_Static_assert(EXEMPLAR_TRACE_ID_BYTES == TRACE_ID_BYTES, "length of a trace-id");

struct entry {
	struct nl_series_key key;
	struct exemplar exemplars[EXPORT_CLASSIC];
	UT_hash_handle hh;
};

/* In the order of their latest exemplars, so that the first is the one to make room. */
struct exemplar_table {
	struct entry *entries;
};

struct exemplar_table *exemplar_table_new(void)
{
	return calloc(1, sizeof(struct exemplar_table));
}

void exemplar_table_free(struct exemplar_table *table)
{
	struct entry *entry, *next;

	if (!table)
		return;
	HASH_ITER(hh, table->entries, entry, next)
	{
		HASH_DEL(table->entries, entry);
		free(entry);
	}
	free(table);
}

static struct entry *find(const struct exemplar_table *table, const struct nl_series_key *key)
{
	struct entry *entry;

	HASH_FIND(hh, table->entries, key, sizeof(*key), entry);
	return entry;
}

/* The entry of a key, taken out of the table or made; NULL on lack of memory. */
static struct entry *take_entry(struct exemplar_table *table, const struct nl_series_key *key)
{
	struct entry *entry = find(table, key);
	bool is_known = entry != NULL;

	if (!entry && HASH_COUNT(table->entries) >= EXEMPLAR_SERIES_MAX)
		entry = table->entries;
	if (entry)
		HASH_DEL(table->entries, entry);
	else
		entry = malloc(sizeof(*entry));
	if (entry && !is_known)
		*entry = (struct entry){ .key = *key };
	return entry;
}

/* Of an evicted one, or one in flight, nobody knows how it went on. */
static bool is_in_series(const struct nl_record *record)
{
	return record->outcome == NL_OUTCOME_OK || record->outcome == NL_OUTCOME_UNANSWERED ||
	       record->outcome == NL_OUTCOME_ABORTED;
}

/* As core/series.h counts it. */
static u64 duration_of(const struct nl_record *record)
{
	return record->outcome == NL_OUTCOME_OK
		       ? record_duration_ns(record)
		       : time_between_ns(record->request_first_ns, record->end_ns);
}

void exemplar_table_take(struct exemplar_table *table, const struct nl_record *record,
			 u64 epoch_offset_ns)
{
	struct nl_series_key key = { .server_addr = record->server_addr,
				     .server_port = record->server_port,
				     .status = record->status,
				     .method = record->method,
				     .version = record_counted_version(record),
				     .reason = record->reason };
	char trace_id[TRACE_ID_BYTES + 1];
	struct exemplar *exemplar;
	struct entry *entry;
	u64 duration_ns;

	if (!is_in_series(record) || !trace_parent_read(trace_id, record->head, record->head_bytes))
		return;
	key = export_series_key(&key);
	entry = take_entry(table, &key);
	if (!entry)
		return;
	duration_ns = duration_of(record);
	exemplar = &entry->exemplars[export_classic_bucket(histogram_bucket(duration_ns))];
	memcpy(exemplar->trace_id, trace_id, sizeof(trace_id));
	exemplar->value_ns = duration_ns;
	exemplar->time_ns = record->request_first_ns + duration_ns + epoch_offset_ns;
	HASH_ADD(hh, table->entries, key, sizeof(key), entry);
	if (!entry->hh.tbl)
		free(entry);
}

const struct exemplar *exemplar_table_find(const struct exemplar_table *table,
					   const struct nl_series_key *key)
{
	const struct entry *entry = find(table, key);

	return entry ? entry->exemplars : NULL;
}
