/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_check.h - which options contradict each other, and which imply others. */
#ifndef NETLAT_OPTIONS_CHECK_H
#define NETLAT_OPTIONS_CHECK_H

#include <stdbool.h>

#include "options.h"
#include "options_table.h"

/* `is_set` tells which were typed. False if they cannot be together, which was said then. */
bool options_complete(struct options *options, const bool is_set[OPTION_COUNT]);

/*
 * Whether a line of --config for this option does not count: the option was typed, or another that
 * excludes it.
 */
bool options_is_overridden(enum option_id id, const bool is_typed[OPTION_COUNT]);

#endif
