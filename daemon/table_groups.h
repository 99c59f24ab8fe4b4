/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_groups.h - the rows of a snapshot by service, with totals, and which of them have room. */
#ifndef NETLAT_TABLE_GROUPS_H
#define NETLAT_TABLE_GROUPS_H

#include "metrics.h"

/* One line of numbers: of a service, a client or all. */
struct table_line {
	const struct nl_stats *stats;
	u64 new_requests; /* in the time that rates are over */
};

/* A service: the rows [first, first + count) of the snapshot. */
struct table_group {
	size_t first, count;
	size_t clients; /* rows that get a line of their own: none of `other` */
	size_t shown;	/* how many of these are shown */
	struct nl_stats total;
	u64 new_requests;
};

struct table_groups {
	struct table_group *groups;
	size_t count;
	size_t shown;	   /* how many groups are shown: the first ones */
	u64 *new_requests; /* by row */
	struct nl_stats total;
	u64 total_new_requests;
};

/* 0 or -ENOMEM. Rows of `now` are sorted; `before` may be NULL: rates since the start. */
int table_groups_build(struct table_groups *ret_groups, const struct snapshot *now,
		       const struct snapshot *before);
void table_groups_free(struct table_groups *groups);

/* Lines that all services and clients take. */
size_t table_groups_lines(const struct table_groups *groups);

/*
 * Choose what to show in `lines` lines (0: everything): a line for each service
 * and, dealt out in turn, its clients. A line for what is left out is kept free.
 */
void table_groups_fit(struct table_groups *groups, size_t lines);

/* Services and clients that have no line. */
size_t table_groups_hidden_services(const struct table_groups *groups);
size_t table_groups_hidden_clients(const struct table_groups *groups);

#endif
