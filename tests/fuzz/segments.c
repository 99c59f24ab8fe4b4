/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* segments.c - a dialog cut into TCP segments, and what may happen to them on the way. */
#include "segments.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"

void wire_make(struct wire *wire, struct choices *choices)
{
	static const u32 isns[] = { 1000, 0xffffff00, 0xfffffffe, 0x7ffffff0 };
	struct frame *to_server = &wire->frame[NL_CLIENT], *to_client = &wire->frame[NL_SERVER];
	bool ipv6 = choose_rarely(choices, 4), client_is_greater = choose(choices, 2);
	u32 tags = choose(choices, 8);

	memset(wire, 0, sizeof(*wire));
	to_server->ipv6 = ipv6;
	to_server->source[0] = client_is_greater ? 20 : 10;
	to_server->destination[0] = client_is_greater ? 10 : 20;
	to_server->source_port = 40000;
	to_server->destination_port = 8080;
	to_server->tcp_option_bytes = choose(choices, 2) ? 12 : 0;
	to_server->tags = tags > 5 ? tags - 5 : 0;
	for (u32 i = 0; i < to_server->tags; i++) {
		to_server->tag_type[i] = 0x8100;
		to_server->tag[i] = (u16)(7 + i);
	}
	*to_client = *to_server;
	memcpy(to_client->source, to_server->destination, sizeof(to_client->source));
	memcpy(to_client->destination, to_server->source, sizeof(to_client->source));
	to_client->source_port = to_server->destination_port;
	to_client->destination_port = to_server->source_port;
	wire->isn[NL_CLIENT] = isns[choose(choices, 4)];
	wire->isn[NL_SERVER] = isns[choose(choices, 4)] + 17;
}

void segments_insert(struct segments *s, u32 at, const struct segment *segment)
{
	struct segment copy = *segment;

	if (s->count == SEGMENTS_MAX)
		return;
	memmove(&s->list[at + 1], &s->list[at], (s->count - at) * sizeof(copy));
	s->list[at] = copy;
	s->count++;
}

void segments_drop(struct segments *s, u32 at)
{
	s->count--;
	memmove(&s->list[at], &s->list[at + 1], (s->count - at) * sizeof(s->list[0]));
}

void segments_move(struct segments *s, u32 from, u32 to)
{
	struct segment moved = s->list[from];

	segments_drop(s, from);
	segments_insert(s, to, &moved);
}

/* The pieces of one role that follow each other directly are cut as one. */
static void cut(struct segments *s, struct choices *choices, u32 role, u32 begin, u32 end, u32 ack)
{
	u32 style = choose(choices, 8);

	while (begin < end) {
		u32 most = end - begin, length;

		if (style == 1 && s->count < SEGMENTS_MAX / 4)
			length = 1;
		else if (style > 4 && s->count < SEGMENTS_MAX / 2)
			length = 1 + choose_length(choices, most);
		else
			length = most;
		if (length > most)
			length = most;
		segments_insert(s, s->count,
				&(struct segment){ .role = (u8)role,
						   .tcp_flags = NL_TCP_ACK,
						   .begin = begin,
						   .end = begin + length,
						   .ack = ack });
		begin += length;
	}
}

static void add_flags(struct segments *s, u32 role, u8 flags, const u32 sent[2])
{
	segments_insert(s, s->count,
			&(struct segment){ .role = (u8)role,
					   .tcp_flags = flags | NL_TCP_ACK,
					   .begin = sent[role],
					   .end = sent[role],
					   .ack = sent[role ^ 1] });
}

void segments_cut(struct segments *s, const struct dialog *d, struct choices *choices)
{
	u32 sent[2] = { 0 }, first = choose(choices, 2);

	s->count = 0;
	for (u32 i = 0; i < d->piece_count; i++) {
		const struct piece *p = &d->pieces[i];
		u32 end = p->end;

		while (i + 1 < d->piece_count && d->pieces[i + 1].role == p->role)
			end = d->pieces[++i].end;
		cut(s, choices, p->role, p->begin, end, sent[p->role ^ 1]);
		sent[p->role] = end;
	}
	if (d->turns[d->turn_count - 1].closed)
		first = NL_SERVER;
	else if (choose_rarely(choices, 3))
		return; /* it stays open */
	if (choose(choices, 2) && s->count && s->list[s->count - 1].role == first)
		s->list[s->count - 1].tcp_flags |= NL_TCP_FIN;
	else
		add_flags(s, first, NL_TCP_FIN, sent);
	add_flags(s, first ^ 1, NL_TCP_FIN, sent);
}

u64 segment_time_ns(u32 i)
{
	return SEGMENT_START_NS + i * SEGMENT_STEP_NS;
}

u64 segments_first_ns(const struct segments *s, u32 role, u32 position)
{
	for (u32 i = 0; i < s->count; i++)
		if (s->list[i].role == role && s->list[i].begin <= position &&
		    position < s->list[i].end)
			return segment_time_ns(i);
	return 0;
}

void segments_feed(const struct segments *s, const struct dialog *d, const struct wire *wire,
		   struct replay_core *core)
{
	static u8 bytes[FRAME_HEADERS_MAX + SEGMENT_BYTES_MAX];

	capture_begin();
	for (u32 i = 0; i < s->count; i++) {
		const struct segment *segment = &s->list[i];
		u32 role = segment->role;
		struct frame f = wire->frame[role];
		struct frame_layout layout;

		f.seq = wire->isn[role] + segment->begin;
		f.ack = wire->isn[role ^ 1] + segment->ack;
		f.tcp_flags = segment->tcp_flags;
		f.payload = d->streams[role].bytes + segment->begin;
		f.payload_bytes = segment->end - segment->begin;
		layout = frame_build(bytes, &f);
		capture_packet(bytes, layout.end, segment_time_ns(i));
		replay_core_packet(core, REPLAY_ETHERNET, guarded_copy(bytes, layout.end),
				   layout.end, layout.end, segment_time_ns(i), 1);
	}
	capture_end();
}

void segments_print(const struct segments *s, const struct dialog *d)
{
	for (u32 i = 0; i < d->turn_count; i++) {
		const struct turn *t = &d->turns[i];

		fprintf(stderr,
			"turn %2u: method %u, status %u, request %u..%u..%u, response %u..%u%s%s\n",
			i, t->method, t->status, t->request, t->request_head_end, t->request_end,
			t->response, t->response_end, t->closed ? ", closed" : "",
			t->tunnel ? ", tunnel" : "");
	}
	for (u32 i = 0; i < s->count; i++) {
		const struct segment *g = &s->list[i];

		fprintf(stderr, "packet %3u %s %5u..%5u ack %5u%s%s%s \"", i + 1,
			g->role == NL_CLIENT ? "client" : "server", g->begin, g->end, g->ack,
			g->tcp_flags & NL_TCP_FIN ? " FIN" : "",
			g->tcp_flags & NL_TCP_RST ? " RST" : "", g->again ? " again" : "");
		for (u32 at = g->begin; at < g->end && at < g->begin + 50; at++) {
			u8 c = d->streams[g->role].bytes[at];

			fprintf(stderr,
				c == '\n'    ? "\\n"
				: c == '\r'  ? "\\r"
				: isprint(c) ? "%c"
					     : "\\x%02x",
				c);
		}
		fprintf(stderr, "\"\n");
	}
}
