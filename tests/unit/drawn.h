/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* drawn.h - a snapshot drawn as a table, and looked at; part of several tests. */
#ifndef NETLAT_TEST_DRAWN_H
#define NETLAT_TEST_DRAWN_H

#include "table.h"

#define SECOND 1000000000ULL

extern struct snapshot now, before;
extern char *text; /* what was written last */

/* Fixtures of a test: no rows, 10 s of observation. */
int drawn_set_up(void **state);
int drawn_tear_down(void **state);

/* Add a row; every answer takes duration_ns, its first byte half of that. */
struct nl_stats *add_row(unsigned kind, const char *server, u16 port, const char *client, u64 ok,
			 u64 not_found, u64 failed, u64 duration_ns);
/* Two services, three clients. */
void add_usual_rows(void);

/* Draw `now`; rates are since `earlier`, which may be NULL. */
void write_table(const struct table_style *style, const struct snapshot *earlier);

/* The line beginning with `start`, copied, and its number from 0; NULL if there is none. */
const char *find_line(const char *start, int *ret_number);
/* This line has these words. */
void check_line(const char *start, const char *expected_words);
size_t count_lines(void);
/* No line is wider. */
void check_fits(unsigned columns);

#endif
