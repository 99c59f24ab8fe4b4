/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_check.h - which options contradict each other, and which imply others. */
#ifndef NETLAT_OPTIONS_CHECK_H
#define NETLAT_OPTIONS_CHECK_H

#include <stdbool.h>

#include "options.h"
#include "options_table.h"

/* `is_set` tells which were typed. False if they cannot be together, which was said then. */
bool options_complete(struct options *options, const bool is_set[OPTION_COUNT]);

#endif
