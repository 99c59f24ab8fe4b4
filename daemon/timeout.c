/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* timeout.c - --timeout as the core wants it, and how often to look for what it ends. */
#include "timeout.h"

#define SECOND_NS 1e9
#define TICK_NS (1ULL << NL_TICK_SHIFT)
#define SWEEPS_PER_TIMEOUT 16
#define SWEEP_INTERVAL_MIN_NS 100000000ULL

void timeout_configure(struct nl_config *config, double timeout_s)
{
	config->timeout_ns = (u64)(timeout_s * SECOND_NS);
	config->timeout_ticks = (u32)((config->timeout_ns + TICK_NS - 1) / TICK_NS);
}

u64 timeout_sweep_interval_ns(const struct nl_config *config)
{
	u64 interval_ns = config->timeout_ns / SWEEPS_PER_TIMEOUT;

	return interval_ns > SWEEP_INTERVAL_MIN_NS ? interval_ns : SWEEP_INTERVAL_MIN_NS;
}
