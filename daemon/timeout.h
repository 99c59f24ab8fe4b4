/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* timeout.h - --timeout as the core wants it, and how often to look for what it ends. */
#ifndef NETLAT_TIMEOUT_H
#define NETLAT_TIMEOUT_H

#include "abi.h"

/* Set the time-out of a configuration. */
void timeout_configure(struct nl_config *config, double timeout_s);

/*
 * Time between two sweeps over the flow table: a sixteenth of the time-out, so that what
 * it ends is known soon after, but at most every 0.1 s. What is counted does not depend
 * on it (bpf/core/sweep.h).
 */
u64 timeout_sweep_interval_ns(const struct nl_config *config);

#endif
