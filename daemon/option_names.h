/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* option_names.h - options by their long names, and what someone may have meant. */
#ifndef NETLAT_OPTION_NAMES_H
#define NETLAT_OPTION_NAMES_H

#include <stdbool.h>

#include "options_table.h"

bool option_find(const char *name, enum option_id *ret_id);

/* The option for --config whose name is like this one, give or take a slip or two; or NULL. */
const char *option_nearest(const char *name);

#endif
