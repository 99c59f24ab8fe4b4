/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* utf8.h - bytes from the wire made fit for JSON. */
#ifndef NETLAT_UTF8_H
#define NETLAT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* A byte becomes at most this many. */
#define UTF8_REPAIR_FACTOR 3

/* Well-formed by RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF. */
bool utf8_is_valid(const char *bytes, size_t length);

/*
 * Copy, with U+FFFD for each byte that is part of nothing well-formed. Stops
 * before a character for which `text` has no room. Returns the bytes written.
 */
size_t utf8_repair(char *text, size_t size, const char *bytes, size_t length);

#endif
