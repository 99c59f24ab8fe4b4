/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* metrics.c - adding, sorting and reading what the shards counted. */
#include "metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static u64 max_u64(u64 a, u64 b)
{
	return a > b ? a : b;
}

void metrics_add(struct nl_stats *to, const struct nl_stats *from)
{
	to->requests += from->requests;
	for (unsigned i = 0; i < NL_STATUS_CLASSES; i++)
		to->responses[i] += from->responses[i];
	to->unanswered += from->unanswered;
	to->aborted += from->aborted;
	to->request_bytes += from->request_bytes;
	to->response_bytes += from->response_bytes;
	to->duration_sum_ns += from->duration_sum_ns;
	to->duration_min_complement_ns =
		max_u64(to->duration_min_complement_ns, from->duration_min_complement_ns);
	to->duration_max_ns = max_u64(to->duration_max_ns, from->duration_max_ns);
	to->ttfb_sum_ns += from->ttfb_sum_ns;
	to->ttfb_min_complement_ns =
		max_u64(to->ttfb_min_complement_ns, from->ttfb_min_complement_ns);
	to->ttfb_max_ns = max_u64(to->ttfb_max_ns, from->ttfb_max_ns);
	to->retransmits += from->retransmits;
	for (unsigned i = 0; i < NL_CAUSE_COUNT; i++)
		to->causes[i] += from->causes[i];
	to->client_resets += from->client_resets;
	to->server_resets += from->server_resets;
	to->handshakes += from->handshakes;
	to->syn_retransmits += from->syn_retransmits;
	to->connect_sum_ns += from->connect_sum_ns;
	to->server_rtt_sum_ns += from->server_rtt_sum_ns;
	to->client_rtt_sum_ns += from->client_rtt_sum_ns;
	to->known += from->known;
	to->series_made += from->series_made;
	for (unsigned i = 0; i < NL_HISTOGRAM_BUCKETS; i++) {
		to->duration[i] += from->duration[i];
		to->ttfb[i] += from->ttfb[i];
	}
}

void metrics_add_series(struct nl_series *to, const struct nl_series *from)
{
	to->count += from->count;
	to->duration_sum_ns += from->duration_sum_ns;
	to->wait_count += from->wait_count;
	to->wait_sum_ns += from->wait_sum_ns;
	for (unsigned i = 0; i < NL_HISTOGRAM_BUCKETS; i++) {
		to->duration[i] += from->duration[i];
		to->wait[i] += from->wait[i];
	}
}

static int compare_service(const struct nl_row_key *a, const struct nl_row_key *b)
{
	bool a_other = a->kind == NL_ROW_OTHER, b_other = b->kind == NL_ROW_OTHER;
	int order;

	if (a_other || b_other)
		return a_other - b_other;
	order = memcmp(&a->server_addr, &b->server_addr, sizeof(a->server_addr));
	return order ? order : a->server_port - b->server_port;
}

bool metrics_same_service(const struct nl_row_key *a, const struct nl_row_key *b)
{
	return compare_service(a, b) == 0;
}

int metrics_compare_keys(const struct nl_row_key *a, const struct nl_row_key *b)
{
	int order = compare_service(a, b);

	if (order)
		return order;
	if (a->kind != b->kind)
		return a->kind - b->kind;
	return memcmp(&a->client_addr, &b->client_addr, sizeof(a->client_addr));
}

/* What a row is sorted by; rows are large, so these are sorted in their place. */
struct place {
	const struct metrics_row *row;
	u64 service_requests;
	size_t from; /* where the row is now */
};

static int compare_places_by_key(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return metrics_compare_keys(&x->row->key, &y->row->key);
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	const struct nl_row_key *x_key = &x->row->key, *y_key = &y->row->key;
	bool x_other = x_key->kind == NL_ROW_OTHER, y_other = y_key->kind == NL_ROW_OTHER;
	int order;

	if (x_other != y_other)
		return x_other - y_other;
	if (x->service_requests != y->service_requests)
		return x->service_requests > y->service_requests ? -1 : 1;
	order = compare_service(x_key, y_key);
	if (order)
		return order;
	if (x_key->kind != y_key->kind)
		return x_key->kind - y_key->kind;
	if (x->row->stats.requests != y->row->stats.requests)
		return x->row->stats.requests > y->row->stats.requests ? -1 : 1;
	return metrics_compare_keys(x_key, y_key);
}

/* Sum up the requests of each service over places sorted by key. */
static void sum_services(struct place *places, size_t count)
{
	for (size_t first = 0, end; first < count; first = end) {
		u64 requests = 0;

		for (end = first; end < count; end++) {
			if (!metrics_same_service(&places[end].row->key, &places[first].row->key))
				break;
			requests += places[end].row->stats.requests;
		}
		for (size_t i = first; i < end; i++)
			places[i].service_requests = requests;
	}
}

/* Move each row to its place, following the cycles of the permutation. */
static void permute(struct metrics_row *rows, struct place *places, size_t count)
{
	struct metrics_row held;

	for (size_t start = 0; start < count; start++) {
		size_t hole = start;

		if (places[start].from == start)
			continue;
		held = rows[start];
		while (places[hole].from != start) {
			size_t next = places[hole].from;

			rows[hole] = rows[next];
			places[hole].from = hole;
			hole = next;
		}
		rows[hole] = held;
		places[hole].from = hole;
	}
}

static int compare_rows_by_key(const void *a, const void *b)
{
	const struct metrics_row *x = a, *y = b;

	return metrics_compare_keys(&x->key, &y->key);
}

void metrics_sort(struct snapshot *snapshot)
{
	size_t count = snapshot->row_count;
	struct place *places;

	if (count < 2)
		return;
	places = calloc(count, sizeof(*places));
	if (!places) { /* short of memory: services still stay together */
		qsort(snapshot->rows, count, sizeof(*snapshot->rows), compare_rows_by_key);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		places[i].row = &snapshot->rows[i];
		places[i].from = i;
	}
	qsort(places, count, sizeof(*places), compare_places_by_key);
	sum_services(places, count);
	qsort(places, count, sizeof(*places), compare_places);
	permute(snapshot->rows, places, count);
	free(places);
}

void snapshot_clear(struct snapshot *snapshot)
{
	free(snapshot->rows);
	free(snapshot->series);
	free(snapshot->given_back);
	memset(snapshot, 0, sizeof(*snapshot));
}

u64 metrics_answered(const struct nl_stats *stats)
{
	u64 answered = 0;

	for (unsigned i = 0; i < NL_STATUS_CLASSES; i++)
		answered += stats->responses[i];
	return answered;
}

u64 metrics_min_ns(u64 complement_ns)
{
	return complement_ns ? ~complement_ns : 0;
}

/* Bound or, with a half subtracted, geometric middle: 2^(steps/8 - 20) s. */
static double power_of_steps_ns(double steps)
{
	return 1e9 * exp2(NL_HISTOGRAM_MIN_LOG2 + steps / NL_HISTOGRAM_PER_OCTAVE);
}

double metrics_bucket_upper_ns(unsigned bucket)
{
	if (bucket >= NL_HISTOGRAM_BUCKETS - 1)
		return INFINITY;
	return power_of_steps_ns(bucket);
}

static double bucket_middle_ns(unsigned bucket, u64 max_ns)
{
	if (bucket == 0) /* from 0 on there is no geometric middle */
		return power_of_steps_ns(0) / 2;
	if (bucket >= NL_HISTOGRAM_BUCKETS - 1) /* nor has what is above all bounds */
		return (double)max_ns;
	return power_of_steps_ns(bucket - 0.5);
}

u64 metrics_quantile_ns(const u64 buckets[NL_HISTOGRAM_BUCKETS], double q, u64 min_ns, u64 max_ns)
{
	u64 total = 0, below = 0, value_ns;
	double rank;
	unsigned bucket;

	for (unsigned i = 0; i < NL_HISTOGRAM_BUCKETS; i++)
		total += buckets[i];
	if (total == 0)
		return 0;
	rank = ceil(q * (double)total); /* nearest rank: the rank-th smallest value */
	if (rank < 1)
		rank = 1;
	for (bucket = 0; bucket < NL_HISTOGRAM_BUCKETS - 1; bucket++) {
		below += buckets[bucket];
		if ((double)below >= rank)
			break;
	}
	value_ns = (u64)(bucket_middle_ns(bucket, max_ns) + 0.5);
	if (value_ns < min_ns)
		value_ns = min_ns;
	return value_ns > max_ns ? max_ns : value_ns;
}

u64 metrics_ended_requests(const u64 counters[NL_COUNTER_MAX])
{
	return counters[NL_COUNT_paired] + counters[NL_COUNT_unanswered] +
	       counters[NL_COUNT_aborted] + counters[NL_COUNT_evicted] +
	       counters[NL_COUNT_in_flight];
}

u64 metrics_open_requests(const u64 counters[NL_COUNTER_MAX])
{
	u64 over = metrics_ended_requests(counters);

	/* Counters are read one CPU after the other, so an end may be seen before its beginning. */
	return counters[NL_COUNT_requests] > over ? counters[NL_COUNT_requests] - over : 0;
}

void metrics_count_clean(u64 counters[NL_COUNTER_MAX])
{
	/* A request that could not even be held has no record, and so no grade. */
	u64 recorded = metrics_ended_requests(counters) - counters[NL_COUNT_pipeline_overflow];

	/* Live, counters are read one CPU after the other. */
	counters[NL_COUNT_clean] =
		recorded > counters[NL_COUNT_graded] ? recorded - counters[NL_COUNT_graded] : 0;
}

u64 metrics_fated_packets(const u64 counters[NL_COUNTER_MAX])
{
	u64 sum = 0;

#define X(number, name, help) sum += counters[NL_COUNT_##name];
	NL_PACKET_FATES(X)
#undef X
	return sum;
}

bool metrics_add_up(const u64 counters[NL_COUNTER_MAX])
{
	return counters[NL_COUNT_requests] == metrics_ended_requests(counters) &&
	       counters[NL_COUNT_responses] ==
		       counters[NL_COUNT_paired] + counters[NL_COUNT_orphan] &&
	       counters[NL_COUNT_packets] == metrics_fated_packets(counters);
}

bool metrics_series_add_up(const struct snapshot *snapshot)
{
	const u64 *counters = snapshot->counters;
	u64 sum = 0;

	for (size_t i = 0; i < snapshot->series_count; i++)
		sum += snapshot->series[i].stats.count;
	return sum == counters[NL_COUNT_paired] + counters[NL_COUNT_unanswered] +
			      counters[NL_COUNT_aborted];
}

const char *counter_name(unsigned number)
{
	static const char *const names[NL_COUNTER_MAX] = {
#define X(number, name, help) [number] = #name,
		NL_PACKET_FATES(X) NL_LEDGER(X)
#undef X
#define X(number, name, help) [NL_COUNT_grade_##name] = ("grade_" #name),
			NL_GRADES(X)
#undef X
	};

	return number < NL_COUNTER_MAX ? names[number] : NULL;
}

const char *counter_help(unsigned number)
{
	static const char *const helps[NL_COUNTER_MAX] = {
#define X(number, name, help) [number] = help,
		NL_PACKET_FATES(X) NL_LEDGER(X)
#undef X
#define X(number, name, help) [NL_COUNT_GRADES + number] = help,
			NL_GRADES(X)
#undef X
	};

	return number < NL_COUNTER_MAX ? helps[number] : NULL;
}
