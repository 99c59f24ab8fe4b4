/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* recorder.c - reading the flight recorder: the packets of one transaction. */
#include "recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/table.h"

#define VLAN_TAG_BYTES 4
#define ETHER_ADDRESSES_BYTES 12
#define ETHERTYPE_VLAN 0x8100

/* Packets being collected, the latest first; their bytes are at offsets, as `bytes` moves. */
struct collection {
	struct packet *packets;
	size_t count, room;
	u8 *bytes;
	size_t used, size;
};

static u64 load_head(const struct nl_copy_ring *ring)
{
	return __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
}

/* Whether what was written at `offset` is there, and will not be overwritten by the very next copy.
 */
static bool is_there(const struct recorder *recorder, u32 ring, u64 offset)
{
	u64 head = load_head(&recorder->rings[ring]);
	u64 ring_bytes = (u64)recorder->chunks[ring % NL_COPY_KINDS] * NL_COPY_CHUNK_BYTES;

	/* The writer may be NL_COPY_BYTES_MAX further, beyond a gap at a chunk's end. */
	return offset < head && head - offset + 2 * NL_COPY_BYTES_MAX <= ring_bytes;
}

/*
 * Read the copy at `position` into *ret_copy, whose bytes have room for any. False: it was
 * overwritten, or the position is none.
 */
static bool read_copy(const struct recorder *recorder, u64 position, struct nl_copy *ret_copy)
{
	u32 ring = (u32)(position >> NL_COPY_RING_SHIFT), kind = ring % NL_COPY_KINDS;
	u64 offset = position & NL_COPY_OFFSET_MASK;
	u32 all = recorder->chunks[0] + recorder->chunks[1];
	u32 chunk, at = offset % NL_COPY_CHUNK_BYTES;
	const struct nl_copy *copy;

	if (!position || ring >= recorder->ring_count || !is_there(recorder, ring, offset) ||
	    at > NL_COPY_CHUNK_BYTES - NL_COPY_BYTES_MAX)
		return false;
	chunk = ring / NL_COPY_KINDS * all + (kind == NL_COPY_FLOWS ? 0 : recorder->chunks[0]) +
		(u32)(offset / NL_COPY_CHUNK_BYTES) % recorder->chunks[kind];
	copy = (const struct nl_copy *)(recorder->copies[chunk].bytes + at);
	memcpy(ret_copy, copy, NL_COPY_HEADER_BYTES);
	if (ret_copy->captured > NL_COPY_BYTES_MAX - NL_COPY_HEADER_BYTES)
		return false;
	memcpy(ret_copy->bytes, copy->bytes, ret_copy->captured);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return is_there(recorder, ring, offset) && ret_copy->position == position;
}

/* Make room for one more packet of at most NL_COPY_BYTES_MAX bytes. */
static int make_room(struct collection *c)
{
	if (c->count == c->room) {
		size_t room = c->room ? 2 * c->room : 32;
		struct packet *packets = realloc(c->packets, room * sizeof(*packets));

		if (!packets)
			return -ENOMEM;
		c->packets = packets;
		c->room = room;
	}
	if (c->size - c->used < NL_COPY_BYTES_MAX) {
		size_t size = c->size ? 2 * c->size : 32768;
		u8 *bytes = realloc(c->bytes, size);

		if (!bytes)
			return -ENOMEM;
		c->bytes = bytes;
		c->size = size;
	}
	return 0;
}

/* A tag that the hardware, or the kernel, had taken off the frame is put back where it was. */
static u32 append_frame(u8 *to, const struct nl_copy *copy)
{
	u32 rest = copy->captured - ETHER_ADDRESSES_BYTES;

	if (!copy->vlan_id || (copy->flags & NL_COPY_IS_IP) ||
	    copy->captured < ETHER_ADDRESSES_BYTES) {
		memcpy(to, copy->bytes, copy->captured);
		return 0;
	}
	memcpy(to, copy->bytes, ETHER_ADDRESSES_BYTES);
	to[12] = ETHERTYPE_VLAN >> 8;
	to[13] = ETHERTYPE_VLAN & 0xff;
	to[14] = (u8)(copy->vlan_id >> 8);
	to[15] = (u8)copy->vlan_id;
	memcpy(to + ETHER_ADDRESSES_BYTES + VLAN_TAG_BYTES, copy->bytes + ETHER_ADDRESSES_BYTES,
	       rest);
	return VLAN_TAG_BYTES;
}

static int append_packet(struct collection *c, const struct nl_copy *copy)
{
	struct packet *packet;
	u32 tag_bytes;
	int r = make_room(c);

	if (r < 0)
		return r;
	tag_bytes = append_frame(c->bytes + c->used, copy);
	packet = &c->packets[c->count++];
	*packet = (struct packet){
		.time_ns = copy->time_ns,
		.bytes = (const u8 *)c->used, /* NOLINT: an offset, until all are there */
		.captured = copy->captured + tag_bytes,
		.wire_bytes = copy->frame_bytes + tag_bytes,
		.ifindex = copy->ifindex,
		.payload_offset = min_u32(copy->payload_offset, copy->captured) + tag_bytes,
		.role = copy->role,
		.is_ip = copy->flags & NL_COPY_IS_IP,
		.has_payload = copy->flags & NL_COPY_HAS_PAYLOAD,
	};
	c->used += packet->captured;
	return 0;
}

/*
 * Packets of one connection are copied in the order in which CPUs get hold of it, and have the
 * time at which they came: two of them may be the other way round.
 */
#define DISORDER_NS 10000000ULL

/* A chain of copies, and what of it was met. */
struct chain {
	u64 position; /* the latest */
	u64 from_ns;  /* older copies are not wanted */
	u64 to_ns;    /* younger ones neither */
	u64 landmark; /* a position that has to be met; 0: none */
	bool is_met;
	bool is_whole; /* the oldest that is wanted was there */
};

/* Collect the copies of a chain, the latest first. 0 or -ENOMEM. */
static int collect_chain(const struct recorder *recorder, struct collection *c, struct chain *chain)
{
	u64 position = chain->position;
	union {
		struct nl_copy copy;
		u8 bytes[NL_COPY_BYTES_MAX];
	} at;

	chain->is_met = !chain->landmark;
	chain->is_whole = false;
	while (position) {
		u64 time_ns;

		chain->is_met |= position == chain->landmark;
		if (!read_copy(recorder, position, &at.copy) || c->count >= RECORDER_PACKETS_MAX)
			return 0;
		time_ns = at.copy.time_ns;
		if (time_ns + DISORDER_NS < chain->from_ns)
			break;
		if (time_ns >= chain->from_ns && time_ns <= chain->to_ns) {
			int r = append_packet(c, &at.copy);

			if (r < 0)
				return r;
		}
		/* What is before the first that is wanted may be gone. */
		chain->is_whole |= time_ns == chain->from_ns;
		position = at.copy.previous;
	}
	chain->is_whole = true;
	return 0;
}

/*
 * The packets of the transaction itself, from `latest` on if that is a copy of its connection: the
 * place of that in the flow table may have been given to one on the same ports. Else as far as
 * they go that there were when it was over.
 */
static int collect_transaction(const struct recorder *recorder, struct collection *c,
			       const struct nl_record *record, u64 latest, bool *ret_is_whole)
{
	struct chain chain = {
		.position = latest,
		.from_ns = record->request_first_ns,
		.to_ns = record->end_ns + RECORDER_BEYOND_NS,
		.landmark = record->copy,
	};
	int r = latest ? collect_chain(recorder, c, &chain) : 0;

	if (r == 0 && (!latest || !chain.is_met)) {
		c->count = c->used = 0;
		chain.position = record->copy;
		r = collect_chain(recorder, c, &chain);
	}
	*ret_is_whole = chain.is_whole;
	return r;
}

/*
 * What follows the end, up to the client's next request: with the packets, in passing order, of
 * which the first `count` are kept.
 */
static size_t count_until_next(const struct packet *packets, size_t count, u64 end_ns)
{
	for (size_t i = 0; i < count; i++)
		if (packets[i].time_ns > end_ns && packets[i].role == NL_CLIENT &&
		    packets[i].has_payload)
			return i;
	return count;
}

/* The position of a handshake, of whose offset a record has only the low 35 bits. */
static u64 whole_position(const struct recorder *recorder, u64 position)
{
	const u64 low = (1ULL << 35) - 1;
	u32 ring = (u32)(position >> NL_COPY_RING_SHIFT);
	u64 offset = position & low, head;

	if (!position || ring >= recorder->ring_count)
		return 0;
	head = load_head(&recorder->rings[ring]);
	offset |= head & ~low;
	if (offset >= head && offset > low)
		offset -= low + 1;
	return (u64)ring << NL_COPY_RING_SHIFT | offset;
}

static void turn_round(struct collection *c, struct packet_list *list, u64 end_ns)
{
	for (size_t i = 0; i < c->count / 2; i++) {
		struct packet other = c->packets[i];

		c->packets[i] = c->packets[c->count - 1 - i];
		c->packets[c->count - 1 - i] = other;
	}
	for (size_t i = 0; i < c->count; i++)
		c->packets[i].bytes = c->bytes + (size_t)c->packets[i].bytes;
	list->packets = c->packets;
	list->count = count_until_next(c->packets, c->count, end_ns);
	list->bytes = c->bytes;
}

u64 recorder_latest_copy(const struct nl_flow *flow, const struct nl_record *record)
{
	const struct nl_packet first = {
		.source_addr = record->client_addr,
		.destination_addr = record->server_addr,
		.source_port = record->client_port,
		.destination_port = record->server_port,
	};
	u64 copy = __atomic_load_n(&flow->copy, __ATOMIC_ACQUIRE);
	struct nl_flow_key key = {};

	flow_key_make(&key, &first, record->vlan_id);
	key.in_use = flow->key.in_use;
	return table_key_equals(flow, &key) ? copy : 0;
}

int recorder_collect(const struct recorder *recorder, const struct nl_record *record, u64 latest,
		     struct packet_list *ret_list)
{
	struct chain handshake = {
		.position = whole_position(recorder, record->handshake_copy),
		.to_ns = record->request_first_ns,
	};
	struct collection c = {};
	bool is_whole = false;
	int r;

	memset(ret_list, 0, sizeof(*ret_list));
	r = collect_transaction(recorder, &c, record, latest, &is_whole);
	if (r == 0)
		r = collect_chain(recorder, &c, &handshake);
	if (r < 0) {
		free(c.packets);
		free(c.bytes);
		return r;
	}
	turn_round(&c, ret_list, record->end_ns);
	ret_list->is_overwritten = !is_whole || !handshake.is_whole;
	return 0;
}
