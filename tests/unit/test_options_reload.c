/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_options_reload.c - a file of --config that changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "options_reload.h"
#include "options_table.h"
#include "said.h"

static struct options options;

static void begin(const char *text, char *typed)
{
	static char *words[8];
	int count = 0;

	folder_put("f", text);
	words[count++] = "netlat";
	words[count++] = "--config";
	words[count++] = (char *)in_folder("f");
	if (typed)
		words[count++] = typed;
	assert_int_equal(options_parse(&options, count, words), OPTIONS_RUN);
}

/* The text of the file from now on, and what is said of it, its path left out. */
static void check_reload(const char *text, bool is_taken, const char *said)
{
	const char *all;
	size_t path = strlen("netlat: ") + strlen(in_folder("f")) + strlen(": ");

	folder_put("f", text);
	said_begin();
	assert_int_equal(options_reload(&options), is_taken);
	all = said_end();
	assert_true(strlen(all) > path);
	assert_string_equal(all + path, said);
}

static int end(void **state)
{
	options_free(&options);
	said_reveal();
	return folder_remove(state);
}

static void test_what_counts_at_once(void **state)
{
	(void)state;
	begin("interface = a\nrefresh = 2\nverbose = yes\n", NULL);
	check_reload("interface = a\nrefresh = 2\nverbose = yes\n# new\n", true,
		     "read again: nothing changed\n");
	check_reload("interface = a\nrefresh = 3\nquiet = yes\n", true,
		     "read again: refresh, verbose, quiet changed\n");
	assert_true(options.refresh_s == 3);
	assert_false(options.verbose);
	assert_true(options.quiet);
	check_reload("interface = a\n", true, "read again: refresh, quiet changed\n");
	assert_true(options.refresh_s == 1); /* the default */
	check_reload("interface = a\n", true, "read again: nothing changed\n");
}

static void test_what_needs_a_restart(void **state)
{
	(void)state;
	begin("interface = a\nport = 80\nport = 81\n", NULL);
	check_reload("interface = b\nport = 81\nport = 80\nmax-flows = 2048\n", true,
		     "interface, port, max-flows: changed, which does not count before a "
		     "restart\n");
	assert_string_equal(options.interfaces[0], "a");
	assert_int_equal(options.max_flows, 65536);
	assert_int_equal(options.ports[0], 80);
	check_reload("interface = a\nport = 80\nport = 81\n", true,
		     "read again: nothing changed\n");
}

static void test_what_is_typed_stays(void **state)
{
	(void)state;
	begin("interface = a\nrefresh = 2\n", (char[]){ "--refresh=5" });
	check_reload("interface = a\nrefresh = 3\n", true, "read again: nothing changed\n");
	assert_true(options.refresh_s == 5);
}

static void test_wrong_files_are_not_taken(void **state)
{
	(void)state;
	begin("interface = a\nrefresh = 2\n", NULL);
	folder_put("f", "interface = a\nrefresh = 3\nport = 0\n");
	assert_false(options_reload(&options));
	folder_put("f", "refresh = 3\n"); /* nothing to observe */
	assert_false(options_reload(&options));
	assert_true(options.refresh_s == 2);
	assert_string_equal(options.interfaces[0], "a");
}

/* Only what one field holds can be copied while it is used. */
static void test_what_the_table_lets_change(void **state)
{
	(void)state;
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		const struct option_spec *spec = &option_table[id];

		if (!spec->reloads)
			continue;
		assert_int_equal(spec->repeat_max, 0);
		assert_false(spec->only_typed);
		assert_null(spec->form);
		assert_true(!spec->argument || spec->standard);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_counts_at_once, folder_make, end),
		cmocka_unit_test_setup_teardown(test_what_needs_a_restart, folder_make, end),
		cmocka_unit_test_setup_teardown(test_what_is_typed_stays, folder_make, end),
		cmocka_unit_test_setup_teardown(test_wrong_files_are_not_taken, folder_make, end),
		cmocka_unit_test(test_what_the_table_lets_change),
	};

	return cmocka_run_group_tests(tests, NULL, said_forget);
}
