/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* watched.c - the interfaces that a live run was asked to observe, as they come and go. */
#include "watched.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

#define TITLE_PART_BYTES 64 /* a name of 15 bytes, and how many ports it has */
#define SOURCE_ADDRESS_AT 6 /* in an Ethernet header */

static bool find_targets(struct watched *watched)
{
	for (size_t i = 0; i < watched->options->interface_count; i++) {
		const char *name = watched->options->interfaces[i];
		const struct port *port = ports_by_name(watched->ports, name);
		const char *refusal;

		if (!port) {
			targets_log_missing(watched->ports, name);
			return false;
		}
		refusal = targets_refusal(port);
		if (refusal) {
			log_error("%s: cannot be observed: %s", name, refusal);
			return false;
		}
		watched->targets[i] = port->ifindex;
		watched->left++;
	}
	return true;
}

bool watched_open(struct watched *watched, const struct options *options)
{
	watched->options = options;
	watched->ports = ports_open();
	if (!watched->ports) {
		log_error("interfaces cannot be listed: %s", strerror(errno));
		return false;
	}
	return find_targets(watched);
}

void watched_close(struct watched *watched)
{
	ports_close(watched->ports);
	watched->ports = NULL;
}

static void drop_vanished_targets(struct watched *watched)
{
	for (size_t i = 0; i < watched->options->interface_count; i++) {
		if (!watched->targets[i] || ports_by_index(watched->ports, watched->targets[i]))
			continue;
		watched->targets[i] = 0;
		watched->left--;
		log_error("%s: the interface was removed (%zu left)",
			  watched->options->interfaces[i], watched->left);
	}
}

int watched_update(struct watched *watched)
{
	int r = ports_update(watched->ports);

	if (r < 0)
		log_error("interfaces can no longer be followed: %s", strerror(-r));
	if (r > 0)
		drop_vanished_targets(watched);
	return r;
}

int watched_points(const struct watched *watched, struct attach_point **points, size_t *count)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < watched->options->interface_count; i++) {
		const struct port *port = ports_by_index(watched->ports, watched->targets[i]);

		if (port)
			r = targets_add(watched->ports, port, points, count);
	}
	return r;
}

void watched_title(struct watched *watched)
{
	char *title = watched->title;
	size_t used = 0, size = sizeof(watched->title);

	title[0] = '\0';
	for (size_t i = 0; i < watched->options->interface_count; i++) {
		const struct port *port = ports_by_index(watched->ports, watched->targets[i]);
		char ports[32] = "";

		if (!port || used + TITLE_PART_BYTES > size)
			continue;
		if (port->is_bridge) {
			size_t n = targets_bridge_ports(watched->ports, port->ifindex);

			snprintf(ports, sizeof(ports), " (%zu port%s)", n, n == 1 ? "" : "s");
		}
		used += (size_t)snprintf(title + used, size - used, "%s%s%s", used ? ", " : "",
					 port->name, ports);
	}
}

const char *watched_interface_name(const struct watched *watched, u32 ifindex)
{
	const struct port *port = ports_by_index(watched->ports, (int)ifindex);

	return port ? port->name : NULL;
}

static bool is_outbound(const struct packet *packet, const struct port *port)
{
	const size_t address_bytes = sizeof(port->address);

	if (port->is_bridge)
		return true;
	return port->has_address && packet->captured >= SOURCE_ADDRESS_AT + address_bytes &&
	       memcmp(packet->bytes + SOURCE_ADDRESS_AT, port->address, address_bytes) == 0;
}

void watched_tell_directions(const struct watched *watched, struct packet_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct packet *packet = &list->packets[i];
		const struct port *port = ports_by_index(watched->ports, (int)packet->ifindex);

		if (port)
			packet->direction =
				is_outbound(packet, port) ? PACKET_OUTBOUND : PACKET_INBOUND;
	}
}
