/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_reload.h - the file of --config read again while netlat runs. */
#ifndef NETLAT_OPTIONS_RELOAD_H
#define NETLAT_OPTIONS_RELOAD_H

#include <stdbool.h>

#include "options.h"

/*
 * Have `options` hold what can change meanwhile (.reloads in options_table.c), and name what
 * changed but needs a restart. A file with an error is not taken at all: false, and said.
 * Without --config there is nothing to do.
 */
bool options_reload(struct options *options);

#endif
