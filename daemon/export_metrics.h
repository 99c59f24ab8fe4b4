/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export_metrics.h - all metrics of a snapshot, for GET /metrics. */
#ifndef NETLAT_EXPORT_METRICS_H
#define NETLAT_EXPORT_METRICS_H

#include "export_accept.h"
#include "export_buffer.h"
#include "metrics.h"
#include "name_source.h"
#include "slow_run.h"

struct metrics_exporter;

/*
 * At most max_series series of each metric have labels of their own (series_budget.h), those of
 * services silent for expire_ns none. `names` may be NULL. NULL and errno on failure.
 */
struct metrics_exporter *metrics_exporter_new(unsigned max_series, u64 expire_ns,
					      const struct name_source *names);
void metrics_exporter_free(struct metrics_exporter *exporter);

/* A record that reached userspace may become an exemplar: an engine's time plus the offset. */
void metrics_exporter_take(struct metrics_exporter *exporter, const struct nl_record *record,
			   u64 epoch_offset_ns);

/* What is observed, what that takes of the kernel, and what became of lines of records. */
struct export_coverage {
	u64 hooks;
	u64 observed, not_observed; /* interfaces */
	u64 kernel_bytes;
	u64 written, not_written; /* records */
	struct slow_totals files;
};

/*
 * Write all metrics into *out, which is emptied before; those of `coverage` not where that is
 * NULL. The snapshot must stay until the next call. 0 or -ENOMEM.
 */
int metrics_exporter_write(struct metrics_exporter *exporter, const struct snapshot *snapshot,
			   const struct export_coverage *coverage, enum export_format format,
			   struct export_buffer *out);

#endif
