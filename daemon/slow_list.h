/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slow_list.h - the slow and failed transactions of the last minutes, for those who show
 * them (why.h, api.h). What is slow is the caller's decision.
 */
#ifndef NETLAT_SLOW_LIST_H
#define NETLAT_SLOW_LIST_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "explain.h"
#include "name_source.h"
#include "server_timing.h"

#define SLOW_LIST_ENTRIES 256		       /* the usual capacity */
#define SLOW_LIST_AGE_NS (300 * 1000000000ULL) /* the usual age */

/* Valid until the next slow_list_add(). */
struct slow_entry {
	u64 id; /* from 1 on, larger for each transaction that was added */
	struct nl_record record;
	u64 epoch_offset_ns; /* makes its times nanoseconds since 1970 */
	u64 whole_ns;	     /* explain_whole_ns() */
	struct server_timing server_timing;
	const struct name_source *names; /* for slow_entry_names() */
	struct container client, server; /* of then; without a name: none was known */
	char explanation[EXPLAIN_BYTES_MAX];
	char path[PATH_MAX]; /* of the file that has its packets; "": none */
};

struct slow_list;

/*
 * Room for `capacity` entries, at least 2, all taken now. What ended `age_ns` before
 * another is no longer given; 0: age does not matter. NULL and errno on failure.
 */
struct slow_list *slow_list_new(size_t capacity, u64 age_ns);
void slow_list_free(struct slow_list *list);

/* Containers of what is added from now on are known to `names`, which must outlive the list. */
void slow_list_name(struct slow_list *list, const struct name_source *names);

/*
 * The containers that had the two addresses of an entry when it was added, whoever has them now;
 * where none was known then, because netlat or a container had only just begun, those that have
 * them now. Valid as long as the entry.
 */
struct name_source slow_entry_names(const struct slow_entry *entry);

/* Whether the file at its path is there, as --keep-files, or anybody, may have removed it since. */
bool slow_entry_has_file(const struct slow_entry *entry);

/*
 * Add a copy. In a full list what is too old makes room first, then, if more than half of
 * it are failures, the oldest failure, else the fastest of the others, which may be this one.
 * `path` may be NULL, and counts as none if it is longer than a path may be. Returns the
 * id, also of one that found no room.
 */
u64 slow_list_add(struct slow_list *list, const struct nl_record *record, u64 epoch_offset_ns,
		  const char *path, const struct server_timing *server_timing);

enum slow_order {
	SLOW_NEWEST_FIRST, /* by id */
	SLOW_LONGEST_FIRST,
};

/*
 * Entries that are not too old at `now_ns` (of the source's clock), at most `max` of them,
 * into `entries`. Returns how many.
 */
size_t slow_list_get(const struct slow_list *list, u64 now_ns, enum slow_order order,
		     const struct slow_entry **entries, size_t max);

/* NULL if there is none of this id, or it is too old. */
const struct slow_entry *slow_list_find(const struct slow_list *list, u64 now_ns, u64 id);

size_t slow_list_capacity(const struct slow_list *list);

#endif
