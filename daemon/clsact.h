/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * clsact.h - hooks on kernels without TCX: filters of our own handle and priority
 * in a clsact qdisc, which is added where there is none and removed with them.
 */
#ifndef NETLAT_CLSACT_H
#define NETLAT_CLSACT_H

#include "attach.h"

struct clsact;

/* NULL and errno on failure. */
struct clsact *clsact_new(int program_fd);
void clsact_free(struct clsact *clsact);

/* Attach after removing what a netlat that is gone left there. 0 or negative errno. */
int clsact_attach(struct clsact *clsact, const struct attach_point *point);
void clsact_detach(struct clsact *clsact, const struct attach_point *point);

#endif
