/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_origin.h - where an option was given, for messages. */
#ifndef NETLAT_OPTIONS_ORIGIN_H
#define NETLAT_OPTIONS_ORIGIN_H

#include "options.h"
#include "options_table.h"

/* `FILE:LINE: ` of an option that --config has; empty for what was typed. */
struct option_origin {
	char text[256];
};

/* Of several values that of this one; NULL: the first. */
struct option_origin option_origin(const struct options *options, enum option_id id,
				   const char *value);

#endif
