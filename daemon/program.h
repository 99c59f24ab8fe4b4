/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* program.h - the programs in the kernel and their maps: sized, loaded, read and run. */
#ifndef NETLAT_PROGRAM_H
#define NETLAT_PROGRAM_H

#include <stdbool.h>

#include "budget.h"
#include "engine.h"
#include "live_maps.h"
#include "live_tables.h"

struct netlat_bpf;
struct ring_buffer;

struct program {
	struct netlat_bpf *observer; /* what the hooks run */
	struct netlat_bpf *sweeper;  /* goes over the flow table, on the same maps */
	struct ring_buffer *ring;
	struct budget budget;
	struct live_maps maps;
	u64 sweep_interval_us;
	engine_record_fn record_fn; /* during program_drain() */
	void *userdata;
};

/*
 * Size the maps, load the program for the hooks and map its memory. It observes nothing until
 * program_observe(). false: failed, which was logged; program_close() undoes either.
 */
bool program_load(struct program *program, const struct options *options);

/*
 * Load the sweep program, which is first needed long after the start: behind it, because the
 * verifier takes a quarter of the whole for it. false: failed, which was logged.
 */
bool program_load_sweeper(struct program *program);

void program_close(struct program *program);

/* The descriptors of what goes on the hooks, and of the sweep program; -1: not loaded. */
int program_fd(const struct program *program);
int program_sweep_fd(const struct program *program);

/* The maps that reclaim.h works on. */
struct live_table_fds program_tables(const struct program *program);

/* Begin or end observing, on all hooks at once. */
void program_observe(struct program *program, bool observing);

/* Hand over the records waiting. 0 or negative errno. */
int program_drain(struct program *program, engine_record_fn fn, void *userdata);

#endif
