/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* command_line.c - command lines for options_parse(), and what it says about them. */
#include "command_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WORDS_MAX 256

struct options options;
char *said_out, *said_err;

enum options_result parse(const char *line)
{
	static char *copy;
	char *words[WORDS_MAX + 1] = { (char[]){ "netlat" } };
	FILE *saved_out = stdout, *saved_err = stderr;
	size_t out_size, err_size;
	enum options_result result;
	int count = 1;

	free(copy);
	free(said_out);
	free(said_err);
	copy = strdup(line);
	for (char *rest = copy; rest && *line;)
		words[count++] = strsep(&rest, " ");
	stdout = open_memstream(&said_out, &out_size);
	stderr = open_memstream(&said_err, &err_size);
	options_free(&options);
	result = options_parse(&options, count, words);
	fclose(stdout);
	fclose(stderr);
	stdout = saved_out;
	stderr = saved_err;
	return result;
}

void check_good(const char *line)
{
	enum options_result result = parse(line);

	if (result != OPTIONS_RUN)
		fail_msg("`%s` was refused: %s", line, said_err);
	assert_string_equal(said_out, "");
	assert_string_equal(said_err, "");
}

void check_bad(const char *line, const char *error)
{
	char expected[512];

	if (parse(line) != OPTIONS_EXIT_USAGE)
		fail_msg("`%s` was not refused", line);
	snprintf(expected, sizeof(expected), "netlat: %s\n", error);
	assert_string_equal(said_err, expected);
	assert_string_equal(said_out, "");
}

int forget_said(void **state)
{
	(void)state;
	parse("");
	free(said_out);
	free(said_err);
	said_out = said_err = NULL;
	return 0;
}
