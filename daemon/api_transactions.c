/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_transactions.c - the most recent transactions for the API, newest first.
 *
 * A page goes on below the id that the one before it ended with: what is added meanwhile has larger
 * ones, and moves nothing.
 */
#include "api_transactions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api_page.h"
#include "record_view.h"

#define ENTRY_BYTES_MAX (JSON_RECORD_BYTES_MAX + 64)
#define ID_TEXT_MAX 24

static bool is_wanted(const struct transaction *transaction, const struct api_query *query)
{
	const struct nl_record *record = &transaction->record;

	return api_query_wants_service(query, &record->server_addr, record->server_port) &&
	       api_query_wants_client(query, &record->client_addr) &&
	       api_query_wants_status(query, record->status) &&
	       record->request_first_ns + transaction->epoch_offset_ns >= query->since_ns &&
	       record_whole_ns(record) >= query->min_duration_ns;
}

/* Up to `max` that are asked for, newest first; how many. */
static size_t select_wanted(const struct transaction_list *list, const struct api_query *query,
			    const struct transaction **wanted, size_t max)
{
	u64 id = transaction_list_newest(list);
	const struct transaction *transaction;
	size_t count = 0;

	if (api_query_has(query, API_AFTER_ID) && query->after_id <= id)
		id = query->after_id - 1;
	for (; count < max && (transaction = transaction_list_find(list, id)); id--)
		if (is_wanted(transaction, query))
			wanted[count++] = transaction;
	return count;
}

static void append_transaction(struct json_text *text, const struct api_request *request,
			       const struct transaction *transaction)
{
	struct engine *engine = *request->source->engine;
	const struct nl_record *record = &transaction->record;

	json_text_literal(text, "{\"id\":");
	json_text_integer(text, transaction->id);
	json_text_literal(text, ",");
	json_exporter_append(request->exporter, text, record, transaction->epoch_offset_ns,
			     engine->ops->interface_name(engine, record->ifindex));
	json_text_literal(text, "}");
}

/* Of `count` that were found, more than the limit: another page follows. */
static void append_page(struct json_text *text, const struct api_request *request,
			const struct transaction *const *wanted, size_t count)
{
	size_t shown = count < request->query->limit ? count : request->query->limit;
	const struct transaction *last = NULL;
	char after[ID_TEXT_MAX] = "";

	json_text_literal(text, "{\"transactions\":[");
	for (size_t i = 0; i < shown; i++) {
		if (last)
			json_text_literal(text, ",");
		last = wanted[i];
		append_transaction(text, request, last);
	}
	json_text_literal(text, "],\"sampled\":");
	api_json_bool(text, request->source->records_are_sampled);
	API_JSON_KEY(text, "capacity");
	json_text_integer(text, transaction_list_capacity(request->source->transactions));
	if (last && count > shown)
		snprintf(after, sizeof(after), "%llu", last->id);
	api_page_end(text, request, shown, after[0] ? after : NULL);
}

static int build(struct json_text *text, const struct api_request *request)
{
	/* One more than the page has: whether another follows. */
	size_t max = request->query->limit + 1, count;
	const struct transaction **wanted = calloc(max, sizeof(*wanted));
	int r;

	if (!wanted)
		return -ENOMEM;
	count = select_wanted(request->source->transactions, request->query, wanted, max);
	r = json_text_init(text, count * ENTRY_BYTES_MAX + API_PAGE_BYTES_MAX);
	if (r == 0)
		append_page(text, request, wanted, count);
	free(wanted);
	return r;
}

enum MHD_Result api_answer_transactions(const struct api_request *request)
{
	struct json_text text;
	int r = build(&text, request);

	return r < 0 ? api_reply_failure(request, r) : api_reply_json(request, MHD_HTTP_OK, &text);
}
