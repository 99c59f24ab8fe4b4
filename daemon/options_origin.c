/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_origin.c - where an option was given, for messages. */
#include "options_origin.h"

#include <stdio.h>
#include <string.h>

#include "config_file.h"

struct option_origin option_origin(const struct options *options, enum option_id id,
				   const char *value)
{
	const struct config_file *config = options->config;
	struct option_origin origin = { "" };

	for (size_t i = 0; config && i < config->count; i++) {
		const struct config_setting *setting = &config->settings[i];

		if (setting->id != id || setting->is_overridden ||
		    (value && strcmp(setting->value, value) != 0))
			continue;
		snprintf(origin.text, sizeof(origin.text), "%s:%u: ", config->path, setting->line);
		break;
	}
	return origin;
}
