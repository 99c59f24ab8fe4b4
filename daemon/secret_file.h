/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* secret_file.h - small files that somebody wrote for netlat to read: a token, a key. */
#ifndef NETLAT_SECRET_FILE_H
#define NETLAT_SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The whole of a regular file of 1 to `bytes_max` bytes, with a zero behind it, for
 * secret_file_free(). A secret one must not be open to others: neither readable nor writable by
 * them, nor writable by its group. What is wrong is said, with `option` (`--token-file`) before the
 * path: then NULL and errno.
 */
char *secret_file_read(const char *option, const char *path, bool is_secret, size_t bytes_max,
		       size_t *ret_bytes);

/* Overwrite it, and free it. May be NULL. */
void secret_file_free(char *text);

#endif
