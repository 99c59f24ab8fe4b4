/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * record_writer.h - lines put into a bounded buffer, and written by a thread of its own: whoever
 * puts them there never waits for a disk or a reader, unless it asks to.
 *
 * The buffer is of blocks, which are taken from memory when they are needed: RECORD_WRITER_BYTES
 * of them at most, and a few if who puts lines there waits. Lines are not divided between blocks.
 * One thread puts lines in, and calls all that is here.
 */
#ifndef NETLAT_RECORD_WRITER_H
#define NETLAT_RECORD_WRITER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "abi.h"

struct record_writer;

#define RECORD_WRITER_BLOCK_BYTES (256 * 1024)
#define RECORD_WRITER_BLOCKS 256 /* 0.6 s of 90,000 lines a second */
#define RECORD_WRITER_BYTES (RECORD_WRITER_BLOCKS * RECORD_WRITER_BLOCK_BYTES)

/* Where lines go. Both are called by the thread. */
struct record_sink {
	/* As record_file_append(); ended by a signal where it would wait for long. */
	int (*append)(void *userdata, const char *lines, size_t bytes, size_t *ret_bytes);
	/* 0, or a negative errno that is about the sink but keeps no line from being written. */
	int (*reopen)(void *userdata);
	int (*complaint)(void *userdata); /* the same, of the latest append() */
	bool in_pieces; /* it may be slow for long: append() gets less at a time */
	void *userdata;
};

struct record_writer_settings {
	struct record_sink sink; /* reopen and complaint may be NULL */
	/* Wait for room rather than drop lines, for as long as *stop is 0 (NULL: for ever). */
	bool waits;
	const volatile sig_atomic_t *stop;
};

/* In lines, which are records; each is in one of the first three in the end. */
struct record_writer_counts {
	u64 written;
	u64 dropped_full;   /* there was no room */
	u64 dropped_failed; /* they could not be written */
	int append_error;   /* of the latest append(): 0 or negative errno */
	int complaint;	    /* of the sink, since then */
};

/* NULL and errno on failure. */
struct record_writer *record_writer_new(const struct record_writer_settings *settings);

/*
 * Room for a line of at most `bytes` bytes (a block's at most), to be filled before the next call;
 * NULL where there is none: the line is counted as dropped.
 */
char *record_writer_room(struct record_writer *writer, size_t bytes);
/* So many bytes of it were filled; 0: the line could not be made, and counts as not written. */
void record_writer_put(struct record_writer *writer, size_t bytes);
/* Have what was put written soon. */
void record_writer_flush(struct record_writer *writer);

/* Have the sink opened anew before anything more is written. */
void record_writer_reopen(struct record_writer *writer);

void record_writer_count(struct record_writer *writer, struct record_writer_counts *ret_counts);

/*
 * Write what is left; lines that find no taker for 2 s, or not within 20 s, count as dropped,
 * unless the writer waits. Then end the thread. False if it cannot be ended (a disk that does not
 * answer): then what it uses must not be freed. Counts hold until record_writer_free().
 */
bool record_writer_stop(struct record_writer *writer);
void record_writer_free(struct record_writer *writer);

#endif
