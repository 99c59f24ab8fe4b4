/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slow_run.h - what a run does with its slow and failed transactions: waits a moment for what
 * follows them, collects their packets, writes them (-w), lists them (--why, --listen).
 */
#ifndef NETLAT_SLOW_RUN_H
#define NETLAT_SLOW_RUN_H

#include <stdio.h>

#include "engine.h"
#include "name_source.h"
#include "slow_list.h"

struct slow_run;

/* NULL on failure, after saying why. The options must outlive it. */
struct slow_run *slow_run_new(const struct options *options);

/* From now on addresses are named by `names`, which must outlive it. */
void slow_run_name(struct slow_run *run, const struct name_source *names);
void slow_run_free(struct slow_run *run);

/*
 * A record of any transaction: it is kept if it is slow or failed. epoch_offset_ns makes its times
 * nanoseconds since 1970.
 */
void slow_run_offer(struct slow_run *run, const struct nl_record *record, u64 epoch_offset_ns);

/* Deal with what is due at now_ns (of the source's clock; SLOW_QUEUE_ALL: with everything). */
void slow_run_due(struct slow_run *run, struct engine *engine, u64 now_ns);

const struct slow_list *slow_run_list(const struct slow_run *run);

/* What became of the transactions that were to be written (-w) so far. Without -w all is 0. */
struct slow_totals {
	u64 written;
	u64 dropped_by_limit; /* --max-per-minute */
	u64 dropped_by_size;  /* --keep-mb, in one file */
	u64 dropped_by_queue; /* too many at once */
	u64 failed;	      /* an error, lack of memory, or given up at the end */
};

struct slow_totals slow_run_totals(const struct slow_run *run);

/* What was written, and what was not and why; nothing if nothing was to be. */
void slow_run_summary(const struct slow_run *run, FILE *out);

#endif
