/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export_globals.h - metrics that are of no service: the ledger, losses, netlat itself. */
#ifndef NETLAT_EXPORT_GLOBALS_H
#define NETLAT_EXPORT_GLOBALS_H

#include "export_metrics.h"
#include "export_scopes.h"
#include "exposition.h"

/* `coverage` may be NULL. `started_ns` is when the answer was begun, by CLOCK_MONOTONIC. */
void export_globals(struct exposition *exposition, const struct snapshot *snapshot,
		    const struct export_scopes *scopes, const struct export_coverage *coverage,
		    u64 started_ns);

#endif
