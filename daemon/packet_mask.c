/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packet_mask.c - secret values made illegible in copies of packets. */
#include "packet_mask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mask_lines.h"
#include "packet_checksum.h"

#define MASK_BYTE '*'

/* Marks of a byte of a stream, beside MASK_SECRET. */
#define MARK_KNOWN 1
#define MARK_CONFLICT 2 /* copies of it differ */

/* The payload of a packet at its place in the stream. */
struct piece {
	s64 begin, end;
	u8 *bytes; /* of the packet */
	const struct packet *packet;
	struct packet_layout layout;
	bool is_open; /* packet_checksum_is_open() */
};

/* One direction. */
struct stream {
	struct piece *pieces; /* by begin, equal ones in passing order */
	size_t count;
	u8 *content, *marks; /* of what is known in a row */
	struct mask_lines lines;
};

static u8 *bytes_of(const struct packet_list *list, const struct packet *packet)
{
	return list->bytes + (packet->bytes - list->bytes);
}

/* Bytes behind the IP packet: padding is zero, and what is not zero is not known. */
static void mask_trailer(u8 *bytes, u32 begin, u32 end)
{
	for (u32 i = begin; i < end; i++)
		if (bytes[i])
			bytes[i] = MASK_BYTE;
}

/*
 * Place the packets of one direction. Sequence numbers are counted on from the packet
 * before, so that streams may be longer than 2^32 bytes.
 */
static void collect(struct stream *stream, const struct packet_list *list, bool is_response)
{
	bool has_last = false;
	u32 last_seq = 0;
	s64 position = 0;

	stream->count = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct packet *packet = &list->packets[i];
		struct piece piece = { .packet = packet, .bytes = bytes_of(list, packet) };

		if ((packet->role == NL_SERVER) != is_response)
			continue;
		if (!packet_layout_find(&piece.layout, packet)) {
			mask_trailer(piece.bytes, packet->payload_offset, packet->captured);
			continue;
		}
		if (piece.layout.end < packet->captured)
			mask_trailer(piece.bytes, piece.layout.end, packet->captured);
		if (has_last)
			position += (s32)(piece.layout.seq - last_seq);
		has_last = true;
		last_seq = piece.layout.seq;
		piece.begin = position;
		piece.end = position + packet_payload_captured(&piece.layout, packet);
		piece.is_open = packet_checksum_is_open(packet, &piece.layout);
		if (piece.begin < piece.end || piece.layout.is_syn)
			stream->pieces[stream->count++] = piece;
	}
}

static int compare_pieces(const void *left, const void *right)
{
	const struct piece *a = left, *b = right;

	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	if (a->packet != b->packet)
		return a->packet < b->packet ? -1 : 1;
	return 0;
}

/* Put together what pieces [first, end) have of the stream from `begin` on. */
static void assemble(struct stream *stream, size_t first, size_t end, s64 begin)
{
	for (size_t i = first; i < end; i++) {
		const struct piece *piece = &stream->pieces[i];
		const u8 *from = piece->bytes + piece->layout.payload;
		u8 *content = stream->content + (piece->begin - begin);
		u8 *marks = stream->marks + (piece->begin - begin);

		for (s64 j = 0; j < piece->end - piece->begin; j++) {
			if (marks[j] && content[j] != from[j])
				marks[j] |= MARK_CONFLICT;
			content[j] = from[j];
			marks[j] |= MARK_KNOWN;
		}
	}
}

/* Which of `count` bytes in a row are secret. Those that copies differ in count as unknown. */
static void find_secrets(struct stream *stream, size_t count)
{
	size_t at = 0;

	while (at < count) {
		size_t run = at;

		while (run < count && !(stream->marks[run] & MARK_CONFLICT))
			run++;
		mask_lines_take(&stream->lines, stream->content + at, run - at, stream->marks + at);
		for (at = run; at < count && stream->marks[at] & MARK_CONFLICT; at++) {
			stream->marks[at] |= MASK_SECRET;
			mask_lines_skip(&stream->lines, 1);
		}
	}
}

static void mask_piece(const struct piece *piece, const u8 *marks)
{
	for (u32 i = 0; i < (u32)(piece->end - piece->begin); i++) {
		u32 offset = piece->layout.payload + i;

		if (!(marks[i] & MASK_SECRET))
			continue;
		if (piece->is_open)
			piece->bytes[offset] = MASK_BYTE;
		else
			packet_checksum_replace(piece->bytes, &piece->layout, offset, MASK_BYTE);
	}
}

/* Where the stream began: its SYN was seen, and the first bytes follow it. */
static bool is_start(const struct stream *stream)
{
	for (size_t i = 0; i < stream->count; i++)
		if (stream->pieces[i].begin == stream->pieces[0].begin &&
		    stream->pieces[i].layout.is_syn)
			return true;
	return false;
}

static void mask_stream(struct stream *stream, bool is_response)
{
	s64 last_end = 0;
	size_t end;

	qsort(stream->pieces, stream->count, sizeof(*stream->pieces), compare_pieces);
	mask_lines_begin(&stream->lines, is_response, is_start(stream));
	for (size_t first = 0; first < stream->count; first = end) {
		s64 begin = stream->pieces[first].begin, island_end = begin;
		size_t count;

		for (end = first; end < stream->count && stream->pieces[end].begin <= island_end;
		     end++)
			if (stream->pieces[end].end > island_end)
				island_end = stream->pieces[end].end;
		count = (size_t)(island_end - begin);
		if (first > 0)
			mask_lines_skip(&stream->lines, (u64)(begin - last_end));
		last_end = island_end;
		memset(stream->marks, 0, count);
		assemble(stream, first, end, begin);
		find_secrets(stream, count);
		for (size_t i = first; i < end; i++)
			mask_piece(&stream->pieces[i],
				   stream->marks + (stream->pieces[i].begin - begin));
	}
}

int packet_mask(struct packet_list *list)
{
	struct stream stream = { 0 };
	int error = -ENOMEM;
	size_t bytes = 1;

	for (size_t i = 0; i < list->count; i++)
		bytes += list->packets[i].captured;
	stream.pieces = calloc(list->count + 1, sizeof(*stream.pieces));
	stream.content = malloc(bytes);
	stream.marks = malloc(bytes);
	if (!stream.pieces || !stream.content || !stream.marks)
		goto out;
	for (u32 role = NL_CLIENT; role <= NL_SERVER; role++) {
		collect(&stream, list, role == NL_SERVER);
		mask_stream(&stream, role == NL_SERVER);
	}
	error = 0;
out:
	free(stream.pieces);
	free(stream.content);
	free(stream.marks);
	return error;
}
