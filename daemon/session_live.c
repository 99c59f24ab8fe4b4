/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session_live.c - a live run from the engine's start to the final summary. */
#include "session.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "configure.h"
#include "container_names.h"
#include "log.h"
#include "options_reload.h"
#include "screen.h"
#include "service_notify.h"
#include "session_api.h"
#include "session_common.h"
#include "session_signals.h"

/* Records wait in the kernel's ring for this long at most: a tenth of the time in
 * which the ring fills at 90,000 transactions a second. */
#define DRAIN_INTERVAL_US 20000
/* The same of samples alone, of which there are a thousand a second at most. */
#define SAMPLES_INTERVAL_US 200000

struct live_session {
	struct session session;
	struct options *options; /* SIGHUP changes them */
	struct session_signals signals;
	struct container_names *names; /* NULL: addresses have none */
	struct name_source name_source;
	struct session_api api;
	char status[256];      /* what the service manager knows that is observed */
	struct snapshot shown; /* what the last redraw showed */
	sd_event *loop;
	sd_event_source *drain_timer;
	sd_event_source *refresh_timer;
};

static u64 drain_interval_us(const struct options *options)
{
	return configure_records(options) == NL_RECORDS_SAMPLED ? SAMPLES_INTERVAL_US
								: DRAIN_INTERVAL_US;
}

static int handle_drain(sd_event_source *source, uint64_t now_us, void *userdata)
{
	struct live_session *live = userdata;
	struct session *session = &live->session;

	session->engine->ops->drain(session->engine, session_take_record, session);
	session_deal_with_slow(session, monotonic_ns());
	if (!session_flush(session))
		return sd_event_exit(live->loop, 1);
	return sd_event_source_set_time(source, now_us + drain_interval_us(session->options));
}

/* Ports of a bridge come and go. */
static void tell_status(struct live_session *live)
{
	const char *title = live->session.engine->ops->title(live->session.engine);

	if (strcmp(live->status, title) == 0)
		return;
	service_notify_status(title);
	snprintf(live->status, sizeof(live->status), "%s", title);
}

static int handle_refresh(sd_event_source *source, uint64_t now_us, void *userdata)
{
	struct live_session *live = userdata;
	struct session *session = &live->session;
	struct snapshot now = {};

	session->epoch_offset_ns = epoch_offset_ns();
	tell_status(live);
	if (session->options->why && screen_is_terminal()) {
		screen_draw_why(slow_run_list(session->slow), monotonic_ns(),
				session->engine->ops->title(session->engine));
	} else if (session->options->output == OUTPUT_TABLE && screen_is_terminal()) {
		if (session->engine->ops->snapshot(session->engine, &now) == 0) {
			screen_draw(&now, live->shown.taken_ns ? &live->shown : NULL,
				    session->engine->ops->title(session->engine), session->names);
			snapshot_clear(&live->shown);
			live->shown = now;
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
static int add_timer(struct live_session *live, sd_event_source **ret, u64 first_us,
		     sd_event_time_handler_t handler, void *userdata)
{
	sd_event_source *source;
	int r = sd_event_add_time_relative(live->loop, &source, CLOCK_MONOTONIC, first_us, 1000,
					   handler, userdata);

	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(source, SD_EVENT_ON);
	*ret = source;
	return r;
}

/* Names of containers, as long as they are wanted. */
static const struct container *find_name(const void *userdata, const union nl_addr *address)
{
	return container_names_find(((const struct live_session *)userdata)->names, address);
}

/* As the options now say. False, and said, on failure. */
static bool switch_names(struct live_session *live)
{
	if (live->session.options->no_names) {
		container_names_free(live->names);
		live->names = NULL;
		return true;
	}
	if (!live->names)
		live->names = container_names_new(live->loop);
	if (!live->names)
		log_error("names of containers cannot be asked for: %s", strerror(errno));
	return live->names != NULL;
}

/* SIGHUP. */
static void reload(void *userdata)
{
	struct live_session *live = userdata;
	struct options *options = live->options;

	service_notify_reloading();
	if (live->session.log)
		record_log_reopen(live->session.log);
	if (options_reload(options)) {
		log_set_verbose(options->verbose);
		log_set_quiet(options->quiet);
		switch_names(live);
		session_api_reload(&live->api);
		sd_event_source_set_time_relative(live->refresh_timer,
						  (u64)(options->refresh_s * 1e6));
	}
	service_notify_ready(live->session.engine->ops->title(live->session.engine));
}

static int prepare_loop(struct live_session *live)
{
	int r = sd_event_default(&live->loop);

	if (r >= 0)
		r = session_signals_start(&live->signals, live->loop, reload, live);
	if (r >= 0)
		r = sd_event_set_watchdog(live->loop, true);
	return r;
}

/* Timers begin with the observation: --duration is how long it lasts. */
static int start_timers(struct live_session *live)
{
	const struct options *options = live->session.options;
	sd_event_source *end = NULL;
	int r = 0;

	if (r >= 0 && configure_records(options))
		r = add_timer(live, &live->drain_timer, drain_interval_us(options), handle_drain,
			      live);
	if (r >= 0)
		r = add_timer(live, &live->refresh_timer, (u64)(options->refresh_s * 1e6),
			      handle_refresh, live);
	if (r >= 0 && options->duration_s > 0)
		r = add_timer(live, &end, (u64)(options->duration_s * 1e6), handle_end, live->loop);
	return r;
}

static void release(struct live_session *live)
{
	session_api_close(&live->api);
	session_release(&live->session);
	container_names_free(live->names);
	session_signals_stop(&live->signals);
	snapshot_clear(&live->shown);
	sd_event_source_unref(live->drain_timer);
	sd_event_source_unref(live->refresh_timer);
	sd_event_unref(live->loop);
}

/* False, and said, if it cannot begin. */
static bool begin(struct live_session *live)
{
	const struct options *options = live->session.options;
	int r;

	if (!session_prepare(&live->session))
		return false;
	r = prepare_loop(live);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return false;
	}
	/* What cannot be listened on shall cost nothing: before any hook is there. */
	live->name_source = (struct name_source){ find_name, live };
	session_name(&live->session, &live->name_source);
	if (!session_api_open(&live->api, &live->session, live->loop))
		return false;
	live->session.epoch_offset_ns = epoch_offset_ns();
	live->session.engine = engine_live_open(options, live->loop);
	/* Names can wait until packets are observed. */
	return live->session.engine && switch_names(live);
}

int session_live(struct options *options)
{
	struct live_session live = { .session = { .options = options }, .options = options };
	bool sound;
	int r;

	if (!begin(&live)) {
		release(&live);
		return EXIT_FAILURE;
	}
	r = start_timers(&live);
	if (r >= 0) {
		service_notify_ready(live.session.engine->ops->title(live.session.engine));
		r = sd_event_loop(live.loop);
	}
	service_notify_stopping();
	if (r < 0)
		log_error("event loop: %s", strerror(-r));
	sound = session_finish(&live.session);
	release(&live);
	return r < 0 || !sound || session_output_failed(&live.session) ? EXIT_FAILURE
								       : EXIT_SUCCESS;
}
