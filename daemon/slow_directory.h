/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slow_directory.h - a pcapng file for each slow or failed transaction, in one directory.
 *
 * A file appears whole: it is written under a name with a dot before, and renamed. Only files with
 * names of slow_name.h are ever removed, to keep within the limits, and incomplete ones that no
 * netlat holds.
 */
#ifndef NETLAT_SLOW_DIRECTORY_H
#define NETLAT_SLOW_DIRECTORY_H

#include <stddef.h>

#include "options.h"
#include "slow_counters.h"
#include "snippet.h"

struct slow_directory;

/*
 * Open options->write_path, or make it, and bring it within --keep-files and --keep-mb. NULL on
 * failure, after saying why. The counters are added to, and stay the caller's.
 */
struct slow_directory *slow_directory_open(const struct options *options,
					   struct slow_counters *counters);

/* Write a transaction, and remove what is too much now. 0 or -errno; the path is cut to `size`. */
int slow_directory_write(struct slow_directory *directory, const struct snippet *snippet,
			 char *ret_path, size_t size);

void slow_directory_close(struct slow_directory *directory);

#endif
