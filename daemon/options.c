/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.c - values of options into struct options, checked against options_table.c. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "listen_address.h"
#include "log.h"
#include "option_set.h"
#include "options_table.h"
#include "options_values.h"

static bool refuse_value(const struct typed *typed, const char *value)
{
	char range[128];

	option_print_range(range, sizeof(range), typed->spec);
	log_error("%s %s: not %s (%s)", typed->text, *value ? value : "''", typed->spec->noun,
		  range);
	return false;
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
	u32 port;

	if (!option_parse_integer(typed->spec, value, &port))
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

/* A name that may be given once. */
static bool set_file(const char **to, const struct typed *typed, const char *value)
{
	if (value[0] == '\0')
		return refuse_value(typed, value);
	if (!has_room(typed, value, *to != NULL))
		return false;
	*to = value;
	return true;
}

static bool add_listen(struct options *options, const struct typed *typed, const char *value)
{
	struct listen_address address;

	if (strcmp(value, "none") == 0) {
		options->listen_none = true;
		return true;
	}
	if (!listen_address_parse(value, &address))
		return refuse_value(typed, value);
	for (size_t i = 0; i < options->listen_count; i++) {
		if (strcmp(options->listen[i], value) == 0)
			return true;
	}
	if (!has_room(typed, value, options->listen_count))
		return false;
	options->listen[options->listen_count++] = value;
	return true;
}

static bool set_write_path(struct options *options, const struct typed *typed, const char *value)
{
	if (strcmp(value, "-") == 0) {
		log_error("%s -: standard output cannot be written to by -w (name a directory, or "
			  "a file that ends in .pcapng)",
			  typed->text);
		return false;
	}
	return set_file(&options->write_path, typed, value);
}

static bool set_choice(int *to, const struct typed *typed, const char *value)
{
	int choice = option_parse_choice(typed->spec, value);

	if (choice < 0)
		return refuse_value(typed, value);
	*to = choice;
	return true;
}

/* Where the value of an option goes that is a decimal number; NULL: it is none. */
static double *number_of(struct options *options, enum option_id id)
{
	switch (id) {
	case OPTION_REFRESH:
		return &options->refresh_s;
	case OPTION_DURATION:
		return &options->duration_s;
	case OPTION_MIN_LATENCY:
		return &options->min_latency_ms;
	case OPTION_TIMEOUT:
		return &options->timeout_s;
	case OPTION_SLOW:
		return &options->slow_ms;
	case OPTION_EXPIRE:
		return &options->expire_s;
	default:
		return NULL;
	}
}

/* The same of whole numbers. */
static u32 *integer_of(struct options *options, enum option_id id)
{
	switch (id) {
	case OPTION_MAX_FLOWS:
		return &options->max_flows;
	case OPTION_SNAPLEN:
		return &options->snaplen;
	case OPTION_RECORDER_MB:
		return &options->recorder_mb;
	case OPTION_MAX_PER_MINUTE:
		return &options->max_per_minute;
	case OPTION_KEEP_FILES:
		return &options->keep_files;
	case OPTION_KEEP_MB:
		return &options->keep_mb;
	case OPTION_MAX_SERIES:
		return &options->max_series;
	case OPTION_LOG_MB:
		return &options->log_mb;
	case OPTION_LOG_FILES:
		return &options->log_files;
	default:
		return NULL;
	}
}

/* What an option without a value turns on. */
static bool *flag_of(struct options *options, enum option_id id)
{
	switch (id) {
	case OPTION_STRICT:
		return &options->strict;
	case OPTION_NO_DECAP:
		return &options->no_decap;
	case OPTION_NO_NAMES:
		return &options->no_names;
	case OPTION_FAILED:
		return &options->failed;
	case OPTION_WHY:
		return &options->why;
	case OPTION_SHOW_SENSITIVE:
		return &options->show_sensitive;
	case OPTION_CHECK_CONFIG:
		return &options->check_config;
	case OPTION_INSECURE:
		return &options->insecure;
	case OPTION_VERBOSE:
		return &options->verbose;
	case OPTION_QUIET:
		return &options->quiet;
	default:
		return NULL;
	}
}

/* Options of one field, which any later one overwrites. */
static bool set_field(struct options *options, const struct typed *typed, const char *value)
{
	double *number = number_of(options, typed->id);
	u32 *integer = integer_of(options, typed->id);
	bool *flag = flag_of(options, typed->id);

	if (number)
		return option_parse_number(typed->spec, value, number) ||
		       refuse_value(typed, value);
	if (integer)
		return option_parse_integer(typed->spec, value, integer) ||
		       refuse_value(typed, value);
	if (flag)
		*flag = true;
	return true;
}

/* The order of choices is that of the enums. */
bool option_set(struct options *options, const struct typed *typed, const char *value)
{
	int choice = 0;
	bool is_good;

	switch (typed->id) {
	case OPTION_INTERFACE:
		return add_interface(options, typed, value);
	case OPTION_READ:
		return set_file(&options->replay_file, typed, value);
	case OPTION_PORT:
		return add_port(options, typed, value);
	case OPTION_NET:
		return add_net(options, typed, value);
	case OPTION_WRITE:
		return set_write_path(options, typed, value);
	case OPTION_LOG:
		return set_file(&options->log_path, typed, value);
	case OPTION_LOG_FORMAT:
		is_good = set_choice(&choice, typed, value);
		options->log_csv = choice == 1;
		return is_good;
	case OPTION_OUTPUT:
		is_good = set_choice(&choice, typed, value);
		options->output = (enum output_format)choice;
		return is_good;
	case OPTION_ATTACH:
		is_good = set_choice(&choice, typed, value);
		options->attach = (enum attach_mode)choice;
		return is_good;
	case OPTION_CONFIG:
		return set_file(&options->config_path, typed, value);
	case OPTION_LISTEN:
		return add_listen(options, typed, value);
	case OPTION_TOKEN_FILE:
		return set_file(&options->token_file, typed, value);
	case OPTION_TLS_CERT:
		return set_file(&options->tls_cert, typed, value);
	case OPTION_TLS_KEY:
		return set_file(&options->tls_key, typed, value);
	default:
		return set_field(options, typed, value);
	}
}

void option_copy(struct options *to, struct options *from, enum option_id id)
{
	if (number_of(to, id))
		*number_of(to, id) = *number_of(from, id);
	if (integer_of(to, id))
		*integer_of(to, id) = *integer_of(from, id);
	if (flag_of(to, id))
		*flag_of(to, id) = *flag_of(from, id);
}
