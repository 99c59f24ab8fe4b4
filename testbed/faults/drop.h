/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* drop.h - what drop.c and drop.bpf.c tell each other. */
#ifndef NETLAT_DROP_H
#define NETLAT_DROP_H

#include <linux/types.h>

/* Byte of a rule that is after the SYN (or SYN-ACK) itself. */
#define DROP_SYN 0xffffffffU

/* Whose segments: those of connections to this port, in one direction. */
struct drop_key {
	__u16 server_port; /* host order */
	__u16 from_server; /* 1: from the server; 0: to it */
};

struct drop_rule {
	__u32 byte;   /* of the stream, from 0: the segment that carries it is dropped */
	__u32 for_ms; /* sent again within this time, it is dropped again; 0: once */
	__u64 dropped;
	__u64 super; /* of these, segments of several: offloads are on, and more was lost */
};

#define DROP_RULES_MAX 128

#endif
