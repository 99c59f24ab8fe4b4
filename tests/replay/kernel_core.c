/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* kernel_core.c - the BPF object that ships, fed through BPF_PROG_TEST_RUN. */
#include "kernel_core.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "budget.h"
/* The skeleton names the program's types; its own copy of config is typed by abi.h. */
#include "core/table.h"
#include "sweep_run.h"
#include "netlat.skel.h"

#define FRAME_BYTES_MAX 8192

struct kernel_core {
	struct netlat_bpf *skeleton;
	struct ring_buffer *ring;
	int cpus;
	engine_record_fn record_fn;
	void *userdata;
	u8 out[FRAME_BYTES_MAX];
};

static int handle_record(void *context, void *data, size_t bytes)
{
	struct kernel_core *core = context;
	struct nl_record record;

	if (bytes > sizeof(record))
		return 0;
	memcpy(&record, data, bytes);
	core->record_fn(&record, core->userdata);
	return 0;
}

struct kernel_core *kernel_core_new(const struct nl_config *config, unsigned max_flows)
{
	struct kernel_core *core = calloc(1, sizeof(*core));
	struct nl_config *to;

	if (!core)
		return NULL;
	core->cpus = libbpf_num_possible_cpus();
	core->skeleton = netlat_bpf__open();
	if (!core->skeleton)
		goto fail;
	to = (struct nl_config *)&core->skeleton->rodata->config;
	*to = *config;
	to->time_from_packet = 1;
	to->flow_sets = (max_flows + 7) / 8;
	if (!to->stats_rows)
		to->stats_rows = BUDGET_ROWS;
	if (!to->series)
		to->series = BUDGET_SERIES;
	to->stats_shard_mask = 0;
	to->stats_shared = 1;
	bpf_map__set_max_entries(core->skeleton->maps.flows, to->flow_sets);
	bpf_map__set_max_entries(core->skeleton->maps.heads, to->flow_sets * NL_SET_WAYS);
	bpf_map__set_max_entries(core->skeleton->maps.rows, to->stats_rows);
	bpf_map__set_max_entries(core->skeleton->maps.stats, to->stats_rows);
	bpf_map__set_max_entries(core->skeleton->maps.series_numbers, to->series);
	bpf_map__set_max_entries(core->skeleton->maps.series, to->series);
	bpf_map__set_max_entries(core->skeleton->maps.counters, (u32)core->cpus + 1);
	bpf_map__set_max_entries(core->skeleton->maps.copy_rings, (u32)core->cpus * NL_COPY_KINDS);
	bpf_map__set_max_entries(core->skeleton->maps.copies,
				 (u32)core->cpus * (to->copy_chunks[NL_COPY_FLOWS] +
						    to->copy_chunks[NL_COPY_HANDSHAKES]) +
					 1); /* none would not do */
	if (netlat_bpf__load(core->skeleton) < 0)
		goto fail;
	core->skeleton->bss->observing = 1;
	core->ring = ring_buffer__new(bpf_map__fd(core->skeleton->maps.records), handle_record,
				      core, NULL);
	if (core->ring)
		return core;
fail:
	fprintf(stderr, "kernel_core: the program cannot be loaded: %s\n", strerror(errno));
	kernel_core_free(core);
	return NULL;
}

void kernel_core_free(struct kernel_core *core)
{
	if (!core)
		return;
	ring_buffer__free(core->ring);
	netlat_bpf__destroy(core->skeleton);
	free(core);
}

int kernel_core_packet(struct kernel_core *core, const u8 *frame, u32 bytes, u64 now_ns,
		       struct kernel_run *ret_run)
{
	struct __sk_buff context = { .tstamp = now_ns };
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = bytes,
			    .data_out = core->out, .data_size_out = sizeof(core->out),
			    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = 1);
	int r = bpf_prog_test_run_opts(bpf_program__fd(core->skeleton->progs.netlat), &run);

	if (r < 0)
		return -errno;
	ret_run->verdict = (int)run.retval;
	ret_run->unchanged = run.data_size_out == bytes && memcmp(core->out, frame, bytes) == 0;
	ret_run->duration_ns = run.duration;
	return 0;
}

int kernel_core_sweep(struct kernel_core *core, enum nl_sweep how, u64 now_ns)
{
	u32 sets = core->skeleton->rodata->config.flow_sets;
	int fd = bpf_program__fd(core->skeleton->progs.netlat_sweep), r = 0;

	for (u32 first = 0; first < sets && r == 0; first += NL_SWEEP_SETS_MAX)
		r = sweep_run(fd, first, NL_SWEEP_SETS_MAX, how, (u32)core->cpus, 1, now_ns);
	return r;
}

int kernel_core_drain(struct kernel_core *core, engine_record_fn fn, void *userdata)
{
	int r;

	core->record_fn = fn;
	core->userdata = userdata;
	r = ring_buffer__consume(core->ring);
	return r < 0 ? r : 0;
}

void kernel_core_counters(struct kernel_core *core, u64 counters[NL_COUNTER_MAX])
{
	int fd = bpf_map__fd(core->skeleton->maps.counters);

	memset(counters, 0, NL_COUNTER_MAX * sizeof(*counters));
	for (u32 cpu = 0; cpu <= (u32)core->cpus; cpu++) { /* the last one is the sweep's */
		struct nl_counters one;

		if (bpf_map_lookup_elem(fd, &cpu, &one) == 0)
			for (u32 i = 0; i < NL_COUNTER_MAX; i++)
				counters[i] += one.count[i];
	}
	metrics_count_clean(counters);
}

int kernel_core_series(struct kernel_core *core, const struct nl_series_key *key,
		       struct nl_series *ret_series)
{
	static const struct nl_series_key overflow;
	u32 number = 0;

	if (memcmp(key, &overflow, sizeof(overflow)) != 0 &&
	    bpf_map_lookup_elem(bpf_map__fd(core->skeleton->maps.series_numbers), key, &number) < 0)
		return -errno;
	return bpf_map_lookup_elem(bpf_map__fd(core->skeleton->maps.series), &number, ret_series) <
			       0
		       ? -errno
		       : 0;
}

u32 kernel_core_verified_instructions(struct kernel_core *core)
{
	struct bpf_program *program;
	u32 most = 0;

	bpf_object__for_each_program(program, core->skeleton->obj)
	{
		struct bpf_prog_info info = {};
		u32 bytes = sizeof(info);

		if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &bytes) == 0 &&
		    info.verified_insns > most)
			most = info.verified_insns;
	}
	return most;
}
