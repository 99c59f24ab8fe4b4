/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_files.h - whether the files that options name can be used. */
#ifndef NETLAT_OPTIONS_FILES_H
#define NETLAT_OPTIONS_FILES_H

#include <stdbool.h>

#include "options.h"

/*
 * As far as it can be told without making, changing or locking anything, for this user and at this
 * moment. False, and all that is wrong was said.
 */
bool options_check_files(const struct options *options);

#endif
