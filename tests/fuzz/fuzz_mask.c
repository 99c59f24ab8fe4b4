/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz_mask.c - a head with a secret value is cut into segments, which are reordered, sent
 * again, only partly copied, lost or changed on the way: no copy keeps six bytes of the
 * secret in a row, lengths are unchanged, and checksums are as right as they were.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choices.h"
#include "copies.h"
#include "packet_mask.h"
#include "verify.h"

#define SECRET_BYTES_MAX 60
#define LEAK_BYTES 6
#define STREAM_BYTES_MAX 4096
#define SEGMENTS_MOST 64

static char secret[SECRET_BYTES_MAX + 1];
static u8 stream[STREAM_BYTES_MAX];
static u32 stream_bytes;
static struct copies copies;

static void say(const char *text)
{
	size_t length = strlen(text);

	if (length > sizeof(stream) - stream_bytes)
		return;
	memcpy(stream + stream_bytes, text, length);
	stream_bytes += (u32)length;
}

/*
 * Bytes that are in no head but as the secret, or nearly: so whatever of them is left in a row is a
 * leak. Not &, which parts the values of a query and is shown.
 */
static void choose_secret(struct choices *choices)
{
	static const char letters[] = "JKQVWXYZjkqvwxyz!#%;";
	u32 length = LEAK_BYTES + choose(choices, SECRET_BYTES_MAX - LEAK_BYTES);

	for (u32 i = 0; i < length; i++)
		secret[i] = letters[choose(choices, sizeof(letters) - 1)];
	secret[length] = '\0';
}

static void say_end_of_line(struct choices *choices)
{
	say(choose_rarely(choices, 4) ? "\n" : "\r\n");
}

/* A field with a URL that has the secret. */
static void say_url(struct choices *choices)
{
	static const char *const names[] = { "Referer: ", "location:", "Content-Location : " };
	static const char *const urls[] = { "/a?b=", "http://h/#", "http://h:1/a?b&c=d;", "?" };

	say(names[choose(choices, 3)]);
	say(urls[choose(choices, 4)]);
	say(secret);
	say_end_of_line(choices);
}

/* A request line with the secret in its query. */
static void say_query(struct choices *choices)
{
	static const char *const lines[] = { "GET /?a=", "POST http://h/a?b=c&d=", "PUT /a;b?",
					     "DELETE /#" };

	say(lines[choose(choices, 4)]);
	say(secret);
	say(" HTTP/1.1");
}

/* A field with the secret, maybe folded, once or twice. */
static void say_secret(struct choices *choices)
{
	static const char *const names[] = { "Cookie", "Authorization", "Proxy-Authorization",
					     "Set-Cookie" };
	static const char *const colons[] = { ": ", ":", ":\t", " : ", ":  " };
	static const char *const before[] = { "", "a=", "Basic ", "b: ", "\r\n ", "c\n\td" };
	const char *name = names[choose(choices, 4)];
	u32 style = choose(choices, 3);
	char text[32];

	for (u32 i = 0; i <= strlen(name); i++)
		text[i] = name[i] >= 'A' && name[i] <= 'Z' && style == 1   ? (char)(name[i] | 0x20)
			  : name[i] >= 'a' && name[i] <= 'z' && style == 2 ? (char)(name[i] & ~0x20)
									   : name[i];
	say(text);
	say(colons[choose(choices, 5)]);
	say(before[choose(choices, 6)]);
	say(secret);
	if (choose_rarely(choices, 3)) {
		say("\r\n\t");
		say(secret);
	}
	say_end_of_line(choices);
}

static void say_head(struct choices *choices, u32 role)
{
	static const char *const requests[] = { "GET / HTTP/1.1", "POST /ab HTTP/1.0",
						"HEAD http://h/ HTTP/1.1", "OPTIONS * HTTP/1.1" };
	static const char *const responses[] = { "HTTP/1.1 200 OK", "HTTP/1.1 204 N",
						 "HTTP/1.0 302 F", "HTTP/1.1 304 N" };
	static const char *const others[] = {
		"Host: h",     "Accept: a",	     "Content-Length: 0",
		"X-Cookie: n", "Content-Length: 12", "Transfer-Encoding: chunked",
		"A:"
	};
	u32 fields = choose(choices, 5);

	if (role == NL_CLIENT && choose_rarely(choices, 2))
		say_query(choices);
	else
		say((role == NL_CLIENT ? requests : responses)[choose(choices, 4)]);
	say_end_of_line(choices);
	for (u32 i = 0; i < fields; i++) {
		say(others[choose(choices, 7)]);
		say_end_of_line(choices);
	}
	if (choose_rarely(choices, 3))
		say_url(choices);
	else
		say_secret(choices);
	say("Via: v\r\n\r\n");
}

/* One segment of the stream, of which not all may be copied. */
static struct packet *send_segment(struct choices *choices, u32 role, u32 begin, u32 end)
{
	copies.checksum = choose(choices, 3);
	return copies_add(&copies, role, NL_TCP_ACK, begin, stream + begin, end - begin);
}

/* Another copy of it, in which one byte differs. */
static void send_changed(struct choices *choices, u32 role, u32 begin, u32 end)
{
	u32 at = begin + choose(choices, end - begin);
	u8 change = (u8)(1 + choose(choices, 255));

	stream[at] ^= change;
	send_segment(choices, role, begin, end);
	stream[at] ^= change;
}

static void send_or_lose(struct choices *choices, u32 role, u32 begin, u32 end)
{
	struct packet *packet;

	if (choose_rarely(choices, 8))
		return;
	packet = send_segment(choices, role, begin, end);
	if (choose_rarely(choices, 4))
		copies_cut(packet, choose(choices, end - begin + 1));
	else if (choose_rarely(choices, 8))
		send_changed(choices, role, begin, end);
}

static void swap_packets(struct choices *choices)
{
	u32 count = (u32)copies.list.count, from = choose(choices, count),
	    to = choose(choices, count);
	struct packet kept = copies.list.packets[from];

	copies.list.packets[from] = copies.list.packets[to];
	copies.list.packets[to] = kept;
}

static void send_stream(struct choices *choices, u32 role)
{
	u32 begin = 0;

	if (choose_rarely(choices, 2))
		copies_add(&copies, role, NL_TCP_SYN, -1, NULL, 0);
	while (begin < stream_bytes && copies.list.count < SEGMENTS_MOST) {
		u32 length = 1 + choose_length(choices, stream_bytes - begin), back;

		if (length > stream_bytes - begin)
			length = stream_bytes - begin;
		send_or_lose(choices, role, begin, begin + length);
		if (choose_rarely(choices, 4)) {
			back = choose(choices, begin + 1);
			send_or_lose(choices, role, begin - back, begin + length);
		}
		begin += length;
	}
	for (u32 swaps = choose(choices, 4); copies.list.count > 0 && swaps > 0; swaps--)
		swap_packets(choices);
}

static void explain(void)
{
	fprintf(stderr, "secret: %s\nstream: %.*s\n", secret, (int)stream_bytes, (char *)stream);
	for (size_t i = 0; i < copies.list.count; i++) {
		const struct packet *p = &copies.list.packets[i];

		fprintf(stderr, "role %u, %u of %u: %.*s\n", p->role,
			p->captured - p->payload_offset, p->wire_bytes - p->payload_offset,
			(int)(p->captured - p->payload_offset), p->bytes + p->payload_offset);
	}
}

static void verify_masked(void)
{
	static u32 captured[COPIES_MAX];
	static u16 sums[COPIES_MAX];
	u32 leak;

	for (size_t i = 0; i < copies.list.count; i++) {
		const struct packet *p = &copies.list.packets[i];

		captured[i] = p->captured;
		if (p->captured == p->wire_bytes)
			sums[i] = copies_sum(&copies, p);
	}
	VERIFY(packet_mask(&copies.list) == 0, "no memory");
	for (size_t i = 0; i < copies.list.count; i++) {
		const struct packet *p = &copies.list.packets[i];

		VERIFY(p->captured == captured[i], "packet %zu", i);
		VERIFY(p->captured != p->wire_bytes || copies_sum(&copies, p) == sums[i],
		       "packet %zu: %#x, before %#x", i, copies_sum(&copies, p), sums[i]);
	}
	leak = copies_leak(&copies.list, secret);
	VERIFY(leak < LEAK_BYTES, "%u bytes of the secret", leak);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count);

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count)
{
	struct choices choices = { .at = bytes, .left = count };
	u32 role = choose(&choices, 2);

	verify_explain = explain;
	stream_bytes = 0;
	copies_begin(&copies, choose(&choices, 2), choose(&choices, 2));
	choose_secret(&choices);
	for (u32 heads = 1 + choose(&choices, 3); heads > 0; heads--)
		say_head(&choices, role);
	send_stream(&choices, role);
	verify_masked();
	copies_end(&copies);
	return 0;
}
