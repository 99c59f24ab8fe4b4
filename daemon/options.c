/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.c - from argv to struct options, every value checked against options_table.c. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "log.h"
#include "options_table.h"
#include "version.h"

/* getopt's value of a long option; short ones have their letter. */
#define LONG_VALUE(id) (256 + (int)(id))

/* An option as it was typed, for messages: `--port` or `-t`. */
struct typed {
	const struct option_spec *spec;
	enum option_id id;
	char text[32];
};

static bool find_typed(int value, struct typed *ret_typed)
{
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		const struct option_spec *spec = &option_table[id];
		bool is_letter = spec->letter && spec->letter == value;

		if (!is_letter && value != LONG_VALUE(id))
			continue;
		ret_typed->spec = spec;
		ret_typed->id = id;
		if (is_letter)
			snprintf(ret_typed->text, sizeof(ret_typed->text), "-%c", spec->letter);
		else
			snprintf(ret_typed->text, sizeof(ret_typed->text), "--%s", spec->name);
		return true;
	}
	return false;
}

static bool refuse_value(const struct typed *typed, const char *value)
{
	char range[128];

	option_print_range(range, sizeof(range), typed->spec);
	log_error("%s %s: not %s (%s)", typed->text, *value ? value : "''", typed->spec->noun,
		  range);
	return false;
}

/* Decimal, whole string, within the option's range; no sign, hexadecimal, NaN or infinity. */
static bool parse_number(const struct option_spec *spec, const char *text, double *ret_number)
{
	char *end;
	double number;

	if (text[0] == '\0' || text[strspn(text, "0123456789.eE+-")] != '\0')
		return false;
	if (strspn(text, "0123456789.") == 0) /* begins with a sign or an exponent */
		return false;
	errno = 0;
	number = strtod(text, &end);
	if (end == text || *end != '\0' || errno == ERANGE || !isfinite(number))
		return false;
	if (number < spec->min || number > spec->max)
		return false;
	*ret_number = number;
	return true;
}

static bool parse_integer(const struct option_spec *spec, const char *text, unsigned *ret_number)
{
	double number;

	if (text[strspn(text, "0123456789")] != '\0' || !parse_number(spec, text, &number))
		return false;
	*ret_number = (unsigned)number;
	return true;
}

/* Number of a choice, or -1. */
static int parse_choice(const struct option_spec *spec, const char *text)
{
	for (int i = 0; i < OPTION_CHOICES_MAX && spec->choices[i]; i++) {
		if (strcmp(text, spec->choices[i]) == 0)
			return i;
	}
	return -1;
}

static bool has_room(const struct typed *typed, const char *value, size_t count)
{
	if (count < typed->spec->repeat_max)
		return true;
	log_error("%s %s: one too many (at most %u)", typed->text, value, typed->spec->repeat_max);
	return false;
}

static bool add_interface(struct options *options, const struct typed *typed, const char *value)
{
	if (value[0] == '\0')
		return refuse_value(typed, value);
	for (size_t i = 0; i < options->interface_count; i++) {
		if (strcmp(options->interfaces[i], value) == 0)
			return true;
	}
	if (!has_room(typed, value, options->interface_count))
		return false;
	options->interfaces[options->interface_count++] = value;
	return true;
}

static bool add_port(struct options *options, const struct typed *typed, const char *value)
{
	unsigned port;

	if (!parse_integer(typed->spec, value, &port))
		return refuse_value(typed, value);
	for (size_t i = 0; i < options->port_count; i++) {
		if (options->ports[i] == port)
			return true;
	}
	if (!has_room(typed, value, options->port_count))
		return false;
	options->ports[options->port_count++] = (u16)port;
	return true;
}

static bool add_net(struct options *options, const struct typed *typed, const char *value)
{
	struct nl_filter_net net;

	if (!net_parse(value, &net))
		return refuse_value(typed, value);
	for (size_t i = 0; i < options->net_count; i++) {
		if (memcmp(&options->nets[i], &net, sizeof(net)) == 0)
			return true;
	}
	if (!has_room(typed, value, options->net_count))
		return false;
	options->nets[options->net_count++] = net;
	return true;
}

static bool set_file(struct options *options, const struct typed *typed, const char *value)
{
	if (value[0] == '\0')
		return refuse_value(typed, value);
	if (!has_room(typed, value, options->replay_file != NULL))
		return false;
	options->replay_file = value;
	return true;
}

static bool set_seconds(double *to, const struct typed *typed, const char *value)
{
	return parse_number(typed->spec, value, to) || refuse_value(typed, value);
}

static bool set_choice(int *to, const struct typed *typed, const char *value)
{
	int choice = parse_choice(typed->spec, value);

	if (choice < 0)
		return refuse_value(typed, value);
	*to = choice;
	return true;
}

/* Options with a value, and -v and -q. The order of choices is that of the enums. */
static bool set_option(struct options *options, const struct typed *typed, const char *value)
{
	int choice = 0;
	bool is_good = true;

	switch (typed->id) {
	case OPTION_INTERFACE:
		return add_interface(options, typed, value);
	case OPTION_READ:
		return set_file(options, typed, value);
	case OPTION_PORT:
		return add_port(options, typed, value);
	case OPTION_NET:
		return add_net(options, typed, value);
	case OPTION_OUTPUT:
		is_good = set_choice(&choice, typed, value);
		options->output = (enum output_format)choice;
		return is_good;
	case OPTION_ATTACH:
		is_good = set_choice(&choice, typed, value);
		options->attach = (enum attach_mode)choice;
		return is_good;
	case OPTION_REFRESH:
		return set_seconds(&options->refresh_s, typed, value);
	case OPTION_DURATION:
		return set_seconds(&options->duration_s, typed, value);
	case OPTION_MIN_LATENCY:
		return set_seconds(&options->min_latency_ms, typed, value);
	case OPTION_TIMEOUT:
		return set_seconds(&options->timeout_s, typed, value);
	case OPTION_STRICT:
		options->strict = true;
		return true;
	case OPTION_MAX_FLOWS:
		return parse_integer(typed->spec, value, &options->max_flows) ||
		       refuse_value(typed, value);
	case OPTION_NO_DECAP:
		options->no_decap = true;
		return true;
	case OPTION_VERBOSE:
		options->verbose = true;
		return true;
	case OPTION_QUIET:
		options->quiet = true;
		return true;
	default:
		return true;
	}
}

static void set_defaults(struct options *options)
{
	struct typed typed;

	memset(options, 0, sizeof(*options));
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		if (option_table[id].standard && find_typed(LONG_VALUE(id), &typed))
			set_option(options, &typed, option_table[id].standard);
	}
}

/* getopt's two descriptions, from ours. */
static void describe(char *letters, struct option *longs)
{
	*letters++ = ':'; /* tell a missing value from an unknown option */
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		const struct option_spec *spec = &option_table[id];

		*longs++ = (struct option){ .name = spec->name,
					    .has_arg = spec->argument ? required_argument
								      : no_argument,
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
	struct typed typed;
	char range[128];

	if (value == ':' && find_typed(optopt, &typed)) {
		option_print_range(range, sizeof(range), typed.spec);
		log_error("%s: needs a value, %s (%s)", typed.text, typed.spec->argument, range);
	} else if (optopt && find_typed(optopt, &typed)) {
		log_error("%s: takes no value (type --%s alone)", argv[optind - 1],
			  typed.spec->name);
	} else if (optopt) {
		log_error("-%c: no such option (netlat --help lists them)", optopt);
	} else {
		log_error("%s: no such option, or short for several (netlat --help lists them)",
			  argv[optind - 1]);
	}
}

/* What each option alone cannot know. `is_set` tells which were typed. */
static bool check_together(const struct options *options, const bool is_set[OPTION_COUNT])
{
	static const enum option_id live_only[] = { OPTION_DURATION, OPTION_ATTACH };

	if (options->interface_count == 0 && !options->replay_file) {
		log_error("nothing to observe: name an interface with -i or a capture with -r "
			  "(for example: sudo netlat -i eth0)");
		return false;
	}
	if (options->interface_count && options->replay_file) {
		log_error("-i %s and -r %s: live and from a capture at once (leave one out)",
			  options->interfaces[0], options->replay_file);
		return false;
	}
	for (unsigned i = 0; i < sizeof(live_only) / sizeof(live_only[0]); i++) {
		if (options->replay_file && is_set[live_only[i]]) {
			log_error("--%s: only for a live interface (leave it out with -r)",
				  option_table[live_only[i]].name);
			return false;
		}
	}
	if (is_set[OPTION_MIN_LATENCY] && options->output != OUTPUT_JSON) {
		log_error("--min-latency: selects records, and there are none here "
			  "(add -o json; a table always counts everything)");
		return false;
	}
	if (options->verbose && options->quiet) {
		log_error("-v and -q: contradict each other (leave one out)");
		return false;
	}
	return true;
}

enum options_result options_parse(struct options *options, int argc, char **argv)
{
	char letters[2 * OPTION_COUNT + 2];
	struct option longs[OPTION_COUNT + 1];
	bool is_set[OPTION_COUNT] = { false };
	struct typed typed;
	int value;

	set_defaults(options);
	describe(letters, longs);
	optind = 0; /* glibc: forget any earlier call */
	opterr = 0;
	while ((value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (value == ':' || value == '?' || !find_typed(value, &typed)) {
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
		if (!set_option(options, &typed, optarg))
			return OPTIONS_EXIT_USAGE;
		is_set[typed.id] = true;
	}
	if (optind < argc) {
		log_error("%s: not an option (for an interface type -i %s, for a capture -r %s)",
			  argv[optind], argv[optind], argv[optind]);
		return OPTIONS_EXIT_USAGE;
	}
	return check_together(options, is_set) ? OPTIONS_RUN : OPTIONS_EXIT_USAGE;
}
