/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* named_address.c - an address with the name of the container that has it, for a person. */
#include "named_address.h"

#include <stdio.h>
#include <string.h>

#define ELLIPSIS "..."
#define NAME_SHARE 3 /* of the room at least one in so many for the name */
/* What is shorter, and cut, says nothing: one character from each end. */
#define NAME_CUT_MIN 5

void named_address_of_host(struct named_address *ret_named, const struct name_source *names,
			   const union nl_addr *address)
{
	ret_named->container = name_source_find(names, address);
	address_format(ret_named->address, address);
}

void named_address_of_endpoint(struct named_address *ret_named, const struct name_source *names,
			       const union nl_addr *address, u16 port)
{
	ret_named->container = name_source_find(names, address);
	endpoint_format(ret_named->address, address, port);
}

/*
 * Of an address both ends tell more than the middle, and a port stands last; of names, too: those
 * of Compose begin with the project and end with a number.
 */
static unsigned cut(char *text, const char *whole, unsigned width)
{
	unsigned length = (unsigned)strlen(whole), dots = strlen(ELLIPSIS), tail, head;

	if (length <= width)
		return (unsigned)sprintf(text, "%s", whole);
	if (width <= dots)
		return (unsigned)sprintf(text, "%.*s", (int)width, whole);
	tail = (width - dots + 1) / 2;
	head = width - dots - tail;
	return (unsigned)sprintf(text, "%.*s" ELLIPSIS "%s", (int)head, whole,
				 whole + length - tail);
}

/* How many characters the name gets; 0: it is left out. */
static unsigned room_for_name(unsigned name, unsigned address, unsigned width)
{
	unsigned share = width / NAME_SHARE;
	unsigned room = width > address + 1 ? width - address - 1 : 0;

	if (room < share)
		room = share;
	if (room >= name)
		return name;
	return room < NAME_CUT_MIN ? 0 : room;
}

void named_address_format(char text[NAMED_ADDRESS_TEXT_MAX], const struct named_address *named,
			  unsigned width)
{
	const char *name = named->container ? named->container->name : "";
	unsigned length = (unsigned)strlen(name), used = 0, room;

	if (width == 0)
		width = NAMED_ADDRESS_TEXT_MAX - 1;
	room = room_for_name(length, (unsigned)strlen(named->address), width);
	if (room) {
		used = cut(text, name, room);
		text[used++] = ' ';
	}
	cut(text + used, named->address, width - used);
}
