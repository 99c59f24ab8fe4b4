/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * series_entry.h - one series of series_budget.h: what of its counts is shown, and what the
 * overflow has of it.
 */
#ifndef NETLAT_SERIES_ENTRY_H
#define NETLAT_SERIES_ENTRY_H

#include "series_budget.h"

/* uthash calls exit() on lack of memory unless told otherwise. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum place {
	PLACE_NONE,    /* in the overflow: counts - forgotten */
	PLACE_OWN,     /* shown; in the overflow: base - forgotten */
	PLACE_EXPIRED, /* not shown; in the overflow as before */
};

/* NULL stands for words that are all 0. */
struct series {
	u8 key[SERIES_KEY_BYTES_MAX];
	const u64 *counts; /* of this snapshot; NULL: not in it */
	u64 *sum;	   /* where several were given for the key */
	u64 *last;	/* its words in the last snapshot, if it ever had several or was left out */
	u64 *given_up;	/* of these, what the kernel gave up since */
	u64 *base;	/* counts when it got its place, which stay in the overflow */
	u64 *forgotten; /* of them, what was shown before it lost an earlier place */
	enum place place;
	bool is_worthy;
	bool was_seen; /* by an earlier snapshot, so that it may be in the overflow */
	u64 life;      /* the first word, and when it last grew */
	u64 last_life_ns;
	void *attachment;
	UT_hash_handle hh;
};

/*
 * Of several parts one may have gone, and no counter goes backwards for that. Without memory for
 * it this one does, which a scraper takes for a restart.
 */
void series_keep_parts(struct series *series, size_t words);

/* From the overflow: what was counted until now stays in it. False: no memory for that. */
bool series_leave_overflow(struct series *series, size_t words);

/*
 * Back, and no place is left: what was shown before must not enter the overflow, so that it
 * goes on from base - forgotten. False: no memory for that.
 */
bool series_enter_overflow(struct series *series, size_t words);

/* Remember what the overflow has of a series: it may be gone from the next snapshot. */
void series_note_in_overflow(struct series *series, size_t words);

/* Add to the words of the overflow what it has of a series. */
void series_add_overflow(const struct series *series, size_t words, u64 *to);

/* What is in the overflow of one that is not in the kernel's table any more stays there. */
void series_add_gone(const struct series *series, size_t words, u64 *to);

void series_add_words(u64 *to, const u64 *words, size_t count);

/* With all that is attached to it. */
void series_free(struct series *series);

#endif
