/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * series.h - add a transaction to its series: those of its service that are alike by method,
 * status, version and how they ended.
 *
 * A row remembers the series of its latest transactions on each shard, which spares the look-up:
 * a client mostly asks a service for the same kind of thing, with the same success.
 */
#ifndef NETLAT_CORE_SERIES_H
#define NETLAT_CORE_SERIES_H

#include "stats.h"
#include "work.h"

/* What tells the series of one row apart, but for the end reason: those that completed. */
NL_CORE u32 series_signature(const struct nl_record *record)
{
	return record->status | (u32)record->method << 16 | (u32)record->request_version << 24;
}

NL_CORE u64 *series_held(struct nl_stats *stats, u32 signature)
{
	return &stats->series[(signature ^ signature >> 16) & (NL_SERIES_HELD - 1)];
}

/* The series that a row remembers for *record; 0: none, it has to be looked up. */
NL_CORE u32 series_recall(struct nl_stats *stats, const struct nl_record *record)
{
	u32 signature = series_signature(record);
	u64 held = *series_held(stats, signature);

	return held >> 32 == signature && !record->reason ? (u32)held : 0;
}

NL_CORE void series_key(struct nl_series_key *key, const struct nl_flow *f,
			const struct nl_record *record)
{
	if (f->row > 1) { /* that is: not the row of those who found none */
		bool client_is_b = f->flags & NL_FLOW_CLIENT_IS_B;

		key->server_addr = client_is_b ? f->key.a_addr : f->key.b_addr;
		key->server_port = client_is_b ? f->key.a_port : f->key.b_port;
	}
	key->status = record->status;
	key->method = record->method;
	key->version = record_counted_version(record);
	key->reason = record->reason;
}

/*
 * A number for the series of a key that has none. 0: there is none left for the row of f. Who sends
 * every method, and gets every status for it, would else leave none to the others.
 */
NL_CORE u32 series_make(const struct nl_flow *f, const struct nl_series_key *key)
{
	struct nl_stats *first = f->row ? seam_first_stats(f) : NULL;
	u32 number, limit = NL_CONFIG(series);

	if (first && first->series_made >= NL_SERIES_ROW_SHARE(limit))
		return 0;
	number = seam_series_number(key, limit);
	if (first && number)
		__sync_fetch_and_add(&first->series_made, 1);
	return number;
}

/* Look the series of work->record up, the first transaction of f, and have its row remember it. */
NL_STEP int observe_series(struct nl_flow *f, struct nl_work *work)
{
	struct nl_series_key key = {};
	struct nl_stats *stats;
	u32 number, signature;

	if (!f || !work)
		return 0;
	series_key(&key, f, &work->record);
	number = seam_series_number(&key, 0);
	if (!number)
		number = series_make(f, &key);
	stats = f->row ? seam_stats(f) : NULL;
	signature = series_signature(&work->record);
	if (stats && !key.reason)
		*series_held(stats, signature) = (u64)signature << 32 | number;
	return (int)number;
}

/* False, and *ret_ns untouched, where nobody can say. 0 where the response came early. */
NL_CORE bool series_wait_ns(const struct nl_record *record, u64 *ret_ns)
{
	bool is_early = record->grade & NL_GRADE_early;

	if (!record->response_first_ns || (!record->request_last_ns && !is_early))
		return false;
	*ret_ns =
		is_early ? 0 : time_between_ns(record->request_last_ns, record->response_first_ns);
	return true;
}

/* An evicted one, or one in flight, is in none: nobody knows how it went on. */
NL_CORE bool series_has(const struct nl_record *record)
{
	return record->outcome == NL_OUTCOME_OK || record->outcome == NL_OUTCOME_UNANSWERED ||
	       record->outcome == NL_OUTCOME_ABORTED;
}

NL_CORE void series_record(struct nl_series *series, const struct nl_record *record, bool shared)
{
	u64 duration_ns = record->outcome == NL_OUTCOME_OK
				  ? record_duration_ns(record)
				  : time_between_ns(record->request_first_ns, record->end_ns);
	u32 bucket = histogram_bucket(duration_ns);
	u64 wait_ns;

	stats_add(&series->count, 1, shared);
	stats_add(&series->duration_sum_ns, duration_ns, shared);
	NL_OPAQUE(bucket);
	if (bucket < NL_HISTOGRAM_BUCKETS)
		stats_add(&series->duration[bucket], 1, shared);
	if (!series_wait_ns(record, &wait_ns))
		return;
	stats_add(&series->wait_count, 1, shared);
	stats_add(&series->wait_sum_ns, wait_ns, shared);
	bucket = histogram_bucket(wait_ns);
	NL_OPAQUE(bucket);
	if (bucket < NL_HISTOGRAM_BUCKETS)
		stats_add(&series->wait[bucket], 1, shared);
}

#endif
