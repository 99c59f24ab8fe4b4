/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ports.h - the interfaces of this network namespace and the bridges they are ports
 * of, followed through rtnetlink.
 */
#ifndef NETLAT_PORTS_H
#define NETLAT_PORTS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

struct port {
	int ifindex;
	int bridge_ifindex;	    /* the bridge it is a port of; 0: none */
	unsigned short arphrd_type; /* ARPHRD_*: the kind of link header */
	bool is_bridge;
	bool is_up;	  /* and has a carrier */
	bool has_address; /* an Ethernet one */
	unsigned char address[6];
	char name[IF_NAMESIZE];
};

struct ports;

/*
 * Subscribe to changes, then list what is there: nothing is missed in between.
 * NULL and errno on failure.
 */
struct ports *ports_open(void);
void ports_close(struct ports *ports);

/* Descriptor to poll for changes. */
int ports_fd(const struct ports *ports);

/*
 * Take in the changes waiting. 1 if anything changed, 0 if not, or negative errno.
 * What the kernel had to drop is made good by listing anew.
 */
int ports_update(struct ports *ports);

const struct port *ports_by_name(const struct ports *ports, const char *name);
const struct port *ports_by_index(const struct ports *ports, int ifindex);

size_t ports_count(const struct ports *ports);
const struct port *ports_at(const struct ports *ports, size_t index);

#endif
