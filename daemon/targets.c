/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* targets.c - which hooks see every packet of the interfaces asked for once. */
#include "targets.h"

#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

static int add_point(struct attach_point **points, size_t *count, int ifindex,
		     enum attach_direction direction)
{
	struct attach_point *grown;

	for (size_t i = 0; i < *count; i++)
		if ((*points)[i].ifindex == ifindex && (*points)[i].direction == direction)
			return 0;
	grown = realloc(*points, (*count + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	*points = grown;
	grown[(*count)++] = (struct attach_point){ .ifindex = ifindex, .direction = direction };
	return 0;
}

int targets_add(const struct ports *ports, const struct port *target, struct attach_point **points,
		size_t *count)
{
	int r = 0;

	if (!target->is_bridge) {
		r = add_point(points, count, target->ifindex, ATTACH_INGRESS);
		if (r == 0 && target->arphrd_type != ARPHRD_LOOPBACK)
			r = add_point(points, count, target->ifindex, ATTACH_EGRESS);
		return r;
	}
	r = add_point(points, count, target->ifindex, ATTACH_EGRESS);
	for (size_t i = 0; r == 0 && i < ports_count(ports); i++)
		if (ports_at(ports, i)->bridge_ifindex == target->ifindex)
			r = add_point(points, count, ports_at(ports, i)->ifindex, ATTACH_INGRESS);
	return r;
}

size_t targets_bridge_ports(const struct ports *ports, int bridge_ifindex)
{
	size_t count = 0;

	for (size_t i = 0; i < ports_count(ports); i++)
		count += ports_at(ports, i)->bridge_ifindex == bridge_ifindex;
	return count;
}

const char *targets_refusal(const struct port *target)
{
	if (target->arphrd_type == ARPHRD_ETHER || target->arphrd_type == ARPHRD_LOOPBACK)
		return NULL;
	return "its packets have no Ethernet header (observe the interface they leave by)";
}

void targets_log_missing(const struct ports *ports, const char *name)
{
	char names[1024];
	int used = 0;

	names[0] = '\0';
	for (int bridges = 1; bridges >= 0; bridges--)
		for (size_t i = 0; i < ports_count(ports); i++) {
			const struct port *p = ports_at(ports, i);

			if (p->is_bridge != (bridges == 1) || targets_refusal(p))
				continue;
			if ((size_t)used + IF_NAMESIZE + 16 > sizeof(names)) {
				snprintf(names + used, sizeof(names) - (size_t)used, ", ...");
				goto full;
			}
			used += snprintf(names + used, sizeof(names) - (size_t)used, "%s%s%s",
					 used ? ", " : "", p->name,
					 p->is_bridge ? " (bridge)" : "");
		}
full:
	log_error("%s: no such interface (there are: %s)", name, names);
}
