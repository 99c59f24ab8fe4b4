/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_metric_families.c - names as Prometheus wants them, and the list in README.md. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "metric_families.h"

static bool ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < METRIC_COUNT; i++) {
		const struct metric_family *family = &metric_families[i];
		char end[64];

		for (const char *at = family->name; *at; at++)
			assert_true(islower(*at) || isdigit(*at) || *at == '_');
		assert_int_equal(ends_in(family->name, "_total"), family->type == METRIC_COUNTER);
		/* The unit is the end of the name, in OpenMetrics too. */
		snprintf(end, sizeof(end), "_%s%s", family->unit,
			 family->type == METRIC_COUNTER ? "_total" : "");
		assert_true(!*family->unit || ends_in(family->name, end));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(family->name, metric_families[j].name);
	}
}

/* Text formats would want these escaped, and no two the same way. */
static void test_help(void **state)
{
	(void)state;
	for (unsigned i = 0; i < METRIC_COUNT; i++) {
		assert_null(strpbrk(metric_families[i].help, "\\\n\"|"));
		assert_true(strlen(metric_families[i].help) > 5);
	}
}

/* Each is a line of the table there, in this order, and nothing else is. */
static void test_readme(void **state)
{
	char line[1024], expected[1024];
	unsigned listed = 0;
	FILE *file = fopen("README.md", "re");

	(void)state;
	assert_non_null(file); /* tests are run from the top of the repository */
	while (fgets(line, sizeof(line), file) && !ends_in(line, "| metric | type | labels | |\n"))
		;
	while (fgets(line, sizeof(line), file) && line[0] == '|') {
		if (strncmp(line, "|---", 4) == 0)
			continue;
		assert_true(listed < METRIC_COUNT);
		snprintf(expected, sizeof(expected), "| `%s` | %s | %s | %s |\n",
			 metric_families[listed].name,
			 metric_type_name(metric_families[listed].type),
			 metric_families[listed].labels, metric_families[listed].help);
		assert_string_equal(line, expected);
		listed++;
	}
	fclose(file);
	assert_int_equal(listed, METRIC_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_readme),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
