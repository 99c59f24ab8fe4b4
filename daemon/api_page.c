/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_page.c - where a list goes on. */
#include "api_page.h"

#include <string.h>

/* What stands for itself in a query (RFC 3986, 2.3 and 3.4). */
#define PLAIN                                                                                      \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"                                     \
	"0123456789-._~:,"

static void append_encoded(struct json_text *text, const char *value)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;
		const char escape[3] = { '%', digits[byte >> 4], digits[byte & 0xf] };

		if (strchr(PLAIN, *value))
			json_text_append(text, value, 1);
		else
			json_text_append(text, escape, sizeof(escape));
	}
}

/* All parameters but `after`, which is the last of the link. */
static enum MHD_Result append_parameter(void *userdata, enum MHD_ValueKind kind, const char *name,
					const char *value)
{
	struct json_text *text = userdata;

	(void)kind;
	if (strcmp(name, "after") == 0)
		return MHD_YES;
	api_json_append(text, name);
	json_text_literal(text, "=");
	append_encoded(text, value ? value : "");
	json_text_literal(text, "&");
	return MHD_YES;
}

void api_page_end(struct json_text *text, const struct api_request *request, size_t count,
		  const char *after)
{
	API_JSON_KEY(text, "count");
	json_text_integer(text, count);
	API_JSON_KEY(text, "limit");
	json_text_integer(text, request->query->limit);
	API_JSON_KEY(text, "next");
	if (after) {
		json_text_literal(text, "\"");
		api_json_append(text, request->path);
		json_text_literal(text, "?");
		MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND,
					  append_parameter, text);
		json_text_literal(text, "after=");
		append_encoded(text, after);
		json_text_literal(text, "\"");
	} else {
		json_text_literal(text, "null");
	}
	json_text_literal(text, "}\n");
}

void api_page_begin(struct json_text *text, const struct snapshot_cache *cache,
		    const struct snapshot *snapshot)
{
	static const struct nl_row_key any;
	u64 offset_ns = snapshot->epoch_offset_ns, requests, before_ns = snapshot->taken_ns;
	bool has_before = cache && snapshot_cache_before(cache, &any, &requests, &before_ns);

	json_text_literal(text, "{\"taken\":");
	api_json_time(text, snapshot->taken_ns + offset_ns);
	API_JSON_KEY(text, "started");
	api_json_time(text, snapshot->started_ns + offset_ns);
	if (cache) {
		API_JSON_KEY(text, "recent_s");
		api_json_decimal_if(text, has_before,
				    (double)(snapshot->taken_ns - before_ns) / 1e9, 3);
	}
	json_text_literal(text, ",");
}
