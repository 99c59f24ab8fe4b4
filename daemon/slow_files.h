/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slow_files.h - where slow and failed transactions are written to (-w): a directory of files
 * (slow_directory.h) or one file (slow_growing.h), so many a minute, and what became of them.
 *
 * What cannot be written is counted and said once; it never ends netlat.
 */
#ifndef NETLAT_SLOW_FILES_H
#define NETLAT_SLOW_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"
#include "slow_counters.h"
#include "snippet.h"

struct slow_files;

/* Open options->write_path, which is to stay. NULL on failure, after saying why. */
struct slow_files *slow_files_open(const struct options *options);

/*
 * Whether --max-per-minute has room for one more at this time of the source's clock, and if so,
 * take it; else it is counted. To be asked before the packets are collected.
 */
bool slow_files_admit(struct slow_files *files, u64 now_ns);

/*
 * Write a transaction. 0, and the path of its file, cut to `size` as by snprintf(); or -errno,
 * which is counted and was said.
 */
int slow_files_write(struct slow_files *files, const struct snippet *snippet, char *ret_path,
		     size_t size);

/* Whether it is one file, which has nothing yet, and is removed if that stays so. */
bool slow_files_is_empty_file(const struct slow_files *files);

const struct slow_counters *slow_files_counters(const struct slow_files *files);

/* 0, or -errno (said) if the one file could not be ended. `files` may be NULL. */
int slow_files_close(struct slow_files *files);

#endif
