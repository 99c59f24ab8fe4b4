/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture_stream.h - the bytes of a capture: from a file or a pipe, gzip-compressed or not. */
#ifndef NETLAT_CAPTURE_STREAM_H
#define NETLAT_CAPTURE_STREAM_H

#include <stdbool.h>
#include <stdio.h>

struct capture_stream;

/*
 * Called when nothing can be read from fd, a pipe, at the moment: to wait for it. False:
 * not to read any more, as if at the end.
 */
typedef bool (*capture_wait_fn)(int fd, void *userdata);

/*
 * Open a file; `-` is standard input. Returns NULL and sets *ret_error (static text) on
 * failure. What has arrived can be read at once: nothing waits for a buffer to fill.
 */
struct capture_stream *capture_stream_open(const char *path, const char **ret_error);
void capture_stream_close(struct capture_stream *stream);

/* Whether reading may wait for who writes it. */
bool capture_stream_is_pipe(const struct capture_stream *stream);

/* Who waits for more; without it, reading does. */
void capture_stream_on_wait(struct capture_stream *stream, capture_wait_fn wait, void *userdata);

/* To read from. It belongs to the stream, unless it is disowned: then it is to be closed first. */
FILE *capture_stream_file(struct capture_stream *stream);
void capture_stream_disown_file(struct capture_stream *stream);

/* After a failure: its cause, where it is in the stream and not in what was read; else NULL. */
const char *capture_stream_error(struct capture_stream *stream);

#endif
