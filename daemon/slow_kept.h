/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slow_kept.h - the files of slow and failed transactions that a directory has, and which of them
 * goes first: the one written longest ago, but failed ones only when no slow one is left.
 */
#ifndef NETLAT_SLOW_KEPT_H
#define NETLAT_SLOW_KEPT_H

#include <stdbool.h>

#include "abi.h"

/* Where in the list a file is: a queue for the failed, and one for all others. */
struct slow_kept_queue {
	struct slow_kept_file *oldest, *newest;
};

/* Zeroed, it is empty. */
struct slow_kept {
	struct slow_kept_queue slow, failed;
	u64 files, bytes;
};

struct slow_kept_file {
	struct slow_kept_file *next;
	u64 written_ns; /* only for slow_kept_scan() */
	u64 bytes;
	bool is_failed;
	char name[];
};

/* Add all files in a directory with names of slow_name.h, oldest first. 0 or -errno. */
int slow_kept_scan(struct slow_kept *kept, int directory);

/* Add one that was just written. NULL and errno on failure. */
const struct slow_kept_file *slow_kept_add(struct slow_kept *kept, const char *name, u64 bytes);

/* Take out the one to go first, which the caller frees; NULL if there is none but `newest`. */
struct slow_kept_file *slow_kept_take(struct slow_kept *kept, const struct slow_kept_file *newest);

void slow_kept_clear(struct slow_kept *kept);

#endif
