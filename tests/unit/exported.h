/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* exported.h - a record's line of JSON, read back by jansson; part of several tests. */
#ifndef NETLAT_TEST_EXPORTED_H
#define NETLAT_TEST_EXPORTED_H

#include <jansson.h>

#include "export_json.h"

#define EXPORTED_EPOCH_NS 1763690000000000000ULL /* 2025-11-21T01:53:20Z */

/* Of the last line. */
extern json_t *exported;
extern struct json_exporter *exporter;

/* Fixtures of a group. */
int exported_set_up(void **state);
int exported_tear_down(void **state);

/* A request from 172.18.0.3 to [2001:db8::2]:8080, answered. */
struct nl_record exported_sample(void);

/* Its line, parsed into `exported`. */
void export_with(const struct nl_record *record, u64 offset_ns, const char *interface);
void export_record(const struct nl_record *record);

/* A field of it; value NULL: null. */
void check_string(const char *name, const char *value);
void check_integer(const char *name, u64 value);
void check_null(const char *name);
/* A list as jansson writes it. */
void check_list(const char *name, const char *expected);

#endif
