/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dialog.c - a well-formed conversation of HTTP/1.x made from choices. */
#include "dialog.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So much is kept free for what has no choice of its length. */
#define STREAM_RESERVE 8192

struct writer {
	struct dialog *dialog;
	struct choices *choices;
	struct dialog_stream *to;
	const char *line_end;
	bool quoting;
};

static void append(struct writer *w, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf((char *)w->to->bytes + w->to->count,
			   DIALOG_STREAM_BYTES_MAX - w->to->count, format, arguments);
	va_end(arguments);
	if (length < 0 || (u32)length >= DIALOG_STREAM_BYTES_MAX - w->to->count)
		abort();
	w->to->count += (u32)length;
}

static void append_filler(struct writer *w, char byte, u32 count)
{
	memset(w->to->bytes + w->to->count, byte, count);
	w->to->count += count;
}

/* At most this much more may be written to the stream at hand. */
static u32 room(const struct writer *w)
{
	u32 used = w->to->count + STREAM_RESERVE;

	return used < DIALOG_STREAM_BYTES_MAX ? DIALOG_STREAM_BYTES_MAX - used : 1;
}

/* The same, for one line. */
static u32 short_room(const struct writer *w)
{
	return room(w) < 700 ? room(w) : 700;
}

/* Bytes whose content says nothing, though it may look as if. */
static void append_region(struct writer *w, enum region_kind kind, u32 count)
{
	static const char *const quotes[] = {
		"HTTP/1.1 299 Quoted\r\nContent-Length: 0\r\n\r\n",
		"GET /quoted HTTP/1.1\r\nHost: q\r\n\r\n",
		"\r\n0\r\n\r\n",
		"\n",
	};
	u32 begin = w->to->count, end = begin + count;

	if (!count)
		return;
	if (w->to->region_count == DIALOG_REGIONS_MAX)
		abort();
	append_filler(w, 'b', count);
	while (w->quoting && choose_rarely(w->choices, 3)) {
		const char *quote = quotes[choose(w->choices, 4)];
		u32 at = begin + choose(w->choices, count), length = (u32)strlen(quote);

		memcpy(w->to->bytes + at, quote, length < end - at ? length : end - at);
	}
	w->to->regions[w->to->region_count++] =
		(struct region){ .begin = begin, .end = end, .kind = kind };
}

static void append_fields(struct writer *w)
{
	for (u32 i = choose(w->choices, 4); i > 1; i--) {
		append(w, i == 2 ? "X-Field:%s" : "Content-Type: %s",
		       choose(w->choices, 2) ? " " : "");
		append_filler(w, 'f', choose_length(w->choices, short_room(w)));
		append(w, "%s", w->line_end);
	}
}

static void append_length(struct writer *w, u32 length)
{
	static const char *const forms[] = { "Content-Length: %u", "content-length:%u",
					     "CONTENT-LENGTH: \t %u \t", "Content-length: 000%u" };

	append(w, forms[choose(w->choices, 4)], length);
	append(w, "%s", w->line_end);
}

static void append_chunks(struct writer *w)
{
	u32 chunks = choose(w->choices, 6);

	for (u32 i = 0; i < chunks; i++) {
		u32 count = 1 + choose_length(w->choices, 4000 < room(w) ? 4000 : room(w));

		append(w, choose(w->choices, 2) ? "%x" : "00%X", count);
		if (choose_rarely(w->choices, 4)) {
			append(w, ";e=");
			append_filler(w, 'e', choose_length(w->choices, short_room(w)));
		}
		append(w, "%s", w->line_end);
		append_region(w, REGION_CHUNK, count);
		append(w, "%s", w->line_end);
	}
	append(w, "0%s", w->line_end);
	if (choose_rarely(w->choices, 4))
		append(w, "X-Sum: 1%s", w->line_end);
	append(w, "%s", w->line_end);
}

/* The rest of a head, and the body that it announces; has_body: or only announces. */
static void append_body(struct writer *w, bool has_body, u32 *ret_head_end)
{
	u32 kind = choose(w->choices, 3), length = kind ? choose_length(w->choices, 9000) : 0;

	if (length > room(w))
		length = room(w);
	append_fields(w);
	if (kind == 2)
		append(w, "Transfer-Encoding: chunked%s", w->line_end);
	else
		append_length(w, length);
	append_fields(w);
	append(w, "%s", w->line_end);
	*ret_head_end = w->to->count;
	if (!has_body)
		return;
	if (kind == 2)
		append_chunks(w);
	else
		append_region(w, REGION_LENGTH, length);
}

static void append_request(struct writer *w, struct turn *t, u32 number)
{
	static const struct {
		const char *name;
		u8 method;
	} methods[] = {
		{ "GET", NL_METHOD_GET },   { "GET", NL_METHOD_GET },
		{ "POST", NL_METHOD_POST }, { "HEAD", NL_METHOD_HEAD },
		{ "PUT", NL_METHOD_PUT },   { "PROPFIND", NL_METHOD_OTHER },
	};
	u32 kind = choose(w->choices, number ? 6 : 5);

	w->to = &w->dialog->streams[NL_CLIENT];
	w->line_end = choose_rarely(w->choices, 8) ? "\n" : "\r\n";
	if (number && choose_rarely(w->choices, 12))
		append(w, "%s", w->line_end); /* RFC 9112, 2.2 */
	t->request = w->to->count;
	t->method = methods[kind].method;
	t->version = !choose_rarely(w->choices, 8);
	append(w, "%s /t%02u", methods[kind].name, number);
	if (choose_rarely(w->choices, 4)) {
		append(w, "?");
		append_filler(w, 'p', choose_length(w->choices, short_room(w)));
	}
	append(w, " HTTP/1.%u%sHost: a.example%s", t->version, w->line_end, w->line_end);
	if (t->method != NL_METHOD_GET && t->method != NL_METHOD_HEAD) {
		append_body(w, true, &t->request_head_end);
	} else {
		append_fields(w);
		append(w, "%s", w->line_end);
		t->request_head_end = w->to->count;
	}
	t->request_end = w->to->count;
}

static void append_interim(struct writer *w, struct turn *t)
{
	static const u8 codes[] = { 0, 3, 2 };

	while (t->interim_count < 2 && choose_rarely(w->choices, 6)) {
		u8 code = codes[choose(w->choices, 3)];

		t->interim[t->interim_count++] = code;
		append(w, "HTTP/1.1 %u Wait%s", 100u + code, w->line_end);
		append_fields(w);
		append(w, "%s", w->line_end);
	}
}

static void append_response(struct writer *w, struct turn *t, u32 number, bool is_last)
{
	static const u16 statuses[] = { 210, 210, 410, 510, 310, 204, 304, 210 };
	u32 end = is_last ? choose(w->choices, 6) : 0, ignored;

	w->to = &w->dialog->streams[NL_SERVER];
	w->line_end = choose_rarely(w->choices, 8) ? "\n" : "\r\n";
	append_interim(w, t);
	t->status = statuses[choose(w->choices, 8)];
	if (t->status % 100 == 10)
		t->status += number;
	t->closed = end == 4 && t->status % 100 >= 10 && t->method != NL_METHOD_HEAD;
	t->tunnel = end == 5;
	if (t->tunnel)
		t->status = 101;
	t->response = w->to->count;
	append(w, "HTTP/1.%u %u", choose_rarely(w->choices, 8) ? 0u : 1u, t->status);
	append(w, choose(w->choices, 4) ? " Reason%s" : " %s", w->line_end);
	if (t->closed || t->tunnel) {
		append_fields(w);
		append(w, "%s", w->line_end);
		if (t->closed)
			append_region(w, REGION_CLOSE, choose_length(w->choices, 3000));
	} else {
		append_body(w, t->method != NL_METHOD_HEAD && t->status != 204 && t->status != 304,
			    &ignored);
	}
	t->response_end = w->to->count;
}

static void append_piece(struct dialog *d, u32 role, u32 begin, u32 end)
{
	if (begin == end)
		return;
	if (d->piece_count == DIALOG_PIECES_MAX)
		abort();
	d->pieces[d->piece_count++] =
		(struct piece){ .role = (u8)role, .begin = begin, .end = end };
}

/* Who speaks when: a response begins when its request's head was sent, or later. */
static void order_pieces(struct dialog *d, struct choices *choices)
{
	u32 sent[2] = { 0 }, request = 0, response = 0;

	while (response < d->turn_count) {
		const struct turn *asks = &d->turns[request], *answers = &d->turns[response];
		bool may_answer = sent[NL_CLIENT] >= answers->request_head_end;
		bool may_ask = request < d->turn_count && d->piece_count < DIALOG_PIECES_MAX / 2;
		u32 role = may_answer && !(may_ask && choose_rarely(choices, 3)) ? NL_SERVER
										 : NL_CLIENT;
		u32 end = role == NL_SERVER ? answers->response_end : asks->request_end;
		u32 most = end - sent[role];

		if (d->piece_count < DIALOG_PIECES_MAX / 2 && choose_rarely(choices, 6))
			end = sent[role] + 1 + choose(choices, most); /* not all at once */
		append_piece(d, role, sent[role], end);
		sent[role] = end;
		if (role == NL_SERVER)
			response += end == answers->response_end;
		else
			request += end == asks->request_end;
	}
	/* The rest of a body that was answered early. */
	append_piece(d, NL_CLIENT, sent[NL_CLIENT], d->turns[d->turn_count - 1].request_end);
}

static void append_tunnel(struct writer *w)
{
	for (u32 i = choose(w->choices, 5); i > 0; i--) {
		u32 role = choose(w->choices, 2), begin;

		w->to = &w->dialog->streams[role];
		begin = w->to->count;
		append_region(w, REGION_TUNNEL, 1 + choose_length(w->choices, 300));
		append_piece(w->dialog, role, begin, w->to->count);
	}
}

void dialog_make(struct dialog *d, struct choices *choices, bool quoting)
{
	struct writer w = { .dialog = d, .choices = choices, .quoting = quoting };

	for (u32 role = 0; role < 2; role++)
		d->streams[role].count = d->streams[role].region_count = 0;
	d->piece_count = 0;
	memset(d->turns, 0, sizeof(d->turns));
	d->turn_count = 1 + choose(choices, DIALOG_TURNS_MAX);
	for (u32 i = 0; i < d->turn_count; i++) {
		append_request(&w, &d->turns[i], i);
		append_response(&w, &d->turns[i], i, i + 1 == d->turn_count);
	}
	order_pieces(d, choices);
	if (d->turns[d->turn_count - 1].tunnel)
		append_tunnel(&w);
}

const struct region *dialog_region(const struct dialog *d, u32 role, u32 begin, u32 end)
{
	const struct dialog_stream *s = &d->streams[role];

	for (u32 i = 0; i < s->region_count; i++)
		if (s->regions[i].begin <= begin && end <= s->regions[i].end)
			return &s->regions[i];
	return NULL;
}
