/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_options_check.c - options that contradict each other, and those that imply others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "command_line.h"

static void test_contradictions(void **state)
{
	(void)state;
	check_bad("", "nothing to observe: name an interface with -i or a capture with -r "
		      "(for example: sudo netlat -i eth0)");
	check_bad("-v", "nothing to observe: name an interface with -i or a capture with -r "
			"(for example: sudo netlat -i eth0)");
	check_bad("-i a -r b", "-i a and -r b: live and from a capture at once (leave one out)");
	check_bad("-r a --duration 5", "--duration: only for a live interface (leave it out "
				       "with -r)");
	check_bad("--attach auto -r a", "--attach: only for a live interface (leave it out "
					"with -r)");
	check_bad("-i a --min-latency 5", "--min-latency: selects records, and there are none "
					  "here (add -o json; a table always counts everything)");
	check_bad("-i a -q -v", "-v and -q: contradict each other (leave one out)");
}

static void check_chosen(const char *line, double slow_ms, bool failed)
{
	check_good(line);
	if (options.slow_ms != slow_ms || options.failed != failed)
		fail_msg("`%s` chooses --slow %g, --failed %d", line, options.slow_ms,
			 options.failed);
}

static void test_what_is_written_by_default(void **state)
{
	(void)state;
	check_chosen("-i a", -1, false);
	check_chosen("-i a -w slow", 1000, true);
	check_chosen("-r a -w slow", 1000, true);
	check_chosen("-i a --why", 1000, true);
	check_chosen("-i a -w slow --failed", -1, true);
	check_chosen("-i a -w slow --slow 1000", 1000, false);
	check_chosen("-i a --slow 0 --write all", 0, false);
	check_chosen("-i a --slow 5 --failed --why", 5, true);
	check_chosen("-i a -w slow -o json", 1000, true);
	/* What only sets how is no error where nothing is written. */
	check_good("-i a --snaplen 1 --recorder-mb 1 --max-per-minute 1 --keep-files 1 --keep-mb 1 "
		   "--show-sensitive");
}

static void test_wrong_use_of_what_is_written(void **state)
{
	(void)state;
	check_bad("-i a -w -", "-w -: standard output cannot be written to by -w (name a "
			       "directory, or a file that ends in .pcapng)");
	check_bad("-i a --write=-", "--write -: standard output cannot be written to by -w (name "
				    "a directory, or a file that ends in .pcapng)");
	check_bad("-i a -w", "-w: needs a value, PATH (a directory, or one file that ends in "
			     ".pcapng)");
	check_bad("-i a -w b -w c", "-w c: one too many (at most 1)");
	check_good("-i a --slow 5");
	check_good("-i a -o json --failed");
	check_bad("-i a --why -o json", "--why and -o json: a list for people, and records for "
					"programs, which say why themselves (leave one out)");
	check_bad("-i a -w b --why -o none", "--why and -o none: contradict each other (leave one "
					     "out)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_what_is_written_by_default),
		cmocka_unit_test(test_wrong_use_of_what_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, forget_said);
}
