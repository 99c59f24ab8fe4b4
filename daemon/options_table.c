/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_table.c - the table of options, and --help made from it. */
#include "options_table.h"

#include <string.h>

#include "abi.h"
#include "listen_address.h"
#include "options.h"

#define HELP_COLUMNS 80
#define HELP_INDENT 28

const struct option_spec option_table[OPTION_COUNT] = {
	[OPTION_INTERFACE] = { .group = GROUP_SOURCE,
			       .letter = 'i',
			       .name = "interface",
			       .argument = "IFACE",
			       .noun = "an interface",
			       .form = "a name that `ip link` lists",
			       .repeat_max = OPTIONS_INTERFACES_MAX,
			       .help = "observe a network interface, or all ports of a bridge; "
				       "needs root" },
	[OPTION_READ] = { .group = GROUP_SOURCE,
			  .letter = 'r',
			  .name = "read",
			  .argument = "FILE",
			  .noun = "a file",
			  .form = "pcap or pcapng, also gzip-compressed; - is standard input",
			  .repeat_max = 1,
			  .help = "read a capture instead; needs no privileges" },
	[OPTION_PORT] = { .group = GROUP_FILTER,
			  .name = "port",
			  .argument = "PORT",
			  .noun = "a port",
			  .min = 1,
			  .max = 65535,
			  .repeat_max = NL_FILTER_PORTS_MAX,
			  .help = "only connections with this TCP port at either end" },
	[OPTION_NET] = { .group = GROUP_FILTER,
			 .name = "net",
			 .argument = "CIDR",
			 .noun = "a network",
			 .form = "an IPv4 or IPv6 address, with or without /PREFIX",
			 .repeat_max = NL_FILTER_NETS_MAX,
			 .help = "only connections with an end in this network" },
	[OPTION_MIN_LATENCY] = { .group = GROUP_FILTER,
				 .name = "min-latency",
				 .argument = "MS",
				 .noun = "a time in milliseconds",
				 .min = 0,
				 .max = 1e9,
				 .standard = "0",
				 .help = "with -o json: only transactions that took at least this "
					 "long" },
	[OPTION_NO_DECAP] = { .group = GROUP_FILTER,
			      .name = "no-decap",
			      .help = "do not look into tunnels (VXLAN, GENEVE, GRE, ERSPAN, IP in "
				      "IP, GTP-U) nor behind MPLS" },
	[OPTION_OUTPUT] = { .group = GROUP_OUTPUT,
			    .letter = 'o',
			    .name = "output",
			    .argument = "FORMAT",
			    .noun = "an output format",
			    .choices = { "table", "json", "none" },
			    .standard = "table",
			    .help = "a table for people, or one JSON object a line for each "
				    "transaction" },
	[OPTION_REFRESH] = { .group = GROUP_OUTPUT,
			     .letter = 't',
			     .name = "refresh",
			     .reloads = true,
			     .argument = "SECONDS",
			     .noun = "a time in seconds",
			     .min = 0.1,
			     .max = 3600,
			     .standard = "1",
			     .help = "time between two drawings of the live table" },
	[OPTION_NO_NAMES] = { .group = GROUP_OUTPUT,
			      .letter = 'n',
			      .name = "no-names",
			      .reloads = true,
			      .help = "addresses only: do not ask Docker or Podman for names of "
				      "containers" },
	[OPTION_WRITE] = { .group = GROUP_SLOW,
			   .letter = 'w',
			   .name = "write",
			   .argument = "PATH",
			   .noun = "a path",
			   .form = "a directory, or one file that ends in .pcapng",
			   .repeat_max = 1,
			   .help = "write the packets of each slow or failed transaction as "
				   "pcapng: "
				   "a file each into a directory, which is made if it is not "
				   "there, "
				   "or all into one new file" },
	[OPTION_SLOW] = { .group = GROUP_SLOW,
			  .name = "slow",
			  .argument = "MS",
			  .noun = "a time in milliseconds",
			  .min = 0,
			  .max = 1e9,
			  .help = "with -w or --why: transactions that took at least this long, "
				  "connecting included; 1000 if neither --slow nor --failed is "
				  "given" },
	[OPTION_FAILED] = { .group = GROUP_SLOW,
			    .name = "failed",
			    .help = "with -w or --why: transactions with a 5xx, or without a "
				    "complete response; also if neither --slow nor --failed is "
				    "given" },
	[OPTION_WHY] = { .group = GROUP_SLOW,
			 .name = "why",
			 .help = "list slow and failed transactions, and where their time went" },
	[OPTION_SNAPLEN] = { .group = GROUP_SLOW,
			     .name = "snaplen",
			     .argument = "BYTES",
			     .noun = "a number of bytes",
			     .min = 0,
			     .max = 1024,
			     .standard = "256",
			     .help = "payload kept of each packet, beyond its headers" },
	[OPTION_REDACT] = { .group = GROUP_OUTPUT,
			    .name = "redact",
			    .help = "leave out what may be secret: values in queries, user names "
				    "and passwords in targets, and from packets credentials and "
				    "cookies; always, unless --show-sensitive is given" },
	[OPTION_SHOW_SENSITIVE] = { .group = GROUP_OUTPUT,
				    .name = "show-sensitive",
				    .help = "leave nothing of that out, wherever it is shown or "
					    "written" },
	[OPTION_RECORDER_MB] = { .group = GROUP_SLOW,
				 .name = "recorder-mb",
				 .argument = "N",
				 .noun = "a number of megabytes",
				 .min = 1,
				 .max = 4096,
				 .standard = "64",
				 .help = "memory for the latest packets, from which -w takes its "
					 "own" },
	[OPTION_MAX_PER_MINUTE] = { .group = GROUP_SLOW,
				    .name = "max-per-minute",
				    .argument = "N",
				    .noun = "a number of transactions",
				    .min = 0,
				    .max = 1e6,
				    .standard = "60",
				    .help = "at most so many are written; 0: no limit" },
	[OPTION_KEEP_FILES] = { .group = GROUP_SLOW,
				.name = "keep-files",
				.argument = "N",
				.noun = "a number of files",
				.min = 1,
				.max = 1e6,
				.standard = "1000",
				.help = "the oldest in the directory are removed beyond, failed "
					"transactions last" },
	[OPTION_KEEP_MB] = { .group = GROUP_SLOW,
			     .name = "keep-mb",
			     .argument = "N",
			     .noun = "a number of megabytes",
			     .min = 1,
			     .max = 1048576,
			     .standard = "1024",
			     .help = "the same by their size; one file gets no longer" },
	[OPTION_DURATION] = { .group = GROUP_RUN,
			      .name = "duration",
			      .argument = "S",
			      .noun = "a time in seconds",
			      .min = 0.1,
			      .max = 1e9,
			      .help = "end after this many seconds; without it Ctrl-C ends" },
	[OPTION_TIMEOUT] = { .group = GROUP_RUN,
			     .name = "timeout",
			     .argument = "S",
			     .noun = "a time in seconds",
			     .min = 0.1,
			     .max = 86400,
			     .standard = "60",
			     .help = "a request counts as unanswered when nothing has passed on "
				     "its "
				     "connection for this long" },
	[OPTION_MAX_FLOWS] = { .group = GROUP_RUN,
			       .name = "max-flows",
			       .argument = "N",
			       .noun = "a number of connections",
			       .min = 1024,
			       .max = 4194304,
			       .standard = "65536",
			       .help = "HTTP connections followed at a time; the least recently "
				       "used makes room" },
	[OPTION_ATTACH] = { .group = GROUP_RUN,
			    .name = "attach",
			    .argument = "HOW",
			    .noun = "a way to attach",
			    .choices = { "auto", "tcx", "clsact" },
			    .standard = "auto",
			    .help = "auto is tcx where the kernel has it (6.6 and later)" },
	[OPTION_STRICT] = { .group = GROUP_RUN,
			    .name = "strict",
			    .help = "exit 1 if the counters do not add up at the end" },
	[OPTION_LISTEN] = { .group = GROUP_HTTP,
			    .name = "listen",
			    .argument = "WHERE",
			    .noun = "a place to listen on",
			    .form = LISTEN_ADDRESS_FORM,
			    .repeat_max = OPTIONS_LISTEN_MAX,
			    .help = "serve by HTTP what is counted, and what --slow and --failed "
				    "ask for; without it a live run serves "
				    "on " LISTEN_ADDRESS_STANDARD " if that is free" },
	[OPTION_TOKEN_FILE] = { .group = GROUP_HTTP,
				.name = "token-file",
				.argument = "FILE",
				.noun = "a file",
				.form = "one line, read by its owner only",
				.repeat_max = 1,
				.help = "who asks has to send this token (Authorization: Bearer), "
					"but on a unix socket and for /health; any address that "
					"others reach needs one" },
	[OPTION_INSECURE] = { .group = GROUP_HTTP,
			      .name = "insecure",
			      .help = "listen where others reach it without a token, or with one "
				      "that passes in the clear" },
	[OPTION_TLS_CERT] = { .group = GROUP_HTTP,
			      .name = "tls-cert",
			      .argument = "FILE",
			      .noun = "a file",
			      .form = "PEM, with what certifies it after it",
			      .repeat_max = 1,
			      .help = "HTTPS on every address, with this certificate" },
	[OPTION_TLS_KEY] = { .group = GROUP_HTTP,
			     .name = "tls-key",
			     .argument = "FILE",
			     .noun = "a file",
			     .form = "PEM, read by its owner only",
			     .repeat_max = 1,
			     .help = "the certificate's key" },
	[OPTION_MAX_SERIES] = { .group = GROUP_HTTP,
				.name = "max-series",
				.argument = "N",
				.noun = "a number of series",
				.min = 1,
				.max = 2000,
				.standard = "2000",
				.help = "at most so many of each metric have labels of their own; "
					"the others are one series, "
					"otel_metric_overflow=\"true\"" },
	[OPTION_EXPIRE] = { .group = GROUP_HTTP,
			    .name = "expire",
			    .argument = "SECONDS",
			    .noun = "a time in seconds",
			    .min = 1,
			    .max = 1e7,
			    .standard = "3600",
			    .help = "metrics of a service without requests for so long are left "
				    "out until there are some" },
	[OPTION_VERBOSE] = { .group = GROUP_TALK,
			     .letter = 'v',
			     .name = "verbose",
			     .reloads = true,
			     .help = "say more on standard error; every counter at the end" },
	[OPTION_QUIET] = { .group = GROUP_TALK,
			   .letter = 'q',
			   .name = "quiet",
			   .reloads = true,
			   .help = "nothing on standard error but errors" },
	[OPTION_CONFIG] = { .group = GROUP_RUN,
			    .name = "config",
			    .argument = "FILE",
			    .noun = "a file",
			    .form = "lines KEY = VALUE, the keys as the long options here",
			    .repeat_max = 1,
			    .only_typed = true,
			    .help = "take options from a file; those typed here count instead of "
				    "its own; SIGHUP reads it again" },
	[OPTION_CHECK_CONFIG] = { .group = GROUP_RUN,
				  .name = "check-config",
				  .only_typed = true,
				  .help = "with --config: say what is wrong with it, and end" },
	[OPTION_VERSION] = { .group = GROUP_TALK,
			     .name = "version",
			     .only_typed = true,
			     .help = "print the version" },
	[OPTION_HELP] = { .group = GROUP_TALK,
			  .letter = 'h',
			  .name = "help",
			  .only_typed = true,
			  .help = "print this" },
};

static const char *const group_titles[GROUP_COUNT] = {
	[GROUP_SOURCE] = "What to observe (one of the two)",
	[GROUP_FILTER] = "Which part of it",
	[GROUP_OUTPUT] = "What to show",
	[GROUP_SLOW] = "Slow and failed transactions",
	[GROUP_RUN] = "How to run",
	[GROUP_HTTP] = "By HTTP",
	[GROUP_TALK] = "And",
};

static const char usage[] =
	"Usage: netlat -i IFACE [-i IFACE]... [OPTION]...\n"
	"       netlat -r FILE [OPTION]...\n"
	"\n"
	"Latency, errors and rate of HTTP/1 by service and client, taken from the\n"
	"packets that pass an interface or a bridge (by eBPF), or from a capture.\n";

static const char examples[] =
	"\n"
	"Examples:\n"
	"  sudo netlat -i docker0                    all HTTP on Docker's default bridge\n"
	"  sudo netlat -i br0 --port 8080 -t 5       one port, redrawn every 5 seconds\n"
	"  sudo netlat -i eth0 --net 10.1.0.0/16 --duration 60\n"
	"  sudo netlat -i br0 -o json --min-latency 250 > slow.jsonl\n"
	"  sudo netlat -i br0 -w slow --slow 500     packets of what took 0.5 s or more\n"
	"  sudo netlat -i br0 -w failed.pcapng --failed\n"
	"  netlat -r capture.pcapng                  the same table from a capture\n"
	"  tcpdump -i any -w - | netlat -r - -o json\n"
	"\n"
	"Exit status: 0 on success, 1 on failure, 2 on wrong usage.\n";

void option_print_range(char *text, size_t size, const struct option_spec *spec)
{
	size_t used = 0;

	if (spec->form) {
		snprintf(text, size, "%s", spec->form);
		return;
	}
	if (!spec->choices[0]) {
		snprintf(text, size, "%.10g to %.10g", spec->min, spec->max);
		return;
	}
	text[0] = '\0';
	for (unsigned i = 0; i < OPTION_CHOICES_MAX && spec->choices[i] && used < size; i++) {
		bool is_last = i + 1 == OPTION_CHOICES_MAX || !spec->choices[i + 1];
		const char *before = i == 0 ? "" : is_last ? " or " : ", ";

		used += (size_t)snprintf(text + used, size - used, "%s%s", before,
					 spec->choices[i]);
	}
}

/* What follows the help in parentheses; empty where there is nothing to say. */
static void print_facts(char *text, size_t size, const struct option_spec *spec)
{
	char range[128];
	size_t used;

	text[0] = '\0';
	if (!spec->argument)
		return;
	option_print_range(range, sizeof(range), spec);
	used = (size_t)snprintf(text, size, " (%s", range);
	if (spec->standard)
		used += (size_t)snprintf(text + used, size - used, "; default %s", spec->standard);
	if (spec->repeat_max > 1)
		used += (size_t)snprintf(text + used, size - used, "; repeatable");
	snprintf(text + used, size - used, ")");
}

/* Write words from column HELP_INDENT on, the cursor being at `column`. */
static void print_wrapped(FILE *out, const char *text, int column)
{
	if (column >= HELP_INDENT) {
		fputc('\n', out);
		column = 0;
	}
	fprintf(out, "%*s", HELP_INDENT - column, "");
	column = HELP_INDENT;
	while (*text != '\0') {
		int length = (int)strcspn(text, " ");

		if (column > HELP_INDENT && column + 1 + length > HELP_COLUMNS) {
			fprintf(out, "\n%*s", HELP_INDENT, "");
			column = HELP_INDENT;
		} else if (column > HELP_INDENT) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", length, text);
		column += length;
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void print_option(FILE *out, const struct option_spec *spec)
{
	char facts[160], text[400];
	int column;

	if (spec->letter)
		column = fprintf(out, "  -%c, --%s", spec->letter, spec->name);
	else
		column = fprintf(out, "      --%s", spec->name);
	if (spec->argument)
		column += fprintf(out, " %s", spec->argument);
	print_facts(facts, sizeof(facts), spec);
	snprintf(text, sizeof(text), "%s%s", spec->help, facts);
	print_wrapped(out, text, column + 1);
}

void options_print_help(FILE *out)
{
	fputs(usage, out);
	for (unsigned group = 0; group < GROUP_COUNT; group++) {
		fprintf(out, "\n%s:\n", group_titles[group]);
		for (unsigned i = 0; i < OPTION_COUNT; i++) {
			if (option_table[i].group == group)
				print_option(out, &option_table[i]);
		}
	}
	fputs(examples, out);
}
