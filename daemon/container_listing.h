/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* container_listing.h - containers and their addresses out of what an engine lists. */
#ifndef NETLAT_CONTAINER_LISTING_H
#define NETLAT_CONTAINER_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "container_table.h"

/* For each address of each container. Negative ends the reading. */
typedef int (*container_listing_fn)(void *userdata, const union nl_addr *address,
				    const struct container *container);

/* What is still to be read; begins as all of the text, with the rest zero. */
struct container_listing {
	const char *at, *end;
	bool has_begun;
};

/*
 * Read on in the answer to `GET /containers/json`, whatever it is, for at most so many
 * containers. One without a name or with something of another type is passed over. 1 if
 * there are more, 0 at the end, what `take` returned if that is negative, or -EBADMSG: this
 * is no list of containers, or ends too early; `take` was called for those before.
 */
int container_listing_read(struct container_listing *listing, unsigned containers_max,
			   container_listing_fn take, void *userdata);

#endif
