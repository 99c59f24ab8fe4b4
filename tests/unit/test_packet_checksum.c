/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_packet_checksum.c - where headers lie, and sums completed and adjusted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "copies.h"
#include "packet_checksum.h"

#define SUM_OFFSET 16

static const char text[] = "payload of an odd length";

/* One packet with `count` bytes of text, completed; true if that changed it. */
static bool complete(struct copies *c, enum checksum checksum, u32 count, u32 copied)
{
	struct packet *p;
	struct packet_layout layout;
	u8 before[2];

	c->checksum = checksum;
	p = copies_add(c, NL_CLIENT, NL_TCP_ACK, 0, text, count);
	copies_cut(p, copied);
	assert_true(packet_layout_find(&layout, p));
	memcpy(before, p->bytes + layout.tcp + SUM_OFFSET, 2);
	packet_checksum_complete(c->list.bytes + (p->bytes - c->list.bytes), p, &layout);
	return memcmp(before, p->bytes + layout.tcp + SUM_OFFSET, 2) != 0;
}

static void test_complete(void **state)
{
	struct copies c;

	(void)state;
	for (u32 form = 0; form < 4; form++) {
		copies_begin(&c, form & 1, form & 2);
		for (u32 count = 0; count < sizeof(text); count++) {
			assert_true(complete(&c, CHECKSUM_PARTIAL, count, count));
			assert_int_equal(copies_sum(&c, &c.list.packets[count]), 0xffff);
		}
		copies_end(&c);
	}
}

/* Good ones, bad ones, and those of copies that are cut. */
static void test_left_alone(void **state)
{
	struct copies c;

	(void)state;
	copies_begin(&c, false, false);
	for (u32 count = 1; count < sizeof(text); count++) {
		assert_false(complete(&c, CHECKSUM_GOOD, count, count));
		assert_false(complete(&c, CHECKSUM_BAD, count, count));
		assert_false(complete(&c, CHECKSUM_PARTIAL, count, count - 1));
	}
	copies_end(&c);
}

/* Padding behind the IP packet is none of the segment. */
static void test_padding(void **state)
{
	struct copies c;
	struct packet *p;
	struct packet_layout layout;

	(void)state;
	copies_begin(&c, false, false);
	c.checksum = CHECKSUM_PARTIAL;
	p = copies_add(&c, NL_CLIENT, NL_TCP_ACK, 0, "x", 1);
	memset(c.list.bytes + p->captured, 0x55, 9);
	p->captured += 9;
	p->wire_bytes += 9;
	assert_true(packet_layout_find(&layout, p));
	assert_int_equal(layout.end, p->captured - 9);
	packet_checksum_complete(c.list.bytes, p, &layout);
	p->wire_bytes -= 9;
	assert_int_equal(copies_sum(&c, p), 0xffff);
	copies_end(&c);
}

/* Each byte by another, at even and odd places: the sum over all stays what it was. */
static void test_replace(void **state)
{
	static const u8 values[] = { 0, 1, '*', 0x7f, 0x80, 0xff };
	struct copies c;
	struct packet_layout layout;

	(void)state;
	for (enum checksum checksum = CHECKSUM_GOOD; checksum <= CHECKSUM_BAD; checksum++) {
		for (u32 i = 0; i < sizeof(values) * (sizeof(text) - 1); i++) {
			struct packet *p;
			u16 before;

			copies_begin(&c, i & 1, false);
			c.checksum = checksum;
			p = copies_add(&c, NL_CLIENT, NL_TCP_ACK, 0, text, sizeof(text) - 1);
			before = copies_sum(&c, p);
			assert_int_equal(before == 0xffff, checksum == CHECKSUM_GOOD);
			assert_true(packet_layout_find(&layout, p));
			packet_checksum_replace(c.list.bytes, &layout,
						layout.payload + i / sizeof(values),
						values[i % sizeof(values)]);
			assert_int_equal(p->bytes[layout.payload + i / sizeof(values)],
					 values[i % sizeof(values)]);
			assert_int_equal(copies_sum(&c, p), before);
			copies_end(&c);
		}
	}
}

static void test_is_open(void **state)
{
	struct copies c;
	struct packet_layout layout;

	(void)state;
	copies_begin(&c, false, false);
	complete(&c, CHECKSUM_PARTIAL, 10, 9);
	complete(&c, CHECKSUM_PARTIAL, 10, 10);
	complete(&c, CHECKSUM_GOOD, 10, 9);
	for (u32 i = 0; i < 3; i++) {
		assert_true(packet_layout_find(&layout, &c.list.packets[i]));
		assert_int_equal(packet_checksum_is_open(&c.list.packets[i], &layout), i == 0);
	}
	copies_end(&c);
}

/* VLAN tags, IP options, extension headers, a tunnel; nothing where TCP does not begin. */
static void test_layout(void **state)
{
	static u8 bytes[FRAME_HEADERS_MAX];
	struct frame f = { .payload_bytes = 0, .tcp_flags = NL_TCP_ACK, .seq = 7 };
	struct packet p = { .bytes = bytes };
	struct packet_layout layout = { .seq = 99 };
	struct frame_layout expected;

	(void)state;
	for (u32 form = 0; form < 4; form++) {
		f.tags = form;
		for (u32 i = 0; i < form; i++)
			f.tag_type[i] = NL_ETHERTYPE_VLAN;
		f.ipv6 = form & 1;
		f.ip_option_bytes = form == 2 ? 8 : 0;
		f.extensions = form == 3 ? 1 : 0;
		f.extension_type[0] = NL_IPPROTO_DSTOPTS;
		f.extension_bytes[0] = 16;
		f.tcp_flags = form ? NL_TCP_ACK : NL_TCP_SYN;
		f.tunnel = form == 2 ? &tunnels[0] : NULL;
		expected = frame_build(bytes, &f);
		p.captured = p.wire_bytes = expected.end;
		assert_true(packet_layout_find(&layout, &p));
		assert_int_equal(layout.ip, expected.ip);
		assert_int_equal(layout.tcp, expected.tcp);
		assert_int_equal(layout.payload, expected.payload);
		assert_int_equal(layout.end, expected.payload);
		assert_int_equal(layout.seq, form ? 7 : 8);
		assert_int_equal(layout.is_syn, form == 0);
		assert_int_equal(layout.is_ipv6, form & 1);
		p.captured = expected.payload - 1;
		assert_false(packet_layout_find(&layout, &p));
	}
	p.captured = 0;
	assert_false(packet_layout_find(&layout, &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),	   cmocka_unit_test(test_complete),
		cmocka_unit_test(test_left_alone), cmocka_unit_test(test_padding),
		cmocka_unit_test(test_replace),	   cmocka_unit_test(test_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
