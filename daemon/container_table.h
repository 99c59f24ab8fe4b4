/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* container_table.h - which container has an address, or had it until some minutes ago. */
#ifndef NETLAT_CONTAINER_TABLE_H
#define NETLAT_CONTAINER_TABLE_H

#include "abi.h"

/* More addresses than this are not kept: 10 MB. */
#define CONTAINER_ADDRESSES_MAX 16384
/* Packets of a container may be written after it has gone. */
#define CONTAINER_KEPT_US 300000000ULL

/* Text without spaces and control characters, cut if it is longer. */
struct container {
	char name[128];
	char service[128]; /* of Docker Compose; empty: none */
	char image[256];
};

struct container_table;

/* NULL and errno on failure. */
struct container_table *container_table_new(void);
void container_table_free(struct container_table *table);

/*
 * A listing: begin, put each, end. Of two containers with one address the first is kept.
 * What was not put since begin has gone at end; without an end nothing has. put returns 0,
 * -ENOSPC or -ENOMEM.
 */
void container_table_begin(struct container_table *table);
int container_table_put(struct container_table *table, const union nl_addr *address,
			const struct container *container);
void container_table_end(struct container_table *table, u64 now_us);

/* NULL if unknown; valid until the next listing. */
const struct container *container_table_find(const struct container_table *table,
					     const union nl_addr *address, u64 now_us);

#endif
