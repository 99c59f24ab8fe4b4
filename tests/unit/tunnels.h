/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tunnels.h - headers that tunnels put before a packet, one of each form. */
#ifndef NETLAT_TESTS_TUNNELS_H
#define NETLAT_TESTS_TUNNELS_H

#include <stddef.h>

#include "core/bytes.h"

#define TUNNEL_HEADERS_MAX 200

/* What a tunnel has in it. */
enum tunnel_inner {
	INNER_ETHERNET,
	INNER_IPV4, /* without a link header */
	INNER_IPV6,
};

struct tunnel {
	const char *name;
	u8 headers[TUNNEL_HEADERS_MAX];
	u32 bytes;   /* of headers */
	u8 ip_at[3]; /* where IP headers are, which get their lengths; 0: no more */
	enum tunnel_inner inner;
	u8 levels; /* tunnels, one in the other; 0: opened always */
};

extern const struct tunnel tunnels[];
extern const size_t tunnel_count;

/* Write the lengths of IP headers in the copy of a tunnel's headers that `frame` begins with. */
void tunnel_set_lengths(u8 *frame, const struct tunnel *tunnel, u32 frame_bytes);

#endif
