/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify_json.c - a record's line of JSON is one, and says what the record says. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void verify_json(const struct nl_record *record)
{
	static struct json_exporter *exporter;
	static char line[64 << 10];
	FILE *out = fmemopen(line, sizeof(line), "w");
	json_error_t error;
	json_t *object;

	if (!exporter)
		exporter = json_exporter_new();
	VERIFY(exporter && out, "out of memory");
	VERIFY(json_exporter_write(exporter, out, record, 0, "lo") == 0, "not written");
	VERIFY(fclose(out) == 0, "not written");
	VERIFY(strchr(line, '\n') == line + strlen(line) - 1, "not one line: %s", line);
	object = json_loads(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	VERIFY(object, "%s: %s", error.text, line);
	verify_object(object, record);
	json_decref(object);
}
