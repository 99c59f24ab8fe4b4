/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* metrics.h - the per-shard statistics of the core, merged into one picture. */
#ifndef NETLAT_METRICS_H
#define NETLAT_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "abi.h"

/* One row of a snapshot: who asked whom, and how that went. */
struct metrics_row {
	struct nl_row_key key;
	struct nl_stats stats; /* minima are still kept as complements: see metrics_min_ns() */
};

/* One series of a snapshot: transactions of a service that are alike. */
struct metrics_series {
	struct nl_series_key key; /* of the overflow series: all zero */
	struct nl_series stats;
	bool is_overflow;
};

/*
 * What had been counted at one moment. Rows are sorted: services by requests,
 * most first, the rows of a service together, its clients by requests; `other`
 * last.
 */
struct snapshot {
	u64 taken_ns;	     /* CLOCK_MONOTONIC, or the capture's last packet in a replay */
	u64 started_ns;	     /* when observation began, same clock */
	u64 epoch_offset_ns; /* makes these nanoseconds since 1970 */
	struct metrics_row *rows;
	size_t row_count;
	struct metrics_series *series; /* those that have counted something, in no order */
	size_t series_count;
	struct nl_stats expired; /* sum of the rows that were given back since then (reclaim.h) */
	struct metrics_row *given_back; /* of it, what services have that go on: NL_ROW_SERVICE */
	size_t given_back_count;
	u64 counters[NL_COUNTER_MAX]; /* by enum nl_counter, summed over CPUs */
};

/* Add one shard's statistics into a row. */
void metrics_add(struct nl_stats *to, const struct nl_stats *from);

/* The same of a series. */
void metrics_add_series(struct nl_series *to, const struct nl_series *from);

/* Sort the rows as struct snapshot says. */
void metrics_sort(struct snapshot *snapshot);

/* Whether two rows belong to one service (server address and port, or both `other`). */
bool metrics_same_service(const struct nl_row_key *a, const struct nl_row_key *b);

/* Order of keys for qsort() and bsearch(): <0, 0, >0. Services stay together. */
int metrics_compare_keys(const struct nl_row_key *a, const struct nl_row_key *b);

/* Free what a snapshot holds; the snapshot may be used again. */
void snapshot_clear(struct snapshot *snapshot);

/* Complete responses, all classes (= transactions paired). */
u64 metrics_answered(const struct nl_stats *stats);

/* A minimum from its complement; 0 where there was none. */
u64 metrics_min_ns(u64 complement_ns);

/*
 * Value at quantile q (0..1) of a histogram of core/histogram.h, as the
 * geometric middle of its bucket (at most 4.4 % off), kept within min..max.
 * 0 for an empty histogram.
 */
u64 metrics_quantile_ns(const u64 buckets[NL_HISTOGRAM_BUCKETS], double q, u64 min_ns, u64 max_ns);

/* Bounds (exclusive, inclusive] of a bucket in nanoseconds. */
double metrics_bucket_upper_ns(unsigned bucket);

/* Requests of which is known what became: paired + unanswered + aborted + evicted + in_flight. */
u64 metrics_ended_requests(const u64 counters[NL_COUNTER_MAX]);

/* Requests not yet over: requests - metrics_ended_requests(). */
u64 metrics_open_requests(const u64 counters[NL_COUNTER_MAX]);

/* Set the counter `clean`: the transactions that have a record, and no grade. */
void metrics_count_clean(u64 counters[NL_COUNTER_MAX]);

/* The sum of the packets' fates. */
u64 metrics_fated_packets(const u64 counters[NL_COUNTER_MAX]);

/*
 * Whether the ledger adds up, once the observation is over: requests and responses are
 * what became of them, packets the sum of their fates.
 */
bool metrics_add_up(const u64 counters[NL_COUNTER_MAX]);

/* The same of the series: every transaction that ended with an answer or without is in one. */
bool metrics_series_add_up(const struct snapshot *snapshot);

/* Names and help texts of a counter; NULL where the number is not given. */
const char *counter_name(unsigned number);
const char *counter_help(unsigned number);

#endif
