/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export_scopes.c - a snapshot sorted by what its metrics have labels for. */
#include "export_scopes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORDS(type) (sizeof(type) / sizeof(u64))

static const struct {
	const char *name;
	size_t key_bytes, words;
} kinds[EXPORT_SCOPES] = {
	[EXPORT_SERIES] = { "series", sizeof(struct nl_series_key), WORDS(struct nl_series) },
	[EXPORT_SERVICES] = { "service", sizeof(struct nl_series_key), WORDS(struct nl_stats) },
	[EXPORT_ENDS] = { "end", sizeof(struct nl_series_key), WORDS(struct export_ends) },
	[EXPORT_PAIRS] = { "pair", sizeof(struct nl_row_key), WORDS(struct nl_stats) },
};

int export_scopes_open(struct export_scopes *scopes, unsigned max_series, u64 expire_ns,
		       const struct name_source *names)
{
	*scopes = (struct export_scopes){ .names = names };
	for (unsigned i = 0; i < EXPORT_SCOPES; i++) {
		scopes->budgets[i] = series_budget_new(kinds[i].key_bytes, kinds[i].words,
						       max_series, expire_ns);
		if (!scopes->budgets[i])
			return -ENOMEM;
	}
	return 0;
}

void export_scopes_close(struct export_scopes *scopes)
{
	for (unsigned i = 0; i < EXPORT_SCOPES; i++)
		series_budget_free(scopes->budgets[i]);
	free(scopes->ends);
}

static struct nl_series_key service_key(const union nl_addr *address, u16 port)
{
	return (struct nl_series_key){ .server_addr = *address, .server_port = port };
}

struct nl_series_key export_series_key(const struct nl_series_key *key)
{
	struct nl_series_key shown = *key;

	if (shown.reason == NL_END_server_reset)
		shown.reason = NL_END_client_reset;
	return shown;
}

/* Whether anything of a row is over. */
static bool has_ended(const struct nl_stats *stats)
{
	return metrics_answered(stats) + stats->unanswered + stats->aborted > 0;
}

/*
 * A client is known by what it gets (nl_stats.known), so that one who asks for the first time waits
 * until that is known: in the overflow its first request would stay for good.
 */
static int take_pair(struct export_scopes *scopes, const struct metrics_row *row)
{
	if (!has_ended(&row->stats))
		return 0;
	return series_budget_put(scopes->budgets[EXPORT_PAIRS], &row->key, (const u64 *)&row->stats,
				 row->stats.known != 0);
}

static int take_row(struct export_scopes *scopes, const struct metrics_row *row)
{
	const struct nl_row_key *key = &row->key;
	struct nl_series_key service = service_key(&key->server_addr, key->server_port);
	const u64 *counts = (const u64 *)&row->stats;
	int r;

	if (key->kind == NL_ROW_OTHER) {
		series_budget_put_overflow(scopes->budgets[EXPORT_SERVICES], counts);
		series_budget_put_overflow(scopes->budgets[EXPORT_PAIRS], counts);
		return 0;
	}
	r = series_budget_put(scopes->budgets[EXPORT_SERVICES], &service, counts, true);
	if (r < 0)
		return r;
	if (key->kind == NL_ROW_PAIR)
		return take_pair(scopes, row);
	series_budget_put_overflow(scopes->budgets[EXPORT_PAIRS], counts);
	return 0;
}

/* Its clients have left, with what they had; their service goes on. */
static int take_given_back(struct export_scopes *scopes, const struct metrics_row *row)
{
	struct nl_series_key service = service_key(&row->key.server_addr, row->key.server_port);

	return series_budget_put(scopes->budgets[EXPORT_SERVICES], &service,
				 (const u64 *)&row->stats, true);
}

static int take_end(struct export_scopes *scopes, const struct metrics_series *series,
		    struct export_ends *ends)
{
	struct nl_series_key key = service_key(&series->key.server_addr, series->key.server_port);

	key.reason = series->key.reason;
	*ends = (struct export_ends){ .unanswered = series->key.status ? 0 : series->stats.count,
				      .aborted = series->key.status ? series->stats.count : 0 };
	if (series->key.server_port)
		return series_budget_put(scopes->budgets[EXPORT_ENDS], &key, (const u64 *)ends,
					 true);
	series_budget_put_overflow(scopes->budgets[EXPORT_ENDS], (const u64 *)ends);
	return 0;
}

/* Of connections without a row there is no server (see struct nl_series_key). */
static int take_series(struct export_scopes *scopes, const struct metrics_series *series,
		       struct export_ends *ends)
{
	struct nl_series_key key = export_series_key(&series->key);
	const u64 *counts = (const u64 *)&series->stats;
	int r = 0;

	if (series->is_overflow || !key.server_port)
		series_budget_put_overflow(scopes->budgets[EXPORT_SERIES], counts);
	else
		r = series_budget_put(scopes->budgets[EXPORT_SERIES], &key, counts, true);
	if (r < 0 || series->is_overflow || key.reason == NL_END_none)
		return r;
	return take_end(scopes, series, ends);
}

/* All that is of a service leaves with it. Both kinds of key begin with an address. */
static bool is_service_silent(const void *key, const void *userdata)
{
	const struct series_budget *services = userdata;
	const struct nl_series_key *series = key;
	struct nl_series_key service = service_key(&series->server_addr, series->server_port);

	return series_budget_is_silent(services, &service);
}

static bool is_pair_silent(const void *key, const void *userdata)
{
	const struct series_budget *services = userdata;
	const struct nl_row_key *pair = key;
	struct nl_series_key service = service_key(&pair->server_addr, pair->server_port);

	return series_budget_is_silent(services, &service);
}

static const char *name_of(const struct export_scopes *scopes, const union nl_addr *address)
{
	const struct container *container = name_source_find(scopes->names, address);

	return container ? container->name : "";
}

static struct export_labels *make_labels(enum export_scope scope, const void *key,
					 const char *server_name, const char *client_name)
{
	switch (scope) {
	case EXPORT_SERIES:
		return export_series_labels(key, server_name);
	case EXPORT_SERVICES:
		return export_service_labels(key, server_name);
	case EXPORT_ENDS:
		return export_end_labels(key, server_name);
	case EXPORT_PAIRS:
		return export_pair_labels(key, server_name, client_name);
	case EXPORT_SCOPES:
		break;
	}
	return NULL;
}

/* Give a series labels with the names that its addresses have now. 0 or -ENOMEM. */
static int name_series(const struct export_scopes *scopes, enum export_scope scope,
		       struct series *series)
{
	const void *key = series_key(series);
	void **attachment = series_attachment(series);
	struct export_labels *labels = *attachment;
	/* Both kinds of key begin with the server's address. */
	const char *server_name = name_of(scopes, key);
	const char *client_name =
		scope == EXPORT_PAIRS
			? name_of(scopes, &((const struct nl_row_key *)key)->client_addr)
			: "";

	if (labels && strcmp(labels->server_name, server_name) == 0 &&
	    strcmp(labels->client_name, client_name) == 0)
		return 0;
	free(labels);
	*attachment = make_labels(scope, key, server_name, client_name);
	return *attachment ? 0 : -ENOMEM;
}

static int name_all(const struct export_scopes *scopes, enum export_scope scope)
{
	int r = 0;

	for (struct series *series = series_budget_first(scopes->budgets[scope]); series && r >= 0;
	     series = series_budget_next(series))
		r = name_series(scopes, scope, series);
	return r;
}

int export_scopes_take(struct export_scopes *scopes, const struct snapshot *snapshot)
{
	struct series_budget *services = scopes->budgets[EXPORT_SERVICES];
	int r = 0;

	for (unsigned i = 0; i < EXPORT_SCOPES; i++)
		series_budget_begin(scopes->budgets[i], snapshot->taken_ns);
	free(scopes->ends);
	scopes->ends = calloc(snapshot->series_count + 1, sizeof(*scopes->ends));
	if (!scopes->ends)
		return -ENOMEM;
	for (size_t i = 0; i < snapshot->row_count && r >= 0; i++)
		r = take_row(scopes, &snapshot->rows[i]);
	for (size_t i = 0; i < snapshot->given_back_count && r >= 0; i++)
		r = take_given_back(scopes, &snapshot->given_back[i]);
	for (size_t i = 0; i < snapshot->series_count && r >= 0; i++)
		r = take_series(scopes, &snapshot->series[i], &scopes->ends[i]);
	if (r < 0)
		return r;
	series_budget_end(services, NULL, NULL);
	series_budget_end(scopes->budgets[EXPORT_SERIES], is_service_silent, services);
	series_budget_end(scopes->budgets[EXPORT_ENDS], is_service_silent, services);
	series_budget_end(scopes->budgets[EXPORT_PAIRS], is_pair_silent, services);
	for (unsigned i = 0; i < EXPORT_SCOPES && r >= 0; i++)
		r = name_all(scopes, (enum export_scope)i);
	return r;
}

const struct export_labels *export_scopes_labels(struct series *series)
{
	return *series_attachment(series);
}

const char *export_scope_name(enum export_scope scope)
{
	return kinds[scope].name;
}
