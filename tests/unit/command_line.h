/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* command_line.h - command lines for options_parse(), and what it says about them. */
#ifndef NETLAT_TESTS_COMMAND_LINE_H
#define NETLAT_TESTS_COMMAND_LINE_H

#include "options.h"

/* Of the last command line: what was read from it, and what was printed. */
extern struct options options;
extern char *said_out, *said_err;

/* Parse words separated by single spaces. */
enum options_result parse(const char *line);

/* Fail the test unless the line is taken without a word. */
void check_good(const char *line);
/* ... unless it is refused with just this error. */
void check_bad(const char *line, const char *error);

/* Teardown of a group of tests. */
int forget_said(void **state);

#endif
