/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stats.h - add a transaction to the statistics of its row.
 *
 * `shared` says that several CPUs add to the same shard: then every addition is
 * atomic. Where each CPU has a shard of its own the plain form costs a tenth.
 */
#ifndef NETLAT_CORE_STATS_H
#define NETLAT_CORE_STATS_H

#include "../abi.h"
#include "finish.h"

NL_CORE void stats_add(u64 *to, u64 value, bool shared)
{
	if (shared)
		__sync_fetch_and_add(to, value);
	else
		*to += value;
}

/* Tries to raise a shared maximum; more CPUs than this at one value at once is not met. */
#define NL_STATS_MAX_TRIES 16

/* Raise a maximum that CPUs share: seldom, and checked by the verifier once. */
NL_STEP int stats_raise(u64 *to, u64 value)
{
	u64 seen;

	if (!to)
		return 0;
	seen = *to;
	for (int i = 0; i < NL_STATS_MAX_TRIES && value > seen; i++) {
		u64 found = __sync_val_compare_and_swap(to, seen, value);

		if (found == seen)
			break;
		seen = found;
	}
	return 0;
}

NL_CORE void stats_max(u64 *to, u64 value, bool shared)
{
	if (value <= *to)
		return;
	if (shared)
		stats_raise(to, value);
	else
		*to = value;
}

/* First digit of a status, 0 outside 100..599. No division: the verifier knows no quotient. */
NL_CORE u32 stats_status_class(u32 status)
{
	u32 class;

	if (status < 100 || status > 599)
		return 0;
	class = 1 + (status >= 200) + (status >= 300) + (status >= 400) + (status >= 500);
	NL_OPAQUE(class);
	return class < NL_STATUS_CLASSES ? class : 0;
}

/* The first transaction of connection f, whose handshake was seen, is over. */
NL_CORE void stats_handshake(struct nl_stats *stats, const struct nl_flow *f)
{
	stats_add(&stats->handshakes, 1, true);
	stats_add(&stats->syn_retransmits, f->syn_retransmits, true);
	stats_add(&stats->connect_sum_ns, f->connect_ns, true);
	stats_add(&stats->server_rtt_sum_ns, f->server_rtt_ns, true);
	stats_add(&stats->client_rtt_sum_ns, f->client_rtt_ns, true);
}

NL_CORE void stats_cause(struct nl_stats *stats, u32 cause)
{
	NL_OPAQUE(cause);
	if (cause < NL_CAUSE_COUNT)
		stats_add(&stats->causes[cause], 1, true);
}

NL_CORE void stats_record(struct nl_stats *stats, const struct nl_record *record, bool shared)
{
	stats_add(&stats->request_bytes, record->request_bytes, shared);
	if (record->retransmits)
		stats_add(&stats->retransmits, record->retransmits, shared);
	if (record->outcome == NL_OUTCOME_OK) {
		u64 duration_ns = record_duration_ns(record), ttfb_ns = record_ttfb_ns(record);
		u32 class = stats_status_class(record->status), bucket;

		stats_add(&stats->responses[class], 1, shared);
		if (record->status != 404 && record->method != NL_METHOD_OTHER)
			stats_add(&stats->known, 1, shared);
		stats_add(&stats->response_bytes, record->response_bytes, shared);
		stats_add(&stats->duration_sum_ns, duration_ns, shared);
		stats_add(&stats->ttfb_sum_ns, ttfb_ns, shared);
		stats_max(&stats->duration_max_ns, duration_ns, shared);
		stats_max(&stats->ttfb_max_ns, ttfb_ns, shared);
		stats_max(&stats->duration_min_complement_ns, ~duration_ns, shared);
		stats_max(&stats->ttfb_min_complement_ns, ~ttfb_ns, shared);
		bucket = histogram_bucket(duration_ns);
		NL_OPAQUE(bucket);
		if (bucket < NL_HISTOGRAM_BUCKETS)
			stats_add(&stats->duration[bucket], 1, shared);
		bucket = histogram_bucket(ttfb_ns);
		NL_OPAQUE(bucket);
		if (bucket < NL_HISTOGRAM_BUCKETS)
			stats_add(&stats->ttfb[bucket], 1, shared);
	} else if (record->outcome == NL_OUTCOME_ABORTED) {
		stats_add(&stats->aborted, 1, shared);
		stats_add(&stats->response_bytes, record->response_bytes, shared);
	} else if (record->outcome == NL_OUTCOME_UNANSWERED) {
		stats_add(&stats->unanswered, 1, shared);
	} /* evicted, in flight: nobody knows how it went on */
}

#endif
