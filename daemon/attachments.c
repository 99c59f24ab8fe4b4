/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attachments.c - what is observed by which hooks at this moment. */
#include "attachments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "watched.h"

static void describe_hook(struct attached_hook *hook, const struct ports *ports,
			  const struct attacher *attacher, size_t index)
{
	const struct port *port, *bridge;

	attacher_at(attacher, index, &hook->point, &hook->since_ns);
	port = ports_by_index(ports, hook->point.ifindex);
	if (!port) /* it went a moment ago, and its hook goes with it */
		return;
	memcpy(hook->interface, port->name, sizeof(hook->interface));
	hook->is_up = port->is_up;
	bridge = port->bridge_ifindex ? ports_by_index(ports, port->bridge_ifindex) : NULL;
	if (bridge)
		memcpy(hook->bridge, bridge->name, sizeof(hook->bridge));
}

static void describe_interface(struct attached_interface *interface, const struct ports *ports,
			       const struct attachments *attachments, const char *name, int ifindex)
{
	const struct port *port = ifindex ? ports_by_index(ports, ifindex) : NULL;

	*interface = (struct attached_interface){ .name = name };
	if (!port)
		return;
	interface->ifindex = ifindex;
	interface->is_bridge = port->is_bridge;
	interface->is_up = port->is_up;
	for (size_t i = 0; i < attachments->hook_count; i++)
		if (attachments->hooks[i].point.ifindex == ifindex)
			interface->is_attached = true;
}

int attachments_collect(struct attachments *ret, const struct watched *watched,
			const struct attacher *attacher)
{
	const struct options *options = watched->options;
	size_t hooks = attacher ? attacher_count(attacher) : 0;

	memset(ret, 0, sizeof(*ret));
	ret->hooks = calloc(hooks + 1, sizeof(*ret->hooks));
	if (!ret->hooks)
		return -ENOMEM;
	ret->hook_count = hooks;
	ret->kind = attacher ? attacher_kind(attacher) : "none";
	for (size_t i = 0; i < hooks; i++)
		describe_hook(&ret->hooks[i], watched->ports, attacher, i);
	ret->interface_count = options->interface_count;
	for (size_t i = 0; i < options->interface_count; i++)
		describe_interface(&ret->interfaces[i], watched->ports, ret, options->interfaces[i],
				   watched->targets[i]);
	return 0;
}

void attachments_clear(struct attachments *attachments)
{
	free(attachments->hooks);
	memset(attachments, 0, sizeof(*attachments));
}
