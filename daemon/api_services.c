/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_services.c - services and clients for the API: the rows of a snapshot, two ways added up.
 *
 * Both lists are in the order of addresses, so that a page of them can begin anywhere. What is in
 * no row of its own comes last, with null for an address.
 */
#include "api_services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "api_page.h"
#include "api_stats.h"
#include "clock.h"

#define ENTRY_BYTES_MAX (API_STATS_BYTES_MAX + API_JSON_CONTAINER_BYTES_MAX + 512)
#define ITEM_BYTES_MAX (API_JSON_CONTAINER_BYTES_MAX + 256) /* of the services of a client */

/* One of the two lists. */
struct listing {
	const char *name;
	int (*compare)(const struct nl_row_key *a, const struct nl_row_key *b);
	bool (*is_behind)(const struct nl_row_key *key, const struct api_query *query);
	void (*append_head)(struct json_text *text, const struct api_request *request,
			    const struct metrics_row *const *rows, size_t count);
	/* What a page comes after; false: of `other`, which nothing follows. */
	bool (*format_after)(char after[ENDPOINT_TEXT_MAX], const struct nl_row_key *key);
};

/* `other` last: it belongs to no service. */
static int compare_services(const struct nl_row_key *a, const struct nl_row_key *b)
{
	bool a_is_other = a->kind == NL_ROW_OTHER, b_is_other = b->kind == NL_ROW_OTHER;
	int order;

	if (a_is_other || b_is_other)
		return a_is_other - b_is_other;
	order = memcmp(&a->server_addr, &b->server_addr, sizeof(a->server_addr));
	return order ? order : a->server_port - b->server_port;
}

static int compare_clients(const struct nl_row_key *a, const struct nl_row_key *b)
{
	bool a_is_other = a->kind != NL_ROW_PAIR, b_is_other = b->kind != NL_ROW_PAIR;

	if (a_is_other || b_is_other)
		return a_is_other - b_is_other;
	return memcmp(&a->client_addr, &b->client_addr, sizeof(a->client_addr));
}

static bool is_behind_service(const struct nl_row_key *key, const struct api_query *query)
{
	struct nl_row_key after = { .server_addr = query->after.addr,
				    .server_port = query->after.port };

	return !api_query_has(query, API_AFTER_SERVICE) || compare_services(key, &after) > 0;
}

static bool is_behind_client(const struct nl_row_key *key, const struct api_query *query)
{
	struct nl_row_key after = { .client_addr = query->after.addr };

	return !api_query_has(query, API_AFTER_CLIENT) || compare_clients(key, &after) > 0;
}

static void append_service(struct json_text *text, const struct nl_row_key *key)
{
	bool is_other = key->kind == NL_ROW_OTHER;

	json_text_literal(text, "{\"service\":");
	if (is_other)
		json_text_literal(text, "null");
	else
		api_json_endpoint(text, &key->server_addr, key->server_port);
	API_JSON_KEY(text, "server_address");
	if (is_other)
		json_text_literal(text, "null");
	else
		api_json_address(text, &key->server_addr);
	API_JSON_KEY(text, "server_port");
	api_json_integer_if(text, !is_other, key->server_port);
}

static void append_service_head(struct json_text *text, const struct api_request *request,
				const struct metrics_row *const *rows, size_t count)
{
	const struct nl_row_key *key = &rows[0]->key;
	u64 clients = 0;

	for (size_t i = 0; i < count; i++)
		clients += rows[i]->key.kind == NL_ROW_PAIR;
	append_service(text, key);
	api_json_container(text, "server",
			   key->kind == NL_ROW_OTHER
				   ? NULL
				   : name_source_find(request->source->names, &key->server_addr));
	API_JSON_KEY(text, "clients");
	api_json_integer_if(text, key->kind != NL_ROW_OTHER, clients);
	API_JSON_KEY(text, "has_other_clients");
	api_json_bool(text, clients < count);
}

static void append_client_head(struct json_text *text, const struct api_request *request,
			       const struct metrics_row *const *rows, size_t count)
{
	const struct nl_row_key *key = &rows[0]->key;
	bool is_other = key->kind != NL_ROW_PAIR;

	json_text_literal(text, "{\"client_address\":");
	if (is_other)
		json_text_literal(text, "null");
	else
		api_json_address(text, &key->client_addr);
	api_json_container(text, "client",
			   is_other ? NULL
				    : name_source_find(request->source->names, &key->client_addr));
	API_JSON_KEY(text, "services");
	json_text_literal(text, "[");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			json_text_literal(text, ",");
		append_service(text, &rows[i]->key);
		API_JSON_KEY(text, "requests");
		json_text_integer(text, rows[i]->stats.requests);
		json_text_literal(text, "}");
	}
	json_text_literal(text, "]");
}

static bool format_after_service(char after[ENDPOINT_TEXT_MAX], const struct nl_row_key *key)
{
	if (key->kind == NL_ROW_OTHER)
		return false;
	endpoint_format(after, &key->server_addr, key->server_port);
	return true;
}

static bool format_after_client(char after[ENDPOINT_TEXT_MAX], const struct nl_row_key *key)
{
	if (key->kind != NL_ROW_PAIR)
		return false;
	address_format(after, &key->client_addr);
	return true;
}

static const struct listing services = {
	"services", compare_services, is_behind_service, append_service_head, format_after_service,
};
static const struct listing clients = {
	"clients", compare_clients, is_behind_client, append_client_head, format_after_client,
};

static int compare_rows(const void *a, const void *b, void *userdata)
{
	const struct metrics_row *const *x = a, *const *y = b;
	const struct listing *listing = userdata;
	int order = listing->compare(&(*x)->key, &(*y)->key);

	/* Within an entry by all of the key, that of a service's or a client's first row included.
	 */
	return order ? order : metrics_compare_keys(&(*x)->key, &(*y)->key);
}

static bool is_wanted(const struct metrics_row *row, const struct listing *listing,
		      const struct api_query *query)
{
	const struct nl_row_key *key = &row->key;

	/* Row 0 is there even while nothing was counted in it. */
	if (key->kind == NL_ROW_OTHER && !row->stats.requests && !metrics_answered(&row->stats))
		return false;
	if (api_query_has(query, API_SERVICE) &&
	    (key->kind == NL_ROW_OTHER ||
	     !api_query_wants_service(query, &key->server_addr, key->server_port)))
		return false;
	if (api_query_has(query, API_CLIENT) &&
	    (key->kind != NL_ROW_PAIR || !api_query_wants_client(query, &key->client_addr)))
		return false;
	return listing->is_behind(key, query);
}

/* Pointers to the rows that are asked for, in order, for free(); NULL on lack of memory. */
static const struct metrics_row **select_rows(const struct snapshot *snapshot,
					      const struct listing *listing,
					      const struct api_query *query, size_t *ret_count)
{
	const struct metrics_row **rows =
		calloc(snapshot->row_count + snapshot->given_back_count + 1, sizeof(*rows));
	size_t count = 0;

	if (!rows)
		return NULL;
	for (size_t i = 0; i < snapshot->row_count; i++)
		if (is_wanted(&snapshot->rows[i], listing, query))
			rows[count++] = &snapshot->rows[i];
	/* Clients that have left are none; the service goes on with what they did. */
	for (size_t i = 0; listing == &services && i < snapshot->given_back_count; i++)
		if (is_wanted(&snapshot->given_back[i], listing, query))
			rows[count++] = &snapshot->given_back[i];
	qsort_r(rows, count, sizeof(struct metrics_row *), compare_rows, (void *)listing);
	*ret_count = count;
	return rows;
}

/* How many rows from the first on are one entry of the list. */
static size_t entry_rows(const struct metrics_row *const *rows, size_t count,
			 const struct listing *listing)
{
	size_t end = 1;

	while (end < count && listing->compare(&rows[0]->key, &rows[end]->key) == 0)
		end++;
	return end;
}

static bool is_given_back(const struct snapshot *snapshot, const struct metrics_row *row)
{
	return row >= snapshot->given_back &&
	       row < snapshot->given_back + snapshot->given_back_count;
}

static void append_entry(struct json_text *text, const struct api_request *request,
			 const struct listing *listing, const struct snapshot *snapshot,
			 const struct metrics_row *const *rows, size_t count)
{
	struct api_stats stats;

	api_stats_init(&stats, snapshot);
	for (size_t i = 0; i < count; i++) {
		if (is_given_back(snapshot, rows[i]))
			metrics_add(&stats.sum, &rows[i]->stats); /* nothing of it is recent */
		else
			api_stats_add(&stats, request->source->snapshots, snapshot, rows[i]);
	}
	listing->append_head(text, request, rows, count);
	json_text_literal(text, ",");
	api_stats_append(text, &stats);
	json_text_literal(text, "}");
}

/* Bytes that as many rows can have at most, of which an entry has one or more. */
static size_t list_bytes_max(size_t rows, size_t limit)
{
	size_t entries = rows < limit ? rows : limit;

	return entries * ENTRY_BYTES_MAX + rows * ITEM_BYTES_MAX + API_PAGE_BYTES_MAX;
}

static int build(struct json_text *text, const struct api_request *request,
		 const struct listing *listing, const struct snapshot *snapshot)
{
	const struct api_query *query = request->query;
	const struct metrics_row **rows;
	char after[ENDPOINT_TEXT_MAX];
	size_t count, entries = 0, at = 0, last = 0;
	bool has_next;
	int r;

	rows = select_rows(snapshot, listing, query, &count);
	if (!rows)
		return -ENOMEM;
	r = json_text_init(text, list_bytes_max(count, query->limit));
	if (r < 0) {
		free(rows);
		return r;
	}
	api_page_begin(text, request->source->snapshots, snapshot);
	json_text_literal(text, "\"");
	api_json_append(text, listing->name);
	json_text_literal(text, "\":[");
	while (at < count && entries < query->limit) {
		if (entries++)
			json_text_literal(text, ",");
		last = at;
		at += entry_rows(rows + at, count - at, listing);
		append_entry(text, request, listing, snapshot, rows + last, at - last);
	}
	json_text_literal(text, "]");
	has_next = at < count && listing->format_after(after, &rows[last]->key);
	api_page_end(text, request, entries, has_next ? after : NULL);
	free(rows);
	return 0;
}

static enum MHD_Result answer(const struct api_request *request, const struct listing *listing)
{
	const struct snapshot *snapshot =
		snapshot_cache_get(request->source->snapshots, monotonic_ns());
	struct json_text text;
	int r;

	if (!snapshot)
		return api_reply_failure(request, -errno);
	r = build(&text, request, listing, snapshot);
	return r < 0 ? api_reply_failure(request, r) : api_reply_json(request, MHD_HTTP_OK, &text);
}

enum MHD_Result api_answer_services(const struct api_request *request)
{
	return answer(request, &services);
}

enum MHD_Result api_answer_clients(const struct api_request *request)
{
	return answer(request, &clients);
}
