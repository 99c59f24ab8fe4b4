/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* budgeted.h - a budget of two places, for keys that are numbers; part of several tests. */
#ifndef NETLAT_TESTS_BUDGETED_H
#define NETLAT_TESTS_BUDGETED_H

#include "series_budget.h"

#define WORDS 2
#define SECOND_NS 1000000000ULL
#define EXPIRE_S 100

extern struct series_budget *budgeted;
extern u64 budgeted_now_s;

/* Set up and torn down for each test. */
int budgeted_make(void **state);
int budgeted_drop(void **state);

/* A snapshot, a second after the one before. */
void budgeted_begin(void);
void budgeted_put(u64 key, const u64 counts[WORDS], bool is_worthy);

/* NULL: it has no place. */
struct series *budgeted_find(u64 key);

/* The second word of a key's own series, or -1. */
s64 budgeted_own(u64 key);
/* The same of the overflow. */
s64 budgeted_overflow(void);

#endif
