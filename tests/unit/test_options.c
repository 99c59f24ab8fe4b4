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

#include "command_line.h"
#include "listen_address.h"
#include "options_table.h"
#include "version.h"

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
	assert_false(options.no_names);
	assert_false(options.verbose);
	assert_false(options.quiet);
	assert_null(options.write_path);
	assert_true(options.slow_ms < 0);
	assert_false(options.failed);
	assert_false(options.why);
	assert_int_equal(options.snaplen, 256);
	assert_false(options.show_sensitive);
	assert_int_equal(options.recorder_mb, 64);
	assert_int_equal(options.max_per_minute, 60);
	assert_int_equal(options.keep_files, 1000);
	assert_int_equal(options.keep_mb, 1024);
}

static void test_options_of_observation(void **state)
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
	check_good("--read - -n");
	assert_true(options.no_names);
	check_good("-i a --no-names");
	assert_true(options.no_names);
	check_good("--read -");
	assert_string_equal(options.replay_file, "-");
	check_good("-i a --attach tcx --output table");
	assert_int_equal(options.attach, ATTACH_TCX);
	check_good("-i a --attach auto --");
}

static void test_options_of_slow_ones(void **state)
{
	(void)state;
	check_good("-i a -w slow --slow 2.5 --failed --why --snaplen 0 --show-sensitive "
		   "--recorder-mb 8 --max-per-minute 0 --keep-files 5 --keep-mb 7");
	assert_string_equal(options.write_path, "slow");
	assert_true(options.slow_ms == 2.5);
	assert_true(options.failed);
	assert_true(options.why);
	assert_int_equal(options.snaplen, 0);
	assert_true(options.show_sensitive);
	assert_int_equal(options.recorder_mb, 8);
	assert_int_equal(options.max_per_minute, 0);
	assert_int_equal(options.keep_files, 5);
	assert_int_equal(options.keep_mb, 7);
}

static void test_options_of_http(void **state)
{
	(void)state;
	check_good("-i a --listen [::1]:0 --listen unix:b --token-file t --insecure --tls-cert c "
		   "--tls-key k");
	assert_int_equal(options.listen_count, 2);
	assert_string_equal(options.listen[1], "unix:b");
	assert_false(options.listen_none);
	assert_string_equal(options.token_file, "t");
	assert_true(options.insecure);
	assert_string_equal(options.tls_cert, "c");
	assert_string_equal(options.tls_key, "k");
	check_good("-i a --listen none");
	assert_true(options.listen_none);
}

/* The edges of each range are in, what is just outside is not, and the error tells the range. */
/* Values that each option takes, and such as it does not. */
static const struct {
	const char *option, *in[4], *out[12], *error;
} ranges[] = {
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
	{ "--why --slow",
	  { "0", "1e9", "0.5", "250" },
	  { "-1", "1000000001", "1s", "nan" },
	  "not a time in milliseconds (0 to 1000000000)" },
	{ "--snaplen",
	  { "0", "1024" },
	  { "1025", "-1", "256.0", "1k" },
	  "not a number of bytes (0 to 1024)" },
	{ "--recorder-mb",
	  { "1", "4096" },
	  { "0", "4097", "64M" },
	  "not a number of megabytes (1 to 4096)" },
	{ "--max-per-minute",
	  { "0", "1", "1000000" },
	  { "1000001", "-1", "0.5" },
	  "not a number of transactions (0 to 1000000)" },
	{ "--keep-files",
	  { "1", "1000000" },
	  { "0", "1000001", "all" },
	  "not a number of files (1 to 1000000)" },
	{ "--keep-mb",
	  { "1", "1048576" },
	  { "0", "1048577", "1G" },
	  "not a number of megabytes (1 to 1048576)" },
	{ "--output",
	  { "table", "json", "none" },
	  { "Table", "jso", "yaml", "json,table" },
	  "not an output format (table, json, none or csv)" },
	{ "--attach",
	  { "auto", "tcx", "clsact" },
	  { "tc", "xdp", "TCX" },
	  "not a way to attach (auto, tcx or clsact)" },
	{ "--net",
	  { "10.0.0.0/8", "::/0", "1.2.3.4" },
	  { "10.0.0.0/33", "10/8", "eth0", "1.2.3.4/" },
	  "not a network (an IPv4 or IPv6 address, with or without /PREFIX)" },
	{ "--listen",
	  { "127.0.0.1:0", "[::1]:65535", "unix:a", "none" },
	  { "9464", ":9464", "localhost:80", "::1:80", "127.0.0.1", "127.0.0.1:65536",
	    "unix:", "None", "http://127.0.0.1:80" },
	  "not a place to listen on (" LISTEN_ADDRESS_FORM ")" },
};

static void test_ranges(void **state)
{
	char line[256], error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		const char *space = strrchr(ranges[i].option, ' ');
		const char *name = space ? space + 1 : ranges[i].option;

		for (size_t j = 0; j < 4 && ranges[i].in[j]; j++) {
			snprintf(line, sizeof(line), "-i a %s %s", ranges[i].option,
				 ranges[i].in[j]);
			check_good(line);
		}
		for (size_t j = 0; j < 12 && ranges[i].out[j]; j++) {
			const char *value = ranges[i].out[j];

			snprintf(line, sizeof(line), "-i a %s %s", ranges[i].option, value);
			snprintf(error, sizeof(error), "%s %s: %s", name, value, ranges[i].error);
			check_bad(line, error);
		}
	}
}

static void test_values_with_spaces_and_empty_ones(void **state)
{
	static const char *const options_with_value[] = {
		"--port",     "--refresh", "--duration",   "--max-flows", "--net",
		"--output",   "--attach",  "--interface",  "--read",	  "--write",
		"--slow",     "--snaplen", "--keep-files", "--listen",	  "--token-file",
		"--tls-cert", "--tls-key"
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
	check_bad("--help=yes", "--help=yes: takes no value (type --help alone)");
	check_bad("-i a --quiet=maybe", "--quiet maybe: neither yes nor no");
	check_bad("-r a -r b", "-r b: one too many (at most 1)");
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
	repeat(line, " --listen 127.0.0.1:%u --listen 127.0.0.1:1", OPTIONS_LISTEN_MAX);
	check_good(line);
	assert_int_equal(options.listen_count, OPTIONS_LISTEN_MAX);
	repeat(line, " --listen unix:%u", OPTIONS_LISTEN_MAX + 1);
	check_bad(line, "--listen unix:17: one too many (at most 16)");
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
	check_good("-i a -n --port 1 --net ::1 -v -t 9 -o json --attach tcx --max-flows 2000 -w b "
		   "--slow 1 --failed --snaplen 1 --show-sensitive --recorder-mb 1 "
		   "--max-per-minute 1 --keep-files 1 --keep-mb 1 --listen none --insecure "
		   "--token-file t --tls-cert c --tls-key k");
	check_good("-i a --why");
	test_defaults(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_options_of_observation),
		cmocka_unit_test(test_options_of_slow_ones),
		cmocka_unit_test(test_options_of_http),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_values_with_spaces_and_empty_ones),
		cmocka_unit_test(test_wrong_use),
		cmocka_unit_test(test_how_often),
		cmocka_unit_test(test_help_and_version),
		cmocka_unit_test(test_nothing_is_left_of_an_earlier_call),
	};

	return cmocka_run_group_tests(tests, NULL, forget_said);
}
