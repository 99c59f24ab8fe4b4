/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_parse.c - options from argv and from the file of --config, of which argv counts more. */
#include "options.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "log.h"
#include "option_set.h"
#include "options_check.h"
#include "options_files.h"
#include "options_table.h"
#include "version.h"

/* getopt's value of a long option; short ones have their letter. */
#define LONG_VALUE(id) (256 + (int)(id))

/* The text of an option as it was typed. */
struct typed_text {
	char bytes[40];
};

static bool find_typed(int value, struct typed *ret_typed, struct typed_text *text)
{
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		const struct option_spec *spec = &option_table[id];
		bool is_letter = spec->letter && spec->letter == value;

		if (!is_letter && value != LONG_VALUE(id))
			continue;
		*ret_typed = (struct typed){ spec, id, text->bytes };
		if (is_letter)
			snprintf(text->bytes, sizeof(text->bytes), "-%c", spec->letter);
		else
			snprintf(text->bytes, sizeof(text->bytes), "--%s", spec->name);
		return true;
	}
	return false;
}

static void set_defaults(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->slow_ms = -1;
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		const struct option_spec *spec = &option_table[id];
		struct typed typed = { spec, id, spec->name };

		if (spec->standard)
			option_set(options, &typed, spec->standard);
	}
}

static bool is_no(const char *value)
{
	return strcmp(value, "no") == 0 || strcmp(value, "false") == 0;
}

/* A flag that is given a value: `--strict=no`, or in the file. */
static bool set_flag(struct options *options, const struct typed *typed, const char *value)
{
	if (strcmp(value, "yes") == 0 || strcmp(value, "true") == 0)
		return option_set(options, typed, NULL);
	if (is_no(value) && typed->id != OPTION_REDACT)
		return true;
	if (is_no(value)) {
		log_error("%s %s: cannot be turned off like this (say show-sensitive)", typed->text,
			  value);
		return false;
	}
	log_error("%s %s: neither yes nor no", typed->text, *value ? value : "''");
	return false;
}

static bool set_any(struct options *options, const struct typed *typed, const char *value)
{
	if (!typed->spec->argument && value)
		return set_flag(options, typed, value);
	return option_set(options, typed, value);
}

/* getopt's two descriptions, from ours. */
static void describe(char *letters, struct option *longs)
{
	*letters++ = ':'; /* tell a missing value from an unknown option */
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		const struct option_spec *spec = &option_table[id];
		int flag = spec->only_typed ? no_argument : optional_argument;

		*longs++ = (struct option){ .name = spec->name,
					    .has_arg = spec->argument ? required_argument : flag,
					    .val = LONG_VALUE(id) };
		if (!spec->letter)
			continue;
		*letters++ = spec->letter;
		if (spec->argument)
			*letters++ = ':';
	}
	*letters = '\0';
	*longs = (struct option){ 0 };
}

static void refuse_option(int value, char **argv)
{
	struct typed_text text;
	struct typed typed;
	char range[128];

	if (value == ':' && find_typed(optopt, &typed, &text)) {
		option_print_range(range, sizeof(range), typed.spec);
		log_error("%s: needs a value, %s (%s)", typed.text, typed.spec->argument, range);
	} else if (optopt && find_typed(optopt, &typed, &text)) {
		log_error("%s: takes no value (type --%s alone)", argv[optind - 1],
			  typed.spec->name);
	} else if (optopt) {
		log_error("-%c: no such option (netlat --help lists them)", optopt);
	} else {
		log_error("%s: no such option, or short for several (netlat --help lists them)",
			  argv[optind - 1]);
	}
}

/* What was typed; is_set tells which. */
static enum options_result take_typed(struct options *options, bool is_set[OPTION_COUNT])
{
	char letters[2 * OPTION_COUNT + 2];
	struct option longs[OPTION_COUNT + 1];
	char **argv = options->argv;
	struct typed_text text;
	struct typed typed;
	int value;

	describe(letters, longs);
	optind = 0; /* glibc: forget any earlier call */
	opterr = 0;
	while ((value = getopt_long(options->argc, argv, letters, longs, NULL)) != -1) {
		if (value == ':' || value == '?' || !find_typed(value, &typed, &text)) {
			refuse_option(value, argv);
			return OPTIONS_EXIT_USAGE;
		}
		if (typed.id == OPTION_HELP) {
			options_print_help(stdout);
			return OPTIONS_EXIT_OK;
		}
		if (typed.id == OPTION_VERSION) {
			printf("netlat %s\n", NETLAT_VERSION);
			return OPTIONS_EXIT_OK;
		}
		if (!set_any(options, &typed, optarg))
			return OPTIONS_EXIT_USAGE;
		is_set[typed.id] = true;
	}
	if (optind == options->argc)
		return OPTIONS_RUN;
	log_error("%s: not an option (for an interface type -i %s, for a capture -r %s)",
		  argv[optind], argv[optind], argv[optind]);
	return OPTIONS_EXIT_USAGE;
}

/*
 * What is in the file and was not typed. The rest is checked all the same: it is as wrong
 * without what is typed now. False, and all that is wrong was said.
 */
static bool take_config(struct options *options, bool is_set[OPTION_COUNT])
{
	static struct options unused;
	char text[PATH_MAX + 64];
	bool is_typed[OPTION_COUNT], is_good;

	options->config = config_file_read(options->config_path);
	if (!options->config)
		return false;
	is_good = !options->config->is_bad;
	set_defaults(&unused);
	memcpy(is_typed, is_set, sizeof(is_typed));
	for (size_t i = 0; i < options->config->count; i++) {
		struct config_setting *setting = &options->config->settings[i];
		struct typed typed = { &option_table[setting->id], setting->id, text };

		config_setting_print(text, sizeof(text), options->config, setting);
		setting->is_overridden = options_is_overridden(setting->id, is_typed);
		if (!set_any(setting->is_overridden ? &unused : options, &typed, setting->value))
			is_good = false;
		else if (!setting->is_overridden)
			is_set[setting->id] = typed.spec->argument || !is_no(setting->value);
	}
	return is_good;
}

enum options_result options_parse(struct options *options, int argc, char **argv)
{
	bool is_set[OPTION_COUNT] = { false };
	enum options_result result;

	set_defaults(options);
	options->argc = argc;
	options->argv = argv;
	result = take_typed(options, is_set);
	if (result != OPTIONS_RUN)
		return result;
	if (options->check_config && !options->config_path) {
		log_error("--check-config: of which file? (add --config FILE)");
		return OPTIONS_EXIT_USAGE;
	}
	if (options->config_path && !take_config(options, is_set))
		return OPTIONS_EXIT_USAGE;
	if (!options_complete(options, is_set))
		return OPTIONS_EXIT_USAGE;
	if (!options->check_config)
		return OPTIONS_RUN;
	if (!options_check_files(options))
		return OPTIONS_EXIT_USAGE;
	printf("%s: nothing is wrong\n", options->config_path);
	return OPTIONS_EXIT_OK;
}

void options_free(struct options *options)
{
	config_file_free(options->config);
	options->config = NULL;
}
