/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * early_hooks.h - hooks taken while the program is still being loaded.
 *
 * For each new TCX hook the kernel waits until no packet is on its way through the old ones (an
 * RCU grace period: milliseconds), and the verifier takes longer than all of them. So an empty
 * program takes the hooks meanwhile, in a thread of its own, and is replaced by ours at once.
 */
#ifndef NETLAT_EARLY_HOOKS_H
#define NETLAT_EARLY_HOOKS_H

#include "attach.h"

struct early_hooks;

/*
 * Begin to take the hooks of points[0..count). NULL where that is of no use or does not work,
 * which is no error: they can be taken later.
 */
struct early_hooks *early_hooks_begin(enum attach_mode mode, const struct attach_point *points,
				      size_t count);

/*
 * Have the program on those that were taken, and free. Returns their attacher; a new one if
 * there are none, or `hooks` is NULL; NULL on lack of memory. program_fd below 0: let them all go.
 */
struct attacher *early_hooks_end(struct early_hooks *hooks, int program_fd, enum attach_mode mode);

#endif
