/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dialog.h - a well-formed conversation of HTTP/1.x made from choices: the bytes of
 * both directions, in which order they were sent, and what there is to find in them.
 *
 * Request i has the target /t<i>, its response a status of its own; so a wrong pair
 * shows.
 */
#ifndef NETLAT_TESTS_DIALOG_H
#define NETLAT_TESTS_DIALOG_H

#include "abi.h"
#include "choices.h"
#include "core/flow.h"

#define DIALOG_TURNS_MAX 14
#define DIALOG_STREAM_BYTES_MAX (60u << 10)
#define DIALOG_REGIONS_MAX 400
#define DIALOG_PIECES_MAX 128

/* Bytes of one direction whose loss or order does no harm. */
enum region_kind {
	REGION_LENGTH, /* a body of known length */
	REGION_CHUNK,  /* the data of one chunk */
	REGION_CLOSE,  /* a body delimited by FIN */
	REGION_TUNNEL, /* no longer HTTP/1 */
};

struct region {
	u32 begin, end;
	enum region_kind kind;
};

struct dialog_stream {
	u8 bytes[DIALOG_STREAM_BYTES_MAX];
	u32 count;
	struct region regions[DIALOG_REGIONS_MAX]; /* in order, not empty */
	u32 region_count;
};

/* A request and its response; positions count from the start of their stream. */
struct turn {
	u32 request, request_head_end, request_end;
	u32 response, response_end; /* without interim ones */
	u16 status;
	u8 method, version;
	u8 interim_count;
	u8 interim[NL_INTERIM_MAX];
	bool closed; /* ends with the server's FIN */
	bool tunnel; /* what follows is no longer HTTP/1 */
};

/* What one side sent before the other said something. */
struct piece {
	u8 role;
	u32 begin, end;
};

struct dialog {
	struct dialog_stream streams[2]; /* by enum nl_role */
	struct turn turns[DIALOG_TURNS_MAX];
	u32 turn_count;
	struct piece pieces[DIALOG_PIECES_MAX];
	u32 piece_count;
};

/*
 * quoting: bodies may contain what looks like messages. Not where framing gets lost,
 * since then nothing can tell them from messages.
 */
void dialog_make(struct dialog *dialog, struct choices *choices, bool quoting);

/* The region that holds all of [begin, end) of a stream, or NULL. */
const struct region *dialog_region(const struct dialog *dialog, u32 role, u32 begin, u32 end);

#endif
