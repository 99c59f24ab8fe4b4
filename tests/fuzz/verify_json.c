/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify_json.c - a record's line of JSON is one, and says what the record says. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export_csv.h"
#include "export_json.h"
#include "verify.h"

static void verify_object(const json_t *object, const struct nl_record *record)
{
	const json_t *status = json_object_get(object, "status");

	VERIFY(record->status ? json_integer_value(status) == record->status : json_is_null(status),
	       "%u", record->status);
	VERIFY((u64)json_integer_value(json_object_get(object, "request_first_ns")) ==
		       record->request_first_ns,
	       "%llu", record->request_first_ns);
	VERIFY((u64)json_integer_value(json_object_get(object, "request_bytes")) ==
		       record->request_bytes,
	       "%llu", record->request_bytes);
	VERIFY(json_is_string(json_object_get(object, "outcome")), "no outcome");
	VERIFY(json_is_string(json_object_get(object, "method")), "no method");
}

/* Of the same values: one line, without what ends a line for anybody. */
static void verify_csv(const char *json, size_t length)
{
	static char line[CSV_LINE_BYTES(JSON_RECORD_BYTES_MAX)];
	size_t used = csv_line(line, sizeof(line), json, length);

	VERIFY(used >= 2 && memcmp(line + used - 2, "\r\n", 2) == 0, "no CSV of %.*s", (int)length,
	       json);
	for (size_t i = 0; i < used - 2; i++)
		VERIFY((unsigned char)line[i] >= ' ', "byte %zu of CSV is %#x", i, line[i]);
}

void verify_json(const struct nl_record *record)
{
	static struct json_exporter *exporter;
	static struct json_text text;
	json_error_t error;
	json_t *object;
	char *line;

	if (!exporter) {
		exporter = json_exporter_new();
		VERIFY(exporter && json_text_init(&text, JSON_LINE_BYTES_MAX + 1) == 0,
		       "out of memory");
		text.end--; /* for the end of a C string */
	}
	json_text_reset(&text);
	json_exporter_line(exporter, &text, record, 0, "lo");
	VERIFY(text.error == 0, "error %d", text.error);
	*text.at = '\0';
	line = text.begin;
	verify_csv(line + 1, strlen(line) - strlen("{}\n"));
	VERIFY(strchr(line, '\n') == line + strlen(line) - 1, "not one line: %s", line);
	object = json_loads(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	VERIFY(object, "%s: %s", error.text, line);
	verify_object(object, record);
	json_decref(object);
}
