/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * config_file.h - the file of --config: lines KEY = VALUE, where the keys are the long names of
 * options, without a section or in [netlat].
 *
 * What stands there is kept as text: options_parse() has it checked by what checks the command
 * line.
 */
#ifndef NETLAT_CONFIG_FILE_H
#define NETLAT_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "options_table.h"

/* Bounds what a wrong file can cost: lines with a value, and bytes of the file. */
#define CONFIG_SETTINGS_MAX 4096
#define CONFIG_BYTES_MAX (1 << 20)

struct config_setting {
	enum option_id id;
	unsigned line;
	char *value;
	bool is_overridden; /* by the command line: it does not count */
};

struct config_file {
	char *path;
	struct config_setting *settings;
	size_t count;
	bool is_bad; /* some of it could not be understood, which was said */
};

/* Read a regular file. NULL, and said, if it cannot be read. */
struct config_file *config_file_read(const char *path);

/* `PATH:LINE: ` and the key, for messages. */
void config_setting_print(char *text, size_t size, const struct config_file *config,
			  const struct config_setting *setting);

/* Whether the settings of an option that count are the same, and in the same order. */
bool config_file_same(const struct config_file *a, const struct config_file *b, enum option_id id);

/* Have `to` hold for an option what `from` holds, which loses it. False: out of memory. */
bool config_file_move(struct config_file *to, struct config_file *from, enum option_id id);

void config_file_free(struct config_file *config);

#endif
