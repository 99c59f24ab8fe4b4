/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* watched.h - the interfaces that a live run was asked to observe, as they come and go. */
#ifndef NETLAT_WATCHED_H
#define NETLAT_WATCHED_H

#include "options.h"
#include "packet_list.h"
#include "targets.h"

struct watched {
	const struct options *options;
	struct ports *ports;
	int targets[OPTIONS_INTERFACES_MAX]; /* ifindex; 0: gone */
	size_t left;			     /* how many are not gone */
	char title[256];		     /* "br0 (3 ports), eth0": of watched_title() */
};

/* False, and said, if an interface is missing or cannot be observed. To be closed in any case. */
bool watched_open(struct watched *watched, const struct options *options);
void watched_close(struct watched *watched);

/* Take in what changed. 1 if anything did, 0 if not, or negative errno; said in either case. */
int watched_update(struct watched *watched);

/* All hooks that the interfaces have now, appended to points[0..*count). 0 or negative errno. */
int watched_points(const struct watched *watched, struct attach_point **points, size_t *count);

/* Write the title anew. */
void watched_title(struct watched *watched);

/* NULL if there is none of this number any more. */
const char *watched_interface_name(const struct watched *watched, u32 ifindex);

/*
 * Say of packets which way they went: those that passed a bridge's own hook, or have the address
 * of the interface, left by it. Where the interface has gone it stays unknown.
 */
void watched_tell_directions(const struct watched *watched, struct packet_list *list);

#endif
