/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * reclaim.h - rows and series that nobody uses any more are taken back from the kernel's tables.
 *
 * A row in which nothing was counted for so long is taken out of the table by its key, so that
 * no new connection finds it. If the next sweep over the flow table meets no connection of this
 * row either, its number is free for another; else it is put back. A series goes with the last
 * row of its service, in the same two steps: rows remember numbers of series.
 */
#ifndef NETLAT_RECLAIM_H
#define NETLAT_RECLAIM_H

#include <stdbool.h>

#include "metrics.h"

/* The tables. Where a call returns int: 0 or a count, or a negative errno. */
struct reclaim_tables {
	u32 rows, series; /* numbers that there are, 0 being nobody's to give back */
	void *userdata;
	/* Fill keys and numbers with what is in the table. How many. */
	int (*list_rows)(void *userdata, struct nl_row_key *keys, u32 *numbers);
	int (*list_series)(void *userdata, struct nl_series_key *keys, u32 *numbers);
	/* Take a key out, or put it back (-EEXIST: it has another number by now). */
	int (*forget_row)(void *userdata, const struct nl_row_key *key);
	int (*restore_row)(void *userdata, const struct nl_row_key *key, u32 number);
	int (*forget_series)(void *userdata, const struct nl_series_key *key);
	int (*restore_series)(void *userdata, const struct nl_series_key *key, u32 number);
	/* A number that changes with whatever is counted in a row. */
	u64 (*row_activity)(void *userdata, u32 number);
	/* Whether the sweep of this number met a connection of the row. */
	bool (*row_is_met)(void *userdata, u32 number, u32 sweep);
	/* What a row or series has counted, added to *to. */
	int (*add_row)(void *userdata, u32 number, struct nl_stats *to);
	int (*add_series)(void *userdata, u32 number, struct nl_series *to);
	/* Clear what it counted, and give the number out again. */
	int (*free_row)(void *userdata, u32 number);
	int (*free_series)(void *userdata, u32 number);
};

struct reclaim;

/* What is silent for expire_ns is taken back. NULL and errno on lack of memory. */
struct reclaim *reclaim_new(const struct reclaim_tables *tables, u64 expire_ns);
void reclaim_free(struct reclaim *reclaim);

/* A sweep over the whole flow table is over at now_ns: it had this number. 0 or negative errno. */
int reclaim_after_sweep(struct reclaim *reclaim, u32 sweep, u64 now_ns);

/* All that was counted in rows that no table has any more, into *ret_stats. 0 or negative errno. */
int reclaim_expired(const struct reclaim *reclaim, struct nl_stats *ret_stats);

/*
 * Of that, what services have that are still in a table: rows of theirs (NL_ROW_SERVICE), one or
 * more of each, for free(). With them the counts of a service never decrease. 0 or negative errno.
 */
int reclaim_given_back(const struct reclaim *reclaim, struct metrics_row **ret_rows,
		       size_t *ret_count);

/*
 * Add to the series of a snapshot those that are out of the table and may be put back, under
 * their keys, so that what comes back has never been away. 0 or negative errno.
 */
int reclaim_add_series(struct reclaim *reclaim, struct snapshot *snapshot);

#endif
