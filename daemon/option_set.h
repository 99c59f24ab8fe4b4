/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* option_set.h - one value of an option, from wherever it comes, into struct options. */
#ifndef NETLAT_OPTION_SET_H
#define NETLAT_OPTION_SET_H

#include <stdbool.h>

#include "options.h"
#include "options_table.h"

/* An option as it was given, for messages: `--port`, `-t` or `FILE:LINE: port`. */
struct typed {
	const struct option_spec *spec;
	enum option_id id;
	const char *text;
};

/* Check a value, and keep it (strings by reference). NULL for an option that takes none, which is
 * turned on then. False if it is refused, which was said. */
bool option_set(struct options *options, const struct typed *typed, const char *value);

/* Have `to` use the value that `from` has, of an option that SIGHUP can change. */
void option_copy(struct options *to, struct options *from, enum option_id id);

#endif
