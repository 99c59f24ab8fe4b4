/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* why.h - slow and failed transactions as text for a person: --why, live and at the end. */
#ifndef NETLAT_WHY_H
#define NETLAT_WHY_H

#include <stdbool.h>
#include <stdio.h>

#include "slow_list.h"

struct why_style {
	unsigned columns;  /* width to fit into; 0: do not fit */
	unsigned lines;	   /* height to fit into; 0: do not fit */
	bool color;	   /* ANSI colors */
	const char *title; /* what is observed */
};

/*
 * Write what is in the list at `now_ns` (of the source's clock), longest first, one line
 * each. What comes from the wire is written as printable ASCII, anything else as %XX.
 */
void why_print(FILE *out, const struct slow_list *list, u64 now_ns, const struct why_style *style);

#endif
