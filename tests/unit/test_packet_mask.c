/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_packet_mask.c - a secret is in no copy of a packet, however its head was cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "copies.h"
#include "packet_mask.h"

#define SECRET "qjxzvkwpbfgmyucq"
#define LEAK_MAX 5

static const char head[] =
	"GET /path HTTP/1.1\r\nHost: h\r\nCookie: id=" SECRET "\r\n more\r\nAccept: all\r\n\r\n";
static const char masked[] = "GET /path HTTP/1.1\r\nHost: h\r\nCookie: *******************"
			     "\r\n ****\r\nAccept: all\r\n\r\n";
#define HEAD_BYTES ((u32)sizeof(head) - 1)
_Static_assert(sizeof(head) == sizeof(masked), "same length");

static void add(struct copies *c, u32 begin, u32 end)
{
	copies_add(c, NL_CLIENT, NL_TCP_ACK, begin, head + begin, end - begin);
}

static void mask(struct copies *c)
{
	u32 captured[COPIES_MAX];

	for (size_t i = 0; i < c->list.count; i++)
		captured[i] = c->list.packets[i].captured;
	assert_int_equal(packet_mask(&c->list), 0);
	for (size_t i = 0; i < c->list.count; i++) {
		const struct packet *p = &c->list.packets[i];

		assert_int_equal(p->captured, captured[i]);
		if (p->captured == p->wire_bytes)
			assert_int_equal(copies_sum(c, p), 0xffff);
	}
	assert_true(copies_leak(&c->list, SECRET) <= LEAK_MAX);
}

/* The payload of packet `index` is that of `masked` at this position. */
static void check_payload(const struct copies *c, size_t index, u32 begin, u32 end)
{
	const struct packet *p = &c->list.packets[index];

	assert_int_equal(p->captured - p->payload_offset, end - begin);
	assert_memory_equal(p->bytes + p->payload_offset, masked + begin, end - begin);
}

static void begin_with_syn(struct copies *c, bool ipv6)
{
	copies_begin(c, ipv6, false);
	copies_add(c, NL_CLIENT, NL_TCP_SYN, -1, NULL, 0);
}

static void test_whole(void **state)
{
	struct copies c;

	(void)state;
	for (u32 form = 0; form < 4; form++) {
		copies_begin(&c, form & 1, form & 2);
		add(&c, 0, HEAD_BYTES);
		mask(&c);
		check_payload(&c, 0, 0, HEAD_BYTES);
		copies_end(&c);
	}
}

/* Two cuts anywhere; the three pieces in each order. */
static void test_segments(void **state)
{
	static const u8 orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					 { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	struct copies c;

	(void)state;
	for (u32 first = 1; first < HEAD_BYTES - 1; first++) {
		for (u32 second = first + 1; second < HEAD_BYTES; second += 3) {
			const u32 cuts[] = { 0, first, second, HEAD_BYTES };
			const u8 *order = orders[(first + second) % 6];

			begin_with_syn(&c, first % 2);
			for (u32 i = 0; i < 3; i++)
				add(&c, cuts[order[i]], cuts[order[i] + 1]);
			mask(&c);
			for (u32 i = 0; i < 3; i++)
				check_payload(&c, i + 1, cuts[order[i]], cuts[order[i] + 1]);
			copies_end(&c);
		}
	}
}

/* Parts sent again, cut otherwise: each copy is masked. */
static void test_sent_again(void **state)
{
	struct copies c;

	(void)state;
	for (u32 cut = 1; cut < HEAD_BYTES; cut++) {
		begin_with_syn(&c, false);
		add(&c, cut, HEAD_BYTES);
		add(&c, cut / 2, HEAD_BYTES);
		add(&c, 0, cut);
		add(&c, cut - 1, cut);
		mask(&c);
		check_payload(&c, 1, cut, HEAD_BYTES);
		check_payload(&c, 2, cut / 2, HEAD_BYTES);
		check_payload(&c, 3, 0, cut);
		copies_end(&c);
	}
}

/* A part is missing, or was not copied: what follows is masked up to its line's end. */
static void test_holes(void **state)
{
	struct copies c;

	(void)state;
	for (u32 first = 0; first < HEAD_BYTES; first++) {
		for (u32 second = first + 1; second < HEAD_BYTES; second++) {
			copies_begin(&c, false, false);
			if (first > 0)
				add(&c, 0, first);
			if (second % 2)
				copies_cut(copies_add(&c, NL_CLIENT, NL_TCP_ACK, first,
						      head + first, second - first),
					   0);
			add(&c, second, HEAD_BYTES);
			mask(&c);
			copies_end(&c);
		}
	}
}

/* Copies that differ in a byte of the name: neither version gives the value away. */
static void test_conflict(void **state)
{
	struct copies c;
	char other[sizeof(head)];

	(void)state;
	for (u32 at = 0; at < HEAD_BYTES; at++) {
		for (u32 is_first = 0; is_first < 2; is_first++) {
			memcpy(other, head, sizeof(head));
			other[at] ^= 0x11;
			begin_with_syn(&c, false);
			if (!is_first)
				add(&c, 0, HEAD_BYTES);
			copies_add(&c, NL_CLIENT, NL_TCP_ACK, 0, other, HEAD_BYTES);
			if (is_first)
				add(&c, 0, HEAD_BYTES);
			mask(&c);
			copies_end(&c);
		}
	}
}

/* Streams are apart, and both are masked; a response as large as 5 GB is no trouble. */
static void test_long_stream(void **state)
{
	static const char response[] =
		"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\nabcdef";
	static const char body[] = "binary without an end of line";
	static const char next[] = "HTTP/1.1 200 OK\r\nSet-Cookie: " SECRET "\r\n\r\n";
	const s64 begin = sizeof(response) - 1 - 6, end = begin + 5000000000;
	struct copies c;
	const struct packet *p;

	(void)state;
	copies_begin(&c, false, false);
	add(&c, 0, HEAD_BYTES);
	copies_add(&c, NL_SERVER, NL_TCP_ACK, 0, response, sizeof(response) - 1);
	for (s64 at = begin + 100; at + 100 < end; at += 300000000)
		copies_add(&c, NL_SERVER, NL_TCP_ACK, at, body, sizeof(body) - 1);
	copies_add(&c, NL_SERVER, NL_TCP_ACK, end, next, sizeof(next) - 1);
	mask(&c);
	for (size_t i = 2; i < c.list.count - 1; i++) {
		p = &c.list.packets[i];
		assert_memory_equal(p->bytes + p->payload_offset, body, sizeof(body) - 1);
	}
	p = &c.list.packets[c.list.count - 1];
	assert_memory_equal(p->bytes + p->payload_offset,
			    "HTTP/1.1 200 OK\r\nSet-Cookie: ****************\r\n\r\n",
			    sizeof(next) - 1);
	copies_end(&c);
}

/* Holes are as long as they are: one that ends with its body leaves the next message known. */
static void test_bodies(void **state)
{
	static const char first[] = "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabcdef";
	static const char second[] = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nabcdef";
	const s64 begin = sizeof(first) - 1 + 24, behind = begin + sizeof(second) - 1 + 5;
	const struct packet *p;
	struct copies c;

	(void)state;
	copies_begin(&c, false, false);
	copies_add(&c, NL_SERVER, NL_TCP_ACK, 0, first, sizeof(first) - 1);
	copies_add(&c, NL_SERVER, NL_TCP_ACK, begin, second, sizeof(second) - 1);
	copies_add(&c, NL_SERVER, NL_TCP_ACK, behind, "body", 4);
	mask(&c);
	p = &c.list.packets[2];
	assert_memory_equal(p->bytes + p->payload_offset, "body", 4);
	copies_end(&c);
}

/* No TCP header is found, or bytes follow the IP packet: they are masked for what they may be. */
static void test_unknown(void **state)
{
	struct copies c;
	struct packet *p;

	(void)state;
	copies_begin(&c, false, false);
	add(&c, 0, HEAD_BYTES);
	c.list.bytes[12] = 0x77; /* no EtherType of IP */
	assert_int_equal(packet_mask(&c.list), 0);
	assert_true(copies_leak(&c.list, SECRET) <= LEAK_MAX);
	copies_end(&c);

	copies_begin(&c, false, false);
	add(&c, 0, HEAD_BYTES);
	p = &c.list.packets[0];
	/* A total length too small for what is there */
	p->captured = p->wire_bytes;
	c.list.bytes[16] = 0;
	c.list.bytes[17] = 60;
	assert_int_equal(packet_mask(&c.list), 0);
	assert_true(copies_leak(&c.list, SECRET) <= LEAK_MAX);
	copies_end(&c);
}

/* A wrong sum stays as wrong as it was; one that a cut copy left open stays open. */
static void test_checksums(void **state)
{
	struct copies c;
	u16 before;
	u8 open[2];

	(void)state;
	copies_begin(&c, false, false);
	c.checksum = CHECKSUM_BAD;
	add(&c, 0, HEAD_BYTES);
	before = copies_sum(&c, &c.list.packets[0]);
	assert_int_not_equal(before, 0xffff);
	assert_int_equal(packet_mask(&c.list), 0);
	assert_int_equal(copies_sum(&c, &c.list.packets[0]), before);
	copies_end(&c);

	copies_begin(&c, false, false);
	c.checksum = CHECKSUM_PARTIAL;
	copies_cut(copies_add(&c, NL_CLIENT, NL_TCP_ACK, 0, head, HEAD_BYTES), HEAD_BYTES - 2);
	memcpy(open, c.list.bytes + 50, 2);
	assert_int_equal(packet_mask(&c.list), 0);
	check_payload(&c, 0, 0, HEAD_BYTES - 2);
	assert_memory_equal(c.list.bytes + 50, open, 2);
	copies_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	   cmocka_unit_test(test_segments),
		cmocka_unit_test(test_sent_again), cmocka_unit_test(test_holes),
		cmocka_unit_test(test_conflict),   cmocka_unit_test(test_long_stream),
		cmocka_unit_test(test_bodies),	   cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_checksums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
