/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * container_names.h - names of addresses that containers have, asked of the engine of this
 * machine (Docker, or Podman's service) through its socket, and kept current in the loop.
 */
#ifndef NETLAT_CONTAINER_NAMES_H
#define NETLAT_CONTAINER_NAMES_H

#include <systemd/sd-event.h>

#include "container_table.h"

struct container_names;

/*
 * Begins with the loop. Without an engine there are no names, which is said with -v, and it
 * is looked for again from time to time. NULL and errno on failure.
 */
struct container_names *container_names_new(sd_event *loop);
void container_names_free(struct container_names *names);

/*
 * The container that has an address, or had it until some minutes ago; NULL if there is
 * none, or `names` is NULL. Valid until the next turn of the loop.
 */
const struct container *container_names_find(const struct container_names *names,
					     const union nl_addr *address);

#endif
