/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * packet_mask.h - values of Authorization, Cookie, X-Api-Key and the like, and secrets of
 * URLs, made illegible in copies of packets.
 */
#ifndef NETLAT_PACKET_MASK_H
#define NETLAT_PACKET_MASK_H

#include "packet_list.h"

/*
 * Put '*' for each byte of such values, in all packets that have a copy of it, and adjust
 * TCP checksums. The packets are those of one connection in passing order; their streams
 * are put together first, so it does not matter how a head was cut, reordered, sent
 * again or only partly copied. Where it cannot be told what bytes are, they are masked.
 *
 * The bytes of each packet have to lie in list->bytes. 0, or -ENOMEM and nothing masked.
 */
int packet_mask(struct packet_list *list);

#endif
