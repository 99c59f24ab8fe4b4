/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fake_engine.h - a container engine that answers what a test wants, in processes of its own. */
#ifndef NETLAT_TESTS_FAKE_ENGINE_H
#define NETLAT_TESTS_FAKE_ENGINE_H

#include <stddef.h>

/* How it answers a request for the list. */
enum fake_answer {
	FAKE_PLAIN,    /* with Content-Length */
	FAKE_CHUNKED,  /* in chunks of a few bytes */
	FAKE_RAW,      /* the list is all of the answer, its head too */
	FAKE_ENDLESS,  /* the list, again and again */
	FAKE_HEADS,    /* a head without an end */
	FAKE_DRIPPING, /* a byte now and then */
	FAKE_SILENT,   /* none at all */
};

/*
 * Listen on `path`. What is in the file `list` at the time of a request is the list. A
 * request for events is answered with what fake_engine_event() says from then on.
 */
void fake_engine_start(const char *path, const char *list, enum fake_answer answer);
/* As an engine that ends: connections are closed, and the socket is removed. */
void fake_engine_stop(void);

void fake_engine_event(const char *bytes);
/* From now on the stream of events is this line, as fast as it is read. */
void fake_engine_flood(const char *line);
/* Lists asked for so far. */
unsigned fake_engine_lists(void);

#endif
