/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_reload.c - the file of --config read again while netlat runs. */
#include "options_reload.h"

#include <stdio.h>
#include <string.h>

#include "config_file.h"
#include "log.h"
#include "option_set.h"

/* Names of options for a message: `port, refresh`. */
struct names {
	char text[1024];
	size_t used;
};

static void add_name(struct names *names, enum option_id id)
{
	size_t room = sizeof(names->text) - names->used;
	int length = snprintf(names->text + names->used, room, "%s%s", names->used ? ", " : "",
			      option_table[id].name);

	if (length > 0 && (size_t)length < room)
		names->used += (size_t)length;
}

static void say(const char *path, const struct names *taken, const struct names *restart)
{
	if (taken->used)
		log_info("%s: read again: %s changed", path, taken->text);
	else if (!restart->used)
		log_info("%s: read again: nothing changed", path);
	if (restart->used)
		log_error("%s: %s: changed, which does not count before a restart", path,
			  restart->text);
}

bool options_reload(struct options *options)
{
	static struct options fresh;
	struct names taken = { .used = 0 }, restart = { .used = 0 };
	bool is_whole = true;

	if (!options->config)
		return true;
	if (options_parse(&fresh, options->argc, options->argv) != OPTIONS_RUN) {
		log_error("%s: not read again: everything stays as it was (correct it, and send "
			  "SIGHUP once more)",
			  options->config_path);
		options_free(&fresh);
		return false;
	}
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		if (config_file_same(options->config, fresh.config, id))
			continue;
		if (!option_table[id].reloads) {
			add_name(&restart, id);
			continue;
		}
		option_copy(options, &fresh, id);
		is_whole = config_file_move(options->config, fresh.config, id) && is_whole;
		add_name(&taken, id);
	}
	options_free(&fresh);
	say(options->config_path, &taken, &restart);
	if (!is_whole)
		log_error("%s: out of memory", options->config_path);
	return is_whole;
}
