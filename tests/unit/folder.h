/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* folder.h - a directory of a test's own, below $TMPDIR or /tmp, and what is in it. */
#ifndef NETLAT_TESTS_FOLDER_H
#define NETLAT_TESTS_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#define FOLDER_PATH_BYTES 512

extern char folder[FOLDER_PATH_BYTES];

/* Setup and teardown of a test: an empty folder, and no folder. */
int folder_make(void **state);
int folder_remove(void **state);

/* `folder`/`name`; valid until the next call but three. */
const char *in_folder(const char *name);

void folder_put(const char *name, const char *text);
/* The same, written so many seconds ago. */
void folder_put_old(const char *name, const char *text, unsigned age_s);
bool folder_has(const char *name);
/* The whole of a file, terminated; to be freed. */
char *folder_get(const char *name, size_t *ret_length);
/* Files below `name` (NULL: the folder itself), `.` and `..` not counted. */
unsigned folder_count(const char *name);

#endif
