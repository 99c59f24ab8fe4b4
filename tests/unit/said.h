/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* said.h - what is printed on standard error meanwhile. */
#ifndef NETLAT_TESTS_SAID_H
#define NETLAT_TESTS_SAID_H

void said_begin(void);
/* All since said_begin(), which goes on; valid until more is said. */
const char *said_so_far(void);
/* All since said_begin(); valid until the next said_end(). */
const char *said_end(void);

/* Teardown of a test: what it said, and why it failed, if it ended before said_end(). */
void said_reveal(void);
/* Teardown of all: nothing is kept. */
int said_forget(void **state);

#endif
