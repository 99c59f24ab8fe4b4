/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * record_file.h - a file of lines that rotates: FILE, FILE.1, FILE.2, ... and is opened anew when
 * somebody else has moved it (logrotate).
 *
 * Lines are there whole or not at all, whatever fails: what was written of one is taken back, and
 * nothing is written behind it before that. One netlat writes a file (flock). The calls block; they
 * are made by the thread of record_writer.h, but for opening and closing.
 */
#ifndef NETLAT_RECORD_FILE_H
#define NETLAT_RECORD_FILE_H

#include <stddef.h>

#include "abi.h"

struct record_file;

struct record_file_settings {
	const char *path;
	const char *header; /* a line that every file begins with; NULL: none */
	const char *begin;  /* what a file with lines begins with, else it is refused; NULL: any */
	u64 bytes_max;	    /* beyond it rotates; 0: never */
	u32 files;	    /* so many beside it are kept; 0: it begins anew */
};

/*
 * Append to a file, which is made if it is not there. What an earlier netlat left of a line at its
 * end is removed. NULL, and said, on failure.
 */
struct record_file *record_file_open(const struct record_file_settings *settings);
void record_file_close(struct record_file *file);

/*
 * Append whole lines. *ret_bytes are those written, in whole lines. 0, or negative errno if that is
 * not all.
 */
int record_file_append(struct record_file *file, const char *lines, size_t bytes,
		       size_t *ret_bytes);

/* Open the file of that name, or make it. It goes on with the old one on failure: negative errno.
 */
int record_file_reopen(struct record_file *file);

/* Of the latest attempt to rotate: 0 or negative errno. Until it succeeds the file grows on. */
int record_file_rotate_error(const struct record_file *file);

#endif
