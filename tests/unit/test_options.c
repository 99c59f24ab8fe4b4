/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_options.c - the command line: what is taken, and what is said about what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "options.h"
#include "options_table.h"
#include "version.h"

#define WORDS_MAX 256

static struct options options;
static char *said_out, *said_err;

/* Parse words separated by single spaces; what is printed goes to said_out and said_err. */
static enum options_result parse(const char *line)
{
	static char *copy;
	char *words[WORDS_MAX + 1] = { (char[]){ "netlat" } };
	FILE *saved_out = stdout, *saved_err = stderr;
	size_t out_size, err_size;
	enum options_result result;
	int count = 1;

	free(copy);
	free(said_out);
	free(said_err);
	copy = strdup(line);
	for (char *rest = copy; rest && *line;)
		words[count++] = strsep(&rest, " ");
	stdout = open_memstream(&said_out, &out_size);
	stderr = open_memstream(&said_err, &err_size);
	result = options_parse(&options, count, words);
	fclose(stdout);
	fclose(stderr);
	stdout = saved_out;
	stderr = saved_err;
	return result;
}

static void check_good(const char *line)
{
	enum options_result result = parse(line);

	if (result != OPTIONS_RUN)
		fail_msg("`%s` was refused: %s", line, said_err);
	assert_string_equal(said_out, "");
	assert_string_equal(said_err, "");
}

static void check_bad(const char *line, const char *error)
{
	char expected[512];

	if (parse(line) != OPTIONS_EXIT_USAGE)
		fail_msg("`%s` was not refused", line);
	snprintf(expected, sizeof(expected), "netlat: %s\n", error);
	assert_string_equal(said_err, expected);
	assert_string_equal(said_out, "");
}

static void test_defaults(void **state)
{
	(void)state;
	check_good("-i eth0");
	assert_int_equal(options.interface_count, 1);
	assert_string_equal(options.interfaces[0], "eth0");
	assert_null(options.replay_file);
	assert_int_equal(options.output, OUTPUT_TABLE);
	assert_int_equal(options.attach, ATTACH_AUTO);
	assert_true(options.refresh_s == 1);
	assert_true(options.duration_s == 0);
	assert_true(options.min_latency_ms == 0);
	assert_int_equal(options.max_flows, 65536);
	assert_int_equal(options.port_count, 0);
	assert_int_equal(options.net_count, 0);
	assert_false(options.verbose);
	assert_false(options.quiet);
}

static void test_every_option(void **state)
{
	(void)state;
	check_good("-i eth0 --interface br0 -o json -t 0.5 --duration 2.5 --port 80 --port 8080 "
		   "--net 10.1.2.3/8 --net 2001:db8::/32 --min-latency 1.5 --max-flows 2048 "
		   "--attach clsact -v");
	assert_int_equal(options.interface_count, 2);
	assert_string_equal(options.interfaces[1], "br0");
	assert_int_equal(options.output, OUTPUT_JSON);
	assert_true(options.refresh_s == 0.5);
	assert_true(options.duration_s == 2.5);
	assert_int_equal(options.port_count, 2);
	assert_int_equal(options.ports[0], 80);
	assert_int_equal(options.ports[1], 8080);
	assert_int_equal(options.net_count, 2);
	assert_int_equal(options.nets[0].addr.bytes[12], 10);
	assert_int_equal(options.nets[0].addr.bytes[15], 0);
	assert_int_equal(options.nets[0].mask.bytes[12], 0xff);
	assert_int_equal(options.nets[0].mask.bytes[13], 0);
	assert_int_equal(options.nets[1].addr.bytes[0], 0x20);
	assert_true(options.min_latency_ms == 1.5);
	assert_int_equal(options.max_flows, 2048);
	assert_int_equal(options.attach, ATTACH_CLSACT);
	assert_true(options.verbose);
	check_good("-r capture.pcap --max-flows 1024 -q --output=none");
	assert_string_equal(options.replay_file, "capture.pcap");
	assert_int_equal(options.interface_count, 0);
	assert_int_equal(options.output, OUTPUT_NONE);
	assert_true(options.quiet);
	check_good("--read -");
	assert_string_equal(options.replay_file, "-");
	check_good("-i a --attach tcx --output table");
	assert_int_equal(options.attach, ATTACH_TCX);
	check_good("-i a --attach auto --");
}

/* The edges of each range are in, what is just outside is not, and the error tells the range. */
static void test_ranges(void **state)
{
	static const struct {
		const char *option, *in[4], *out[12], *error;
	} cases[] = {
		{ "--port",
		  { "1", "65535", "080" },
		  { "0", "65536", "70000", "-1", "+1", "1.0", "1e3", "0x50", "http",
		    "18446744073709551617" },
		  "not a port (1 to 65535)" },
		{ "--refresh",
		  { "0.1", "3600", "1e1", "1.5" },
		  { "0", "0.09", "3600.1", "-1", "nan", "inf", "1s", "0x1", ".", "1e999", "+1" },
		  "not a time in seconds (0.1 to 3600)" },
		{ "--duration",
		  { "0.1", "1e9", "30" },
		  { "0", "0.05", "1e10", "-3", "NaN", "infinity", "1,5" },
		  "not a time in seconds (0.1 to 1000000000)" },
		{ "--max-flows",
		  { "1024", "4194304" },
		  { "0", "1023", "4194305", "-1", "64k", "1e4", "2048.0" },
		  "not a number of connections (1024 to 4194304)" },
		{ "-o json --min-latency",
		  { "0", "1e9", "0.001" },
		  { "-0.1", "1000000001", "ms", "1ms" },
		  "not a time in milliseconds (0 to 1000000000)" },
		{ "--output",
		  { "table", "json", "none" },
		  { "Table", "jso", "csv", "json,table" },
		  "not an output format (table, json or none)" },
		{ "--attach",
		  { "auto", "tcx", "clsact" },
		  { "tc", "xdp", "TCX" },
		  "not a way to attach (auto, tcx or clsact)" },
		{ "--net",
		  { "10.0.0.0/8", "::/0", "1.2.3.4" },
		  { "10.0.0.0/33", "10/8", "eth0", "1.2.3.4/" },
		  "not a network (an IPv4 or IPv6 address, with or without /PREFIX)" },
	};
	char line[256], error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name =
			strstr(cases[i].option, "--min") ? "--min-latency" : cases[i].option;

		for (size_t j = 0; j < 4 && cases[i].in[j]; j++) {
			snprintf(line, sizeof(line), "-i a %s %s", cases[i].option, cases[i].in[j]);
			check_good(line);
		}
		for (size_t j = 0; j < 12 && cases[i].out[j]; j++) {
			const char *value = cases[i].out[j];

			snprintf(line, sizeof(line), "-i a %s %s", cases[i].option, value);
			snprintf(error, sizeof(error), "%s %s: %s", name, value, cases[i].error);
			check_bad(line, error);
		}
	}
}

static void test_values_with_spaces_and_empty_ones(void **state)
{
	static const char *const options_with_value[] = {
		"--port",   "--refresh", "--duration",	"--max-flows", "--net",
		"--output", "--attach",	 "--interface", "--read"
	};
	FILE *saved = stderr;

	(void)state;
	for (size_t i = 0; i < sizeof(options_with_value) / sizeof(options_with_value[0]); i++) {
		char *argv[] = { (char[]){ "netlat" }, (char *)options_with_value[i],
				 (char[]){ "" }, NULL };
		char *said = NULL, expected[64];
		size_t size;

		stderr = open_memstream(&said, &size);
		assert_int_equal(options_parse(&options, 3, argv), OPTIONS_EXIT_USAGE);
		fclose(stderr);
		stderr = saved;
		snprintf(expected, sizeof(expected), "netlat: %s '': not ", options_with_value[i]);
		assert_memory_equal(said, expected, strlen(expected));
		free(said);
	}
	for (size_t i = 0; i < 3; i++) {
		static const char *const values[] = { " 80", "80 ", "8 0" };
		char *argv[] = { (char[]){ "netlat" }, (char[]){ "--port" }, (char *)values[i],
				 NULL };
		char *said = NULL;
		size_t size;

		stderr = open_memstream(&said, &size);
		assert_int_equal(options_parse(&options, 3, argv), OPTIONS_EXIT_USAGE);
		fclose(stderr);
		stderr = saved;
		free(said);
	}
}

static void test_wrong_use(void **state)
{
	(void)state;
	check_bad("", "nothing to observe: name an interface with -i or a capture with -r "
		      "(for example: sudo netlat -i eth0)");
	check_bad("-v", "nothing to observe: name an interface with -i or a capture with -r "
			"(for example: sudo netlat -i eth0)");
	check_bad("-i a -r b", "-i a and -r b: live and from a capture at once (leave one out)");
	check_bad("eth0", "eth0: not an option (for an interface type -i eth0, for a capture "
			  "-r eth0)");
	check_bad("-i a -- -v", "-v: not an option (for an interface type -i -v, for a capture "
				"-r -v)");
	check_bad("-t 0", "-t 0: not a time in seconds (0.1 to 3600)");
	check_bad("--nonsense", "--nonsense: no such option, or short for several "
				"(netlat --help lists them)");
	check_bad("-vx", "-x: no such option (netlat --help lists them)");
	check_bad("--port", "--port: needs a value, PORT (1 to 65535)");
	check_bad("-i", "-i: needs a value, IFACE (a name that `ip link` lists)");
	check_bad("--quiet=yes", "--quiet=yes: takes no value (type --quiet alone)");
	check_bad("-r a -r b", "-r b: one too many (at most 1)");
	check_bad("-r a --duration 5", "--duration: only for a live interface (leave it out "
				       "with -r)");
	check_bad("--attach auto -r a", "--attach: only for a live interface (leave it out "
					"with -r)");
	check_bad("-i a --min-latency 5", "--min-latency: selects records, and there are none "
					  "here (add -o json; a table always counts everything)");
	check_bad("-i a -q -v", "-v and -q: contradict each other (leave one out)");
}

static void repeat(char *line, const char *option, unsigned count)
{
	line += sprintf(line, "-i first");
	for (unsigned i = 0; i < count; i++)
		line += sprintf(line, option, i + 1);
}

static void test_how_often(void **state)
{
	char line[4096];

	(void)state;
	check_good("-i a -i b -i a --interface=b");
	assert_int_equal(options.interface_count, 2);
	check_good("-i a --port 80 --port 80 --net 10.0.0.1/8 --net 10.9.9.9/8");
	assert_int_equal(options.port_count, 1);
	assert_int_equal(options.net_count, 1);
	repeat(line, " -i if%u", OPTIONS_INTERFACES_MAX - 1);
	check_good(line);
	assert_int_equal(options.interface_count, OPTIONS_INTERFACES_MAX);
	repeat(line, " -i if%u", OPTIONS_INTERFACES_MAX);
	check_bad(line, "-i if64: one too many (at most 64)");
	repeat(line, " --port %u", NL_FILTER_PORTS_MAX);
	check_good(line);
	assert_int_equal(options.ports[NL_FILTER_PORTS_MAX - 1], 16);
	repeat(line, " --port %u", NL_FILTER_PORTS_MAX + 1);
	check_bad(line, "--port 17: one too many (at most 16)");
	repeat(line, " --net 10.%u.0.0/16", NL_FILTER_NETS_MAX);
	check_good(line);
	repeat(line, " --net 10.%u.0.0/16", NL_FILTER_NETS_MAX + 1);
	check_bad(line, "--net 10.17.0.0/16: one too many (at most 16)");
	check_good("-i a -t 2 -t 3 -o json -o none"); /* the last one counts */
	assert_true(options.refresh_s == 3);
	assert_int_equal(options.output, OUTPUT_NONE);
}

static void test_help_and_version(void **state)
{
	(void)state;
	assert_int_equal(parse("--version"), OPTIONS_EXIT_OK);
	assert_string_equal(said_out, "netlat " NETLAT_VERSION "\n");
	assert_string_equal(said_err, "");
	assert_int_equal(parse("-h"), OPTIONS_EXIT_OK);
	assert_string_equal(said_err, "");
	for (unsigned i = 0; i < OPTION_COUNT; i++) {
		char text[64];

		snprintf(text, sizeof(text), "--%s", option_table[i].name);
		assert_non_null(strstr(said_out, text));
		if (option_table[i].letter) {
			snprintf(text, sizeof(text), "-%c, --%s", option_table[i].letter,
				 option_table[i].name);
			assert_non_null(strstr(said_out, text));
		}
	}
	assert_non_null(strstr(said_out, "(1024 to 4194304; default"));
	assert_non_null(strstr(said_out, "sudo netlat -i "));
	for (char *line = said_out, *end; (end = strchr(line, '\n')); line = end + 1)
		assert_true(end - line <= 80);
	assert_int_equal(parse("--help --nonsense"), OPTIONS_EXIT_OK);
}

static void test_nothing_is_left_of_an_earlier_call(void **state)
{
	(void)state;
	check_good("-i a --port 1 --net ::1 -v -t 9 -o json --attach tcx --max-flows 2000");
	test_defaults(state);
}

static int clean_up(void **state)
{
	(void)state;
	parse("");
	free(said_out);
	free(said_err);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_every_option),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_values_with_spaces_and_empty_ones),
		cmocka_unit_test(test_wrong_use),
		cmocka_unit_test(test_how_often),
		cmocka_unit_test(test_help_and_version),
		cmocka_unit_test(test_nothing_is_left_of_an_earlier_call),
	};

	return cmocka_run_group_tests(tests, NULL, clean_up);
}
