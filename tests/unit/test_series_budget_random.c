/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_series_budget_random.c - what a scraper relies on, whatever comes and goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "budgeted.h"

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
		s64 shown = budgeted_own(key);

		assert_true(shown < 0 || world->shown[key] < 0 || shown >= world->shown[key]);
		assert_true(expires || world->shown[key] < 0 || shown >= 0);
		world->shown[key] = shown;
		sum += shown > 0 ? shown : 0;
		all += (s64)world->counts[key][1];
	}
	assert_true(budgeted_overflow() >= world->overflow);
	world->overflow = budgeted_overflow();
	sum += world->overflow > 0 ? world->overflow : 0;
	assert_true(sum <= all);
	assert_true(expires || sum == all);
	assert_in_range(series_budget_used(budgeted), 0, 2);
}

static void run_world(unsigned seed, bool expires)
{
	struct world world = { .overflow = -1 };

	srandom(seed);
	memset(world.shown, -1, sizeof(world.shown));
	for (unsigned step = 0; step < 200; step++) {
		if (expires && random() % 8 == 0)
			budgeted_now_s += EXPIRE_S;
		budgeted_begin();
		for (u64 key = 0; key < KEYS; key++) {
			u64 more = (u64)(random() % 3) * (random() % 2);

			world.counts[key][0] += more != 0;
			world.counts[key][1] += more;
			world.is_worthy[key] = world.is_worthy[key] || random() % 20 == 0;
			if (world.counts[key][0])
				budgeted_put(key, world.counts[key], world.is_worthy[key]);
		}
		series_budget_end(budgeted, NULL, NULL);
		check_world(&world, expires);
	}
}

static void test_random_worlds(void **state)
{
	for (unsigned seed = 0; seed < 200; seed++) {
		budgeted_drop(state);
		budgeted_make(state);
		run_world(seed, seed % 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random_worlds, budgeted_make, budgeted_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
