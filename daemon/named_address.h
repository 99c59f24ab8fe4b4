/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* named_address.h - an address with the name of the container that has it, for a person. */
#ifndef NETLAT_NAMED_ADDRESS_H
#define NETLAT_NAMED_ADDRESS_H

#include "address.h"
#include "name_source.h"

struct named_address {
	const struct container *container; /* NULL: none is known */
	char address[ENDPOINT_TEXT_MAX];   /* or what stands for one, as "total" */
};

/* Name, a space, address and NUL. */
#define NAMED_ADDRESS_TEXT_MAX (sizeof(((struct container *)0)->name) + ENDPOINT_TEXT_MAX)

/* Of an address alone, and of one with a port. `names` may be NULL. */
void named_address_of_host(struct named_address *ret_named, const struct name_source *names,
			   const union nl_addr *address);
void named_address_of_endpoint(struct named_address *ret_named, const struct name_source *names,
			       const union nl_addr *address, u16 port);

/*
 * `shop-web-1 172.18.0.2:8080`, in at most `width` characters (0: any number). Where there is
 * less room, first the name loses its middle, until a third of the room is left to it, then the
 * address; in very little room there is no name.
 */
void named_address_format(char text[NAMED_ADDRESS_TEXT_MAX], const struct named_address *named,
			  unsigned width);

#endif
