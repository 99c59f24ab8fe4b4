/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fake_tables.h - the tables of reclaim.h as arrays, which a test fills and looks at. */
#ifndef NETLAT_TESTS_FAKE_TABLES_H
#define NETLAT_TESTS_FAKE_TABLES_H

#include "metrics.h"
#include "reclaim.h"

#define FAKE_ROWS 16
#define FAKE_SERIES 16

struct fake_row {
	struct nl_row_key key;
	bool listed; /* in the table of keys */
	bool met;    /* a connection has it */
	struct nl_stats stats;
	unsigned freed;
};

struct fake_series {
	struct nl_series_key key;
	bool listed;
	u64 count;
	unsigned freed;
};

extern struct fake_row fake_rows[FAKE_ROWS];
extern struct fake_series fake_series[FAKE_SERIES];

void fake_tables_clear(void);

/* They are only to be asked for connections met by sweep *sweep. */
struct reclaim_tables fake_tables_of(const u32 *sweep);

void fake_row_add(u32 number, u8 client, u16 port, u64 requests);
void fake_series_add(u32 number, u16 port, u16 status);

#endif
