/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live_tables.h - the kernel's tables of rows and series, as reclaim.h wants them. */
#ifndef NETLAT_LIVE_TABLES_H
#define NETLAT_LIVE_TABLES_H

#include "live_maps.h"
#include "reclaim.h"

/* Descriptors of the maps, by their names in bpf/maps.bpf.h. */
struct live_table_fds {
	int rows, stats, pairs_free, services_free;
	int series_numbers, series, series_free;
	int row_marks;
};

struct live_tables;

/* `maps` must outlive it. NULL and errno on failure. */
struct live_tables *live_tables_new(struct live_maps *maps, const struct live_table_fds *fds);
void live_tables_free(struct live_tables *tables);

/* Valid until live_tables_free(). */
struct reclaim_tables live_tables_of(struct live_tables *tables);

#endif
