/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_metrics.c - merging, sorting and reading statistics. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics.h"

static void test_add_sums_every_field(void **state)
{
	struct nl_stats *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));
	u64 *a_words = (u64 *)a, *b_words = (u64 *)b;
	const size_t words = sizeof(*a) / sizeof(u64);
	static const size_t extremes[] = {
		offsetof(struct nl_stats, duration_min_complement_ns),
		offsetof(struct nl_stats, duration_max_ns),
		offsetof(struct nl_stats, ttfb_min_complement_ns),
		offsetof(struct nl_stats, ttfb_max_ns),
	};
	const size_t held = offsetof(struct nl_stats, series) / sizeof(u64);

	(void)state;
	/* Whatever fields there are, a field that was forgotten keeps its value and fails. */
	for (size_t i = 0; i < words; i++) {
		a_words[i] = 3 * i + 1;
		b_words[i] = 1000 + i;
	}
	metrics_add(a, b);
	for (size_t i = 0; i < words; i++) {
		u64 expected = 3 * i + 1 + 1000 + i;

		for (size_t j = 0; j < sizeof(extremes) / sizeof(extremes[0]); j++) {
			u64 mine = 3 * i + 1, other = 1000 + i;

			if (i == extremes[j] / sizeof(u64))
				expected = mine > other ? mine : other;
		}
		if (i >= held && i < held + NL_SERIES_HELD)
			expected = 3 * i + 1; /* a memory of numbers, not a sum */
		if (a_words[i] != expected)
			fail_msg("word %zu: %llu, not %llu", i, a_words[i], expected);
		assert_int_equal(b_words[i], 1000 + i);
	}
	free(a);
	free(b);
}

static void test_minimum_through_merge(void **state)
{
	struct nl_stats *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));

	(void)state;
	assert_int_equal(metrics_min_ns(a->duration_min_complement_ns), 0);
	a->duration_min_complement_ns = ~5000ULL;
	metrics_add(a, b); /* of nothing: changes nothing */
	assert_int_equal(metrics_min_ns(a->duration_min_complement_ns), 5000);
	b->duration_min_complement_ns = ~300ULL;
	metrics_add(a, b);
	assert_int_equal(metrics_min_ns(a->duration_min_complement_ns), 300);
	metrics_add(b, a);
	assert_int_equal(metrics_min_ns(b->duration_min_complement_ns), 300);
	free(a);
	free(b);
}

static void add_row(struct snapshot *snapshot, unsigned kind, u8 server, u16 port, u8 client,
		    u64 requests)
{
	struct metrics_row *row;

	snapshot->rows =
		realloc(snapshot->rows, (snapshot->row_count + 1) * sizeof(*snapshot->rows));
	row = &snapshot->rows[snapshot->row_count++];
	memset(row, 0, sizeof(*row));
	row->key.kind = (u16)kind;
	row->key.server_addr.bytes[15] = server;
	row->key.server_port = port;
	row->key.client_addr.bytes[15] = client;
	row->stats.requests = requests;
	row->stats.duration[7] = requests * 10; /* to see that rows are moved whole */
}

static void check_row(const struct snapshot *snapshot, size_t i, unsigned kind, u8 server, u16 port,
		      u8 client)
{
	const struct metrics_row *row = &snapshot->rows[i];

	assert_int_equal(row->key.kind, kind);
	assert_int_equal(row->key.server_addr.bytes[15], server);
	assert_int_equal(row->key.server_port, port);
	assert_int_equal(row->key.client_addr.bytes[15], client);
	assert_int_equal(row->stats.duration[7], row->stats.requests * 10);
}

static void test_sort(void **state)
{
	struct snapshot snapshot = { 0 };

	(void)state;
	add_row(&snapshot, NL_ROW_OTHER, 0, 0, 0, 1000000);
	add_row(&snapshot, NL_ROW_PAIR, 1, 80, 10, 50); /* largest single row ... */
	add_row(&snapshot, NL_ROW_SERVICE, 2, 80, 0, 45);
	add_row(&snapshot, NL_ROW_PAIR, 2, 80, 11, 20);
	add_row(&snapshot, NL_ROW_PAIR, 1, 81, 10, 1);
	add_row(&snapshot, NL_ROW_PAIR, 2, 80, 12, 40); /* ... but this service has more */
	metrics_sort(&snapshot);
	check_row(&snapshot, 0, NL_ROW_PAIR, 2, 80, 12);
	check_row(&snapshot, 1, NL_ROW_PAIR, 2, 80, 11);
	check_row(&snapshot, 2, NL_ROW_SERVICE, 2, 80, 0);
	check_row(&snapshot, 3, NL_ROW_PAIR, 1, 80, 10);
	check_row(&snapshot, 4, NL_ROW_PAIR, 1, 81, 10);
	check_row(&snapshot, 5, NL_ROW_OTHER, 0, 0, 0);
	snapshot_clear(&snapshot);
	assert_null(snapshot.rows);
	assert_int_equal(snapshot.row_count, 0);
	metrics_sort(&snapshot); /* of nothing */
}

/* The same rows in any order sort the same, with nothing lost: the permutation is right. */
static void test_sort_random_orders(void **state)
{
	(void)state;
	srandom(2);
	for (unsigned round = 0; round < 50; round++) {
		struct snapshot snapshot = { 0 };
		u64 sum = 0, last_total = UINT64_MAX, total;
		size_t i, end;

		for (i = 0; i < 60; i++) {
			u64 requests = (u64)random() % 5;

			add_row(&snapshot, NL_ROW_PAIR, (u8)(random() % 9), 80, (u8)i, requests);
			sum += requests;
		}
		metrics_sort(&snapshot);
		for (i = 0; i < snapshot.row_count; i = end) {
			total = 0;
			for (end = i;
			     end < snapshot.row_count &&
			     metrics_same_service(&snapshot.rows[i].key, &snapshot.rows[end].key);
			     end++) {
				if (end > i)
					assert_true(snapshot.rows[end].stats.requests <=
						    snapshot.rows[end - 1].stats.requests);
				assert_int_equal(snapshot.rows[end].stats.duration[7],
						 snapshot.rows[end].stats.requests * 10);
				total += snapshot.rows[end].stats.requests;
			}
			assert_true(total <= last_total);
			last_total = total;
			sum -= total;
		}
		assert_int_equal(sum, 0);
		snapshot_clear(&snapshot);
	}
}

static void test_answered(void **state)
{
	struct nl_stats stats = { .responses = { 1, 2, 4, 8, 16, 32 }, .unanswered = 64 };

	(void)state;
	assert_int_equal(metrics_answered(&stats), 63);
}

static int compare_u64(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Against the exact nearest-rank quantile of the same values. */
static void test_quantiles_within_4_4_percent(void **state)
{
	static const double qs[] = { 0.01, 0.1, 0.5, 0.9, 0.99, 0.999 };
	enum { COUNT = 10000 };
	static u64 values[COUNT], buckets[NL_HISTOGRAM_BUCKETS];
	u64 last = 0;

	(void)state;
	srandom(3);
	for (unsigned i = 0; i < COUNT; i++) {
		values[i] = (u64)(2000 * exp((double)random() / (double)RAND_MAX * 18));
		buckets[histogram_bucket(values[i])]++;
	}
	qsort(values, COUNT, sizeof(values[0]), compare_u64);
	for (unsigned i = 0; i < sizeof(qs) / sizeof(qs[0]); i++) {
		u64 exact = values[(unsigned)ceil(qs[i] * COUNT - 1e-9) - 1];
		u64 read = metrics_quantile_ns(buckets, qs[i], values[0], values[COUNT - 1]);

		assert_true(fabs((double)read / (double)exact - 1) < 0.0445);
		assert_true(read >= last);
		last = read;
	}
}

static void test_quantile_ends(void **state)
{
	u64 buckets[NL_HISTOGRAM_BUCKETS] = { 0 };

	(void)state;
	assert_int_equal(metrics_quantile_ns(buckets, 0.5, 0, 0), 0);
	buckets[histogram_bucket(5000000)] = 1;
	/* One value: its bucket's middle is kept within minimum and maximum, so it is exact. */
	assert_int_equal(metrics_quantile_ns(buckets, 0.0, 5000000, 5000000), 5000000);
	assert_int_equal(metrics_quantile_ns(buckets, 0.5, 5000000, 5000000), 5000000);
	assert_int_equal(metrics_quantile_ns(buckets, 1.0, 5000000, 5000000), 5000000);
	/* Three quick, one slow: p50 is quick, p99 slow. */
	buckets[histogram_bucket(5000000)] = 3;
	buckets[histogram_bucket(800000000)] = 1;
	assert_true(metrics_quantile_ns(buckets, 0.50, 5000000, 800000000) < 5300000);
	assert_true(metrics_quantile_ns(buckets, 0.75, 5000000, 800000000) < 5300000);
	assert_true(metrics_quantile_ns(buckets, 0.76, 5000000, 800000000) > 760000000);
	/* Beyond all bounds the maximum is all there is to tell. */
	memset(buckets, 0, sizeof(buckets));
	buckets[NL_HISTOGRAM_BUCKETS - 1] = 1;
	assert_int_equal(metrics_quantile_ns(buckets, 0.5, 2ULL << 40, 3ULL << 40), 3ULL << 40);
	/* An early response has a time to first byte of 0, and that is shown. */
	memset(buckets, 0, sizeof(buckets));
	buckets[0] = 2;
	assert_int_equal(metrics_quantile_ns(buckets, 0.5, 0, 0), 0);
	assert_true(metrics_quantile_ns(buckets, 0.5, 0, 900) <= 900);
}

static void test_bucket_bounds(void **state)
{
	(void)state;
	assert_true(metrics_bucket_upper_ns(0) == 1e9 / (1 << 20));
	assert_true(metrics_bucket_upper_ns(8) == 1e9 / (1 << 19));
	assert_true(metrics_bucket_upper_ns(160) == 1e9);
	assert_true(metrics_bucket_upper_ns(NL_HISTOGRAM_BUCKETS - 2) == 1024e9);
	assert_true(isinf(metrics_bucket_upper_ns(NL_HISTOGRAM_BUCKETS - 1)));
}

static void test_open_requests(void **state)
{
	u64 counters[NL_COUNTER_MAX] = { 0 };

	(void)state;
	counters[NL_COUNT_requests] = 100;
	counters[NL_COUNT_paired] = 90;
	counters[NL_COUNT_unanswered] = 4;
	counters[NL_COUNT_aborted] = 1;
	assert_int_equal(metrics_open_requests(counters), 5);
	counters[NL_COUNT_in_flight] = 5; /* the observation is over */
	assert_int_equal(metrics_open_requests(counters), 0);
	counters[NL_COUNT_requests] = 94; /* read before the others */
	assert_int_equal(metrics_open_requests(counters), 0);
}

static void test_ledger(void **state)
{
	static const enum nl_counter terms[] = {
		NL_COUNT_requests, NL_COUNT_paired,    NL_COUNT_unanswered, NL_COUNT_aborted,
		NL_COUNT_evicted,  NL_COUNT_in_flight, NL_COUNT_responses,  NL_COUNT_orphan,
		NL_COUNT_packets,  NL_COUNT_parsed,    NL_COUNT_not_tcp,
	};
	u64 counters[NL_COUNTER_MAX] = {
		[NL_COUNT_requests] = 15, [NL_COUNT_paired] = 5,   [NL_COUNT_unanswered] = 4,
		[NL_COUNT_aborted] = 3,	  [NL_COUNT_evicted] = 2,  [NL_COUNT_in_flight] = 1,
		[NL_COUNT_responses] = 7, [NL_COUNT_orphan] = 2,   [NL_COUNT_packets] = 30,
		[NL_COUNT_parsed] = 20,	  [NL_COUNT_not_tcp] = 10,
	};

	(void)state;
	assert_true(metrics_add_up(counters));
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		counters[terms[i]]++;
		assert_false(metrics_add_up(counters));
		counters[terms[i]]--;
	}
}

static void test_counter_names(void **state)
{
	unsigned named = 0;

	(void)state;
	assert_string_equal(counter_name(NL_COUNT_record_ring_full), "record_ring_full");
	assert_string_equal(counter_name(0), "parsed");
	assert_string_equal(counter_help(NL_COUNT_not_tcp), "IP, but not TCP");
	assert_null(counter_name(NL_COUNTER_MAX));
	assert_null(counter_help(NL_COUNTER_MAX));
	assert_null(counter_name(UINT32_MAX));
	for (unsigned i = 0; i < NL_COUNTER_MAX; i++) {
		assert_int_equal(counter_name(i) == NULL, counter_help(i) == NULL);
		for (unsigned j = 0; counter_name(i) && j < i; j++)
			assert_false(counter_name(j) &&
				     strcmp(counter_name(i), counter_name(j)) == 0);
		named += counter_name(i) != NULL;
	}
#define X(number, name, help) +1
	assert_int_equal(named,
			 0 NL_PACKET_FATES(X) NL_LEDGER(X) NL_GRADES(X)); /* none given twice */
#undef X
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add_sums_every_field),
		cmocka_unit_test(test_minimum_through_merge),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_sort_random_orders),
		cmocka_unit_test(test_answered),
		cmocka_unit_test(test_quantiles_within_4_4_percent),
		cmocka_unit_test(test_quantile_ends),
		cmocka_unit_test(test_bucket_bounds),
		cmocka_unit_test(test_open_requests),
		cmocka_unit_test(test_ledger),
		cmocka_unit_test(test_counter_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
