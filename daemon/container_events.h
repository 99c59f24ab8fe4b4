/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* container_events.h - which events of an engine change who has which address. */
#ifndef NETLAT_CONTAINER_EVENTS_H
#define NETLAT_CONTAINER_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#define CONTAINER_EVENT_BYTES_MAX 65536

/* The line that is not complete yet. All zero is the beginning of a stream. */
struct container_events {
	char line[CONTAINER_EVENT_BYTES_MAX];
	size_t length;
	bool is_too_long; /* its beginning was thrown away */
};

/*
 * The next bytes of the answer to `GET /events`: one JSON object a line, anyhow cut. True
 * if something in them may have changed names or addresses: what cannot be understood may.
 */
bool container_events_take(struct container_events *events, const char *bytes, size_t length);

#endif
