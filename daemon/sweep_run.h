/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sweep_run.h - have the kernel's sweep program go over the flow table. */
#ifndef NETLAT_SWEEP_RUN_H
#define NETLAT_SWEEP_RUN_H

#include "abi.h"

/*
 * Sweep `sets` sets from first_set on, at most NL_SWEEP_SETS_MAX: that many take some
 * 0.1 ms, during which this CPU takes no packets. What is counted goes to
 * element counters_index of the counters, which no CPU uses. now_ns is only looked at by
 * a program that takes its time from packets. Rows of the connections met are marked with the
 * sweep's `number`. 0 or negative errno.
 */
int sweep_run(int program_fd, u32 first_set, u32 sets, enum nl_sweep how, u32 counters_index,
	      u32 number, u64 now_ns);

#endif
