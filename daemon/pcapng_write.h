/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pcapng_write.h - a pcapng file of Ethernet frames with times in nanoseconds: its blocks
 * one by one, in any order. Each is put together first and written at once.
 *
 * One link type and one snap length for all interfaces, as tcpdump opens no others.
 */
#ifndef NETLAT_PCAPNG_WRITE_H
#define NETLAT_PCAPNG_WRITE_H

#include <stdio.h>

#include "packet_list.h"

/* Bytes of a frame at most: what libpcap takes. */
#define PCAPNG_SNAP_BYTES 262144
#define PCAPNG_COMMENTS_MAX 4

struct pcapng_frame {
	u32 interface; /* as pcapng_write_interface() numbered it */
	u64 epoch_ns;
	const u8 *bytes;
	u32 captured; /* of them; at most PCAPNG_SNAP_BYTES */
	u32 wire_bytes;
	u8 direction;				   /* enum packet_direction */
	const char *comments[PCAPNG_COMMENTS_MAX]; /* the first NULL ends them */
};

struct pcapng_writer;

/* Write a section's begin to `out`, which stays the caller's. NULL and errno on failure. */
struct pcapng_writer *pcapng_writer_new(FILE *out);
void pcapng_writer_free(struct pcapng_writer *writer);

/*
 * Those below return 0 or a negative errno: -EMSGSIZE for what the format has no room
 * for, of which nothing is written then. After a failed write the file may end within a
 * block: all that follows fails in the same way, and writes nothing.
 */

/* An interface, numbered from 0 in this order. Either text may be NULL. */
int pcapng_write_interface(struct pcapng_writer *writer, const char *name, const char *description);
int pcapng_write_packet(struct pcapng_writer *writer, const struct pcapng_frame *frame);
/* The name of one address. */
int pcapng_write_name(struct pcapng_writer *writer, const union nl_addr *address, const char *name);
/* Packets of an interface that are in the file, and that are missing. comment may be NULL. */
int pcapng_write_statistics(struct pcapng_writer *writer, u32 interface, u64 epoch_ns, u64 received,
			    u64 dropped, const char *comment);

#endif
