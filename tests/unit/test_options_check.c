/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_options_check.c - options that contradict each other, and those that imply others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "command_line.h"
#include "folder.h"

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
					  "here (add -o json or --log; a table always counts "
					  "everything)");
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

static void test_log(void **state)
{
	(void)state;
	check_good("-i a --log b --min-latency 5");
	assert_string_equal(options.log_path, "b");
	assert_int_equal(options.output, OUTPUT_TABLE);
	assert_int_equal(options.log_mb, 100);
	assert_int_equal(options.log_files, 5);
	assert_false(options.log_csv);
	check_good("-i a -o csv --log b --log-format csv --log-mb 0 --log-files 0");
	/* Standard output: what -o is for */
	check_good("-i a --log -");
	assert_null(options.log_path);
	assert_int_equal(options.output, OUTPUT_JSON);
	check_good("-r a --log - --log-format csv -o none");
	assert_int_equal(options.output, OUTPUT_CSV);
	check_good("-r a --log - -o csv");
	assert_int_equal(options.output, OUTPUT_CSV);
	check_bad("-i a --log - -o table", "--log - and -o table: both on standard output (name a "
					   "file with --log, or leave one out)");
	check_bad("-i a --log - --why", "--log - and --why: both on standard output (name a file "
					"with --log, or leave one out)");
	check_bad("-i a -o csv --log - --log-format json",
		  "-o csv and --log - with --log-format json: both on standard output (name a "
		  "file with --log, or leave one out)");
	check_bad("-i a --log b --log c", "--log c: one too many (at most 1)");
	check_bad("-i a --log=", "--log '': not a file (a file, made if it is not there; - is "
				 "standard output)");
	check_bad("-i a --log-mb -1", "--log-mb -1: not a number of megabytes (0 to 1048576)");
	check_bad("-i a --why -o csv", "--why and -o csv: a list for people, and records for "
				       "programs, which say why themselves (leave one out)");
}

static void test_redact(void **state)
{
	(void)state;
	check_good("-i a --redact");
	check_good("-r a --show-sensitive -o json");
	check_bad("-i a --redact=no",
		  "--redact no: cannot be turned off like this (say show-sensitive)");
	check_bad("-i a --redact --show-sensitive",
		  "--redact and --show-sensitive: contradict each other (leave one out)");
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

static void test_where_it_listens(void **state)
{
	(void)state;
	check_good("-i a --listen 127.0.0.1:9464 --listen [::1]:0 --listen unix:/run/netlat");
	check_good("-i a --listen none");
	check_bad("-i a --listen none --listen 127.0.0.1:1",
		  "--listen none and --listen 127.0.0.1:1: contradict each other (leave one out)");
	check_bad("-i a --listen [::1]:1 --listen 0.0.0.0:9464",
		  "--listen 0.0.0.0:9464: others can reach this address (add --token-file FILE "
		  "and best --tls-cert and --tls-key, or --insecure if all of them may read it)");
	check_good("-i a --listen 0.0.0.0:9464 --insecure");
	check_good("-i a --listen 0.0.0.0:9464 --token-file t");
	check_good("-i a --tls-cert c --tls-key k");
	check_bad("-i a --tls-cert c", "--tls-cert c: its key is missing (add --tls-key FILE)");
	check_bad("-i a --tls-key k",
		  "--tls-key k: its certificate is missing (add --tls-cert FILE)");
	check_bad("-r a --listen [::1]:1",
		  "--listen: only for a live interface (leave it out with -r)");
	check_bad("-r a --insecure",
		  "--insecure: only for a live interface (leave it out with -r)");
}

/* What is served of slow ones is what was asked for: to listen asks for none. */
static void test_listening_does_not_record(void **state)
{
	(void)state;
	check_chosen("-i a --listen 127.0.0.1:1", -1, false);
	check_chosen("-i a --listen 127.0.0.1:1 --why", 1000, true);
	check_chosen("-i a --listen 127.0.0.1:1 --failed", -1, true);
}

/* A file with these lines is refused, for one of them (0: all of it). */
static void check_file(const char *text, const char *typed, unsigned at, const char *error)
{
	char line[FOLDER_PATH_BYTES + 64], expected[FOLDER_PATH_BYTES + 256], number[16] = "";

	folder_put("f", text);
	if (at)
		snprintf(number, sizeof(number), ":%u", at);
	snprintf(line, sizeof(line), "--config %s%s", in_folder("f"), typed);
	snprintf(expected, sizeof(expected), "%s%s: %s", in_folder("f"), number, error);
	check_bad(line, expected);
}

/* What contradicts each other is found in the file, unless it was typed. */
static void test_where_in_the_file(void **state)
{
	(void)state;
	check_file("interface = a\n\nlisten = 127.0.0.1:1\nlisten = 0.0.0.0:2\n", "", 4,
		   "--listen 0.0.0.0:2: others can reach this address (add --token-file FILE and "
		   "best --tls-cert and --tls-key, or --insecure if all of them may read it)");
	check_file("interface = a\ntls-key = b\n", "", 2,
		   "--tls-key b: its certificate is missing (add --tls-cert FILE)");
	check_file("# c\ninterface = a\nwhy = yes\n", " -o none", 3,
		   "--why and -o none: contradict each other (leave one out)");
	check_file("verbose = no\n", "", 0,
		   "nothing to observe: name an interface with -i or a capture with -r "
		   "(for example: sudo netlat -i eth0)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_what_is_written_by_default),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_redact),
		cmocka_unit_test(test_wrong_use_of_what_is_written),
		cmocka_unit_test(test_where_it_listens),
		cmocka_unit_test(test_listening_does_not_record),
		cmocka_unit_test_setup_teardown(test_where_in_the_file, folder_make, folder_remove),
	};

	return cmocka_run_group_tests(tests, NULL, forget_said);
}
