/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * export_scopes.h - a snapshot sorted by what its metrics have labels for, each within its
 * budget.
 */
#ifndef NETLAT_EXPORT_SCOPES_H
#define NETLAT_EXPORT_SCOPES_H

#include "export_labels.h"
#include "metrics.h"
#include "series_budget.h"

enum export_scope {
	EXPORT_SERIES,	 /* struct nl_series_key, struct nl_series */
	EXPORT_SERVICES, /* the same key with server and port alone, struct nl_stats */
	EXPORT_ENDS,	 /* ... and the reason, struct export_ends */
	EXPORT_PAIRS,	 /* struct nl_row_key, struct nl_stats */
	EXPORT_SCOPES,
};

/* What did not complete, of one service for one reason. */
struct export_ends {
	u64 unanswered, aborted;
};

struct export_scopes {
	struct series_budget *budgets[EXPORT_SCOPES];
	const struct name_source *names; /* may be NULL */
	struct export_ends *ends;	 /* of the snapshot */
};

/* 0 or -ENOMEM; export_scopes_close() undoes either. */
int export_scopes_open(struct export_scopes *scopes, unsigned max_series, u64 expire_ns,
		       const struct name_source *names);
void export_scopes_close(struct export_scopes *scopes);

/* Take a snapshot, which must stay until the next. 0 or -ENOMEM. */
int export_scopes_take(struct export_scopes *scopes, const struct snapshot *snapshot);

/* Resets by either end are one error.type, and so one series. */
struct nl_series_key export_series_key(const struct nl_series_key *key);

/* The labels of a series that has a place, with the names that its addresses had then. */
const struct export_labels *export_scopes_labels(struct series *series);

/* "series", "service", "end", "pair": see the scopes in README.md. */
const char *export_scope_name(enum export_scope scope);

#endif
