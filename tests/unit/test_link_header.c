/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_link_header.c - what captures have before IP: where it ends, what it says, cut off anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "link_header.h"
#include "packets.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define IP4 NL_ETHERTYPE_IPV4
#define IP6 NL_ETHERTYPE_IPV6
#define LLC NL_NEXT_LLC

/* A header, given as a string with zeros behind, and what is to be made of it. */
struct good {
	u32 type;
	u32 bytes;
	char header[60];
	u32 next;
	u32 ifindex;
};

/* 24 bytes of an 802.11 data frame of these two bytes of frame control. */
#define DOT11(control)                                                                             \
	control "\0\0"                                                                             \
		"\1\1\1\1\1\1"                                                                     \
		"\2\2\2\2\2\2"                                                                     \
		"\3\3\3\3\3\3"                                                                     \
		"\x10\0"

static const struct good goods[] = {
	{ 1, 0, "", NL_NEXT_ETHERNET, 0 },
	{ 12, 0, "", NL_NEXT_IP, 0 },
	{ 101, 0, "", NL_NEXT_IP, 0 },
	{ 228, 0, "", IP4, 0 },
	{ 229, 0, "", IP6, 0 },
	/* loopback, of both byte orders and five systems */
	{ 0, 4, "\2\0\0\0", IP4, 0 },
	{ 0, 4, "\0\0\0\2", IP4, 0 },
	{ 0, 4, "\12\0\0\0", IP6, 0 },
	{ 0, 4, "\30\0\0\0", IP6, 0 },
	{ 0, 4, "\0\0\0\34", IP6, 0 },
	{ 0, 4, "\36\0\0\0", IP6, 0 },
	{ 108, 4, "\0\0\0\30", IP6, 0 },
	{ 109, 12, "\2\0\0\0\1\2\3\4\0\0\0\0", IP4, 0 },
	{ 117, 64, "\75\2", IP4, 0 },
	/* Linux cooked: IPv4, a VLAN tag, LLC; and with the interface's number */
	{ 113, 16, "\0\0\0\1\0\6\1\2\3\4\5\6\0\0\x08\0", IP4, 0 },
	{ 113, 16, "\0\4\0\1\0\6\1\2\3\4\5\6\0\0\x81\0", NL_ETHERTYPE_VLAN, 0 },
	{ 113, 16, "\0\4\0\1\0\6\1\2\3\4\5\6\0\0\0\4", LLC, 0 },
	{ 276, 20, "\x86\xdd\0\0\0\0\1\2\0\1\0\6\1\2\3\4\5\6\0\0", IP6, 0x102 },
	/* 802.11: from a station, QoS, four addresses, HT control, an A-MSDU */
	{ 105, 24, DOT11("\x08\x01"), LLC, 0 },
	{ 105, 26, DOT11("\x88\x02") "\0\0", LLC, 0 },
	{ 105, 32, DOT11("\x88\x03") "\4\4\4\4\4\4\0\0", LLC, 0 },
	{ 105, 30, DOT11("\x88\x81") "\0\0\0\0\0\0", LLC, 0 },
	{ 105, 40, DOT11("\x88\x02") "\x80\0", LLC, 0 },
	/* radiotap: empty; with flags behind the time, that say padded; in two words */
	{ 127, 32, "\0\0\x08\0\0\0\0\0" DOT11("\x08\x01"), LLC, 0 },
	{ 127, 46, "\0\0\x12\0\3\0\0\0\1\1\1\1\1\1\1\1\x20\0" DOT11("\x88\x02") "\0\0", LLC, 0 },
	{ 127, 44, "\0\0\x10\0\2\0\0\x80\0\0\0\0\x20\0\0\0" DOT11("\x88\x02") "\0\0", LLC, 0 },
	{ 119, 36, "\x44\0\0\0\x0c\0\0\0\0\0\0\0" DOT11("\x08\x02"), LLC, 0 },
	{ 163, 36, "\x80\x21\x10\1\0\0\0\x0c\0\0\0\0" DOT11("\x08\x02"), LLC, 0 },
	/* headers before headers */
	{ 192, 8, "\0\0\x08\0\1\0\0\0", NL_NEXT_ETHERNET, 0 },
	{ 192, 36, "\0\0\x0c\0\x69\0\0\0\1\2\3\4" DOT11("\x08\1"), LLC, 0 },
	{ 258, 16, "\x0c\0\0\0\1\0\0\0\0\0\0\0\36\0\0\0", IP6, 0 },
	{ 240, 4, "\1\2\3\4", NL_NEXT_ETHERNET, 0 },
	{ 274, 8, "\x55\x55\x55\x55\x55\x55\x55\xd5", NL_NEXT_ETHERNET, 0 },
	/* netfilter's log: a prefix, then the packet; both byte orders */
	{ 239, 16, "\2\0\0\1\5\0\x0a\0\0\0\0\0\x30\0\x09\0", IP4, 0 },
	{ 239, 16, "\x0a\0\0\1\0\5\0\x0a\0\0\0\0\0\x30\0\x09", IP6, 0 },
	/* ARCNET: RFC 1201, RFC 1051, IPv6; an exception frame; Linux's form */
	{ 7, 6, "\1\2\xd4\0\0\1", IP4, 0 },
	{ 7, 3, "\1\2\xf0", IP4, 0 },
	{ 7, 6, "\1\2\xc4\0\0\1", IP6, 0 },
	{ 7, 10, "\1\2\xd4\xff\xff\xff\xd4\0\0\1", IP4, 0 },
	{ 129, 8, "\1\2\0\0\xd4\0\0\1", IP4, 0 },
	/* PPP, and Cisco's HDLC, of its own type and in that of PPP */
	{ 9, 0, "", NL_NEXT_PPP, 0 },
	{ 50, 4, "\x0f\0\x08\0", IP4, 0 },
	{ 166, 1, "\1", NL_NEXT_PPP, 0 },
	{ 104, 4, "\x8f\0\x86\xdd", IP6, 0 },
	{ 51, 0, "", NL_ETHERTYPE_PPPOE, 0 },
	{ 10, 13, "\x50", LLC, 0 },
	{ 11, 0, "", LLC, 0 },
	{ 219, 0, "", NL_ETHERTYPE_MPLS, 0 },
};

static void test_good(void **state)
{
	struct link_header header;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(goods); i++) {
		const struct good *good = &goods[i];
		u8 bytes[128] = { 0 };
		int r;

		memcpy(bytes, good->header, sizeof(good->header));
		assert_true(link_type_known(good->type));
		r = link_header_read(good->type, guarded_copy(bytes, 100), 100, &header);
		if (r != 0 || header.bytes != good->bytes || header.next != good->next)
			fail_msg("%zu: type %u: %d, %u bytes, next %#x", i, good->type, r,
				 header.bytes, header.next);
		assert_int_equal(header.ifindex, good->ifindex);
	}
}

/* Cut off within the header: said so, and not a byte behind is read. */
static void test_every_prefix(void **state)
{
	struct link_header header;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(goods); i++) {
		const struct good *good = &goods[i];
		u8 bytes[128] = { 0 };

		memcpy(bytes, good->header, sizeof(good->header));
		/* Without its first byte, Cisco's HDLC is not yet told from PPP. */
		for (u32 have = good->type == 50; have < good->bytes; have++) {
			int r = link_header_read(good->type, guarded_copy(bytes, have), have,
						 &header);

			if (r != NL_COUNT_truncated_header)
				fail_msg("%zu: type %u, %u bytes: %d", i, good->type, have, r);
		}
	}
}

/* Whatever the bytes are: the header ends within them, or there is a fate. */
static void test_random(void **state)
{
	struct link_header header;
	u32 random = 99, read = 0;

	(void)state;
	for (u32 round = 0; round < 400000; round++) {
		const struct good *good = &goods[round % COUNT_OF(goods)];
		u32 count = random_next(&random) % 64;
		u8 bytes[128] = { 0 };
		int r;

		memcpy(bytes, good->header, sizeof(good->header));
		for (u32 i = 0; i < 1 + random_next(&random) % 4; i++)
			bytes[random_next(&random) % 40] = (u8)random_next(&random);
		r = link_header_read(good->type, guarded_copy(bytes, count), count, &header);
		if (r == 0)
			assert_true(header.bytes <= count);
		else
			assert_true(r == NL_COUNT_truncated_header || r == NL_COUNT_not_ip ||
				    r == NL_COUNT_fragment || r == NL_COUNT_malformed_header);
		read += r == 0;
	}
	assert_true(read > 50000);
}

static void test_fates(void **state)
{
	static const struct {
		u32 type;
		char header[25];
		int fate;
	} others[] = {
		{ 147, "", NL_COUNT_not_ip }, /* no type that is known */
		{ 0, "\7\0\0\0", NL_COUNT_not_ip },
		{ 113, "\0\0\0\1\0\6\1\2\3\4\5\6\0\0\0\1", NL_COUNT_not_ip },
		{ 113, "\0\4\3\x38\0\0\0\0\0\0\0\0\0\0\x08\0", NL_COUNT_not_ip }, /* netlink */
		{ 105, DOT11("\x80\0"), NL_COUNT_not_ip },			  /* beacon */
		{ 105, DOT11("\x48\1"), NL_COUNT_not_ip },			  /* null */
		{ 105, DOT11("\x08\x41"), NL_COUNT_not_ip },			  /* protected */
		{ 105, DOT11("\x08\x05"), NL_COUNT_fragment },
		{ 127, "\0\0\4\0", NL_COUNT_malformed_header },
		{ 7, "\1\2\xd5\0\0\1", NL_COUNT_not_ip }, /* ARP */
		{ 7, "\1\2\xd4\1\0\1", NL_COUNT_fragment },
		{ 192, "\0\0\x08\0\xc0\0\0\0", NL_COUNT_not_ip }, /* PPI in PPI */
		{ 239, "\2\0\0\1\3\0\x0a\0", NL_COUNT_malformed_header },
	};
	struct link_header header;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		u8 bytes[64] = { 0 };

		memcpy(bytes, others[i].header, sizeof(others[i].header));
		assert_int_equal(link_header_read(others[i].type, bytes, 64, &header),
				 others[i].fate);
	}
	assert_false(link_type_known(147));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_fates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
