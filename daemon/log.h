/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* log.h - what netlat says to a person, on stderr: `netlat: <thing>: <cause> (<way out>)`. */
#ifndef NETLAT_LOG_H
#define NETLAT_LOG_H

#include <stdbool.h>

void log_set_verbose(bool verbose);
bool log_is_verbose(void);
/* Drop what log_info() says (-q); errors still come through. */
void log_set_quiet(bool quiet);

/*
 * What lines begin with, behind `netlat: `: where it was said what they are about, as `FILE:LINE:
 * `. It stays the caller's; "": nothing.
 */
void log_set_origin(const char *origin);

/* Something failed, or a number is not what it seems. */
__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);
/* Something the user should know. */
__attribute__((format(printf, 1, 2))) void log_info(const char *format, ...);
/* Only with -v. */
__attribute__((format(printf, 1, 2))) void log_verbose(const char *format, ...);

#endif
