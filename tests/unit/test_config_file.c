/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_config_file.c - options from a file, alone and together with what is typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "command_line.h"
#include "config_file.h"
#include "folder.h"
#include "option_names.h"

static enum options_result parse_file(const char *typed, const char *text)
{
	char line[1024];

	folder_put("f", text);
	snprintf(line, sizeof(line), "--config %s%s", in_folder("f"), typed);
	return parse(line);
}

static void check_taken(const char *typed, const char *text)
{
	if (parse_file(typed, text) != OPTIONS_RUN)
		fail_msg("`%s` was refused: %s", text, said_err);
	assert_string_equal(said_err, "");
}

/* The error begins with the line's number, behind the path. */
static void check_refused(const char *typed, const char *text, const char *error)
{
	char expected[1024];

	if (parse_file(typed, text) != OPTIONS_EXIT_USAGE)
		fail_msg("`%s` was not refused", text);
	snprintf(expected, sizeof(expected), "netlat: %s:%s\n", in_folder("f"), error);
	assert_string_equal(said_err, expected);
}

static void test_every_form(void **state)
{
	(void)state;
	check_taken("", "\xef\xbb\xbf# a comment\n"
			"; another\n"
			"\n"
			"interface = br0\n"
			"[netlat]\n"
			"  port = 80\r\n"
			"\tport=8080 ; and a remark\n"
			"net = 10.0.0.0/8\n"
			"output: json\n"
			"min-latency = 1.5\n"
			"strict = yes\n"
			"no-names = true\n"
			"failed = no\n"
			"verbose = false\n"
			"attach = clsact");
	assert_int_equal(options.interface_count, 1);
	assert_string_equal(options.interfaces[0], "br0");
	assert_int_equal(options.port_count, 2);
	assert_int_equal(options.ports[1], 8080);
	assert_int_equal(options.net_count, 1);
	assert_int_equal(options.output, OUTPUT_JSON);
	assert_true(options.min_latency_ms == 1.5);
	assert_true(options.strict);
	assert_true(options.no_names);
	assert_false(options.failed);
	assert_false(options.verbose);
	assert_int_equal(options.attach, ATTACH_CLSACT);
	assert_true(options.timeout_s == 60);
}

static void test_what_is_typed_counts(void **state)
{
	(void)state;
	check_taken(" -i eth1 --port 1 -t 3 --strict=no",
		    "interface = br0\nport = 80\nport = 81\nrefresh = 2\nstrict = yes\n"
		    "timeout = 5\n");
	assert_int_equal(options.interface_count, 1);
	assert_string_equal(options.interfaces[0], "eth1");
	assert_int_equal(options.port_count, 1);
	assert_int_equal(options.ports[0], 1);
	assert_true(options.refresh_s == 3);
	assert_true(options.timeout_s == 5);
	assert_false(options.strict);
	check_taken(" -q", "interface = br0\nverbose = yes\n");
	assert_true(options.quiet);
	assert_false(options.verbose);
	check_taken(" -r capture", "interface = br0\nduration = 5\nattach = tcx\n");
	assert_string_equal(options.replay_file, "capture");
	assert_int_equal(options.interface_count, 0);
	/* Wrong all the same. */
	check_refused(" -t 3", "interface = br0\nrefresh = 0\n",
		      "2: refresh 0: not a time in seconds (0.1 to 3600)");
}

static void test_wrong_values(void **state)
{
	(void)state;
	check_refused(" -i a", "\n\nport = 99999\n", "3: port 99999: not a port (1 to 65535)");
	check_refused(" -i a", "port =\n", "1: port '': not a port (1 to 65535)");
	check_refused(" -i a", "strict = 1\n", "1: strict 1: neither yes nor no");
	check_refused(" -i a", "strict =\n", "1: strict '': neither yes nor no");
	check_refused(" -i a", "output = xml\n",
		      "1: output xml: not an output format (table, json, none or csv)");
}

static void test_wrong_lines(void **state)
{
	char text[600];

	(void)state;
	check_refused(" -i a", "refersh = 3\n", "1: refersh: no such option (refresh?)");
	check_refused(" -i a", "min_latency = 3\n",
		      "1: min_latency: no such option (min-latency?)");
	check_refused(" -i a", "colour = red\n",
		      "1: colour: no such option (netlat --help lists them)");
	check_refused(" -i a", "refresh = 2\nport = 1\nrefresh = 2\n",
		      "3: refresh: given twice (first in line 1)");
	check_refused(" -i a", "help = yes\n", "1: help: only for the command line");
	check_refused(" -i a", "config = x\n", "1: config: only for the command line");
	check_refused(" -i a", "[http]\nport = 80\n",
		      "1: [http]: no such section (the only one is [netlat], and it can be left "
		      "out)");
	check_refused(" -i a", "port = 1\nport\n",
		      "2: neither KEY = VALUE nor a comment (comments begin with #)");
	check_refused(" -i a", "port = 1\njust words",
		      "2: neither KEY = VALUE nor a comment (comments begin with #)");
	memset(text, 'x', sizeof(text));
	memcpy(text, "write = ", 8);
	text[sizeof(text) - 1] = '\0';
	check_refused(" -i a", text, "1: longer than 199 bytes");
}

/* As other files of settings have them; here they would be a part of the value. */
static void test_not_meant(void **state)
{
	(void)state;
	check_refused("", "interface = \"br0\"\n",
		      "1: interface \"br0\": quotes would be a part of it (leave them out)");
	check_refused(" -i a", "log = '/var/log/a b'\n",
		      "1: log '/var/log/a b': quotes would be a part of it (leave them out)");
	check_refused(
		"", "interface = br0 # mine\n",
		"1: interface br0 # mine: # begins no comment behind a value (put a ; there)");
	check_refused("", "interface = br0\rport = 80\r",
		      "1: interface: a control character in its value (lines end in LF)");
	check_refused(" -i a", "= 80\n", "1: there is nothing before the = (KEY = VALUE)");
	check_taken("", "interface = a#b\nlog = /a\"b\"\nport = 80 ; # mine\n");
}

/* One look tells of all that is wrong. */
static void test_all_errors_at_once(void **state)
{
	(void)state;
	assert_int_equal(parse_file(" -i a", "prot = 1\nport = 0\nstrict = 1\n"),
			 OPTIONS_EXIT_USAGE);
	assert_non_null(strstr(said_err, "f:1: prot: no such option (port?)\n"));
	assert_non_null(strstr(said_err, "f:2: port 0: not a port"));
	assert_non_null(strstr(said_err, "f:3: strict 1: neither"));
}

static void test_no_text(void **state)
{
	static const char bytes[] = "port = 80\nnet = 10.0\0.0.0/8\nport = 0\n";
	FILE *file;

	(void)state;
	folder_put("f", "");
	file = fopen(in_folder("f"), "w");
	assert_non_null(file);
	fwrite(bytes, 1, sizeof(bytes) - 1, file);
	fclose(file);
	assert_int_equal(parse(strcat(strcpy((char[600]){ "" }, "-i a --config "), in_folder("f"))),
			 OPTIONS_EXIT_USAGE);
	assert_non_null(strstr(said_err, "f:2: a NUL byte (is it a text file?)\n"));
}

static void check_unreadable(const char *path, const char *error)
{
	char line[600], expected[900];

	snprintf(line, sizeof(line), "-i a --config %s", path);
	assert_int_equal(parse(line), OPTIONS_EXIT_USAGE);
	snprintf(expected, sizeof(expected), "netlat: %s: %s\n", path, error);
	assert_string_equal(said_err, expected);
}

static void test_no_file(void **state)
{
	(void)state;
	check_unreadable(in_folder("none"), "cannot be read: No such file or directory");
	check_unreadable(folder, "a directory (--config wants a file of lines KEY = VALUE)");
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	check_unreadable(in_folder("fifo"),
			 "not a regular file (--config wants a file of lines KEY = VALUE)");
	check_unreadable("/dev/zero",
			 "not a regular file (--config wants a file of lines KEY = VALUE)");
}

static void test_bounds(void **state)
{
	char *text = malloc(CONFIG_BYTES_MAX + 2);
	char error[128], *end = text;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i <= CONFIG_SETTINGS_MAX; i++)
		end = stpcpy(end, "port = 80\n");
	snprintf(error, sizeof(error), "%u: one line too many (at most %u with a value)",
		 CONFIG_SETTINGS_MAX + 1, CONFIG_SETTINGS_MAX);
	check_refused(" -i a", text, error);
	memset(text, '\n', CONFIG_BYTES_MAX + 1);
	text[CONFIG_BYTES_MAX + 1] = '\0';
	check_refused(" -i a", text, " longer than 1048576 bytes: not a configuration");
	free(text);
}

static void test_check_config(void **state)
{
	char expected[600];

	(void)state;
	assert_int_equal(parse_file(" --check-config", "interface = a\n"), OPTIONS_EXIT_OK);
	snprintf(expected, sizeof(expected), "%s: nothing is wrong\n", in_folder("f"));
	assert_string_equal(said_out, expected);
	assert_string_equal(said_err, "");
	/* What cannot be together is wrong too. */
	assert_int_equal(parse_file(" --check-config", "interface = a\nread = b\n"),
			 OPTIONS_EXIT_USAGE);
	assert_int_equal(parse("--check-config -i a"), OPTIONS_EXIT_USAGE);
	assert_string_equal(said_err, "netlat: --check-config: of which file? (add --config "
				      "FILE)\n");
}

static void check_wrong_file(const char *text, const char *errors)
{
	assert_int_equal(parse_file(" -i a --check-config", text), OPTIONS_EXIT_USAGE);
	assert_string_equal(said_err, errors);
	assert_string_equal(said_out, "");
	/* To begin with it is another matter. */
	assert_int_equal(parse_file(" -i a", text), OPTIONS_RUN);
}

/* The files that it names, each with the line in which it is named; all at once. */
static void test_check_config_looks_at_files(void **state)
{
	char text[4096], errors[8192], f[FOLDER_PATH_BYTES + 2];

	(void)state;
	snprintf(f, sizeof(f), "%s/f", folder);
	folder_put("token", "two words");
	assert_int_equal(chmod(in_folder("token"), 0600), 0);
	folder_put("key", "no key");
	assert_int_equal(chmod(in_folder("key"), 0644), 0);
	snprintf(text, sizeof(text),
		 "log = %s/none/log\nwrite = %s/none/slow/\n\ntoken-file = %s/token\n"
		 "tls-cert = %s/cert\ntls-key = %s/key\n",
		 folder, folder, folder, folder, folder);
	snprintf(errors, sizeof(errors),
		 "netlat: %s:1: --log %s/none/log: the directory it is to be in is not there "
		 "(make that first)\n"
		 "netlat: %s:2: --write %s/none/slow/: the directory it is to be in is not there "
		 "(make that first)\n"
		 "netlat: %s:4: --token-file %s/token: not a token (one line of letters, digits "
		 "and -._~+/, as of openssl rand -base64 32)\n"
		 "netlat: %s:6: --tls-key %s/key: others can read or change it (chmod 600 "
		 "%s/key)\n",
		 f, folder, f, folder, f, folder, f, folder, folder);
	check_wrong_file(text, errors);
	snprintf(text, sizeof(text), "log = %s\n", folder);
	snprintf(errors, sizeof(errors), "netlat: %s:1: --log %s: is a directory (name a file)\n",
		 f, folder);
	check_wrong_file(text, errors);
}

/* Nothing is made, and what may be there already is no error: netlat may be running. */
static void test_check_config_leaves_files(void **state)
{
	char text[2048];

	(void)state;
	folder_put("token", "c2VjcmV0\n");
	assert_int_equal(chmod(in_folder("token"), 0600), 0);
	snprintf(text, sizeof(text), "log = %s/log\nwrite = %s/slow/\ntoken-file = %s/token\n",
		 folder, folder, folder);
	assert_int_equal(parse_file(" -i a --check-config", text), OPTIONS_EXIT_OK);
	assert_string_equal(said_err, "");
	assert_int_equal(folder_count(NULL), 2);
	folder_put("log", "{}\n");
	folder_put("all.pcapng", "");
	snprintf(text, sizeof(text), "log = %s/log\nwrite = %s/all.pcapng\n", folder, folder);
	assert_int_equal(parse_file(" -i a --check-config", text), OPTIONS_EXIT_OK);
	assert_string_equal(said_err, "");
}

/* Every option of the table is known, but those that only make sense when they are typed. */
static void test_every_option_is_a_key(void **state)
{
	(void)state;
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		enum option_id found = OPTION_COUNT;
		char text[128];

		assert_true(option_find(option_table[id].name, &found));
		assert_int_equal(found, id);
		snprintf(text, sizeof(text), "%s = ?\n", option_table[id].name);
		parse_file(" -i a", text);
		assert_null(strstr(said_err, "no such option"));
		assert_int_equal(strstr(said_err, "only for the command line") != NULL,
				 option_table[id].only_typed);
	}
}

static void test_comparing_and_moving(void **state)
{
	struct config_file *old, *fresh;

	(void)state;
	folder_put("old", "port = 80\nport = 81\nrefresh = 2\n");
	folder_put("fresh", "port = 81\nport = 80\nrefresh = 3\nquiet = yes\n");
	old = config_file_read(in_folder("old"));
	fresh = config_file_read(in_folder("fresh"));
	assert_non_null(old);
	assert_non_null(fresh);
	assert_false(config_file_same(old, fresh, OPTION_PORT));
	assert_false(config_file_same(old, fresh, OPTION_REFRESH));
	assert_false(config_file_same(old, fresh, OPTION_QUIET));
	assert_true(config_file_same(old, fresh, OPTION_NET));
	assert_true(config_file_move(old, fresh, OPTION_REFRESH));
	assert_true(config_file_move(old, fresh, OPTION_QUIET));
	assert_int_equal(old->count, 4);
	assert_string_equal(old->settings[2].value, "3");
	config_file_free(fresh);
	fresh = config_file_read(in_folder("fresh"));
	assert_true(config_file_same(old, fresh, OPTION_REFRESH));
	assert_true(config_file_same(old, fresh, OPTION_QUIET));
	config_file_free(fresh);
	config_file_free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_form, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_what_is_typed_counts, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(test_wrong_values, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_wrong_lines, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_not_meant, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_all_errors_at_once, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(test_no_text, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_no_file, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_bounds, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_check_config, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_check_config_looks_at_files, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(test_check_config_leaves_files, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(test_every_option_is_a_key, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(test_comparing_and_moving, folder_make,
						folder_remove),
	};

	return cmocka_run_group_tests(tests, NULL, forget_said);
}
