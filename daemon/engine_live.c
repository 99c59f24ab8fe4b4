/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * engine_live.c - the kernel as source: keeps the program on the right hooks as
 * interfaces come and go, sweeps the flow table, and hands over what was counted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "clock.h"
#include "early_hooks.h"
#include "engine.h"
#include "log.h"
#include "privileges.h"
#include "program.h"
#include "sweep_run.h"
#include "watched.h"

/* Rows that are silent are looked for after a sweep, but not more often than this. */
#define RECLAIM_INTERVAL_NS 1000000000ULL

struct live {
	struct engine engine;
	const struct options *options;
	sd_event *loop;
	sd_event_source *link_events;
	sd_event_source *sweep_timer;
	u32 sweep_number;
	struct live_tables *tables;
	struct reclaim *reclaim; /* rows that nobody uses */
	u64 reclaimed_ns;	 /* when they were last looked for */
	struct program program;
	struct watched watched;
	struct attacher *attacher;
	u64 started_ns;
	engine_record_fn record_fn;
	void *record_userdata;
};

static struct live *live_of(struct engine *engine)
{
	return (struct live *)engine;
}

/* The tables of which reclaim_after_sweep() gives rows back. */
static bool open_tables(struct live *live)
{
	const struct live_table_fds fds = program_tables(&live->program);
	struct reclaim_tables tables;

	live->tables = live_tables_new(&live->program.maps, &fds);
	if (live->tables) {
		tables = live_tables_of(live->tables);
		live->reclaim = reclaim_new(&tables, (u64)(live->options->expire_s * 1e9));
	}
	if (!live->reclaim)
		log_error("rows of statistics cannot be given back: %s", strerror(errno));
	return live->reclaim;
}

/* Put the program on the hooks that the interfaces now have. 0 or negative errno, logged. */
static int reconcile(struct live *live)
{
	struct attach_point *points = NULL, failed = {};
	size_t count = 0;
	int r = watched_points(&live->watched, &points, &count);

	if (r == 0)
		r = attacher_set(live->attacher, points, count, &failed);
	free(points);
	if (r < 0) {
		const char *name = watched_interface_name(&live->watched, (u32)failed.ifindex);

		/* An interface may vanish between the announcement and the attachment. */
		if (r == -ENODEV)
			return 0;
		log_error("%s: cannot attach at %s: %s", name ? name : "interface",
			  failed.direction == ATTACH_INGRESS ? "ingress" : "egress", strerror(-r));
	}
	if (count) /* keep the title of what was there when all is gone */
		watched_title(&live->watched);
	return r;
}

static int handle_link_event(sd_event_source *source, int fd, u32 revents, void *userdata)
{
	struct live *live = userdata;
	size_t before = attacher_count(live->attacher);
	int r = watched_update(&live->watched);

	(void)source;
	(void)fd;
	(void)revents;
	if (r <= 0)
		return r;
	reconcile(live);
	if (attacher_count(live->attacher) != before)
		log_verbose("now at %zu hooks: %s", attacher_count(live->attacher),
			    live->watched.title);
	if (!live->watched.left)
		sd_event_exit(live->loop, 0);
	return 0;
}

/* Go over the flow table. Between runs, records make room for those of the next. */
static int sweep(struct live *live, enum nl_sweep how)
{
	int fd = program_sweep_fd(&live->program), r = 0;

	if (fd < 0)
		return 0;
	live->sweep_number++;

	for (u32 first = 0; first < live->program.budget.flow_sets && r == 0;
	     first += NL_SWEEP_SETS_MAX) {
		r = sweep_run(fd, first, NL_SWEEP_SETS_MAX, how, live->program.budget.cpus,
			      live->sweep_number, 0);
		if (live->record_fn)
			program_drain(&live->program, live->record_fn, live->record_userdata);
	}
	return r;
}

static int handle_sweep(sd_event_source *source, uint64_t now_us, void *userdata)
{
	struct live *live = userdata;
	u64 now_ns = monotonic_ns();
	int r = sweep(live, NL_SWEEP_TIMEOUTS);

	if (r < 0)
		return r;
	if (now_ns - live->reclaimed_ns >= RECLAIM_INTERVAL_NS) {
		live->reclaimed_ns = now_ns;
		r = reclaim_after_sweep(live->reclaim, live->sweep_number, now_ns);
		if (r < 0)
			log_verbose("rows cannot be given back: %s", strerror(-r));
	}
	return sd_event_source_set_time(source, now_us + live->program.sweep_interval_us);
}

static int live_snapshot(struct engine *engine, struct snapshot *snapshot)
{
	struct live *live = live_of(engine);
	int r = live_maps_snapshot(&live->program.maps, snapshot);

	if (r >= 0)
		r = reclaim_expired(live->reclaim, &snapshot->expired);
	if (r >= 0)
		r = reclaim_add_series(live->reclaim, snapshot);
	if (r >= 0)
		r = reclaim_given_back(live->reclaim, &snapshot->given_back,
				       &snapshot->given_back_count);
	snapshot->taken_ns = monotonic_ns();
	snapshot->started_ns = live->started_ns;
	snapshot->epoch_offset_ns = epoch_offset_ns();
	return r;
}

static int live_drain(struct engine *engine, engine_record_fn fn, void *userdata)
{
	struct live *live = live_of(engine);

	live->record_fn = fn;
	live->record_userdata = userdata;
	return program_drain(&live->program, fn, userdata);
}

static int live_packets(struct engine *engine, const struct nl_record *record,
			struct packet_list *ret_list)
{
	struct live *live = live_of(engine);
	int r;

	if (!budget_has_recorder(&live->program.budget))
		return -ENOENT;
	r = recorder_collect(&live->program.maps.recorder, record,
			     live_maps_latest_copy(&live->program.maps, record), ret_list);
	if (r == 0)
		watched_tell_directions(&live->watched, ret_list);
	return r;
}

static void live_stop(struct engine *engine)
{
	struct live *live = live_of(engine);

	/* All hooks at once, then one after the other. */
	program_observe(&live->program, false);
	if (live->attacher) {
		int r;

		attacher_free(live->attacher);
		live->attacher = NULL;
		r = sweep(live, NL_SWEEP_END);
		if (r < 0)
			log_error("what is in flight cannot be counted: %s", strerror(-r));
	}
	live->sweep_timer = sd_event_source_unref(live->sweep_timer);
	live->link_events = sd_event_source_unref(live->link_events);
}

static void live_close(struct engine *engine)
{
	struct live *live = live_of(engine);

	live_stop(engine);
	reclaim_free(live->reclaim);
	live_tables_free(live->tables);
	program_close(&live->program);
	watched_close(&live->watched);
	free(live);
}

static const char *live_interface_name(struct engine *engine, u32 ifindex)
{
	return watched_interface_name(&live_of(engine)->watched, ifindex);
}

static int live_attachments(struct engine *engine, struct attachments *ret)
{
	struct live *live = live_of(engine);

	return attachments_collect(ret, &live->watched, live->attacher);
}

static u64 live_kernel_bytes(struct engine *engine)
{
	return live_of(engine)->program.budget.total_bytes;
}

static const char *live_title(struct engine *engine)
{
	return live_of(engine)->watched.title;
}

static const struct engine_ops live_ops = {
	.snapshot = live_snapshot,
	.drain = live_drain,
	.packets = live_packets,
	.stop = live_stop,
	.close = live_close,
	.interface_name = live_interface_name,
	.attachments = live_attachments,
	.kernel_bytes = live_kernel_bytes,
	.title = live_title,
};

/* Load the program, and take the hooks meanwhile. */
static bool load(struct live *live)
{
	struct attach_point *points = NULL;
	struct early_hooks *hooks = NULL;
	size_t count = 0;
	bool is_loaded;

	if (watched_points(&live->watched, &points, &count) == 0)
		hooks = early_hooks_begin(live->options->attach, points, count);
	free(points);
	is_loaded = program_load(&live->program, live->options) && open_tables(live);
	live->attacher = early_hooks_end(hooks, is_loaded ? program_fd(&live->program) : -1,
					 live->options->attach);
	if (is_loaded && !live->attacher)
		log_error("out of memory");
	return live->attacher;
}

/* Have the loop call us for what is to be done. */
static bool listen_to_events(struct live *live)
{
	if (sd_event_add_io(live->loop, &live->link_events, ports_fd(live->watched.ports), EPOLLIN,
			    handle_link_event, live) >= 0 &&
	    sd_event_add_time_relative(live->loop, &live->sweep_timer, CLOCK_MONOTONIC,
				       live->program.sweep_interval_us, 1000, handle_sweep,
				       live) >= 0 &&
	    sd_event_source_set_enabled(live->sweep_timer, SD_EVENT_ON) >= 0)
		return true;
	log_error("out of memory");
	return false;
}

struct engine *engine_live_open(const struct options *options, sd_event *loop)
{
	u64 begun_ns = monotonic_ns();
	struct live *live;

	if (!privileges_check())
		return NULL;
	live = calloc(1, sizeof(*live));
	if (!live) {
		log_error("out of memory");
		return NULL;
	}
	live->engine.ops = &live_ops;
	live->options = options;
	live->loop = loop;
	if (!watched_open(&live->watched, options) || !load(live) || !listen_to_events(live))
		goto fail;
	if (reconcile(live) < 0)
		goto fail;
	live->started_ns = monotonic_ns();
	program_observe(&live->program, true);
	log_info("observing %s", live->watched.title);
	log_verbose("observing after %.0f ms, at %zu hooks (%s)",
		    (double)(monotonic_ns() - begun_ns) / 1e6, attacher_count(live->attacher),
		    attacher_kind(live->attacher));
	if (!program_load_sweeper(&live->program))
		goto fail;
	return &live->engine;
fail:
	live_close(&live->engine);
	return NULL;
}
