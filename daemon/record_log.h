/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * record_log.h - records as lines of JSON or CSV, on standard output (-o) or in a file (--log).
 *
 * Lines are made where a record is taken, and written by a thread (record_writer.h). What cannot be
 * written, or not soon enough, is counted and said; a replay has time and waits.
 */
#ifndef NETLAT_RECORD_LOG_H
#define NETLAT_RECORD_LOG_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "abi.h"
#include "name_source.h"
#include "options.h"

struct record_log;

/*
 * What -o and --log ask for; *stop ends waiting (NULL: nothing does). NULL, and said, on failure.
 */
struct record_log *record_log_open_output(const struct options *options,
					  const volatile sig_atomic_t *stop);
struct record_log *record_log_open_file(const struct options *options,
					const volatile sig_atomic_t *stop);

/* From now on addresses have these names; NULL: none. */
void record_log_name(struct record_log *log, const struct name_source *names);

/* epoch_offset_ns and interface: as json_exporter_append() has them. */
void record_log_take(struct record_log *log, const struct nl_record *record, u64 epoch_offset_ns,
		     const char *interface);

/*
 * Have what was taken written soon, and say what became of what was. False if nothing more can be
 * written to standard output; a file may come back.
 */
bool record_log_flush(struct record_log *log);

/* SIGHUP: open the file anew, as somebody may have moved it. */
void record_log_reopen(struct record_log *log);

/* Records so far; what is in neither waits to be written. 0 for NULL. */
u64 record_log_written(const struct record_log *log);
u64 record_log_dropped(const struct record_log *log);

/* Write what is left, within seconds, unless it is a replay. To be called once, after the last. */
void record_log_finish(struct record_log *log);

/* Whether the run failed for want of a place to write to: a reader that had enough is none. */
bool record_log_failed(const struct record_log *log);

/* A line for the summary; nothing about standard output that took all. After record_log_finish().
 */
void record_log_summary(const struct record_log *log, FILE *out);

void record_log_free(struct record_log *log);

#endif
