/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * link_header.h - what captures have before IP, other than Ethernet: taken off here,
 * as no live interface that is observed has it.
 */
#ifndef NETLAT_LINK_HEADER_H
#define NETLAT_LINK_HEADER_H

#include <stdbool.h>

#include "core/cursor.h"

/* What a link header says. */
struct link_header {
	u32 bytes;   /* of it, padding included */
	u32 next;    /* what is behind it: enum nl_next or an EtherType */
	u32 ifindex; /* where the packet passed; 0: not told */
};

/* Whether packets of this type can be read: a number of the tcpdump.org list, or a DLT_*. */
bool link_type_known(u32 link_type);

/*
 * Read the link header at the beginning of a packet of which `captured` bytes are there.
 * Returns 0, or the packet's fate (enum nl_counter): truncated_header if it is cut off,
 * not_ip for what it says not to be IP, fragment for a part of a larger frame.
 */
int link_header_read(u32 link_type, const u8 *bytes, u32 captured, struct link_header *ret_header);

#endif
