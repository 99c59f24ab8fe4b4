/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * program.c - the skeletons of the programs in the kernel. Nothing else in the daemon sees them.
 */
#include "program.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/random.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* The skeleton names the program's types; its own copy of config is typed by abi.h. */
#include "abi.h"
#include "netlat.skel.h"

#include "clock.h"
#include "configure.h"
#include "log.h"
#include "privileges.h"
#include "timeout.h"

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_DEBUG || !log_is_verbose())
		return 0;
	return vfprintf(stderr, format, arguments);
}

static void configure(struct program *program, const struct options *options)
{
	struct nl_config *config = (struct nl_config *)&program->observer->rodata->config;
	const struct budget *b = &program->budget;

	configure_core(config, options, b);
	program->sweep_interval_us = timeout_sweep_interval_ns(config) / 1000;
	config->stats_rows = b->rows;
	config->series = b->series;
	config->series_shard_mask = b->series_shards - 1;
	config->series_shared = b->cpus > b->series_shards;
	config->stats_shard_mask = b->shards - 1;
	config->stats_shared = b->cpus > b->shards;
	config->flow_sets = b->flow_sets;
	if (getrandom(&config->flow_hash_seed, sizeof(config->flow_hash_seed), 0) < 0)
		config->flow_hash_seed = monotonic_ns(); /* before the kernel has entropy */
}

static void size_maps(const struct program *program)
{
	const __typeof__(program->observer->maps) *maps = &program->observer->maps;
	const struct budget *b = &program->budget;

	bpf_map__set_max_entries(maps->flows, b->flow_sets);
	bpf_map__set_max_entries(maps->heads, b->heads);
	bpf_map__set_max_entries(maps->rows, b->rows);
	bpf_map__set_max_entries(maps->stats, b->rows * b->shards);
	bpf_map__set_max_entries(maps->series_numbers, b->series);
	bpf_map__set_max_entries(maps->series, b->series * b->series_shards);
	bpf_map__set_max_entries(maps->pairs_free, b->rows);
	bpf_map__set_max_entries(maps->services_free, b->rows);
	bpf_map__set_max_entries(maps->series_free, b->series);
	bpf_map__set_max_entries(maps->row_marks, b->rows);
	bpf_map__set_max_entries(maps->counters, b->cpus + 1);
	bpf_map__set_max_entries(maps->records, b->ring_bytes);
	if (budget_has_recorder(b)) {
		bpf_map__set_max_entries(maps->copy_rings, b->cpus * NL_COPY_KINDS);
		bpf_map__set_max_entries(maps->copies, budget_copy_chunks(b));
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
	struct program *program = context;
	struct nl_record record;

	if (bytes < NL_RECORD_FIXED_BYTES || bytes > sizeof(record))
		return 0;
	memcpy(&record, data, bytes);
	if (record.head_bytes > bytes - NL_RECORD_FIXED_BYTES)
		record.head_bytes = (u16)(bytes - NL_RECORD_FIXED_BYTES);
	program->record_fn(&record, program->userdata);
	return 0;
}

/* What is read of the maps from here on. */
static bool map_memory(struct program *program)
{
	const __typeof__(program->observer->maps) *maps = &program->observer->maps;
	const struct live_map_fds fds = {
		.rows = bpf_map__fd(maps->rows),
		.stats = bpf_map__fd(maps->stats),
		.series_numbers = bpf_map__fd(maps->series_numbers),
		.series = bpf_map__fd(maps->series),
		.counters = bpf_map__fd(maps->counters),
		.flows = bpf_map__fd(maps->flows),
		.copy_rings = bpf_map__fd(maps->copy_rings),
		.copies = bpf_map__fd(maps->copies),
	};
	int r = live_maps_open(&program->maps, &program->budget, &fds);

	program->ring = ring_buffer__new(bpf_map__fd(maps->records), handle_record, program, NULL);
	if (r < 0 || !program->ring) {
		log_error("the program's memory cannot be mapped: %s",
			  strerror(r < 0 ? -r : errno));
		return false;
	}
	return true;
}

bool program_load(struct program *program, const struct options *options)
{
	int cpus = libbpf_num_possible_cpus(), r;

	libbpf_set_print(print_libbpf);
	program->budget = budget_plan(cpus > 0 ? (u32)cpus : 1, options->max_flows,
				      configure_recorder_mb(options), configure_records(options));
	program->observer = netlat_bpf__open();
	if (!program->observer) {
		privileges_explain_load_failure(errno);
		return false;
	}
	configure(program, options);
	size_maps(program);
	bpf_program__set_autoload(program->observer->progs.netlat_sweep, false);
	r = netlat_bpf__load(program->observer);
	if (r < 0) {
		privileges_explain_load_failure(-r);
		return false;
	}
	if (!map_memory(program))
		return false;
	log_budget(&program->budget);
	return true;
}

bool program_load_sweeper(struct program *program)
{
	struct netlat_bpf *from = program->observer, *to = netlat_bpf__open();
	struct bpf_map *map;
	int r = 0;

	program->sweeper = to;
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

void program_close(struct program *program)
{
	ring_buffer__free(program->ring);
	live_maps_close(&program->maps);
	netlat_bpf__destroy(program->sweeper);
	netlat_bpf__destroy(program->observer);
}

int program_fd(const struct program *program)
{
	return program->observer ? bpf_program__fd(program->observer->progs.netlat) : -1;
}

int program_sweep_fd(const struct program *program)
{
	return program->sweeper ? bpf_program__fd(program->sweeper->progs.netlat_sweep) : -1;
}

struct live_table_fds program_tables(const struct program *program)
{
	const __typeof__(program->observer->maps) *maps = &program->observer->maps;

	return (struct live_table_fds){
		.rows = bpf_map__fd(maps->rows),
		.stats = bpf_map__fd(maps->stats),
		.pairs_free = bpf_map__fd(maps->pairs_free),
		.services_free = bpf_map__fd(maps->services_free),
		.series_numbers = bpf_map__fd(maps->series_numbers),
		.series = bpf_map__fd(maps->series),
		.series_free = bpf_map__fd(maps->series_free),
		.row_marks = bpf_map__fd(maps->row_marks),
	};
}

void program_observe(struct program *program, bool observing)
{
	if (program->observer)
		*(volatile u32 *)&program->observer->bss->observing = observing;
}

int program_drain(struct program *program, engine_record_fn fn, void *userdata)
{
	int r;

	program->record_fn = fn;
	program->userdata = userdata;
	r = ring_buffer__consume(program->ring);
	return r < 0 ? r : 0;
}
