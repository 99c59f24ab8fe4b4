/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* said.c - what is printed on standard error meanwhile. */
#include "said.h"

#include <stdio.h>
#include <stdlib.h>

static FILE *saved;
static char *text, *ended;
static size_t size;

void said_begin(void)
{
	saved = stderr;
	stderr = open_memstream(&text, &size);
}

const char *said_so_far(void)
{
	fflush(stderr);
	return text;
}

const char *said_end(void)
{
	fclose(stderr);
	stderr = saved;
	saved = NULL;
	free(ended);
	ended = text;
	return ended;
}

void said_reveal(void)
{
	const char *said = saved ? said_end() : "";

	fputs(said, stderr);
}

int said_forget(void **state)
{
	(void)state;
	free(ended);
	ended = NULL;
	return 0;
}
