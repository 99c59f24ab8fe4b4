/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_check.c - which options contradict each other, and which imply others. */
#include "options_check.h"

#include <string.h>

#include "config_file.h"
#include "configure.h"
#include "listen_address.h"
#include "log.h"
#include "options_origin.h"
#include "slow_wanted.h"

#define SLOW_STANDARD_MS 1000

/* Not with -r. */
static const enum option_id live_only[] = { OPTION_DURATION,   OPTION_ATTACH,	  OPTION_LISTEN,
					    OPTION_TOKEN_FILE, OPTION_INSECURE,	  OPTION_TLS_CERT,
					    OPTION_TLS_KEY,    OPTION_MAX_SERIES, OPTION_EXPIRE };

#define ORIGIN(id) option_origin(options, OPTION_##id, NULL).text

/* What is written and listed, unless it is said: both. */
static void choose_slow_and_failed(struct options *options)
{
	if (!slow_is_asked_for(options))
		return;
	if (options->slow_ms >= 0 || options->failed)
		return;
	options->slow_ms = SLOW_STANDARD_MS;
	options->failed = true;
}

static bool check_slow_and_failed(const struct options *options)
{
	if (options->why && (options->output == OUTPUT_JSON || options->output == OUTPUT_CSV)) {
		log_error("%s--why and -o %s: a list for people, and records for programs, which "
			  "say why themselves (leave one out)",
			  ORIGIN(WHY), options->output == OUTPUT_JSON ? "json" : "csv");
		return false;
	}
	if (options->why && options->output == OUTPUT_NONE) {
		log_error("%s--why and -o none: contradict each other (leave one out)",
			  ORIGIN(WHY));
		return false;
	}
	return true;
}

static bool check_tls(const struct options *options)
{
	if (!options->tls_cert == !options->tls_key)
		return true;
	if (options->tls_cert)
		log_error("%s--tls-cert %s: its key is missing (add --tls-key FILE)",
			  ORIGIN(TLS_CERT), options->tls_cert);
	else
		log_error("%s--tls-key %s: its certificate is missing (add --tls-cert FILE)",
			  ORIGIN(TLS_KEY), options->tls_key);
	return false;
}

/* What others can reach has to be protected, or said to need no protection. */
static bool check_listen(const struct options *options)
{
	struct listen_address address;

	if (options->listen_none && options->listen_count) {
		log_error("%s--listen none and --listen %s: contradict each other (leave one out)",
			  option_origin(options, OPTION_LISTEN, options->listen[0]).text,
			  options->listen[0]);
		return false;
	}
	for (size_t i = 0; i < options->listen_count; i++) {
		if (!listen_address_parse(options->listen[i], &address) ||
		    !listen_address_is_open(&address) || options->insecure)
			continue;
		if (!options->token_file) {
			log_error("%s--listen %s: others can reach this address (add --token-file "
				  "FILE and best --tls-cert and --tls-key, or --insecure if all of "
				  "them may read it)",
				  option_origin(options, OPTION_LISTEN, options->listen[i]).text,
				  options->listen[i]);
			return false;
		}
	}
	return check_tls(options);
}

static bool check_together(const struct options *options, const bool is_set[OPTION_COUNT])
{
	if (options->interface_count == 0 && !options->replay_file) {
		log_error("%s%snothing to observe: name an interface with -i or a capture with -r "
			  "(for example: sudo netlat -i eth0)",
			  options->config ? options->config->path : "",
			  options->config ? ": " : "");
		return false;
	}
	if (options->interface_count && options->replay_file) {
		log_error("%s-i %s and -r %s: live and from a capture at once (leave one out)",
			  ORIGIN(READ), options->interfaces[0], options->replay_file);
		return false;
	}
	for (unsigned i = 0; i < sizeof(live_only) / sizeof(live_only[0]); i++) {
		if (options->replay_file && is_set[live_only[i]]) {
			log_error("%s--%s: only for a live interface (leave it out with -r)",
				  option_origin(options, live_only[i], NULL).text,
				  option_table[live_only[i]].name);
			return false;
		}
	}
	if (options->min_latency_ms > 0 && !configure_wants_lines(options)) {
		log_error("%s--min-latency: selects records, and there are none here "
			  "(add -o json or --log; a table always counts everything)",
			  ORIGIN(MIN_LATENCY));
		return false;
	}
	if (options->show_sensitive && is_set[OPTION_REDACT]) {
		log_error("%s--redact and --show-sensitive: contradict each other (leave one out)",
			  ORIGIN(SHOW_SENSITIVE));
		return false;
	}
	if (options->verbose && options->quiet) {
		log_error("%s-v and -q: contradict each other (leave one out)", ORIGIN(VERBOSE));
		return false;
	}
	return check_slow_and_failed(options) && check_listen(options);
}

/* `--log -` is another way to say -o json or -o csv. */
static bool take_log_to_output(struct options *options, const bool is_set[OPTION_COUNT])
{
	enum output_format format = options->log_csv ? OUTPUT_CSV : OUTPUT_JSON;
	bool is_table = is_set[OPTION_OUTPUT] && options->output == OUTPUT_TABLE;
	bool is_other = (options->output == OUTPUT_JSON || options->output == OUTPUT_CSV) &&
			options->output != format;

	if (!options->log_path || strcmp(options->log_path, "-") != 0)
		return true;
	if (is_table || options->why) {
		log_error("%s--log - and %s: both on standard output (name a file with --log, or "
			  "leave one out)",
			  ORIGIN(LOG), is_table ? "-o table" : "--why");
		return false;
	}
	if (is_other && is_set[OPTION_LOG_FORMAT]) {
		log_error(
			"%s-o %s and --log - with --log-format %s: both on standard output (name a "
			"file with --log, or leave one out)",
			ORIGIN(LOG), options->log_csv ? "json" : "csv",
			options->log_csv ? "csv" : "json");
		return false;
	}
	if (!is_other)
		options->output = format;
	options->log_path = NULL;
	return true;
}

bool options_complete(struct options *options, const bool is_set[OPTION_COUNT])
{
	if (!take_log_to_output(options, is_set))
		return false;
	if (!check_together(options, is_set))
		return false;
	choose_slow_and_failed(options);
	return true;
}

bool options_is_overridden(enum option_id id, const bool is_typed[OPTION_COUNT])
{
	static const enum option_id either[][2] = { { OPTION_INTERFACE, OPTION_READ },
						    { OPTION_REDACT, OPTION_SHOW_SENSITIVE },
						    { OPTION_VERBOSE, OPTION_QUIET } };

	if (is_typed[id])
		return true;
	for (unsigned i = 0; i < sizeof(either) / sizeof(either[0]); i++) {
		if ((id == either[i][0] && is_typed[either[i][1]]) ||
		    (id == either[i][1] && is_typed[either[i][0]]))
			return true;
	}
	for (unsigned i = 0; i < sizeof(live_only) / sizeof(live_only[0]); i++) {
		if (id == live_only[i] && is_typed[OPTION_READ])
			return true;
	}
	return false;
}
