/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_help.c - --help, made from the table of options. */
#include <string.h>

#include "options_table.h"

#define HELP_COLUMNS 80
#define HELP_INDENT 28

static const char usage[] =
	"Usage: netlat -i IFACE [-i IFACE]... [OPTION]...\n"
	"       netlat -r FILE [OPTION]...\n"
	"\n"
	"Latency, errors and rate of HTTP/1 by service and client, taken from the\n"
	"packets that pass an interface or a bridge (by eBPF), or from a capture.\n";

const char options_examples[] =
	"  sudo netlat -i docker0                    all HTTP on Docker's default bridge\n"
	"  sudo netlat -i br0 --port 8080 -t 5       one port, redrawn every 5 seconds\n"
	"  sudo netlat -i eth0 --net 10.1.0.0/16 --duration 60\n"
	"  sudo netlat -i br0 -o json --min-latency 250 > slow.jsonl\n"
	"  sudo netlat -i br0 -w slow --slow 500     packets of what took 0.5 s or more\n"
	"  sudo netlat -i br0 -w failed.pcapng --failed\n"
	"  netlat -r capture.pcapng                  the same table from a capture\n"
	"  tcpdump -i any -w - | netlat -r - -o json\n"
	"  sudo netlat --config /etc/netlat/netlat.conf\n";

static const char ending[] = "\nExit status: 0 on success, 1 on failure, 2 on wrong usage.\n";

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

void option_print_facts(char *text, size_t size, const struct option_spec *spec)
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
	option_print_facts(facts, sizeof(facts), spec);
	snprintf(text, sizeof(text), "%s%s", spec->help, facts);
	print_wrapped(out, text, column + 1);
}

void options_print_help(FILE *out)
{
	fputs(usage, out);
	for (unsigned group = 0; group < GROUP_COUNT; group++) {
		fprintf(out, "\n%s:\n", option_group_titles[group]);
		for (unsigned i = 0; i < OPTION_COUNT; i++) {
			if (option_table[i].group == group)
				print_option(out, &option_table[i]);
		}
	}
	fputs("\nExamples:\n", out);
	fputs(options_examples, out);
	fputs(ending, out);
}
