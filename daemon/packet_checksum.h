/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * packet_checksum.h - what offload leaves open in headers: TCP checksums of copies, and
 * lengths of IPv6, are completed. Changes of payload are made good in checksums.
 */
#ifndef NETLAT_PACKET_CHECKSUM_H
#define NETLAT_PACKET_CHECKSUM_H

#include "packet_layout.h"

/*
 * A sender that leaves the checksum to the card puts the sum of the pseudo-header there
 * (CHECKSUM_PARTIAL), and that is what a hook sees. If exactly that is there, and the
 * packet was copied whole, put the checksum in its place. `bytes` are the packet's.
 */
void packet_checksum_complete(u8 *bytes, const struct packet *packet,
			      const struct packet_layout *layout);

/* Whether the copy is cut and the sum in it only the pseudo-header's. */
bool packet_checksum_is_open(const struct packet *packet, const struct packet_layout *layout);

/*
 * Put a byte of the payload in another's place, and change the checksum by the difference
 * (RFC 1624): a right one stays right, a wrong one wrong.
 */
void packet_checksum_replace(u8 *bytes, const struct packet_layout *layout, u32 offset, u8 value);

/*
 * An IPv6 packet of segmentation offload may say 0 for its length, without a jumbo payload
 * option (RFC 2675): put the length there, 65,535 at most, as readers take such a packet for
 * an empty one. (With IPv4's 0 they know what to do.) The layout no longer holds then.
 */
void packet_length_complete(u8 *bytes, const struct packet_layout *layout);

#endif
