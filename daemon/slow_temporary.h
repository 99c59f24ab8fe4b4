/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slow_temporary.h - a file that has its name only when it is whole: `.netlat-PID-N.pcapng.part`
 * until then. It is locked (flock) for as long as its netlat works at it, so that another one can
 * tell what was left by a killed one, in whatever PID namespace that was.
 */
#ifndef NETLAT_SLOW_TEMPORARY_H
#define NETLAT_SLOW_TEMPORARY_H

#include <stdbool.h>
#include <stdio.h>

#include "abi.h"

struct slow_temporary {
	FILE *out; /* to write to; NULL after slow_temporary_finish() */
	int directory;
	int lock; /* another descriptor of the same */
	bool is_renamed;
	char name[64];
};

/* 0 or -errno. What was created must be discarded, renamed or not. */
int slow_temporary_create(struct slow_temporary *temporary, int directory);

/* Nothing more is to be written. 0 or -errno; the size is that of the file. */
int slow_temporary_finish(struct slow_temporary *temporary, u64 *ret_bytes);

/* Give it its name; -EEXIST if that is taken, or another -errno. */
int slow_temporary_rename(struct slow_temporary *temporary, const char *name);

/* Let go of it, and remove it unless it was renamed. */
void slow_temporary_discard(struct slow_temporary *temporary);

/* Remove those that no netlat works at any more. Returns how many. */
unsigned slow_temporary_remove_left(int directory);

#endif
