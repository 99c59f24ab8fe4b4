/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session_common.c - what a live run and a replay have in common: where records go, and the end. */
#include "session_common.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "record_view.h"
#include "screen.h"
#include "slow_queue.h"
#include "slow_wanted.h"

static bool is_shown(const struct session *session, const struct nl_record *record)
{
	return (session->output || session->log) &&
	       (double)record_whole_ns(record) >= session->options->min_latency_ms * 1e6;
}

void session_take_record(const struct nl_record *record, void *userdata)
{
	struct session *session = userdata;
	const char *interface;

	if (session->metrics)
		metrics_exporter_take(session->metrics, record, session->epoch_offset_ns);
	if (session->slow)
		slow_run_offer(session->slow, record, session->epoch_offset_ns);
	if (session->transactions)
		transaction_list_add(session->transactions, record, session->epoch_offset_ns);
	if (!is_shown(session, record))
		return;
	interface = session->engine->ops->interface_name(session->engine, record->ifindex);
	if (session->output)
		record_log_take(session->output, record, session->epoch_offset_ns, interface);
	if (session->log)
		record_log_take(session->log, record, session->epoch_offset_ns, interface);
}

bool session_flush(struct session *session)
{
	if (session->log)
		record_log_flush(session->log);
	return !session->output || record_log_flush(session->output);
}

/* The table; records are written elsewhere. */
static void flush_table(struct session *session)
{
	if (fflush(stdout) == 0 || session->table_error)
		return;
	session->table_error = errno;
	if (session->table_error != EPIPE)
		log_error("standard output: %s", strerror(session->table_error));
}

bool session_output_failed(const struct session *session)
{
	return (session->table_error && session->table_error != EPIPE) ||
	       (session->output && record_log_failed(session->output)) ||
	       (session->log && record_log_failed(session->log));
}

void session_deal_with_slow(struct session *session, u64 now_ns)
{
	if (session->slow)
		slow_run_due(session->slow, session->engine, now_ns);
}

bool session_prepare(struct session *session)
{
	const struct options *options = session->options;

	if (options->output == OUTPUT_JSON || options->output == OUTPUT_CSV) {
		session->output = record_log_open_output(options, session->stop);
		if (!session->output)
			return false;
	}
	if (options->log_path) {
		session->log = record_log_open_file(options, session->stop);
		if (!session->log)
			return false;
	}
	if (slow_is_asked_for(options))
		session->slow = slow_run_new(options);
	return session->slow || !slow_is_asked_for(options);
}

void session_name(struct session *session, const struct name_source *names)
{
	session->names = names;
	if (session->output)
		record_log_name(session->output, names);
	if (session->log)
		record_log_name(session->log, names);
	if (session->slow)
		slow_run_name(session->slow, names);
}

bool session_finish(struct session *session)
{
	struct engine *engine = session->engine;
	struct snapshot last = {};
	bool sound = true;
	int r;

	/* What is over makes room for what ends with the observation. */
	engine->ops->drain(engine, session_take_record, session);
	engine->ops->stop(engine);
	engine->ops->drain(engine, session_take_record, session);
	session_deal_with_slow(session, SLOW_QUEUE_ALL);
	if (session->output)
		record_log_finish(session->output);
	if (session->log)
		record_log_finish(session->log);
	r = engine->ops->snapshot(engine, &last);
	if (session->options->strict && (r < 0 || !metrics_add_up(last.counters))) {
		log_error("the counters do not add up (--strict): please report, with the "
			  "counters that -v prints");
		sound = false;
	}
	if (r < 0)
		log_error("the statistics cannot be read: %s", strerror(-r));
	else if (session->options->output == OUTPUT_TABLE)
		screen_summary(stdout, &last, engine->ops->title(engine), session->names,
			       session->options->verbose);
	else if (!session->options->quiet)
		screen_summary(stderr, &last, engine->ops->title(engine), session->names,
			       session->options->verbose);
	if (r >= 0 && session->options->why)
		screen_summary_why(stdout, slow_run_list(session->slow), last.taken_ns,
				   engine->ops->title(engine));
	if (session->slow && !session->options->quiet)
		slow_run_summary(session->slow, stderr);
	if (session->output && !session->options->quiet)
		record_log_summary(session->output, stderr);
	if (session->log && !session->options->quiet)
		record_log_summary(session->log, stderr);
	snapshot_clear(&last);
	if (session->options->output == OUTPUT_TABLE)
		flush_table(session);
	return sound;
}

void session_release(struct session *session)
{
	slow_run_free(session->slow);
	if (session->engine)
		session->engine->ops->close(session->engine);
	record_log_free(session->output);
	record_log_free(session->log);
}
