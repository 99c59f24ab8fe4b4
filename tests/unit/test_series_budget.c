/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_series_budget.c - who has labels, and that nothing is lost or taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "budgeted.h"

static void test_first_come(void **state)
{
	const u64 a[] = { 1, 10 }, b[] = { 1, 20 }, c[] = { 1, 40 }, more[] = { 2, 50 };

	(void)state;
	budgeted_begin();
	budgeted_put(1, a, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_overflow(), -1);
	budgeted_begin();
	budgeted_put(3, c, true);
	budgeted_put(2, b, true);
	budgeted_put(1, more, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), 50);
	assert_int_equal(budgeted_own(3), 40); /* came before 2 */
	assert_int_equal(budgeted_own(2), -1);
	assert_int_equal(budgeted_overflow(), 20);
	assert_int_equal(series_budget_used(budgeted), 2);
	assert_int_equal(series_budget_left_out(budgeted), 1);
}

static void test_parts_of_a_key_are_added(void **state)
{
	const u64 a[] = { 1, 10 }, b[] = { 2, 20 }, c[] = { 3, 40 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		budgeted_begin();
		budgeted_put(1, a, true);
		budgeted_put(1, b, false);
		budgeted_put(1, c, false);
		series_budget_end(budgeted, NULL, NULL);
		assert_int_equal(budgeted_own(1), 70);
	}
	assert_int_equal(a[1] + b[1] + c[1], 70); /* and they are left alone */
}

/* What was in the overflow stays there. */
static void test_worthy_later(void **state)
{
	const u64 few[] = { 3, 30 }, more[] = { 5, 50 }, all[] = { 9, 90 };

	(void)state;
	budgeted_begin();
	budgeted_put(1, few, false);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), -1);
	assert_int_equal(budgeted_overflow(), 30);
	budgeted_begin();
	budgeted_put(1, more, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), 0);
	assert_int_equal(budgeted_overflow(), 50);
	budgeted_begin();
	budgeted_put(1, all, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), 40);
	assert_int_equal(budgeted_overflow(), 50);
}

static void test_worthy_at_once(void **state)
{
	const u64 few[] = { 3, 30 };

	(void)state;
	budgeted_begin();
	budgeted_put(1, few, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), 30);
	assert_int_equal(budgeted_overflow(), -1);
}

/* One that has gone quiet makes room, and goes on where it was when there is some. */
static void test_expiry(void **state)
{
	const u64 quiet[] = { 3, 30 }, loud[] = { 1, 1 }, louder[] = { 2, 2 }, again[] = { 4, 44 };

	(void)state;
	budgeted_begin();
	budgeted_put(1, quiet, true);
	budgeted_put(2, loud, true);
	series_budget_end(budgeted, NULL, NULL);
	budgeted_now_s += EXPIRE_S;
	budgeted_begin();
	budgeted_put(1, quiet, true);
	budgeted_put(2, louder, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), -1);
	assert_int_equal(budgeted_own(2), 2);
	assert_int_equal(budgeted_overflow(), -1); /* nor is it in the overflow */
	budgeted_begin();
	budgeted_put(1, again, true);
	budgeted_put(2, louder, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), 44);
}

/* Its place is taken when it comes back: only what is new goes into the overflow. */
static void test_expiry_and_no_place(void **state)
{
	u64 counts[4][WORDS] = { { 1, 10 }, { 1, 100 }, { 1, 1000 }, { 1, 10000 } };

	(void)state;
	budgeted_begin();
	budgeted_put(0, counts[0], true);
	budgeted_put(1, counts[1], true);
	series_budget_end(budgeted, NULL, NULL);
	budgeted_now_s += EXPIRE_S;
	budgeted_begin();
	budgeted_put(0, counts[0], true);
	budgeted_put(1, counts[1], true);
	series_budget_end(budgeted, NULL, NULL);
	assert_null(series_budget_first(budgeted));
	budgeted_begin();
	for (u64 key = 0; key < 4; key++)
		budgeted_put(key, counts[key], true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(2), 1000);
	assert_int_equal(budgeted_own(3), 10000);
	assert_int_equal(budgeted_overflow(), -1);
	counts[0][0]++;
	counts[0][1] += 5;
	budgeted_begin();
	for (u64 key = 0; key < 4; key++)
		budgeted_put(key, counts[key], true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(0), -1);
	assert_int_equal(budgeted_overflow(),
			 0 - 1); /* what it had when it came back is not news */
	counts[0][0]++;
	counts[0][1] += 7;
	budgeted_begin();
	for (u64 key = 0; key < 4; key++)
		budgeted_put(key, counts[key], true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_overflow(), 7);
}

static bool is_odd(const void *key, const void *userdata)
{
	(void)userdata;
	return *(const u8 *)key & 1;
}

static void test_silence_of_others(void **state)
{
	const u64 a[] = { 1, 10 };

	(void)state;
	budgeted_begin();
	budgeted_put(1, a, true);
	budgeted_put(2, a, true);
	budgeted_put(3, a, true);
	series_budget_end(budgeted, is_odd, NULL);
	assert_int_equal(budgeted_own(1), -1);
	assert_int_equal(budgeted_own(2), 10);
	assert_int_equal(budgeted_own(3), -1);
}

/* A key that the kernel gave up is gone; in the overflow it is not missed. */
static void test_gone(void **state)
{
	const u64 a[] = { 1, 10 }, b[] = { 1, 20 }, c[] = { 1, 40 }, extra[] = { 1, 1 };

	(void)state;
	budgeted_begin();
	budgeted_put(1, a, true);
	budgeted_put(2, b, true);
	budgeted_put(3, c, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_overflow(), 40);
	budgeted_begin();
	budgeted_put(2, b, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), -1);
	assert_int_equal(budgeted_own(2), 20);
	assert_int_equal(budgeted_overflow(), 40);
	assert_int_equal(series_budget_used(budgeted), 1);
	budgeted_begin();
	budgeted_put(2, b, true);
	series_budget_put_overflow(budgeted, extra);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_overflow(), 41);
}

/* Nor is it missed if others that are in the overflow count more than it had. */
static void test_gone_while_others_count(void **state)
{
	const u64 a[] = { 1, 10 }, scan[] = { 1, 40 }, other[] = { 1, 5 }, more[] = { 9, 105 };

	(void)state;
	budgeted_begin();
	budgeted_put(1, a, true);
	budgeted_put(2, scan, false);
	budgeted_put(3, other, false);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_overflow(), 45);
	budgeted_begin();
	budgeted_put(1, a, true);
	budgeted_put(3, more, false);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_overflow(), 145);
	/* One that has a place by now leaves what it counted before. */
	budgeted_begin();
	budgeted_put(1, a, true);
	budgeted_put(3, more, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(3), 0);
	budgeted_begin();
	budgeted_put(1, a, true);
	budgeted_put(4, more, false);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_overflow(), 250);
}

/* The same of one of several parts: a client of a service whose row was given to another. */
static void test_gone_in_part(void **state)
{
	const u64 a[] = { 1, 10 }, b[] = { 1, 20 }, more[] = { 2, 25 }, c[] = { 1, 3 };

	(void)state;
	budgeted_begin();
	budgeted_put(1, a, true);
	budgeted_put(1, b, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), 30);
	budgeted_begin();
	budgeted_put(1, b, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), 30);
	budgeted_begin();
	budgeted_put(1, more, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), 35);
	budgeted_begin();
	budgeted_put(1, more, true);
	budgeted_put(1, c, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), 38);
	/* What is gone altogether begins anew. */
	budgeted_begin();
	series_budget_end(budgeted, NULL, NULL);
	budgeted_begin();
	budgeted_put(1, c, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_int_equal(budgeted_own(1), 3);
}

static void test_attachment_goes_with_the_place(void **state)
{
	const u64 a[] = { 1, 10 };

	(void)state;
	budgeted_begin();
	budgeted_put(1, a, true);
	series_budget_end(budgeted, NULL, NULL);
	*series_attachment(budgeted_find(1)) = malloc(8); /* the sanitizer sees that it is freed */
	budgeted_now_s += EXPIRE_S;
	budgeted_begin();
	budgeted_put(1, a, true);
	series_budget_end(budgeted, NULL, NULL);
	assert_null(budgeted_find(1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, budgeted_make, budgeted_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_come),
		TEST(test_parts_of_a_key_are_added),
		TEST(test_worthy_later),
		TEST(test_worthy_at_once),
		TEST(test_expiry),
		TEST(test_expiry_and_no_place),
		TEST(test_silence_of_others),
		TEST(test_gone),
		TEST(test_gone_while_others_count),
		TEST(test_gone_in_part),
		TEST(test_attachment_goes_with_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
