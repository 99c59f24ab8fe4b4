/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_slow.c - slow and failed transactions for the API. */
#include "api_slow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api_json.h"
#include "clock.h"

#define ID_DIGITS_MAX 19
/* Every byte of a string may become six (\u0001). */
#define ENTRY_BYTES_MAX (JSON_RECORD_BYTES_MAX + 6 * (EXPLAIN_BYTES_MAX + NAME_MAX) + 512)
#define ENVELOPE_BYTES_MAX 512
#define DISPOSITION_BYTES_MAX (NAME_MAX + 32)

const char *api_slow_file_name(const struct slow_entry *entry)
{
	const char *slash = strrchr(entry->path, '/');

	return slash ? slash + 1 : entry->path;
}

u64 api_slow_id(const char *path)
{
	static const char prefix[] = API_SLOW_PATH "/";
	const char *digits = path + strlen(prefix);
	size_t length;

	if (strncmp(path, prefix, strlen(prefix)) != 0)
		return 0;
	length = strspn(digits, "0123456789");
	if (length == 0 || length > ID_DIGITS_MAX || digits[0] == '0' ||
	    strcmp(digits + length, API_SLOW_SUFFIX) != 0)
		return 0;
	return strtoull(digits, NULL, 10);
}

int api_slow_open(const struct slow_entry *entry, u64 *ret_bytes)
{
	struct stat status;
	int fd, r;

	if (!entry->path[0])
		return -ENOENT;
	/* Should something else lie there now, it is not waited for. */
	fd = open(entry->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	r = fstat(fd, &status) < 0 ? -errno : S_ISREG(status.st_mode) ? 0 : -ENOENT;
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_bytes = (u64)status.st_size;
	return fd;
}

static void append_file(struct json_text *text, const struct slow_entry *entry)
{
	bool is_there = slow_entry_has_file(entry);

	json_text_literal(text, ",\"file\":");
	api_json_text(text, is_there ? api_slow_file_name(entry) : NULL);
	json_text_literal(text, ",\"href\":");
	if (!is_there) {
		json_text_literal(text, "null");
		return;
	}
	json_text_literal(text, "\"" API_SLOW_PATH "/");
	json_text_integer(text, entry->id);
	json_text_literal(text, API_SLOW_SUFFIX "\"");
}

static void append_entry(struct json_text *text, const struct api_source *source,
			 struct json_exporter *exporter, const struct slow_entry *entry)
{
	const struct name_source names = slow_entry_names(entry);
	const struct nl_record *record = &entry->record;
	struct engine *engine = *source->engine;
	const char *interface = engine->ops->interface_name(engine, record->ifindex);

	json_text_literal(text, "{\"id\":");
	json_text_integer(text, entry->id);
	json_text_literal(text, ",");
	json_exporter_name(exporter, &names); /* of then, not of now */
	json_exporter_append(exporter, text, record, entry->epoch_offset_ns, interface);
	json_exporter_name(exporter, source->names);
	json_text_literal(text, ",\"explanation\":");
	api_json_text(text, entry->explanation);
	json_text_literal(text, ",\"server_stated_ns\":");
	if (entry->server_timing.field == SERVER_TIMING_NONE)
		json_text_literal(text, "null");
	else
		json_text_integer(text, entry->server_timing.duration_ns);
	json_text_literal(text, ",\"server_stated_by\":");
	api_json_text(text, server_timing_field_name(entry->server_timing.field));
	append_file(text, entry);
	json_text_literal(text, "}");
}

static bool is_wanted(const struct slow_entry *entry, const struct api_query *query)
{
	return (!api_query_has(query, API_CAUSE) || entry->record.cause == query->cause) &&
	       entry->whole_ns >= query->min_duration_ns;
}

/* Keep those that are wanted; how many. */
static size_t select_wanted(const struct slow_entry **entries, size_t count,
			    const struct api_query *query)
{
	size_t wanted = 0;

	for (size_t i = 0; i < count && wanted < query->limit; i++)
		if (is_wanted(entries[i], query))
			entries[wanted++] = entries[i];
	return wanted;
}

static void append_list(struct json_text *text, const struct api_source *source,
			struct json_exporter *exporter, const struct slow_entry **entries,
			size_t count, size_t limit)
{
	json_text_literal(text, "{\"slow\":[");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			json_text_literal(text, ",");
		append_entry(text, source, exporter, entries[i]);
	}
	json_text_literal(text, "],\"count\":");
	json_text_integer(text, count);
	json_text_literal(text, ",\"limit\":");
	json_text_integer(text, limit);
	if (!source->slow)
		json_text_literal(text, ",\"message\":\"nobody asked for slow or failed "
					"transactions (start netlat with --why or -w, or with "
					"--listen and --slow or --failed)\"");
	json_text_literal(text, "}\n");
}

int api_slow_list(const struct api_source *source, struct json_exporter *exporter,
		  const struct api_query *query, u64 now_ns, struct json_text *ret_text)
{
	size_t capacity = source->slow ? slow_list_capacity(source->slow) : 0, count = 0;
	const struct slow_entry **entries = calloc(capacity + 1, sizeof(const struct slow_entry *));
	int r;

	if (!entries)
		return -ENOMEM;
	if (source->slow)
		count = slow_list_get(source->slow, now_ns, SLOW_NEWEST_FIRST, entries, capacity);
	count = select_wanted(entries, count, query);
	r = json_text_init(ret_text, count * ENTRY_BYTES_MAX + ENVELOPE_BYTES_MAX);
	if (r == 0)
		append_list(ret_text, source, exporter, entries, count, query->limit);
	free(entries);
	return r;
}

enum MHD_Result api_answer_slow(const struct api_request *request)
{
	struct json_text text;
	int r = api_slow_list(request->source, request->exporter, request->query, monotonic_ns(),
			      &text);

	return r < 0 ? api_reply_failure(request, r) : api_reply_json(request, MHD_HTTP_OK, &text);
}

/* For a browser to save it by: any other character could end the quotes. */
static void format_disposition(char text[DISPOSITION_BYTES_MAX], const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789._-";
	int used = snprintf(text, DISPOSITION_BYTES_MAX, "attachment; filename=\"%.*s", NAME_MAX,
			    name);

	for (char *at = strchr(text, '"') + 1; *at; at++)
		if (!strchr(plain, *at))
			*at = '_';
	snprintf(text + used, DISPOSITION_BYTES_MAX - (size_t)used, "\"");
}

enum MHD_Result api_answer_slow_file(const struct api_request *request)
{
	u64 id = api_slow_id(request->path);
	const struct slow_list *slow = request->source->slow;
	const struct slow_entry *entry = slow ? slow_list_find(slow, monotonic_ns(), id) : NULL;
	char disposition[DISPOSITION_BYTES_MAX], message[128];
	struct MHD_Response *response;
	u64 bytes = 0;
	int fd = entry ? api_slow_open(entry, &bytes) : -ENOENT;

	if (!id)
		return api_reply_not_found(request);
	if (fd < 0) {
		snprintf(message, sizeof(message),
			 "transaction %llu: its packets are not there, or not any more (its href "
			 "is then null)",
			 id);
		return api_reply_error(request, MHD_HTTP_NOT_FOUND, "not_found", message);
	}
	response = MHD_create_response_from_fd64(bytes, fd);
	if (!response) {
		close(fd);
		return MHD_NO;
	}
	format_disposition(disposition, api_slow_file_name(entry));
	if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, disposition) ==
	    MHD_NO) {
		MHD_destroy_response(response);
		return MHD_NO;
	}
	return api_reply(request, MHD_HTTP_OK, response, "application/vnd.tcpdump.pcap");
}
