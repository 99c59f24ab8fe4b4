/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * given_back.h - what services counted in rows that were given back (reclaim.h), as long as
 * they have others: else a service that goes on would lose what clients had that left.
 */
#ifndef NETLAT_GIVEN_BACK_H
#define NETLAT_GIVEN_BACK_H

#include <stdbool.h>
#include <stddef.h>

#include "metrics.h"

/* An entry a service: at most as many as there are rows. */
struct given_back;

/* NULL on lack of memory. */
struct given_back *given_back_new(void);
void given_back_free(struct given_back *given_back);

/* Add what the row of this key counted to its service. 0 or -ENOMEM. */
int given_back_add(struct given_back *given_back, const struct nl_row_key *key,
		   const struct nl_stats *stats);

/* Forget the services that `keeps` says no to. */
typedef bool (*given_back_keeps_fn)(const struct nl_row_key *service, void *userdata);
void given_back_forget(struct given_back *given_back, given_back_keeps_fn keeps, void *userdata);

size_t given_back_count(const struct given_back *given_back);

/* A row of each service (NL_ROW_SERVICE) into rows, which has room for given_back_count(). */
void given_back_list(const struct given_back *given_back, struct metrics_row *rows);

#endif
