/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export_json.h - a record as one line of JSON. */
#ifndef NETLAT_EXPORT_JSON_H
#define NETLAT_EXPORT_JSON_H

#include "json_text.h"
#include "name_source.h"

struct json_exporter;

/* NULL and errno on lack of memory. */
struct json_exporter *json_exporter_new(void);
void json_exporter_free(struct json_exporter *exporter);

/* From now on addresses have these names; NULL: none. */
void json_exporter_name(struct json_exporter *exporter, const struct name_source *names);

/* Every byte of a head may become six (\u0001), every byte of names two; the rest is far below
 * 4 kB. */
#define JSON_RECORD_BYTES_MAX (6 * NL_HEAD_BYTES_MAX + 4 * sizeof(struct container) + 4096)

/*
 * Append the fields of a record, JSON_RECORD_BYTES_MAX bytes at most, without the braces
 * around them. epoch_offset_ns is added to its times to make them nanoseconds since
 * 1970 (0 in a replay). `interface` may be NULL. text->error is set where that fails.
 */
void json_exporter_append(struct json_exporter *exporter, struct json_text *text,
			  const struct nl_record *record, u64 epoch_offset_ns,
			  const char *interface);

/* The same with the braces, as a line: JSON_LINE_BYTES_MAX at most. */
#define JSON_LINE_BYTES_MAX (JSON_RECORD_BYTES_MAX + sizeof("{}\n"))
void json_exporter_line(struct json_exporter *exporter, struct json_text *text,
			const struct nl_record *record, u64 epoch_offset_ns, const char *interface);

#endif
