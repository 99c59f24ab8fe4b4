/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * recorder.h - reading the flight recorder (bpf/core/recorder.h): the packets of one
 * transaction, out of rings that are written on meanwhile.
 */
#ifndef NETLAT_RECORDER_H
#define NETLAT_RECORDER_H

#include "packet_list.h"

/* Where the rings lie: of the kernel, mapped, or of a replay. */
struct recorder {
	const struct nl_copy_ring *rings; /* by CPU, of each enum nl_copy_kind */
	const struct nl_copy_chunk *copies;
	u32 ring_count;
	u32 chunks[NL_COPY_KINDS]; /* in a ring, by kind */
};

/* Packets of one transaction at most, so that one huge transfer does not take all memory. */
#define RECORDER_PACKETS_MAX 200000

/* How long after the end of a transaction a packet still belongs to what is told of it. */
#define RECORDER_BEYOND_NS 50000000ULL

/*
 * Position of the latest copy of the connection of *record, if that is the one in `flow`, the
 * place where it lay; else 0. A place that is free again keeps what it held, until another
 * connection has it.
 */
u64 recorder_latest_copy(const struct nl_flow *flow, const struct nl_record *record);

/*
 * The packets of the transaction in *record: its connection's handshake, and everything from
 * the request's first byte to RECORDER_BEYOND_NS after the end. `latest` is the position
 * of the connection's latest copy by now, or 0 if that is not known any more.
 * 0 or -ENOMEM. packet_list_clear() frees what is in *ret_list.
 */
int recorder_collect(const struct recorder *recorder, const struct nl_record *record, u64 latest,
		     struct packet_list *ret_list);

#endif
