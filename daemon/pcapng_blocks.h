/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pcapng_blocks.h - numbers of blocks and options in pcapng (draft-ietf-opsawg-pcapng). */
#ifndef NETLAT_PCAPNG_BLOCKS_H
#define NETLAT_PCAPNG_BLOCKS_H

#define PCAPNG_BLOCK_SECTION 0x0a0d0d0au /* the same in both byte orders */
#define PCAPNG_BLOCK_INTERFACE 1
#define PCAPNG_BLOCK_PACKET 2 /* obsolete */
#define PCAPNG_BLOCK_SIMPLE_PACKET 3
#define PCAPNG_BLOCK_NAMES 4
#define PCAPNG_BLOCK_STATISTICS 5
#define PCAPNG_BLOCK_ENHANCED_PACKET 6
#define PCAPNG_BYTE_ORDER_MAGIC 0x1a2b3c4du

/* Of any block. */
#define PCAPNG_OPTION_END 0
#define PCAPNG_OPTION_COMMENT 1
/* Of one kind of block. */
#define PCAPNG_SECTION_USERAPPL 4
#define PCAPNG_INTERFACE_NAME 2
#define PCAPNG_INTERFACE_DESCRIPTION 3
#define PCAPNG_INTERFACE_TSRESOL 9
#define PCAPNG_INTERFACE_TSOFFSET 14
#define PCAPNG_PACKET_FLAGS 2
#define PCAPNG_STATISTICS_IFRECV 4
#define PCAPNG_STATISTICS_IFDROP 5

/* Of PCAPNG_PACKET_FLAGS. */
#define PCAPNG_DIRECTION_MASK 3 /* 0: not known, 1: inbound, 2: outbound */

/* Records of a block of names. */
#define PCAPNG_NAMES_END 0
#define PCAPNG_NAMES_IPV4 1
#define PCAPNG_NAMES_IPV6 2

#endif
