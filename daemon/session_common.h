/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session_common.h - what a live run and a replay have in common: where records go, and the end. */
#ifndef NETLAT_SESSION_COMMON_H
#define NETLAT_SESSION_COMMON_H

#include "engine.h"
#include "export_metrics.h"
#include "name_source.h"
#include "record_log.h"
#include "slow_run.h"
#include "transaction_list.h"

struct session {
	const struct options *options;
	struct engine *engine;
	struct record_log *output;	       /* NULL: no records on standard output */
	struct record_log *log;		       /* NULL: none in a file */
	struct slow_run *slow;		       /* NULL: nobody asks for slow ones */
	struct transaction_list *transactions; /* the most recent; NULL: nobody asks for them */
	struct metrics_exporter *metrics;      /* NULL: none are served */
	const struct name_source *names;       /* of containers; NULL: -n, or a replay */
	u64 epoch_offset_ns;		       /* CLOCK_REALTIME - CLOCK_MONOTONIC; 0 in a replay */
	int table_error;		       /* errno of writing the table; 0: none */
	const volatile sig_atomic_t *stop;     /* of a replay: not 0 ends waiting for a reader */
};

/* Get ready for records. False, and said, on failure. */
bool session_prepare(struct session *session);

/* From now on addresses have these names. */
void session_name(struct session *session, const struct name_source *names);

/* An engine_record_fn for `session`: shown, listed, and kept if it is slow or failed. */
void session_take_record(const struct nl_record *record, void *userdata);

/* Deal with the slow and failed ones that are due at now_ns. */
void session_deal_with_slow(struct session *session, u64 now_ns);

/* Have records written. False, and said once, if nobody takes standard output any more. */
bool session_flush(struct session *session);

/* Whether the run failed for want of a place to write to. */
bool session_output_failed(const struct session *session);

/*
 * The last records, and the summary: on stdout beside a table, on stderr beside records.
 * False if --strict finds fault with the counters.
 */
bool session_finish(struct session *session);

/* Free everything. */
void session_release(struct session *session);

#endif
