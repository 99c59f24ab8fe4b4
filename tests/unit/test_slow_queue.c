/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_slow_queue.c - when transactions come out again, in what order, and what finds no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "slow_queue.h"

#define NOW_NS 1000000000000ULL
#define EPOCH_NS 5000000000000ULL

static struct slow_queue *queue;

static int set_up(void **state)
{
	(void)state;
	queue = slow_queue_new();
	return queue ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	slow_queue_free(queue);
	return 0;
}

static bool add(u64 end_ns, unsigned mark, u64 now_ns)
{
	struct nl_record record = { .end_ns = end_ns, .status = (u16)mark };

	return slow_queue_add(queue, &record, EPOCH_NS + mark, now_ns);
}

/* The mark of the next, or -1. */
static int take(u64 now_ns)
{
	struct nl_record record;
	u64 epoch_offset_ns;

	if (!slow_queue_take_due(queue, now_ns, &record, &epoch_offset_ns))
		return -1;
	assert_int_equal(epoch_offset_ns, EPOCH_NS + record.status); /* its own */
	return record.status;
}

static void test_waits(void **state)
{
	(void)state;
	assert_int_equal(take(SLOW_QUEUE_ALL), -1);
	assert_true(add(NOW_NS, 1, NOW_NS));
	assert_int_equal(take(NOW_NS), -1);
	assert_int_equal(take(NOW_NS + SLOW_QUEUE_WAIT_NS - 1), -1);
	assert_int_equal(take(NOW_NS + SLOW_QUEUE_WAIT_NS), 1);
	assert_int_equal(take(SLOW_QUEUE_ALL), -1);
	/* Over for long: due at once. Over in the future, as no clock has it: from now on. */
	assert_true(add(NOW_NS - SLOW_QUEUE_WAIT_NS, 2, NOW_NS));
	assert_true(add(~0ULL, 3, NOW_NS));
	assert_int_equal(take(NOW_NS), 2);
	assert_int_equal(take(NOW_NS), -1);
	assert_int_equal(take(NOW_NS + SLOW_QUEUE_WAIT_NS), 3);
}

static void test_order(void **state)
{
	static const unsigned ends_ns[] = { 5, 3, 9, 3, 1, 7, 5, 3, 0, 9 };
	static const int expected[] = { 8, 4, 1, 3, 7, 0, 6, 5, 2, 9 };
	const size_t count = sizeof(ends_ns) / sizeof(ends_ns[0]);

	(void)state;
	for (size_t i = 0; i < count; i++)
		assert_true(add(NOW_NS + ends_ns[i], (unsigned)i, NOW_NS + 100));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(take(SLOW_QUEUE_ALL), expected[i]);
	assert_int_equal(take(SLOW_QUEUE_ALL), -1);
	/* None waits behind one that ended later, where a capture's time goes back. */
	assert_true(add(NOW_NS, 1, NOW_NS));
	assert_true(add(1000, 2, 1000));
	assert_int_equal(take(1000 + SLOW_QUEUE_WAIT_NS), 2);
	assert_int_equal(take(1000 + SLOW_QUEUE_WAIT_NS), -1);
}

static void test_full(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SLOW_QUEUE_RECORDS_MAX; i++)
		assert_true(add(NOW_NS + i, i, NOW_NS + i));
	assert_int_equal(slow_queue_overflows(queue), 0);
	assert_false(add(NOW_NS, 5000, NOW_NS));
	assert_false(add(NOW_NS, 5000, NOW_NS));
	assert_int_equal(slow_queue_overflows(queue), 2);
	assert_int_equal(take(SLOW_QUEUE_ALL), 0);
	assert_true(add(NOW_NS + 5000, 5001, NOW_NS + 5000));
	for (int i = 1; i < SLOW_QUEUE_RECORDS_MAX; i++)
		assert_int_equal(take(SLOW_QUEUE_ALL), i);
	assert_int_equal(take(SLOW_QUEUE_ALL), 5001);
	assert_int_equal(take(SLOW_QUEUE_ALL), -1);
	assert_int_equal(slow_queue_overflows(queue), 2);
}

/* Adding and taking at random, against what a sorted list would give. */
static void test_against_a_plain_list(void **state)
{
	static u64 waiting[SLOW_QUEUE_RECORDS_MAX];
	unsigned count = 0, seed = 12345;

	(void)state;
	for (unsigned step = 0; step < 20000; step++) {
		seed = seed * 1103515245 + 12345;
		if (seed >> 16 & 1 && count < 200) {
			u64 end_ns = seed >> 8 & 0xff;
			unsigned at = count++;

			assert_true(add(end_ns, (unsigned)end_ns, 1000));
			for (; at > 0 && waiting[at - 1] < end_ns; at--)
				waiting[at] = waiting[at - 1];
			waiting[at] = end_ns;
		} else {
			int expected = count ? (int)waiting[--count] : -1;

			assert_int_equal(take(SLOW_QUEUE_ALL), expected);
		}
	}
}

/* A record from the ring ends with its head: nothing behind is read (ASan), all before is kept. */
static void test_record_as_short_as_the_ring_has_it(void **state)
{
	const size_t size = NL_RECORD_FIXED_BYTES + 3;
	unsigned char *in_ring = malloc(size);
	struct nl_record whole, taken;
	u64 epoch_offset_ns;

	(void)state;
	assert_non_null(in_ring);
	for (size_t i = 0; i < sizeof(whole); i++)
		((unsigned char *)&whole)[i] = (unsigned char)i;
	whole.head_bytes = 3;
	memcpy(in_ring, &whole, size);
	assert_true(slow_queue_add(queue, (const struct nl_record *)in_ring, 0, NOW_NS));
	assert_true(slow_queue_take_due(queue, SLOW_QUEUE_ALL, &taken, &epoch_offset_ns));
	assert_memory_equal(&taken, &whole, size);
	free(in_ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_against_a_plain_list, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_record_as_short_as_the_ring_has_it, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
