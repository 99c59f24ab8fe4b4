/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * recorder.h - the flight recorder: copies of packets in rings that overwrite their oldest,
 * read only when a transaction turns out slow or failed. Needs the seam of observe.h.
 *
 * Each copy points to the one before it of its connection; a position is never used
 * twice, so what a pointer leads to tells whether it was overwritten. Handshakes have
 * rings of their own: neither busy connections overwrite them, nor a flood of SYNs these.
 */
#ifndef NETLAT_CORE_RECORDER_H
#define NETLAT_CORE_RECORDER_H

#include "work.h"

/*
 * Copy the packet at hand into this CPU's ring of `kind`, behind the copy at `previous`
 * (0: none) of the same connection, sent by `role`. Returns its position; `previous` if it
 * could not be copied. now_ns is that of work.
 */
NL_CORE u64 recorder_copy_here(nl_source *src, struct nl_work *work, u64 previous, u32 role,
			       u32 kind)
{
	u32 bytes = work->packet.payload_offset + NL_CONFIG(copy_payload_bytes), chunk, at;
	struct nl_copy_ring *ring = seam_copy_ring(kind);
	struct nl_copy_chunk *to;
	struct nl_copy *copy;
	u64 offset, position;

	bytes = min_u32(bytes, work->frame_bytes);
	if (!ring || !NL_CONFIG(copy_chunks[kind & 1]))
		return previous;
	offset = ring->head;
	if ((offset & (NL_COPY_CHUNK_BYTES - 1)) > NL_COPY_CHUNK_BYTES - NL_COPY_BYTES_MAX)
		offset = (offset | (NL_COPY_CHUNK_BYTES - 1)) + 1;
	chunk = (u32)(offset / NL_COPY_CHUNK_BYTES) % NL_CONFIG(copy_chunks[kind & 1]);
	to = seam_copy_chunk(kind, chunk);
	at = (u32)offset & (NL_COPY_CHUNK_BYTES - 1);
	NL_OPAQUE(at);
	if (!to || at > NL_COPY_CHUNK_BYTES - NL_COPY_BYTES_MAX)
		return previous;
	copy = (struct nl_copy *)(to->bytes + at);
	position = (u64)seam_copy_ring_number(kind) << NL_COPY_RING_SHIFT | offset;
	if (bytes > NL_COPY_BYTES_MAX - sizeof(struct nl_copy))
		bytes = NL_COPY_BYTES_MAX - sizeof(struct nl_copy);
	NL_OPAQUE(bytes);
	if (!within_1_to(&bytes, NL_COPY_BYTES_MAX - sizeof(struct nl_copy)) ||
	    seam_copy(src, copy->bytes, &bytes))
		return previous;
	copy->position = position;
	copy->previous = previous;
	copy->time_ns = work->now_ns;
	copy->frame_bytes = work->frame_bytes;
	copy->ifindex = work->ifindex;
	copy->captured = (u16)bytes;
	copy->payload_offset = (u16)work->packet.payload_offset;
	copy->vlan_id = work->vlan_id;
	copy->role = (u8)role;
	copy->flags = (NL_SEAM_IS_IP(work) ? NL_COPY_IS_IP : 0) |
		      (work->packet.payload_bytes ? NL_COPY_HAS_PAYLOAD : 0);
	ring->head = offset + ((sizeof(struct nl_copy) + bytes + 7) & ~7ULL);
	return position;
}

/* A segment of flow f, whose lock is held. */
NL_STEP int recorder_copy(nl_source *src, struct nl_flow *f, struct nl_work *work)
{
	if (src && f && work)
		f->copy = recorder_copy_here(src, work, f->copy, work->role, NL_COPY_FLOWS);
	return 0;
}

#endif
