/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel_core.h - the BPF object that ships, fed with packets through
 * BPF_PROG_TEST_RUN: the counterpart of daemon/replay_core.h.
 */
#ifndef NETLAT_TESTS_KERNEL_CORE_H
#define NETLAT_TESTS_KERNEL_CORE_H

#include <stddef.h>

#include "engine.h"

struct kernel_core;

/*
 * Load the object with this configuration (stats_rows 0: BUDGET_ROWS). NULL on
 * failure, said on stderr.
 */
struct kernel_core *kernel_core_new(const struct nl_config *config, unsigned max_flows);
void kernel_core_free(struct kernel_core *core);

/* What one run did. */
struct kernel_run {
	int verdict;	 /* what the program returned */
	bool unchanged;	 /* the packet's bytes are as they were */
	u32 duration_ns; /* of the run, as the kernel measured it */
};

/*
 * Run the program on a frame at now_ns (not 0). 0; -EINVAL where test_run refuses
 * the frame (Ethernet frames under 14 bytes, IPv4 under 34, IPv6 under 54, about 4,000
 * bytes and more); or another negative errno.
 */
int kernel_core_packet(struct kernel_core *core, const u8 *frame, u32 bytes, u64 now_ns,
		       struct kernel_run *ret_run);

/* Sweep the whole flow table at now_ns. 0 or negative errno. */
int kernel_core_sweep(struct kernel_core *core, enum nl_sweep how, u64 now_ns);

/* Hand over the records in the ring. 0 or negative errno. */
int kernel_core_drain(struct kernel_core *core, engine_record_fn fn, void *userdata);

/* Counters, summed over CPUs. */
void kernel_core_counters(struct kernel_core *core, u64 counters[NL_COUNTER_MAX]);

/* What a series has counted. 0 or -ENOENT. */
int kernel_core_series(struct kernel_core *core, const struct nl_series_key *key,
		       struct nl_series *ret_series);

/*
 * Instructions that the verifier walked to accept a program, the most of all programs of
 * the object; 0 where the kernel does not tell.
 */
u32 kernel_core_verified_instructions(struct kernel_core *core);

#endif
