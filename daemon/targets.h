/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * targets.h - which hooks see every packet of the interfaces asked for once.
 */
#ifndef NETLAT_TARGETS_H
#define NETLAT_TARGETS_H

#include "attach.h"
#include "ports.h"

/*
 * Append the hooks of one interface to points[0..*count), growing it; a hook that
 * is there already is not added again.
 *
 * A bridge: the ingress of each port and the egress of the bridge device, for a
 * frame that is forwarded between two ports never passes the bridge device.
 * Loopback: ingress only, as it sees each packet twice. Others: both directions.
 * 0 or -ENOMEM.
 */
int targets_add(const struct ports *ports, const struct port *target, struct attach_point **points,
		size_t *count);

/* How many ports a bridge has. */
size_t targets_bridge_ports(const struct ports *ports, int bridge_ifindex);

/*
 * Why an interface cannot be observed, or NULL if it can: programs parse from an
 * Ethernet header on.
 */
const char *targets_refusal(const struct port *target);

/* "no such interface" with the names there are, bridges first, on stderr. */
void targets_log_missing(const struct ports *ports, const char *name);

#endif
