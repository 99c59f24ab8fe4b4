/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slow_growing.h - all slow and failed transactions in one pcapng file, each appended whole.
 *
 * After a write that failed the file is what it was before, and goes on with a new section.
 */
#ifndef NETLAT_SLOW_GROWING_H
#define NETLAT_SLOW_GROWING_H

#include "options.h"
#include "slow_counters.h"
#include "snippet.h"

struct slow_growing;

/*
 * Make options->write_path, which must not be there. NULL on failure, after saying why. The
 * counters are added to, and stay the caller's.
 */
struct slow_growing *slow_growing_open(const struct options *options,
				       struct slow_counters *counters);

/*
 * Append a transaction. 0 or -errno; -ENOENT if the file has been removed; -EFBIG, and counted as
 * dropped_by_size, if the file would exceed --keep-mb by it: from then on nothing is appended.
 */
int slow_growing_write(struct slow_growing *growing, const struct snippet *snippet);

/* End the file; one without a transaction is removed. 0 or -errno of that. */
int slow_growing_close(struct slow_growing *growing);

#endif
