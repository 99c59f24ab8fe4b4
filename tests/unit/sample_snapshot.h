/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sample_snapshot.h - snapshots made up for tests and benchmarks of what is made from them. */
#ifndef NETLAT_SAMPLE_SNAPSHOT_H
#define NETLAT_SAMPLE_SNAPSHOT_H

#include "metrics.h"

#define SAMPLE_MAX 4096

/* 10.0.<number / 250>.<1 + number % 250> */
union nl_addr sample_address(unsigned number);

/* Room for SAMPLE_MAX rows and series, all empty. False on lack of memory. */
bool sample_init(struct snapshot *snapshot);

/* A new row of this kind, whose client is `client`, for the caller to fill. */
struct metrics_row *sample_row(struct snapshot *snapshot, enum nl_row_kind kind, unsigned server,
			       u16 port, unsigned client);

/* A new series. */
struct metrics_series *sample_series(struct snapshot *snapshot, unsigned server, u16 port,
				     enum nl_method method, u16 status, enum nl_end_reason reason);

/* `count` complete transactions, each of this duration; half of it they waited. */
void sample_observe(struct nl_series *series, u64 count, u64 duration_ns);
void sample_answer(struct nl_stats *stats, u64 count, u16 status, u64 duration_ns);

/*
 * One service (1, port 8080) with a client that succeeds and fails, one who only gets 404, some
 * without a row, resets by both ends; and what found no room at all.
 */
void sample_usual(struct snapshot *snapshot);

#endif
