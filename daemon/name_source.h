/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* name_source.h - who has an address at this moment, for all who show addresses. */
#ifndef NETLAT_NAME_SOURCE_H
#define NETLAT_NAME_SOURCE_H

#include <stddef.h>

#include "container_table.h"

/* Whoever knows containers; tests bring their own. */
struct name_source {
	/* NULL if none is known. Valid until the next turn of the event loop. */
	const struct container *(*find)(const void *userdata, const union nl_addr *address);
	const void *userdata;
};

/*
 * The container that has `address` now. NULL if there is none, or `source` is NULL: -n, a replay.
 * Names come and go with the containers: they are looked up whenever they are shown, not kept.
 */
static inline const struct container *name_source_find(const struct name_source *source,
						       const union nl_addr *address)
{
	return source ? source->find(source->userdata, address) : NULL;
}

#endif
