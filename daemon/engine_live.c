/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * engine_live.c - the kernel as source: loads the programs, keeps them on the
 * right hooks as interfaces come and go, and reads the maps.
 */
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* The skeleton names the program's types; its own copy of config is typed by abi.h. */
#include "abi.h"
#include "netlat.skel.h"

#include "attach.h"
#include "budget.h"
#include "configure.h"
#include "engine.h"
#include "live_maps.h"
#include "live_tables.h"
#include "log.h"
#include "privileges.h"
#include "sweep_run.h"
#include "timeout.h"
#include "watched.h"

/* Rows that are silent are looked for after a sweep, but not more often than this. */
#define RECLAIM_INTERVAL_NS 1000000000ULL

struct live {
	struct engine engine;
	const struct options *options;
	sd_event *loop;
	sd_event_source *link_events;
	sd_event_source *sweep_timer;
	u64 sweep_interval_us;
	u32 sweep_number;
	struct live_tables *tables;
	struct reclaim *reclaim; /* rows that nobody uses */
	u64 reclaimed_ns;	 /* when they were last looked for */
	struct netlat_bpf *skeleton;
	struct netlat_bpf *sweeper; /* the sweep program, on the same maps */
	struct watched watched;
	struct attacher *attacher;
	struct ring_buffer *ring;
	struct budget budget;
	struct live_maps maps;
	u64 started_ns;
	engine_record_fn record_fn;
	void *record_userdata;
};

static struct live *live_of(struct engine *engine)
{
	return (struct live *)engine;
}

static u64 monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
}

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_DEBUG || !log_is_verbose())
		return 0;
	return vfprintf(stderr, format, arguments);
}

static void configure(struct live *live)
{
	struct nl_config *config = (struct nl_config *)&live->skeleton->rodata->config;
	const struct budget *b = &live->budget;

	configure_core(config, live->options, b);
	live->sweep_interval_us = timeout_sweep_interval_ns(config) / 1000;
	config->stats_rows = b->rows;
	config->series = b->series;
	config->series_shard_mask = b->series_shards - 1;
	config->series_shared = b->cpus > b->series_shards;
	config->stats_shard_mask = b->shards - 1;
	config->stats_shared = b->cpus > b->shards;
	config->flow_sets = b->flow_sets;
	if (getrandom(&config->flow_hash_seed, sizeof(config->flow_hash_seed), 0) < 0)
		config->flow_hash_seed = monotonic_ns(); /* before the kernel has entropy */
	bpf_map__set_max_entries(live->skeleton->maps.flows, b->flow_sets);
	bpf_map__set_max_entries(live->skeleton->maps.heads, b->heads);
	bpf_map__set_max_entries(live->skeleton->maps.rows, b->rows);
	bpf_map__set_max_entries(live->skeleton->maps.stats, b->rows * b->shards);
	bpf_map__set_max_entries(live->skeleton->maps.series_numbers, b->series);
	bpf_map__set_max_entries(live->skeleton->maps.series, b->series * b->series_shards);
	bpf_map__set_max_entries(live->skeleton->maps.pairs_free, b->rows);
	bpf_map__set_max_entries(live->skeleton->maps.services_free, b->rows);
	bpf_map__set_max_entries(live->skeleton->maps.series_free, b->series);
	bpf_map__set_max_entries(live->skeleton->maps.row_marks, b->rows);
	bpf_map__set_max_entries(live->skeleton->maps.counters, b->cpus + 1);
	bpf_map__set_max_entries(live->skeleton->maps.records, b->ring_bytes);
	if (budget_has_recorder(b)) {
		bpf_map__set_max_entries(live->skeleton->maps.copy_rings, b->cpus * NL_COPY_KINDS);
		bpf_map__set_max_entries(live->skeleton->maps.copies, budget_copy_chunks(b));
	}
}

static void log_budget(const struct budget *b)
{
	const double mb = 1e6;

	log_verbose(
		"kernel memory: %.1f MB at most: %u flows %.1f, statistics of %u rows in %u shards "
		"%.1f, of %u series %.1f, records %.1f, flight recorder %.1f, the rest %.1f",
		(double)b->total_bytes / mb, b->flows, (double)b->flows_bytes / mb, b->rows,
		b->shards, (double)b->stats_bytes / mb, b->series, (double)b->series_bytes / mb,
		(double)(b->ring_bytes + b->heads_bytes) / mb, (double)b->recorder_bytes / mb,
		(double)(b->rows_bytes + b->work_bytes + b->handshakes_bytes) / mb);
}

static int handle_record(void *context, void *data, size_t bytes)
{
	struct live *live = context;
	struct nl_record record;

	if (bytes < NL_RECORD_FIXED_BYTES || bytes > sizeof(record))
		return 0;
	memcpy(&record, data, bytes);
	if (record.head_bytes > bytes - NL_RECORD_FIXED_BYTES)
		record.head_bytes = (u16)(bytes - NL_RECORD_FIXED_BYTES);
	live->record_fn(&record, live->record_userdata);
	return 0;
}

static bool open_tables(struct live *live)
{
	const __typeof__(live->skeleton->maps) *maps = &live->skeleton->maps;
	const struct live_table_fds fds = {
		.rows = bpf_map__fd(maps->rows),
		.stats = bpf_map__fd(maps->stats),
		.pairs_free = bpf_map__fd(maps->pairs_free),
		.services_free = bpf_map__fd(maps->services_free),
		.series_numbers = bpf_map__fd(maps->series_numbers),
		.series = bpf_map__fd(maps->series),
		.series_free = bpf_map__fd(maps->series_free),
		.row_marks = bpf_map__fd(maps->row_marks),
	};
	struct reclaim_tables tables;

	live->tables = live_tables_new(&live->maps, &fds);
	if (live->tables) {
		tables = live_tables_of(live->tables);
		live->reclaim = reclaim_new(&tables, (u64)(live->options->expire_s * 1e9));
	}
	if (!live->reclaim)
		log_error("rows of statistics cannot be given back: %s", strerror(errno));
	return live->reclaim;
}

static bool load(struct live *live)
{
	int cpus = libbpf_num_possible_cpus(), r;
	__typeof__(live->skeleton->maps) *maps;
	struct live_map_fds fds;

	libbpf_set_print(print_libbpf);
	live->budget =
		budget_plan(cpus > 0 ? (u32)cpus : 1, live->options->max_flows,
			    configure_recorder_mb(live->options), configure_records(live->options));
	live->skeleton = netlat_bpf__open();
	if (!live->skeleton) {
		privileges_explain_load_failure(errno);
		return false;
	}
	configure(live);
	bpf_program__set_autoload(live->skeleton->progs.netlat_sweep, false);
	r = netlat_bpf__load(live->skeleton);
	if (r < 0) {
		privileges_explain_load_failure(-r);
		return false;
	}
	maps = &live->skeleton->maps;
	fds = (struct live_map_fds){
		.rows = bpf_map__fd(maps->rows),
		.stats = bpf_map__fd(maps->stats),
		.series_numbers = bpf_map__fd(maps->series_numbers),
		.series = bpf_map__fd(maps->series),
		.counters = bpf_map__fd(maps->counters),
		.flows = bpf_map__fd(maps->flows),
		.copy_rings = bpf_map__fd(maps->copy_rings),
		.copies = bpf_map__fd(maps->copies),
	};
	r = live_maps_open(&live->maps, &live->budget, &fds);
	live->ring = ring_buffer__new(bpf_map__fd(live->skeleton->maps.records), handle_record,
				      live, NULL);
	if (r < 0 || !live->ring) {
		log_error("the program's memory cannot be mapped: %s",
			  strerror(r < 0 ? -r : errno));
		return false;
	}
	log_budget(&live->budget);
	return open_tables(live);
}

/*
 * The sweep program, which is first needed long after the start: loaded behind it, because
 * the verifier takes a quarter of the whole for it.
 */
static bool load_sweeper(struct live *live)
{
	struct netlat_bpf *from = live->skeleton, *to = netlat_bpf__open();
	struct bpf_map *map;
	int r = 0;

	live->sweeper = to;
	if (!to) {
		privileges_explain_load_failure(errno);
		return false;
	}
	memcpy((void *)&to->rodata->config, (const void *)&from->rodata->config,
	       sizeof(struct nl_config));
	bpf_program__set_autoload(to->progs.netlat, false);
	bpf_object__for_each_map(map, from->obj)
	{
		/* Constant data is frozen in each object by itself. */
		if (r < 0 || map == from->maps.rodata)
			continue;
		r = bpf_map__reuse_fd(bpf_object__find_map_by_name(to->obj, bpf_map__name(map)),
				      bpf_map__fd(map));
	}
	r = r < 0 ? r : netlat_bpf__load(to);
	if (r < 0)
		privileges_explain_load_failure(-r);
	return r >= 0;
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
	int fd, r = 0;

	if (!live->sweeper)
		return 0;
	fd = bpf_program__fd(live->sweeper->progs.netlat_sweep);
	live->sweep_number++;

	for (u32 first = 0; first < live->budget.flow_sets && r == 0; first += NL_SWEEP_SETS_MAX) {
		r = sweep_run(fd, first, NL_SWEEP_SETS_MAX, how, live->budget.cpus,
			      live->sweep_number, 0);
		if (live->record_fn)
			ring_buffer__consume(live->ring);
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
	return sd_event_source_set_time(source, now_us + live->sweep_interval_us);
}

static int live_snapshot(struct engine *engine, struct snapshot *snapshot)
{
	struct live *live = live_of(engine);
	int r = live_maps_snapshot(&live->maps, snapshot);

	if (r >= 0)
		r = reclaim_expired(live->reclaim, &snapshot->expired);
	snapshot->taken_ns = monotonic_ns();
	snapshot->started_ns = live->started_ns;
	return r;
}

static int live_drain(struct engine *engine, engine_record_fn fn, void *userdata)
{
	struct live *live = live_of(engine);
	int r;

	live->record_fn = fn;
	live->record_userdata = userdata;
	r = ring_buffer__consume(live->ring);
	return r < 0 ? r : 0;
}

static int live_packets(struct engine *engine, const struct nl_record *record,
			struct packet_list *ret_list)
{
	struct live *live = live_of(engine);
	int r;

	if (!budget_has_recorder(&live->budget))
		return -ENOENT;
	r = recorder_collect(&live->maps.recorder, record,
			     live_maps_latest_copy(&live->maps, record), ret_list);
	if (r == 0)
		watched_tell_directions(&live->watched, ret_list);
	return r;
}

static void live_stop(struct engine *engine)
{
	struct live *live = live_of(engine);

	/* All hooks at once, then one after the other. */
	if (live->skeleton)
		*(volatile u32 *)&live->skeleton->bss->observing = 0;
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
	ring_buffer__free(live->ring);
	reclaim_free(live->reclaim);
	live_tables_free(live->tables);
	live_maps_close(&live->maps);
	netlat_bpf__destroy(live->sweeper);
	netlat_bpf__destroy(live->skeleton);
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
	return live_of(engine)->maps.budget.total_bytes;
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
	if (!watched_open(&live->watched, options) || !load(live))
		goto fail;
	live->attacher =
		attacher_new(bpf_program__fd(live->skeleton->progs.netlat), options->attach);
	if (!live->attacher ||
	    sd_event_add_io(loop, &live->link_events, ports_fd(live->watched.ports), EPOLLIN,
			    handle_link_event, live) < 0 ||
	    sd_event_add_time_relative(loop, &live->sweep_timer, CLOCK_MONOTONIC,
				       live->sweep_interval_us, 1000, handle_sweep, live) < 0 ||
	    sd_event_source_set_enabled(live->sweep_timer, SD_EVENT_ON) < 0) {
		log_error("out of memory");
		goto fail;
	}
	if (reconcile(live) < 0)
		goto fail;
	live->started_ns = monotonic_ns();
	*(volatile u32 *)&live->skeleton->bss->observing = 1;
	log_info("observing %s", live->watched.title);
	log_verbose("observing after %.0f ms, at %zu hooks (%s)",
		    (double)(monotonic_ns() - begun_ns) / 1e6, attacher_count(live->attacher),
		    attacher_kind(live->attacher));
	if (!load_sweeper(live))
		goto fail;
	return &live->engine;
fail:
	live_close(&live->engine);
	return NULL;
}
