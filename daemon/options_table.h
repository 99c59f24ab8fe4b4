/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_table.h - every option of the command line, described once. */
#ifndef NETLAT_OPTIONS_TABLE_H
#define NETLAT_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum option_id {
	OPTION_INTERFACE,
	OPTION_READ,
	OPTION_PORT,
	OPTION_NET,
	OPTION_OUTPUT,
	OPTION_REFRESH,
	OPTION_NO_NAMES,
	OPTION_LOG,
	OPTION_LOG_FORMAT,
	OPTION_LOG_MB,
	OPTION_LOG_FILES,
	OPTION_MIN_LATENCY,
	OPTION_NO_DECAP,
	OPTION_WRITE,
	OPTION_SLOW,
	OPTION_FAILED,
	OPTION_WHY,
	OPTION_SNAPLEN,
	OPTION_REDACT,
	OPTION_SHOW_SENSITIVE,
	OPTION_RECORDER_MB,
	OPTION_MAX_PER_MINUTE,
	OPTION_KEEP_FILES,
	OPTION_KEEP_MB,
	OPTION_DURATION,
	OPTION_TIMEOUT,
	OPTION_MAX_FLOWS,
	OPTION_ATTACH,
	OPTION_STRICT,
	OPTION_LISTEN,
	OPTION_TOKEN_FILE,
	OPTION_INSECURE,
	OPTION_TLS_CERT,
	OPTION_TLS_KEY,
	OPTION_MAX_SERIES,
	OPTION_EXPIRE,
	OPTION_VERBOSE,
	OPTION_QUIET,
	OPTION_CONFIG,
	OPTION_CHECK_CONFIG,
	OPTION_VERSION,
	OPTION_HELP,
	OPTION_COUNT,
};

enum option_group {
	GROUP_SOURCE,
	GROUP_FILTER,
	GROUP_OUTPUT,
	GROUP_SLOW,
	GROUP_RUN,
	GROUP_HTTP,
	GROUP_TALK,
	GROUP_COUNT,
};

#define OPTION_CHOICES_MAX 4

/* Fields that do not apply are 0 or NULL. */
struct option_spec {
	enum option_group group;
	char letter;	      /* short form */
	const char *name;     /* long form */
	const char *argument; /* name of its value in --help; NULL: takes none */
	const char *noun;     /* what the value is, for `not ...` in errors */
	const char *form;     /* what a value that is neither number nor choice looks like */
	const char *choices[OPTION_CHOICES_MAX];
	double min, max;      /* of a number */
	const char *standard; /* default value, parsed like one that was typed */
	unsigned repeat_max;  /* 0: the last one counts */
	bool only_typed;      /* for the command line, not for --config */
	bool reloads;	      /* SIGHUP can change it: a number or a flag, read when it is needed */
	const char *help;
};

extern const struct option_spec option_table[OPTION_COUNT];

extern const char *const option_group_titles[GROUP_COUNT];

/* Lines: a command, and maybe behind spaces what it does. */
extern const char options_examples[];

/* `1 to 65535`, or `table, json or none`, or the form. */
void option_print_range(char *text, size_t size, const struct option_spec *spec);

/* ` (0.1 to 3600; default 1; repeatable)`, or nothing where there is nothing to say. */
void option_print_facts(char *text, size_t size, const struct option_spec *spec);

/* The whole of --help. */
void options_print_help(FILE *out);

#endif
