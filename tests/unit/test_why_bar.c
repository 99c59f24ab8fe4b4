/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_why_bar.c - the parts of a transaction's time as letters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "why_bar.h"

static void check_bar(const struct nl_record *record, const char *expected)
{
	char bar[WHY_BAR_CELLS + 1];

	why_bar_format(bar, record);
	assert_string_equal(bar, expected);
}

static void test_bars(void **state)
{
	struct nl_record record = { 0 };

	(void)state;
	check_bar(&record, "....................");
	record.part_ns[NL_PART_server] = 1;
	check_bar(&record, "SSSSSSSSSSSSSSSSSSSS");
	record.connect_ns = 1; /* not the cause: not in what is divided */
	check_bar(&record, "SSSSSSSSSSSSSSSSSSSS");
	record.cause = NL_CAUSE_connect;
	check_bar(&record, "hhhhhhhhhhSSSSSSSSSS");
	record.cause = NL_CAUSE_none;
	for (unsigned i = 0; i < NL_PART_COUNT; i++)
		record.part_ns[i] = 1000;
	check_bar(&record, "cccuuuSSSnnnddRRrrzz");
	memset(record.part_ns, 0, sizeof(record.part_ns));
	record.part_ns[NL_PART_client] = 974; /* 19.48 and 0.52 cells */
	record.part_ns[NL_PART_zero_window] = 26;
	check_bar(&record, "cccccccccccccccccccz");
	record.part_ns[NL_PART_client] = 976;
	record.part_ns[NL_PART_zero_window] = 24;
	check_bar(&record, "cccccccccccccccccccc");
	for (unsigned i = 0; i < NL_PART_COUNT; i++)
		record.part_ns[i] = ~0ULL;
	check_bar(&record, "cccuuuSSSnnnddRRrrzz");
}

/* Any numbers fill exactly the cells there are. */
static void test_any_bar(void **state)
{
	char bar[WHY_BAR_CELLS + 1];

	(void)state;
	srandom(9);
	for (unsigned round = 0; round < 20000; round++) {
		struct nl_record record = { .connect_ns = (u64)random() };

		record.cause = round % 2 ? NL_CAUSE_connect : NL_CAUSE_loss;
		for (unsigned i = 0; i < NL_PART_COUNT; i++)
			record.part_ns[i] = (u64)random() << ((unsigned)random() % 40);
		why_bar_format(bar, &record);
		assert_int_equal(strlen(bar), WHY_BAR_CELLS);
		assert_null(strchr(bar, '.'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_any_bar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
