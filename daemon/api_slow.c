/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_slow.c - slow and failed transactions for the API. */
#include "api_slow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID_DIGITS_MAX 19
/* Every byte of a string may become six (\u0001). */
#define ENTRY_BYTES_MAX (JSON_RECORD_BYTES_MAX + 6 * (EXPLAIN_BYTES_MAX + NAME_MAX) + 512)
#define ENVELOPE_BYTES_MAX 128

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

static bool has_file(const struct slow_entry *entry)
{
	struct stat status;

	return entry->path[0] && lstat(entry->path, &status) == 0 && S_ISREG(status.st_mode);
}

static void append_text(struct json_text *text, const char *string)
{
	json_text_string(text, string, string ? strlen(string) : 0);
}

static void append_file(struct json_text *text, const struct slow_entry *entry)
{
	bool is_there = has_file(entry);

	json_text_literal(text, ",\"file\":");
	append_text(text, is_there ? api_slow_file_name(entry) : NULL);
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
	const struct nl_record *record = &entry->record;
	const char *interface = source->interface_name
					? source->interface_name(source->userdata, record->ifindex)
					: NULL;

	json_text_literal(text, "{\"id\":");
	json_text_integer(text, entry->id);
	json_text_literal(text, ",");
	json_exporter_append(exporter, text, record, entry->epoch_offset_ns, interface);
	json_text_literal(text, ",\"explanation\":");
	append_text(text, entry->explanation);
	json_text_literal(text, ",\"server_stated_ns\":");
	if (entry->server_timing.field == SERVER_TIMING_NONE)
		json_text_literal(text, "null");
	else
		json_text_integer(text, entry->server_timing.duration_ns);
	json_text_literal(text, ",\"server_stated_by\":");
	append_text(text, server_timing_field_name(entry->server_timing.field));
	append_file(text, entry);
	json_text_literal(text, "}");
}

static bool is_wanted(const struct slow_entry *entry, const struct api_query *query)
{
	return (query->cause < 0 || entry->record.cause == query->cause) &&
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
	json_text_literal(text, "}\n");
}

int api_slow_list(const struct api_source *source, struct json_exporter *exporter,
		  const struct api_query *query, u64 now_ns, char **ret_json, size_t *ret_length)
{
	size_t capacity = slow_list_capacity(source->slow), count;
	const struct slow_entry **entries = calloc(capacity, sizeof(const struct slow_entry *));
	struct json_text text;
	int r;

	if (!entries)
		return -ENOMEM;
	count = slow_list_get(source->slow, now_ns, SLOW_NEWEST_FIRST, entries, capacity);
	count = select_wanted(entries, count, query);
	r = json_text_init(&text, count * ENTRY_BYTES_MAX + ENVELOPE_BYTES_MAX);
	if (r == 0) {
		append_list(&text, source, exporter, entries, count, query->limit);
		r = text.error;
	}
	free(entries);
	if (r == 0) {
		*ret_json = text.begin;
		*ret_length = (size_t)(text.at - text.begin);
		text.begin = NULL; /* the caller's */
	}
	json_text_free(&text);
	return r;
}
