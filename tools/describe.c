/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * describe.c - what is told of the options elsewhere than in --help, made from the same table:
 * `describe man`, `describe completion` and `describe conf` print the man page, bash's completion
 * and configs/netlat.conf.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options_table.h"
#include "version.h"

#define CONF_COLUMNS 100

/* Text for troff(7): no escapes, hyphens that can be copied, no requests. */
static void put_troff(const char *text)
{
	bool is_line_start = true;

	for (; *text != '\0'; text++) {
		if (is_line_start && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '`')
			fputs("\\(ga", stdout);
		else
			putchar(*text);
		is_line_start = *text == '\n';
	}
}

/* Words in lines behind a prefix, of CONF_COLUMNS at most. */
static void put_wrapped(const char *prefix, const char *text)
{
	int column = printf("%s", prefix);
	bool is_first = true;

	while (*text != '\0') {
		int length = (int)strcspn(text, " ");

		if (!is_first && column + 1 + length > CONF_COLUMNS)
			column = printf("\n%s", prefix) - 1;
		else if (!is_first)
			column += printf(" ");
		column += printf("%.*s", length, text);
		text += length;
		text += strspn(text, " ");
		is_first = false;
	}
	putchar('\n');
}

static void describe_option_for_man(const struct option_spec *spec)
{
	char facts[160];

	fputs(".TP\n.B ", stdout);
	if (spec->letter)
		printf("\\-%c, ", spec->letter);
	fputs("\\-\\-", stdout);
	put_troff(spec->name);
	if (spec->argument)
		printf(" \\fI%s\\fR", spec->argument);
	putchar('\n');
	put_troff(spec->help);
	option_print_facts(facts, sizeof(facts), spec);
	put_troff(facts);
	putchar('\n');
}

/* The part of the page `before` or `behind` its options, from a file of tools/. */
static bool copy_part(const char *path)
{
	FILE *part = fopen(path, "r");
	int c;

	if (!part) {
		fprintf(stderr, "describe: %s: cannot be read\n", path);
		return false;
	}
	while ((c = getc(part)) != EOF)
		putchar(c);
	fclose(part);
	return true;
}

static bool describe_man(const char *before, const char *behind)
{
	printf(".\\\" Made by tools/describe.c from the table of options.\n"
	       ".TH NETLAT 8 2026-11-21 \"netlat %s\" \"System Administration\"\n",
	       NETLAT_VERSION);
	if (!copy_part(before))
		return false;
	fputs(".SH OPTIONS\n", stdout);
	for (unsigned group = 0; group < GROUP_COUNT; group++) {
		fputs(".SS ", stdout);
		put_troff(option_group_titles[group]);
		putchar('\n');
		for (unsigned id = 0; id < OPTION_COUNT; id++) {
			if (option_table[id].group == group)
				describe_option_for_man(&option_table[id]);
		}
	}
	if (!copy_part(behind))
		return false;
	fputs(".SH EXAMPLES\n.nf\n", stdout);
	put_troff(options_examples);
	fputs(".fi\n", stdout);
	return true;
}

/* What bash is to offer behind an option; `word` is the shell variable that holds what was typed.
 */
static void complete_value(const struct option_spec *spec)
{
	fputs("\t", stdout);
	if (spec->letter)
		printf("-%c | ", spec->letter);
	printf("--%s)\n", spec->name);
	if (strcmp(spec->argument, "IFACE") == 0) {
		fputs("\t\t_netlat_interfaces \"$word\"\n", stdout);
	} else if (strcmp(spec->argument, "FILE") == 0 || strcmp(spec->argument, "PATH") == 0) {
		fputs("\t\tcompopt -o filenames 2>/dev/null\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n",
		      stdout);
	} else if (spec->choices[0]) {
		fputs("\t\t_netlat_words \"$word\"", stdout);
		for (unsigned i = 0; i < OPTION_CHOICES_MAX && spec->choices[i]; i++)
			printf(" %s", spec->choices[i]);
		putchar('\n');
	}
	fputs("\t\treturn\n\t\t;;\n", stdout);
}

static void describe_completion(void)
{
	/* compgen -W expands its words: an interface can have any name, `$(...)` too. */
	fputs("# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause\n"
	      "# bash completion of netlat; made by tools/describe.c from the table of options\n"
	      "_netlat_words() {\n"
	      "\tlocal typed=$1 offered\n"
	      "\tfor offered in \"${@:2}\"; do\n"
	      "\t\tif [[ $offered == \"$typed\"* ]]; then COMPREPLY+=(\"$offered\"); fi\n"
	      "\tdone\n"
	      "}\n\n"
	      "_netlat_interfaces() {\n"
	      "\tlocal typed=$1 path name\n"
	      "\tfor path in /sys/class/net/*/; do\n"
	      "\t\tpath=${path%/}\n"
	      "\t\tprintf -v name %q \"${path##*/}\"\n"
	      "\t\t_netlat_words \"$typed\" \"$name\"\n"
	      "\tdone\n"
	      "}\n\n"
	      "_netlat() {\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tCOMPREPLY=()\n"
	      "\t# bash takes --option=value for three words\n"
	      "\tif [[ $word == = ]]; then\n"
	      "\t\tword=\n"
	      "\telif [[ $option == = ]] && ((COMP_CWORD >= 2)); then\n"
	      "\t\toption=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\tfi\n"
	      "\tcase $option in\n",
	      stdout);
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		if (option_table[id].argument)
			complete_value(&option_table[id]);
	}
	fputs("\tesac\n\t_netlat_words \"$word\"", stdout);
	for (unsigned id = 0; id < OPTION_COUNT; id++)
		printf(" \\\n\t\t--%s", option_table[id].name);
	fputs("\n}\n\ncomplete -F _netlat netlat\n", stdout);
}

static void describe_key(const struct option_spec *spec)
{
	char text[640], range[128];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s", spec->help);

	putchar('\n');
	put_wrapped("# ", text);
	if (!spec->argument) {
		printf("# Yes or no.%s\n#%s = %s\n", spec->reloads ? " SIGHUP reloads it." : "",
		       spec->name, spec->standard ? spec->standard : "no");
		return;
	}
	option_print_range(range, sizeof(range), spec);
	used = (size_t)snprintf(text, sizeof(text), "%s%s: %s.",
				spec->choices[0] ? "" : "Value: ", spec->noun, range);
	if (used < sizeof(text))
		snprintf(text + used, sizeof(text) - used, "%s%s%s",
			 spec->standard ? "" : " No default.",
			 spec->repeat_max > 1 ? " A line for each." : "",
			 spec->reloads ? " SIGHUP reloads it." : "");
	text[0] = (char)(text[0] >= 'a' && text[0] <= 'z' ? text[0] - 'a' + 'A' : text[0]);
	put_wrapped("# ", text);
	printf("#%s = %s\n", spec->name, spec->standard ? spec->standard : spec->argument);
}

static void describe_conf(void)
{
	fputs("# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause\n"
	      "#\n"
	      "# netlat.conf - options of netlat: one KEY = VALUE a line, keys as the long options "
	      "of\n"
	      "# netlat(8). Comments begin with # or ; and, behind a value, with a space and a ;.\n"
	      "#\n"
	      "# Every option is here with its default. Without a default it has its name in "
	      "CAPITALS: "
	      "put\n"
	      "# your own there. What is typed on the command line counts instead of what stands "
	      "here.\n"
	      "# Look for mistakes with: netlat --config FILE --check-config\n"
	      "# After a change: systemctl reload netlat, or SIGHUP. What only counts after a "
	      "restart is\n"
	      "# said then.\n",
	      stdout);
	for (unsigned group = 0; group < GROUP_COUNT; group++) {
		bool is_titled = false;

		for (unsigned id = 0; id < OPTION_COUNT; id++) {
			const struct option_spec *spec = &option_table[id];

			if (spec->group != group || spec->only_typed)
				continue;
			if (!is_titled)
				printf("\n\n# ---- %s\n", option_group_titles[group]);
			is_titled = true;
			describe_key(spec);
		}
	}
}

int main(int argc, char **argv)
{
	bool is_good = false;

	if (argc == 4 && strcmp(argv[1], "man") == 0) {
		is_good = describe_man(argv[2], argv[3]);
	} else if (argc == 2 && strcmp(argv[1], "completion") == 0) {
		describe_completion();
		is_good = true;
	} else if (argc == 2 && strcmp(argv[1], "conf") == 0) {
		describe_conf();
		is_good = true;
	} else {
		fputs("usage: describe man BEFORE BEHIND | completion | conf\n", stderr);
	}
	if (fflush(stdout) != 0)
		is_good = false;
	return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
