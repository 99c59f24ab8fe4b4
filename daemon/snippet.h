/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snippet.h - slow and failed transactions as annotated pcapng: what is in the file, not
 * where it lies (slow_files.h) nor how its blocks look (pcapng_write.h).
 */
#ifndef NETLAT_SNIPPET_H
#define NETLAT_SNIPPET_H

#include <stdio.h>

#include "packet_list.h"
#include "server_timing.h"

/* A transaction and its packets. All pointers are only used during the call. */
struct snippet {
	const struct nl_record *record;
	const struct packet_list *packets;
	u64 epoch_offset_ns;	 /* makes times of the source nanoseconds since 1970 */
	const char *explanation; /* explain.h: one sentence; NULL: none */
	struct server_timing server_timing;
	/* Name of an interface number, NULL if unknown; may be NULL. */
	const char *(*interface_name)(void *userdata, u32 ifindex);
	/* Name of an address for the name resolution block, NULL if unknown; may be NULL. */
	const char *(*address_name)(void *userdata, const union nl_addr *address);
	void *userdata;
	bool show_sensitive; /* false: values of Authorization, Cookie and the like are masked */
};

struct snippet_writer;

/* Begin a file on `out`, which stays the caller's. NULL and errno on failure. */
struct snippet_writer *snippet_writer_new(FILE *out);
/* Append a transaction. 0 or negative errno; -ENODATA, and nothing is written, without packets. */
int snippet_writer_add(struct snippet_writer *writer, const struct snippet *snippet);
/*
 * End the file: `dropped` packets of what was to be in it are missing. Frees the writer.
 * 0 or negative errno; what was added before is on `out` in any case.
 */
int snippet_writer_close(struct snippet_writer *writer, u64 dropped);

#endif
