/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_budget.c - what the kernel's maps cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "budget.h"
#include "core/work.h"

#define MB 1000000ULL
#define FLOWS_DEFAULT 65536

static void test_limits(void **state)
{
	(void)state;
	assert_in_range(budget_plan(1, FLOWS_DEFAULT, 0, 0).total_bytes, 1, 128 * MB);
	assert_in_range(budget_plan(2, FLOWS_DEFAULT, 0, 0).total_bytes, 1, 128 * MB);
	for (u32 cpus = 3; cpus <= 128; cpus++)
		assert_in_range(budget_plan(cpus, FLOWS_DEFAULT, 0, 0).total_bytes, 1, 256 * MB);
}

/* At least what the values take: a structure that grows is felt here. */
static void test_maps_hold_their_values(void **state)
{
	(void)state;
	for (u32 cpus = 1; cpus <= 4096; cpus++) {
		struct budget b = budget_plan(cpus, FLOWS_DEFAULT, 64, NL_RECORDS_ALL);

		assert_int_equal(b.cpus, cpus);
		assert_int_equal(b.flows, FLOWS_DEFAULT);
		assert_int_equal(b.rows, BUDGET_ROWS);
		assert_int_equal(b.ring_bytes, BUDGET_RING_BYTES);
		assert_true(b.flow_sets * NL_SET_WAYS >= FLOWS_DEFAULT);
		assert_int_equal(b.flows_bytes, (u64)b.flow_sets * sizeof(struct nl_flow_set));
		assert_true(b.rows_bytes >=
			    (u64)b.rows * (sizeof(struct nl_row_key) + sizeof(u32)));
		assert_int_equal(b.stats_bytes, (u64)b.rows * b.shards * sizeof(struct nl_stats));
		assert_true(b.work_bytes >=
			    (u64)cpus * (sizeof(struct nl_work) + sizeof(struct nl_counters)));
		assert_int_equal(b.series_bytes / sizeof(struct nl_series) / b.series,
				 b.series_shards);
		assert_int_equal(b.total_bytes, b.flows_bytes + b.rows_bytes + b.stats_bytes +
							b.series_bytes + b.work_bytes +
							b.ring_bytes + b.heads_bytes +
							b.handshakes_bytes + b.recorder_bytes);
		assert_int_equal(b.heads_bytes, (u64)b.heads * sizeof(struct nl_head));
		assert_true(b.heads >= FLOWS_DEFAULT);
		assert_true(b.recorder_bytes >= (u64)cpus * 6 * NL_COPY_CHUNK_BYTES);
	}
}

/* What only records need is not there without them, and the recorder is no larger than asked for.
 */
static void test_only_what_is_wanted(void **state)
{
	struct budget without = budget_plan(2, FLOWS_DEFAULT, 0, 0);
	struct budget with = budget_plan(2, FLOWS_DEFAULT, 64, NL_RECORDS_ALL);

	(void)state;
	assert_false(budget_has_recorder(&without));
	assert_int_equal(without.recorder_bytes, 0);
	assert_int_equal(without.heads, 1);
	assert_int_equal(without.ring_bytes, BUDGET_RING_BYTES_MIN);
	assert_int_equal(budget_plan(2, FLOWS_DEFAULT, 0, NL_RECORDS_SAMPLED).heads,
			 NL_SAMPLED_HEADS);
	assert_true(budget_has_recorder(&with));
	assert_in_range(with.recorder_bytes, 63 * MB, 64 * MB);
	assert_in_range(with.copy_chunks[NL_COPY_HANDSHAKES] * 7, 1,
			with.copy_chunks[NL_COPY_FLOWS] + 8);
}

/* A CPU's shard is its number & (shards - 1), so that only a power of two will do. */
static void test_shards(void **state)
{
	(void)state;
	for (u32 cpus = 1; cpus <= 4096; cpus++) {
		u32 shards = budget_plan(cpus, 1, 0, 0).shards;

		assert_in_range(shards, 1, BUDGET_SHARDS_MAX);
		assert_int_equal(shards & (shards - 1), 0);
		/* No CPU shares as long as there may be a shard for each. */
		if (cpus <= BUDGET_SHARDS_MAX)
			assert_in_range(shards, cpus, 2 * cpus - 1);
		else
			assert_int_equal(shards, BUDGET_SHARDS_MAX);
	}
	/* A ring buffer's size is a power of two pages. */
	assert_int_equal(BUDGET_RING_BYTES & (BUDGET_RING_BYTES - 1), 0);
	assert_in_range(BUDGET_RING_BYTES, 4096, 1u << 30);
}

static void test_grows_with_flows(void **state)
{
	u64 before = 0;

	(void)state;
	for (u32 flows = NL_SET_WAYS; flows <= 1u << 24; flows *= 2) {
		struct budget b = budget_plan(2, flows, 0, 0);

		assert_true(b.total_bytes > before);
		assert_true(b.flows_bytes >= (u64)flows * sizeof(struct nl_flow));
		before = b.total_bytes;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_maps_hold_their_values),
		cmocka_unit_test(test_only_what_is_wanted),
		cmocka_unit_test(test_shards),
		cmocka_unit_test(test_grows_with_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
