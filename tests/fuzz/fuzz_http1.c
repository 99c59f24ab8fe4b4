/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz_http1.c - the framing of a stream: the same heads, bodies and ends are found in
 * it whole and cut into any segments, whatever is left in the window around them.
 */
#include <stdio.h>
#include <string.h>

#include "choices.h"
#include "core/http1.h"
#include "noise.h"
#include "packets.h"
#include "verify.h"

#define STREAM_BYTES_MAX 8192
#define FOUND_MAX 2048

/* Something that was found to end at a position of the stream. */
struct found {
	u32 event; /* enum http1_event */
	u32 at;
	u16 code;
	u8 version, head_flags;
	u64 remaining_bytes;
};

struct run {
	struct nl_stream stream;
	struct nl_window window;
	u8 carry[NL_CARRY_BYTES];
	u8 stale;
	bool response, is_lost;
	struct found found[FOUND_MAX];
	u32 count;
};

static u8 bytes_of_stream[STREAM_BYTES_MAX];
static struct run whole, cut;

static void note(struct run *r, enum http1_event event, u32 at)
{
	const struct nl_stream *s = &r->stream;
	struct found *found = &r->found[r->count++];

	VERIFY(r->count < FOUND_MAX, "endless events");
	found->event = event;
	found->at = at;
	found->code = s->code;
	found->version = s->version;
	found->head_flags = s->head_flags;
	found->remaining_bytes = s->remaining_bytes;
}

/* How the body that follows a head ends; what txn.h decides, without its transactions. */
static void after_head(struct nl_stream *s)
{
	if (s->head_flags & NL_HEAD_CHUNKED)
		s->mode = NL_MODE_CHUNK_SIZE;
	else
		s->mode = (s->head_flags & NL_HEAD_LENGTH) && s->remaining_bytes
				  ? NL_MODE_BODY_LENGTH
				  : NL_MODE_START;
}

/* One window of a segment. Returns the bytes taken; 0: framing is lost. */
static u32 frame_window(struct run *r, const u8 *bytes, u32 rest, u32 position)
{
	struct nl_stream *s = &r->stream;
	u32 count = rest < NL_WINDOW_BYTES ? rest : NL_WINDOW_BYTES, carried = s->carry_bytes;
	u32 pos = NL_CARRY_BYTES - carried;
	enum http1_event event;

	memset(r->window.bytes, r->stale, sizeof(r->window.bytes));
	memcpy(r->window.bytes + pos, r->carry + pos, carried);
	memcpy(r->window.bytes + NL_CARRY_BYTES, guarded_copy(bytes, count), count);
	s->carry_bytes = 0;
	event = http1_frame(s, &r->window, &pos, NL_CARRY_BYTES + count, count == rest,
			    r->response);
	if (event == HTTP1_LOST) {
		r->is_lost = true;
		return 0;
	}
	VERIFY(pos >= NL_CARRY_BYTES && pos <= NL_CARRY_BYTES + count, "%u of %u", pos, count);
	VERIFY(s->carry_bytes <= NL_CARRY_BYTES, "%u", s->carry_bytes);
	if (s->carry_bytes)
		memcpy(r->carry, r->window.bytes + count, NL_CARRY_BYTES);
	if (event == HTTP1_HEAD || event == HTTP1_MESSAGE) {
		note(r, event, position + pos - NL_CARRY_BYTES);
		if (event == HTTP1_HEAD)
			after_head(s);
		else
			s->mode = NL_MODE_START;
	}
	return pos - NL_CARRY_BYTES;
}

static u32 skip_body(struct run *r, u32 rest, u32 position)
{
	struct nl_stream *s = &r->stream;
	u32 count = s->remaining_bytes < rest ? (u32)s->remaining_bytes : rest;

	s->remaining_bytes -= count;
	if (!s->remaining_bytes) {
		bool is_chunk = s->mode == NL_MODE_CHUNK_DATA;

		s->mode = is_chunk ? NL_MODE_CHUNK_END : NL_MODE_START;
		if (!is_chunk)
			note(r, HTTP1_MESSAGE, position + count);
	}
	return count;
}

/* False when framing is lost. */
static bool take_segment(struct run *r, u32 begin, u32 end)
{
	u32 idle = 0;

	while (begin < end) {
		u8 mode = r->stream.mode;
		u32 taken;

		if (mode == NL_MODE_BODY_LENGTH || mode == NL_MODE_CHUNK_DATA) {
			taken = skip_body(r, end - begin, begin);
		} else {
			taken = frame_window(r, bytes_of_stream + begin, end - begin, begin);
			if (r->is_lost)
				return false;
		}
		idle = taken ? 0 : idle + 1;
		VERIFY(idle < 3, "no progress at %u in mode %u", begin, r->stream.mode);
		begin += taken;
	}
	return true;
}

static void run_cut(struct run *r, struct choices *choices, u32 count, bool response, u8 stale)
{
	u32 begin = 0;

	memset(r, 0, sizeof(*r));
	r->response = response;
	r->stale = stale;
	while (begin < count) {
		u32 length = choices ? 1 + choose_length(choices, 600) : count;

		if (length > count - begin)
			length = count - begin;
		if (!take_segment(r, begin, begin + length))
			break;
		begin += length;
	}
}

static void explain(void)
{
	const struct run *runs[] = { &whole, &cut };

	for (u32 i = 0; i < 2; i++)
		for (u32 j = 0; j < runs[i]->count; j++)
			fprintf(stderr, "%s: event %u at %u, code %u, flags %u, remaining %llu\n",
				i ? "cut" : "whole", runs[i]->found[j].event, runs[i]->found[j].at,
				runs[i]->found[j].code, runs[i]->found[j].head_flags,
				runs[i]->found[j].remaining_bytes);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count);

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count)
{
	struct choices choices = { .at = bytes, .left = count };
	bool response = choose(&choices, 2);
	u32 length = 0;

	verify_explain = explain;
	while (choices.left > 8 && length < STREAM_BYTES_MAX / 2)
		length += noise_make(bytes_of_stream + length, STREAM_BYTES_MAX - length, &choices);
	run_cut(&whole, NULL, length, response, 0);
	run_cut(&cut, &choices, length, response, '\n');
	/* A line without end may be known for none of HTTP by its start or not yet. */
	VERIFY(whole.count == cut.count, "%u events, cut %u", whole.count, cut.count);
	for (u32 i = 0; i < whole.count; i++)
		VERIFY(memcmp(&whole.found[i], &cut.found[i], sizeof(struct found)) == 0,
		       "event %u differs", i);
	return 0;
}
