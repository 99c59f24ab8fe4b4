/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session_common.h - what a live run and a replay have in common: where records go, and the end. */
#ifndef NETLAT_SESSION_COMMON_H
#define NETLAT_SESSION_COMMON_H

#include "engine.h"
#include "export_json.h"
#include "export_metrics.h"
#include "name_source.h"
#include "slow_run.h"

struct session {
	const struct options *options;
	struct engine *engine;
	struct json_exporter *json;	  /* NULL: no records are shown */
	struct slow_run *slow;		  /* NULL: nobody asks for slow ones */
	struct metrics_exporter *metrics; /* NULL: none are served */
	const struct name_source *names;  /* of containers; NULL: -n, or a replay */
	u64 epoch_offset_ns;		  /* CLOCK_REALTIME - CLOCK_MONOTONIC; 0 in a replay */
	int output_error;		  /* errno of a failed write to stdout; 0: none */
};

/* Get ready for records. False, and said, on failure. */
bool session_prepare(struct session *session);

/* From now on addresses have these names. */
void session_name(struct session *session, const struct name_source *names);

/* An engine_record_fn for `session`: shown, and kept if it is slow or failed. */
void session_take_record(const struct nl_record *record, void *userdata);

/* Deal with the slow and failed ones that are due at now_ns. */
void session_deal_with_slow(struct session *session, u64 now_ns);

/* Flush what was written to stdout. False, and said once, if nobody takes it any more. */
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
