/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_series_budget.c - who has labels, and that nothing is lost or taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "series_budget.h"

#define WORDS 2
#define SECOND_NS 1000000000ULL
#define EXPIRE_S 100

static struct series_budget *budget;
static u64 now_s;

static int make(void **state)
{
	(void)state;
	now_s = 1;
	budget = series_budget_new(sizeof(u64), WORDS, 2, EXPIRE_S * SECOND_NS);
	return budget ? 0 : -1;
}

static int drop(void **state)
{
	(void)state;
	series_budget_free(budget);
	return 0;
}

static void begin(void)
{
	series_budget_begin(budget, now_s++ * SECOND_NS);
}

static void put(u64 key, const u64 counts[WORDS], bool is_worthy)
{
	assert_int_equal(series_budget_put(budget, &key, counts, is_worthy), 0);
}

static struct series *find_own(u64 key)
{
	struct series *series = series_budget_first(budget);

	while (series && memcmp(series_key(series), &key, sizeof(key)) != 0)
		series = series_budget_next(series);
	return series;
}

/* The second word of a key's own series, or -1. */
static s64 own(u64 key)
{
	const struct series *series = find_own(key);

	return series ? (s64)series_counts(budget, series)[1] : -1;
}

static s64 overflow(void)
{
	const u64 *words = series_budget_overflow(budget);

	return words ? (s64)words[1] : -1;
}

static void test_first_come(void **state)
{
	const u64 a[] = { 1, 10 }, b[] = { 1, 20 }, c[] = { 1, 40 }, more[] = { 2, 50 };

	(void)state;
	begin();
	put(1, a, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(overflow(), -1);
	begin();
	put(3, c, true);
	put(2, b, true);
	put(1, more, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), 50);
	assert_int_equal(own(3), 40); /* came before 2 */
	assert_int_equal(own(2), -1);
	assert_int_equal(overflow(), 20);
	assert_int_equal(series_budget_used(budget), 2);
	assert_int_equal(series_budget_left_out(budget), 1);
}

static void test_parts_of_a_key_are_added(void **state)
{
	const u64 a[] = { 1, 10 }, b[] = { 2, 20 }, c[] = { 3, 40 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		begin();
		put(1, a, true);
		put(1, b, false);
		put(1, c, false);
		series_budget_end(budget, NULL, NULL);
		assert_int_equal(own(1), 70);
	}
	assert_int_equal(a[1] + b[1] + c[1], 70); /* and they are left alone */
}

/* What was in the overflow stays there. */
static void test_worthy_later(void **state)
{
	const u64 few[] = { 3, 30 }, more[] = { 5, 50 }, all[] = { 9, 90 };

	(void)state;
	begin();
	put(1, few, false);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), -1);
	assert_int_equal(overflow(), 30);
	begin();
	put(1, more, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), 0);
	assert_int_equal(overflow(), 50);
	begin();
	put(1, all, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), 40);
	assert_int_equal(overflow(), 50);
}

static void test_worthy_at_once(void **state)
{
	const u64 few[] = { 3, 30 };

	(void)state;
	begin();
	put(1, few, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), 30);
	assert_int_equal(overflow(), -1);
}

/* One that has gone quiet makes room, and goes on where it was when there is some. */
static void test_expiry(void **state)
{
	const u64 quiet[] = { 3, 30 }, loud[] = { 1, 1 }, louder[] = { 2, 2 }, again[] = { 4, 44 };

	(void)state;
	begin();
	put(1, quiet, true);
	put(2, loud, true);
	series_budget_end(budget, NULL, NULL);
	now_s += EXPIRE_S;
	begin();
	put(1, quiet, true);
	put(2, louder, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), -1);
	assert_int_equal(own(2), 2);
	assert_int_equal(overflow(), -1); /* nor is it in the overflow */
	begin();
	put(1, again, true);
	put(2, louder, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), 44);
}

/* Its place is taken when it comes back: only what is new goes into the overflow. */
static void test_expiry_and_no_place(void **state)
{
	u64 counts[4][WORDS] = { { 1, 10 }, { 1, 100 }, { 1, 1000 }, { 1, 10000 } };

	(void)state;
	begin();
	put(0, counts[0], true);
	put(1, counts[1], true);
	series_budget_end(budget, NULL, NULL);
	now_s += EXPIRE_S;
	begin();
	put(0, counts[0], true);
	put(1, counts[1], true);
	series_budget_end(budget, NULL, NULL);
	assert_null(series_budget_first(budget));
	begin();
	for (u64 key = 0; key < 4; key++)
		put(key, counts[key], true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(2), 1000);
	assert_int_equal(own(3), 10000);
	assert_int_equal(overflow(), -1);
	counts[0][0]++;
	counts[0][1] += 5;
	begin();
	for (u64 key = 0; key < 4; key++)
		put(key, counts[key], true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(0), -1);
	assert_int_equal(overflow(), 0 - 1); /* what it had when it came back is not news */
	counts[0][0]++;
	counts[0][1] += 7;
	begin();
	for (u64 key = 0; key < 4; key++)
		put(key, counts[key], true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(overflow(), 7);
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
	begin();
	put(1, a, true);
	put(2, a, true);
	put(3, a, true);
	series_budget_end(budget, is_odd, NULL);
	assert_int_equal(own(1), -1);
	assert_int_equal(own(2), 10);
	assert_int_equal(own(3), -1);
}

/* A key that the kernel gave up is gone; in the overflow it is not missed. */
static void test_gone(void **state)
{
	const u64 a[] = { 1, 10 }, b[] = { 1, 20 }, c[] = { 1, 40 }, extra[] = { 1, 1 };

	(void)state;
	begin();
	put(1, a, true);
	put(2, b, true);
	put(3, c, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(overflow(), 40);
	begin();
	put(2, b, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), -1);
	assert_int_equal(own(2), 20);
	assert_int_equal(overflow(), 40);
	assert_int_equal(series_budget_used(budget), 1);
	begin();
	put(2, b, true);
	series_budget_put_overflow(budget, extra);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(overflow(), 41);
}

/* Nor is it missed if others that are in the overflow count more than it had. */
static void test_gone_while_others_count(void **state)
{
	const u64 a[] = { 1, 10 }, scan[] = { 1, 40 }, other[] = { 1, 5 }, more[] = { 9, 105 };

	(void)state;
	begin();
	put(1, a, true);
	put(2, scan, false);
	put(3, other, false);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(overflow(), 45);
	begin();
	put(1, a, true);
	put(3, more, false);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(overflow(), 145);
	/* One that has a place by now leaves what it counted before. */
	begin();
	put(1, a, true);
	put(3, more, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(3), 0);
	begin();
	put(1, a, true);
	put(4, more, false);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(overflow(), 250);
}

/* The same of one of several parts: a client of a service whose row was given to another. */
static void test_gone_in_part(void **state)
{
	const u64 a[] = { 1, 10 }, b[] = { 1, 20 }, more[] = { 2, 25 }, c[] = { 1, 3 };

	(void)state;
	begin();
	put(1, a, true);
	put(1, b, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), 30);
	begin();
	put(1, b, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), 30);
	begin();
	put(1, more, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), 35);
	begin();
	put(1, more, true);
	put(1, c, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), 38);
	/* What is gone altogether begins anew. */
	begin();
	series_budget_end(budget, NULL, NULL);
	begin();
	put(1, c, true);
	series_budget_end(budget, NULL, NULL);
	assert_int_equal(own(1), 3);
}

static void test_attachment_goes_with_the_place(void **state)
{
	const u64 a[] = { 1, 10 };

	(void)state;
	begin();
	put(1, a, true);
	series_budget_end(budget, NULL, NULL);
	*series_attachment(find_own(1)) = malloc(8); /* the sanitizer sees that it is freed */
	now_s += EXPIRE_S;
	begin();
	put(1, a, true);
	series_budget_end(budget, NULL, NULL);
	assert_null(find_own(1));
}

#define KEYS 8

struct world {
	u64 counts[KEYS][WORDS];
	bool is_worthy[KEYS];
	s64 shown[KEYS];
	s64 overflow;
};

/* The least that a scraper relies on; without expiry nothing is missing either. */
static void check_world(struct world *world, bool expires)
{
	s64 sum = 0, all = 0;

	for (u64 key = 0; key < KEYS; key++) {
		s64 shown = own(key);

		assert_true(shown < 0 || world->shown[key] < 0 || shown >= world->shown[key]);
		assert_true(expires || world->shown[key] < 0 || shown >= 0);
		world->shown[key] = shown;
		sum += shown > 0 ? shown : 0;
		all += (s64)world->counts[key][1];
	}
	assert_true(overflow() >= world->overflow);
	world->overflow = overflow();
	sum += world->overflow > 0 ? world->overflow : 0;
	assert_true(sum <= all);
	assert_true(expires || sum == all);
	assert_in_range(series_budget_used(budget), 0, 2);
}

static void run_world(unsigned seed, bool expires)
{
	struct world world = { .overflow = -1 };

	srandom(seed);
	memset(world.shown, -1, sizeof(world.shown));
	for (unsigned step = 0; step < 200; step++) {
		if (expires && random() % 8 == 0)
			now_s += EXPIRE_S;
		begin();
		for (u64 key = 0; key < KEYS; key++) {
			u64 more = (u64)(random() % 3) * (random() % 2);

			world.counts[key][0] += more != 0;
			world.counts[key][1] += more;
			world.is_worthy[key] = world.is_worthy[key] || random() % 20 == 0;
			if (world.counts[key][0])
				put(key, world.counts[key], world.is_worthy[key]);
		}
		series_budget_end(budget, NULL, NULL);
		check_world(&world, expires);
	}
}

static void test_random_worlds(void **state)
{
	for (unsigned seed = 0; seed < 200; seed++) {
		drop(state);
		make(state);
		run_world(seed, seed % 2);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

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
		TEST(test_random_worlds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
