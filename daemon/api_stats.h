/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_stats.h - statistics as the API's answers have them. */
#ifndef NETLAT_API_STATS_H
#define NETLAT_API_STATS_H

#include "api_json.h"
#include "snapshot_cache.h"

/* Of several rows together: all clients of a service, say. */
struct api_stats {
	struct nl_stats sum;
	double elapsed_s; /* since the observation began */
	double recent_s;  /* 0: there are no rates of late */
	u64 recent_requests;
};

/* Of no rows, at the moment of a snapshot. */
void api_stats_init(struct api_stats *stats, const struct snapshot *snapshot);

/* Add a row of the snapshot that `cache` gave last. */
void api_stats_add(struct api_stats *stats, const struct snapshot_cache *cache,
		   const struct snapshot *snapshot, const struct metrics_row *row);

/* The members, API_STATS_BYTES_MAX bytes at most, without braces around them. */
void api_stats_append(struct json_text *text, const struct api_stats *stats);
#define API_STATS_BYTES_MAX 3072

#endif
