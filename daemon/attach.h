/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attach.h - our program on the hooks of interfaces, and nothing left behind. */
#ifndef NETLAT_ATTACH_H
#define NETLAT_ATTACH_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

enum attach_direction {
	ATTACH_INGRESS,
	ATTACH_EGRESS,
};

/* One hook: an interface and a direction. */
struct attach_point {
	int ifindex;
	enum attach_direction direction;
};

struct attacher;

/* Attach with `mode`; ATTACH_AUTO finds out at the first hook. NULL on lack of memory. */
struct attacher *attacher_new(int program_fd, enum attach_mode mode);

/* Detach everything, and free. */
void attacher_free(struct attacher *attacher);

/*
 * Make the hooks that are attached exactly those of `points`: attach what is
 * missing, detach what is no longer wanted or whose interface is gone.
 * 0, or a negative errno of the first hook that failed (named in *ret_failed);
 * the others are attached all the same.
 */
int attacher_set(struct attacher *attacher, const struct attach_point *points, size_t count,
		 struct attach_point *ret_failed);

/*
 * Have another program on the hooks, now and from now on: at once, and without the wait that a
 * new hook costs. TCX only. Hooks whose interface has gone are dropped.
 */
void attacher_use_program(struct attacher *attacher, int program_fd);

size_t attacher_count(const struct attacher *attacher);

/* One of them: which hook, and since when (CLOCK_MONOTONIC) the program is on it. */
void attacher_at(const struct attacher *attacher, size_t index, struct attach_point *ret_point,
		 u64 *ret_since_ns);

/* "tcx" or "clsact"; "none" before the first hook. */
const char *attacher_kind(const struct attacher *attacher);

#endif
