/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * segments.h - a dialog cut into TCP segments, what may happen to them on the way, and
 * what the core makes of them.
 */
#ifndef NETLAT_TESTS_SEGMENTS_H
#define NETLAT_TESTS_SEGMENTS_H

#include "dialog.h"
#include "packets.h"
#include "replay_core.h"

#define SEGMENTS_MAX 1024
#define SEGMENT_BYTES_MAX (60u << 10)
#define SEGMENT_START_NS 1000000000ULL
#define SEGMENT_STEP_NS 1000ULL

/* One packet; positions count from the start of its stream. */
struct segment {
	u8 role;
	u8 tcp_flags;
	bool again; /* all of it passed before */
	u32 begin, end;
	u32 ack; /* so much of the other stream its sender had */
};

struct segments {
	struct segment list[SEGMENTS_MAX];
	u32 count;
};

/* How the connection looks below HTTP. */
struct wire {
	struct frame frame[2]; /* by sender */
	u32 isn[2];
};

void wire_make(struct wire *wire, struct choices *choices);

/* Cut the pieces anywhere; with handshake and end where chosen. */
void segments_cut(struct segments *s, const struct dialog *d, struct choices *choices);
void segments_insert(struct segments *s, u32 at, const struct segment *segment);
void segments_drop(struct segments *s, u32 at);
void segments_move(struct segments *s, u32 from, u32 to);

/* When segment i passes. */
u64 segment_time_ns(u32 i);

/* The first sighting of a byte of a stream; 0: never. */
u64 segments_first_ns(const struct segments *s, u32 role, u32 position);

/* Feed all of them to the core. */
void segments_feed(const struct segments *s, const struct dialog *d, const struct wire *wire,
		   struct replay_core *core);

/* For a person. */
void segments_print(const struct segments *s, const struct dialog *d);

#endif
