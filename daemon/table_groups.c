/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_groups.c - the rows of a snapshot by service, and which of them have room. */
#include "table_groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_rows(const void *a, const void *b)
{
	const struct metrics_row *const *x = a, *const *y = b;

	return metrics_compare_keys(&(*x)->key, &(*y)->key);
}

static int compare_key_to_row(const void *key, const void *row)
{
	const struct metrics_row *const *x = row;

	return metrics_compare_keys(key, &(*x)->key);
}

/* Requests of each row of `now` since `before`. */
static int count_new_requests(u64 *new_requests, const struct snapshot *now,
			      const struct snapshot *before)
{
	const struct metrics_row **by_key = NULL;
	size_t count = before ? before->row_count : 0;

	if (count) {
		by_key = calloc(count, sizeof(*by_key));
		if (!by_key)
			return -ENOMEM;
		for (size_t i = 0; i < count; i++)
			by_key[i] = &before->rows[i];
		qsort(by_key, count, sizeof(*by_key), compare_rows);
	}
	for (size_t i = 0; i < now->row_count; i++) {
		const struct metrics_row *row = &now->rows[i];
		const struct metrics_row **old =
			count ? bsearch(&row->key, by_key, count, sizeof(*by_key),
					compare_key_to_row)
			      : NULL;
		u64 old_requests = old ? (*old)->stats.requests : 0;

		new_requests[i] =
			row->stats.requests > old_requests ? row->stats.requests - old_requests : 0;
	}
	free(by_key);
	return 0;
}

static size_t count_services(const struct snapshot *now)
{
	size_t count = 0;

	for (size_t i = 0; i < now->row_count; i++)
		count += i == 0 || !metrics_same_service(&now->rows[i - 1].key, &now->rows[i].key);
	return count;
}

/* Row 0 is there even while nothing was counted in it. */
static bool is_empty_other(const struct metrics_row *row)
{
	return row->key.kind == NL_ROW_OTHER && row->stats.requests == 0 &&
	       metrics_answered(&row->stats) == 0;
}

static void add_up(struct table_groups *groups, const struct snapshot *now)
{
	struct table_group *group = NULL;

	for (size_t i = 0; i < now->row_count; i++) {
		const struct metrics_row *row = &now->rows[i];

		if (is_empty_other(row))
			continue;
		if (!group || !metrics_same_service(&now->rows[group->first].key, &row->key)) {
			group = &groups->groups[groups->count++];
			group->first = i;
		}
		group->count++;
		group->clients += row->key.kind != NL_ROW_OTHER;
		group->new_requests += groups->new_requests[i];
		metrics_add(&group->total, &row->stats);
	}
	metrics_add(&groups->total, &now->expired);
	for (size_t i = 0; i < groups->count; i++) {
		groups->total_new_requests += groups->groups[i].new_requests;
		metrics_add(&groups->total, &groups->groups[i].total);
	}
}

int table_groups_build(struct table_groups *ret_groups, const struct snapshot *now,
		       const struct snapshot *before)
{
	struct table_groups groups = { 0 };

	/* One more than needed: calloc(0) may return NULL. */
	groups.groups = calloc(count_services(now) + 1, sizeof(*groups.groups));
	groups.new_requests = calloc(now->row_count + 1, sizeof(*groups.new_requests));
	if (!groups.groups || !groups.new_requests ||
	    count_new_requests(groups.new_requests, now, before) != 0) {
		table_groups_free(&groups);
		return -ENOMEM;
	}
	add_up(&groups, now);
	*ret_groups = groups;
	return 0;
}

void table_groups_free(struct table_groups *groups)
{
	free(groups->groups);
	free(groups->new_requests);
	memset(groups, 0, sizeof(*groups));
}

static void show_all(struct table_groups *groups)
{
	groups->shown = groups->count;
	for (size_t i = 0; i < groups->count; i++)
		groups->groups[i].shown = groups->groups[i].clients;
}

size_t table_groups_lines(const struct table_groups *groups)
{
	size_t lines = groups->count;

	for (size_t i = 0; i < groups->count; i++)
		lines += groups->groups[i].clients;
	return lines;
}

/* One client to each shown service in turn, while there is room. */
static size_t deal(struct table_groups *groups, size_t lines)
{
	size_t left = lines;

	for (size_t i = 0; i < groups->shown && left > 0; i++) {
		struct table_group *group = &groups->groups[i];

		if (group->shown == group->clients)
			continue;
		group->shown++;
		left--;
	}
	return left;
}

void table_groups_fit(struct table_groups *groups, size_t lines)
{
	size_t before;

	for (size_t i = 0; i < groups->count; i++)
		groups->groups[i].shown = 0;
	if (lines == 0 || table_groups_lines(groups) <= lines) {
		show_all(groups);
		return;
	}
	lines--; /* for what is left out */
	/* Half for services, so that each one shown can show its largest client. */
	groups->shown = (lines + 1) / 2;
	if (groups->shown > groups->count)
		groups->shown = groups->count;
	lines -= groups->shown;
	do {
		before = lines;
		lines = deal(groups, lines);
	} while (lines > 0 && lines < before);
	/* All clients of these are there: more services. */
	while (lines > 0 && groups->shown < groups->count) {
		groups->shown++;
		lines--;
	}
}

size_t table_groups_hidden_services(const struct table_groups *groups)
{
	return groups->count - groups->shown;
}

size_t table_groups_hidden_clients(const struct table_groups *groups)
{
	size_t hidden = 0;

	for (size_t i = 0; i < groups->count; i++)
		hidden += groups->groups[i].clients - groups->groups[i].shown;
	return hidden;
}
