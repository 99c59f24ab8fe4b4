/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * export_csv.h - a record as a line of CSV (RFC 4180), made of its JSON: the same fields, in the
 * same order, with the same digits.
 *
 * null is an empty field, an empty string is "". Members of a list are joined by `|`. Control
 * characters of the wire are %XX, so that each record is one line. A field is quoted where it has a
 * comma, a quote, or a space at an end. Lines end in CRLF.
 */
#ifndef NETLAT_EXPORT_CSV_H
#define NETLAT_EXPORT_CSV_H

#include <stddef.h>

/* The longest line that is made of so many bytes of JSON: a DEL becomes %7F. */
#define CSV_LINE_BYTES(json_bytes) (3 * (json_bytes) + 2)

/*
 * The values of an object as json_exporter_append() makes it, without the braces. The length of the
 * line, or 0 if it is no such object or does not fit.
 */
size_t csv_line(char *line, size_t size, const char *json, size_t length);

/* The names of its members. */
size_t csv_header(char *line, size_t size, const char *json, size_t length);

#endif
