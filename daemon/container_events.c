/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* container_events.c - which events of an engine change who has which address. */
#include "container_events.h"

#include <string.h>

#include <jansson.h>

/* Health checks alone make three others every few seconds and container. */
static const char *const actions[] = { "start", "die", "died", "rename", "connect", "disconnect" };

static bool is_relevant(const char *line, size_t length)
{
	json_t *object;
	const char *action;
	bool found = false;

	if (length == 0 || (length == 1 && line[0] == '\r'))
		return false;
	object = json_loadb(line, length, JSON_ALLOW_NUL, NULL);
	action = json_string_value(json_object_get(object, "Action"));
	for (unsigned i = 0; action && i < sizeof(actions) / sizeof(actions[0]); i++)
		found = found || strcmp(action, actions[i]) == 0;
	found = found || !action;
	json_decref(object);
	return found;
}

static void append(struct container_events *events, const char *bytes, size_t length)
{
	if (length > sizeof(events->line) - events->length)
		events->is_too_long = true;
	if (events->is_too_long)
		return;
	memcpy(events->line + events->length, bytes, length);
	events->length += length;
}

bool container_events_take(struct container_events *events, const char *bytes, size_t length)
{
	const char *end = bytes + length;
	bool found = false;

	while (bytes < end) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));

		append(events, bytes, (size_t)((newline ? newline : end) - bytes));
		if (!newline)
			break;
		found = events->is_too_long || is_relevant(events->line, events->length) || found;
		events->length = 0;
		events->is_too_long = false;
		bytes = newline + 1;
	}
	return found;
}
