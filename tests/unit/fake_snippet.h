/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fake_snippet.h - snippet.h for tests of where files lie: a section is `<`, then the explanation
 * of each transaction, `fake_padding` bytes and `|`, then `N>` with the packets that are missing.
 * An object with these functions keeps the real ones from being linked from the library.
 */
#ifndef NETLAT_TESTS_FAKE_SNIPPET_H
#define NETLAT_TESTS_FAKE_SNIPPET_H

#include <errno.h>
#include <stdlib.h>

#include "snippet.h"

struct snippet_writer {
	FILE *out;
};

static size_t fake_padding;
static int fake_new_error, fake_add_error; /* an errno to fail with; 0: none */
static int fake_writers;		   /* not closed yet */

struct snippet_writer *snippet_writer_new(FILE *out)
{
	struct snippet_writer *writer;

	if (fake_new_error) {
		errno = fake_new_error;
		return NULL;
	}
	writer = malloc(sizeof(*writer));
	if (!writer)
		return NULL;
	writer->out = out;
	fputc('<', out);
	fake_writers++;
	return writer;
}

int snippet_writer_add(struct snippet_writer *writer, const struct snippet *snippet)
{
	fputs(snippet->explanation, writer->out);
	for (size_t i = 0; i < fake_padding; i++)
		fputc('.', writer->out);
	if (fake_add_error)
		return -fake_add_error;
	fputc('|', writer->out);
	return ferror(writer->out) ? -EIO : 0;
}

int snippet_writer_close(struct snippet_writer *writer, u64 dropped)
{
	int r;

	fprintf(writer->out, "%llu>", (unsigned long long)dropped);
	r = ferror(writer->out) ? -EIO : 0;
	free(writer);
	fake_writers--;
	return r;
}

#endif
