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

#define OUTPUT_BUFFER_BYTES (256 * 1024)

static bool is_shown(const struct session *session, const struct nl_record *record)
{
	return session->json && !session->output_error &&
	       (double)record_whole_ns(record) >= session->options->min_latency_ms * 1e6;
}

void session_take_record(const struct nl_record *record, void *userdata)
{
	struct session *session = userdata;
	int r;

	if (session->metrics)
		metrics_exporter_take(session->metrics, record, session->epoch_offset_ns);
	if (session->slow)
		slow_run_offer(session->slow, record, session->epoch_offset_ns);
	if (!is_shown(session, record))
		return;
	r = json_exporter_write(
		session->json, stdout, record, session->epoch_offset_ns,
		session->engine->ops->interface_name(session->engine, record->ifindex));
	if (r < 0)
		session->output_error = -r;
}

bool session_flush(struct session *session)
{
	bool known = session->output_error != 0;

	if (!known && fflush(stdout) != 0)
		session->output_error = errno;
	if (!session->output_error)
		return true;
	/* A reader that has had enough (head) is no error to talk about. */
	if (!known && session->output_error != EPIPE)
		log_error("standard output: %s", strerror(session->output_error));
	return false;
}

bool session_output_failed(const struct session *session)
{
	return session->output_error && session->output_error != EPIPE;
}

void session_deal_with_slow(struct session *session, u64 now_ns)
{
	if (session->slow)
		slow_run_due(session->slow, session->engine, now_ns);
}

bool session_prepare(struct session *session)
{
	/* Without a buffer of ours the C library would take its own, of 4 kB. */
	static char buffer[OUTPUT_BUFFER_BYTES];

	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	if (session->options->output == OUTPUT_JSON) {
		session->json = json_exporter_new();
		if (!session->json) {
			log_error("out of memory");
			return false;
		}
	}
	if (slow_is_asked_for(session->options))
		session->slow = slow_run_new(session->options);
	return session->slow || !slow_is_asked_for(session->options);
}

void session_name(struct session *session, const struct name_source *names)
{
	session->names = names;
	if (session->json)
		json_exporter_name(session->json, names);
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
	if (session->json)
		session_flush(session);
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
	snapshot_clear(&last);
	if (session->options->output == OUTPUT_TABLE)
		session_flush(session);
	return sound;
}

void session_release(struct session *session)
{
	slow_run_free(session->slow);
	if (session->engine)
		session->engine->ops->close(session->engine);
	json_exporter_free(session->json);
}
