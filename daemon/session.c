/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session.c - one run of netlat from the engine's start to the final summary. */
#include "session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine.h"
#include "export_json.h"
#include "log.h"
#include "screen.h"
#include "table.h"

/* Records wait in the kernel's ring for this long at most: a tenth of the time in
 * which the ring fills at 90,000 transactions a second. */
#define DRAIN_INTERVAL_US 20000
/* How long a pipe is still listened to after a signal to stop. */
#define STOPPED_WAIT_MS 200
#define OUTPUT_BUFFER_BYTES (256 * 1024)

struct session {
	const struct options *options;
	struct engine *engine;
	struct json_exporter *json;
	u64 epoch_offset_ns;   /* CLOCK_REALTIME - CLOCK_MONOTONIC; 0 in a replay */
	struct snapshot shown; /* what the last redraw showed */
	sd_event *loop;
	sd_event_source *drain_timer;
	sd_event_source *refresh_timer;
	int output_error; /* errno of a failed write to stdout; 0: none */
};

static void sample_epoch_offset(struct session *session)
{
	struct timespec wall, mono;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	session->epoch_offset_ns = (u64)wall.tv_sec * 1000000000 + (u64)wall.tv_nsec -
				   ((u64)mono.tv_sec * 1000000000 + (u64)mono.tv_nsec);
}

static void write_record(const struct nl_record *record, void *userdata)
{
	struct session *session = userdata;

	int r;

	if (session->output_error)
		return;
	r = json_exporter_write(
		session->json, stdout, record, session->epoch_offset_ns,
		session->engine->ops->interface_name(session->engine, record->ifindex));
	if (r < 0)
		session->output_error = -r;
}

/* Flush what was written to stdout. False, and said once, if nobody takes it any more. */
static bool flush_output(struct session *session)
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

/* Whether the run failed for want of a place to write to. */
static bool output_failed(const struct session *session)
{
	return session->output_error && session->output_error != EPIPE;
}

static int handle_drain(sd_event_source *source, uint64_t now_us, void *userdata)
{
	struct session *session = userdata;

	session->engine->ops->drain(session->engine, write_record, session);
	if (!flush_output(session))
		return sd_event_exit(session->loop, 1);
	return sd_event_source_set_time(source, now_us + DRAIN_INTERVAL_US);
}

static int handle_refresh(sd_event_source *source, uint64_t now_us, void *userdata)
{
	struct session *session = userdata;
	struct snapshot now = {};

	sample_epoch_offset(session);
	if (session->options->output == OUTPUT_TABLE && screen_is_terminal()) {
		if (session->engine->ops->snapshot(session->engine, &now) == 0) {
			screen_draw(&now, session->shown.taken_ns ? &session->shown : NULL,
				    session->engine->ops->title(session->engine));
			snapshot_clear(&session->shown);
			session->shown = now;
		}
	}
	return sd_event_source_set_time(source, now_us + (u64)(session->options->refresh_s * 1e6));
}

static int handle_end(sd_event_source *source, uint64_t now_us, void *userdata)
{
	(void)source;
	(void)now_us;
	return sd_event_exit(userdata, 0);
}

/* A repeating timer, first due after `first_us`, exact to a millisecond. */
static int add_timer(struct session *session, sd_event_source **ret, u64 first_us,
		     sd_event_time_handler_t handler, void *userdata)
{
	sd_event_source *source;
	int r = sd_event_add_time_relative(session->loop, &source, CLOCK_MONOTONIC, first_us, 1000,
					   handler, userdata);

	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(source, SD_EVENT_ON);
	*ret = source;
	return r;
}

static int prepare_loop(struct session *session)
{
	sigset_t signals;
	int r;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP); /* its terminal is gone: the hooks must go too */
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	r = sd_event_default(&session->loop);
	if (r >= 0)
		r = sd_event_add_signal(session->loop, NULL, SIGINT, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(session->loop, NULL, SIGTERM, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(session->loop, NULL, SIGHUP, NULL, NULL);
	return r;
}

/* Timers begin with the observation: --duration is how long it lasts. */
static int start_timers(struct session *session)
{
	sd_event_source *end = NULL;
	int r = 0;

	if (r >= 0 && session->json)
		r = add_timer(session, &session->drain_timer, DRAIN_INTERVAL_US, handle_drain,
			      session);
	if (r >= 0)
		r = add_timer(session, &session->refresh_timer,
			      (u64)(session->options->refresh_s * 1e6), handle_refresh, session);
	if (r >= 0 && session->options->duration_s > 0)
		r = add_timer(session, &end, (u64)(session->options->duration_s * 1e6), handle_end,
			      session->loop);
	return r;
}

static int prepare_output(struct session *session)
{
	/* Without a buffer of ours the C library would take its own, of 4 kB. */
	static char buffer[OUTPUT_BUFFER_BYTES];

	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	if (session->options->output != OUTPUT_JSON)
		return 0;
	session->json = json_exporter_new();
	return session->json ? 0 : -ENOMEM;
}

/*
 * The last records, and the summary: on stdout beside a table, on stderr beside records.
 * False if --strict finds fault with the counters.
 */
static bool finish(struct session *session)
{
	struct engine *engine = session->engine;
	struct snapshot last = {};
	bool sound = true;
	int r;

	if (session->json) /* what is over makes room for what ends with the observation */
		engine->ops->drain(engine, write_record, session);
	engine->ops->stop(engine);
	if (session->json) {
		engine->ops->drain(engine, write_record, session);
		flush_output(session);
	}
	r = engine->ops->snapshot(engine, &last);
	if (session->options->strict && (r < 0 || !metrics_add_up(last.counters))) {
		log_error("the counters do not add up (--strict): please report, with the "
			  "counters that -v prints");
		sound = false;
	}
	if (r < 0)
		log_error("the statistics cannot be read: %s", strerror(-r));
	else if (session->options->output == OUTPUT_TABLE)
		screen_summary(stdout, &last, engine->ops->title(engine),
			       session->options->verbose);
	else if (!session->options->quiet)
		screen_summary(stderr, &last, engine->ops->title(engine),
			       session->options->verbose);
	snapshot_clear(&last);
	if (session->options->output == OUTPUT_TABLE)
		flush_output(session);
	return sound;
}

static void release(struct session *session)
{
	if (session->engine)
		session->engine->ops->close(session->engine);
	json_exporter_free(session->json);
	snapshot_clear(&session->shown);
	sd_event_source_unref(session->drain_timer);
	sd_event_source_unref(session->refresh_timer);
	sd_event_unref(session->loop);
}

int session_live(const struct options *options)
{
	struct session session = { .options = options };
	bool sound;
	int r = prepare_output(&session);

	if (r >= 0)
		r = prepare_loop(&session);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		release(&session);
		return EXIT_FAILURE;
	}
	sample_epoch_offset(&session);
	session.engine = engine_live_open(options, session.loop);
	if (!session.engine) {
		release(&session);
		return EXIT_FAILURE;
	}
	r = start_timers(&session);
	if (r >= 0)
		r = sd_event_loop(session.loop);
	if (r < 0)
		log_error("event loop: %s", strerror(-r));
	sound = finish(&session);
	release(&session);
	return r < 0 || !sound || output_failed(&session) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SIGINT, SIGTERM and SIGHUP while a capture is read. */
static volatile sig_atomic_t replay_stop;

static void handle_stop(int number)
{
	(void)number;
	replay_stop = 1;
}

/* Without SA_RESTART, so that waiting ends; a second signal kills. */
static void catch_stop(void)
{
	struct sigaction action = { .sa_handler = handle_stop, .sa_flags = SA_RESETHAND };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

/* A capture_wait_fn: records that are there are shown before waiting for more. */
static bool wait_for_input(int fd, void *userdata)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };

	if (!flush_output(userdata))
		return false;
	while (!replay_stop) {
		if (poll(&input, 1, -1) > 0)
			return true;
		if (errno != EINTR)
			return false;
	}
	/* Ctrl-C reaches who writes too, which may have something left to say. */
	return poll(&input, 1, STOPPED_WAIT_MS) > 0;
}

int session_replay(const struct options *options)
{
	static const struct replay_control control = { wait_for_input, &replay_stop, NULL };
	struct session session = { .options = options };
	bool sound;
	int result;

	if (prepare_output(&session) < 0) {
		log_error("out of memory");
		return EXIT_FAILURE;
	}
	signal(SIGPIPE, SIG_IGN);
	session.engine = engine_replay_open(options);
	if (!session.engine) {
		release(&session);
		return EXIT_FAILURE;
	}
	catch_stop();
	result = engine_replay_run(session.engine, &control, session.json ? write_record : NULL,
				   &session);
	sound = finish(&session);
	release(&session);
	return result || !sound || output_failed(&session) ? EXIT_FAILURE : EXIT_SUCCESS;
}
