/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * export_labels.h - the labels of a series, put together once: as text, `a="b",c="d"`, and as
 * pairs for protobuf.
 */
#ifndef NETLAT_EXPORT_LABELS_H
#define NETLAT_EXPORT_LABELS_H

#include <stdbool.h>
#include <stddef.h>

#include "name_source.h"

#define EXPORT_LABELS_MAX 10
#define EXPORT_LABELS_BYTES_MAX 4096

struct export_label {
	const char *name;
	const char *value; /* UTF-8 */
};

/* One piece of memory, for free(). */
struct export_labels {
	struct export_label labels[EXPORT_LABELS_MAX];
	unsigned count;
	const char *text; /* values escaped; no braces */
	size_t text_bytes;
	const u8 *encoded; /* the pairs as the field of a message that they are; NULL: not yet */
	size_t encoded_bytes;
	const char *server_name, *client_name; /* that were known then; "" if none */
};

/* The one label of what has no place: see series_budget.h. */
extern const struct export_labels export_overflow_labels;
/* None at all. */
extern const struct export_labels export_no_labels;

/* NULL on lack of memory. */
struct export_labels *export_series_labels(const struct nl_series_key *key,
					   const char *server_name);
struct export_labels *export_service_labels(const struct nl_series_key *key,
					    const char *server_name);
/* The same, and key->reason. */
struct export_labels *export_end_labels(const struct nl_series_key *key, const char *server_name);
struct export_labels *export_pair_labels(const struct nl_row_key *key, const char *server_name,
					 const char *client_name);

/*
 * OpenTelemetry's error.type of a series, "" where it is no error: how it ended without its
 * complete response ("timeout", "connection_reset", else the name of the reason), or the status
 * if that is 5xx.
 */
void export_error_type(char text[32], const struct nl_series_key *key);

#endif
