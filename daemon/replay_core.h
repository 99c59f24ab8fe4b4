/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * replay_core.h - the core of bpf/core compiled natively, with tables of its own:
 * what a replay, the unit tests and the fuzzers feed packets to.
 */
#ifndef NETLAT_REPLAY_CORE_H
#define NETLAT_REPLAY_CORE_H

#include <stddef.h>

#include "core/cursor.h"
#include "engine.h"
#include "recorder.h"

/*
 * How a frame begins: enum nl_next of bpf/core/cursor.h or an EtherType, of which
 * these are the commonest. What other link header it had was taken off.
 */
enum replay_link {
	REPLAY_ETHERNET = NL_NEXT_ETHERNET,
	REPLAY_IP = NL_NEXT_IP,
};

struct replay_core;

/*
 * A core with a table of max_flows connections and one of config->stats_rows rows and
 * config->series series (0: as many as live, BUDGET_ROWS and BUDGET_SERIES). NULL on lack of
 * memory.
 */
struct replay_core *replay_core_new(const struct nl_config *config, unsigned max_flows,
				    engine_record_fn record_fn, void *userdata);
void replay_core_free(struct replay_core *core);

/*
 * Observe one packet of which `captured` bytes are at `bytes` and wire_bytes were
 * on the wire, at now_ns on interface ifindex (1 or more).
 */
void replay_core_packet(struct replay_core *core, u32 link, const u8 *bytes, u32 captured,
			u32 wire_bytes, u64 now_ns, u32 ifindex);

/* Sweep the whole flow table at now_ns (bpf/core/sweep.h). */
void replay_core_sweep(struct replay_core *core, enum nl_sweep how, u64 now_ns);

/* Count a packet that is not even given to the core, under its fate. */
void replay_core_skip(struct replay_core *core, u32 wire_bytes, enum nl_counter fate);

/* Its flight recorder, for recorder_collect(); only if config->recorder was set. */
struct recorder replay_core_recorder(const struct replay_core *core);

/* Position of the latest copy of the connection of *record; 0: see live_maps_latest_copy(). */
u64 replay_core_latest_copy(const struct replay_core *core, const struct nl_record *record);

/* Rows and counters; the times of *snapshot are left to the caller. 0 or -ENOMEM. */
int replay_core_snapshot(const struct replay_core *core, struct snapshot *snapshot);

#endif
