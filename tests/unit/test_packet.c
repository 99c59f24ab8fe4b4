/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_packet.c - from a frame to a TCP segment: every form of header, cut off anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/decode.h"
#include "packets.h"

#define PAYLOAD "GET / HTTP/1.1\r\n\r\n"
#define PAYLOAD_BYTES (sizeof(PAYLOAD) - 1)

/* Fields that make a segment of any form: ports, numbers, addresses, payload. */
#define COMMON                                                                                     \
	.source = { 10, 1, 2, 3, 5 }, .destination = { 192, 168, 0, 9, 7 }, .source_port = 54321,  \
	.destination_port = 80, .seq = 0x80000001, .ack = 0xfffffffe,                              \
	.tcp_flags = NL_TCP_ACK | TCP_PSH, .payload = PAYLOAD, .payload_bytes = PAYLOAD_BYTES

static const struct frame forms[] = {
	{ COMMON },
	{ COMMON, .tcp_option_bytes = 12 },
	{ COMMON, .tcp_option_bytes = 40, .ip_option_bytes = 40 },
	{ COMMON, .ip_option_bytes = 4 },
	{ COMMON, .tags = 1, .tag_type = { 0x8100 }, .tag = { 0xe064 } },
	{ COMMON, .tags = 1, .tag_type = { 0x88a8 }, .tag = { 0x0064 } },
	{ COMMON, .tags = 2, .tag_type = { 0x88a8, 0x8100 }, .tag = { 0x0001, 0x0064 } },
	{ COMMON, .tags = 2, .tag_type = { 0x9100, 0x8100 }, .tag = { 0x0001, 0x1064 } },
	{ COMMON, .tags = 3, .tag_type = { 0x88a8, 0x8100, 0x8100 }, .tag = { 1, 2, 0x64 } },
	{ COMMON, .tags = 2, .tag_type = { 0x8100, 0x8100 }, .tag = { 1, 0x64 }, .ipv6 = true },
	{ COMMON, .ipv6 = true },
	{ COMMON, .ipv6 = true, .extensions = 1, .extension_type = { 0 },
	  .extension_bytes = { 8 } },
	{ COMMON, .ipv6 = true, .extensions = 1, .extension_type = { 44 },
	  .extension_bytes = { 8 } },
	{ COMMON, .ipv6 = true, .extensions = 1, .extension_type = { 51 },
	  .extension_bytes = { 24 } },
	{ COMMON, .ipv6 = true, .extensions = 5, .extension_type = { 0, 60, 43, 44, 60 },
	  .extension_bytes = { 8, 16, 24, 8, 8 } },
	{ COMMON, .ipv6 = true, .extensions = 6, .extension_type = { 0, 60, 43, 44, 51, 60 },
	  .extension_bytes = { 8, 8, 40, 8, 20, 8 }, .tcp_option_bytes = 40 },
};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

/*
 * Decode what is there of a frame; bytes that are not there are `stale`, as in a
 * buffer that is used again.
 */
static int decode(const u8 *frame, u32 available, u32 wire_bytes, u8 stale,
		  struct nl_packet *packet)
{
	struct nl_headers headers = { .zero = 0 };

	if (available > NL_HEADERS_BYTES)
		available = NL_HEADERS_BYTES;
	memset(headers.bytes, stale, sizeof(headers.bytes));
	memcpy(headers.bytes, frame, available);
	memset(packet, 0, sizeof(*packet));
	return packet_decode(&headers, available, wire_bytes, NL_NEXT_ETHERNET, NL_TUNNELS_MAX,
			     packet);
}

static void check_segment(const struct nl_packet *p, const struct frame *f, u32 payload_offset)
{
	static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (f->ipv6) {
		assert_memory_equal(p->source_addr.bytes, f->source, 16);
		assert_memory_equal(p->destination_addr.bytes, f->destination, 16);
	} else {
		assert_memory_equal(p->source_addr.bytes, mapped, 12);
		assert_memory_equal(p->source_addr.bytes + 12, f->source, 4);
		assert_memory_equal(p->destination_addr.bytes, mapped, 12);
		assert_memory_equal(p->destination_addr.bytes + 12, f->destination, 4);
	}
	assert_int_equal(p->source_port, f->source_port);
	assert_int_equal(p->destination_port, f->destination_port);
	assert_int_equal(p->seq, f->seq);
	assert_int_equal(p->ack, f->ack);
	assert_int_equal(p->tcp_flags, f->tcp_flags);
	assert_int_equal(p->payload_offset, payload_offset);
	assert_int_equal(p->payload_bytes, f->payload_bytes);
	assert_int_equal(p->vlan_id, f->tags ? 0x64 : 0); /* priority bits are none of it */
}

static void test_every_form(void **state)
{
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct nl_packet packet;

	(void)state;
	for (size_t i = 0; i < FORMS; i++) {
		struct frame_layout layout = frame_build(frame, &forms[i]);

		assert_int_equal(decode(frame, layout.end, layout.end, 0, &packet), NL_DECODED_TCP);
		check_segment(&packet, &forms[i], layout.payload);
	}
}

/* A prefix is a segment if the fixed part of its TCP header is there, else too short. */
static void test_every_prefix(void **state)
{
	static const u8 stale[] = { 0x00, 0x06, 0x45, 0x81, 0xff };
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct nl_packet packet;

	(void)state;
	for (size_t i = 0; i < FORMS; i++) {
		struct frame_layout layout = frame_build(frame, &forms[i]);

		for (u32 have = 0; have <= layout.end; have++) {
			for (size_t s = 0; s < sizeof(stale); s++) {
				int result = decode(guarded_copy(frame, have), have, layout.end,
						    stale[s], &packet);

				if (have < layout.tcp + 20) {
					assert_int_equal(result, NL_DECODED_SHORT);
					continue;
				}
				assert_int_equal(result, NL_DECODED_TCP);
				check_segment(&packet, &forms[i], layout.payload);
			}
		}
	}
}

/* The quick way says the same as the thorough one, or leaves the frame to it. */
static void test_plain_agrees(void **state)
{
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	u32 random = 4711, agreed = 0;
	struct nl_packet quick, thorough;

	(void)state;
	for (int round = 0; round < 300000; round++) {
		struct frame_layout layout = frame_build(frame, &forms[(u32)round % FORMS]);
		u32 wire_bytes = layout.end;

		for (u32 i = random_next(&random) % 4; i > 0; i--)
			frame[12 + random_next(&random) % 42] = (u8)random_next(&random);
		if (random_next(&random) % 8 == 0)
			wire_bytes = NL_PLAIN_BYTES + random_next(&random) % 40;
		memset(&quick, 0, sizeof(quick));
		if (packet_decode_plain(guarded_copy(frame, NL_PLAIN_BYTES), wire_bytes, &quick) !=
		    NL_DECODED_TCP)
			continue;
		assert_int_equal(decode(frame, layout.end, wire_bytes, 0, &thorough),
				 NL_DECODED_TCP);
		assert_memory_equal(&quick, &thorough, sizeof(quick));
		agreed++;
	}
	assert_true(agreed > 10000);
}

static struct frame with_common(void)
{
	struct frame f = { COMMON };

	return f;
}

static int decode_form(const struct frame *f, struct nl_packet *packet)
{
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct frame_layout layout = frame_build(frame, f);

	return decode(frame, layout.end, layout.end, 0, packet);
}

/* Padding behind the IP packet is no payload (RFC 1042; IEEE 802.3, 4.2.3.3). */
static void test_padding(void **state)
{
	struct nl_packet packet;

	(void)state;
	for (u32 bytes = 0; bytes <= PAYLOAD_BYTES; bytes++) {
		struct frame f = with_common();

		f.payload_bytes = bytes;
		f.pad_to = 60;
		for (int ipv6 = 0; ipv6 < 2; ipv6++) {
			f.ipv6 = ipv6;
			assert_int_equal(decode_form(&f, &packet), NL_DECODED_TCP);
			assert_int_equal(packet.payload_bytes, bytes);
			assert_int_equal(packet_is_bare_ack(&packet), bytes == 0);
		}
	}
}

static void test_fragments(void **state)
{
	struct nl_packet packet;
	struct frame f = with_common();
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct frame_layout layout;

	(void)state;
	f.fragment = 0x4000; /* don't fragment is no fragment */
	assert_int_equal(decode_form(&f, &packet), NL_DECODED_TCP);
	for (u32 bit = 0; bit < 14; bit++) { /* offset, and more fragments */
		f.fragment = (u16)(1u << bit);
		assert_int_equal(decode_form(&f, &packet), NL_COUNT_fragment);
	}
	f.protocol = 17;
	assert_int_equal(decode_form(&f, &packet), NL_COUNT_not_tcp);

	f = with_common();
	f.ipv6 = true;
	f.extensions = 1;
	f.extension_type[0] = NL_IPPROTO_FRAGMENT;
	f.extension_bytes[0] = 8;
	layout = frame_build(frame, &f);
	for (u32 bit = 0; bit < 16; bit++) {
		u32 flags = 1u << bit;

		frame[layout.ip + 42] = (u8)(flags >> 8);
		frame[layout.ip + 43] = (u8)flags;
		/* Bits 1 and 2 are reserved: ignored on reception (RFC 8200, 4.5). */
		assert_int_equal(decode(frame, layout.end, layout.end, 0, &packet),
				 bit == 1 || bit == 2 ? NL_DECODED_TCP : NL_COUNT_fragment);
	}
	frame[layout.ip + 40] = 17; /* a fragment of UDP */
	assert_int_equal(decode(frame, layout.end, layout.end, 0, &packet), NL_COUNT_not_tcp);
}

static void test_not_ip_not_tcp(void **state)
{
	static const u16 others[] = { 1, 46, 1500, 0x0806, 0x86de, 0x8863, 0x88cc, 0xffff };
	static const u8 protocols[] = { 1, 2, 17, 50, 58, 59, 132, 255 };
	struct nl_packet packet;
	struct frame f = with_common();

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		f.ethertype = others[i];
		assert_int_equal(decode_form(&f, &packet), NL_COUNT_not_ip);
	}
	f = with_common();
	for (size_t i = 0; i < sizeof(protocols); i++) {
		f.protocol = protocols[i];
		for (int ipv6 = 0; ipv6 < 2; ipv6++) {
			f.ipv6 = ipv6;
			assert_int_equal(decode_form(&f, &packet), NL_COUNT_not_tcp);
		}
	}
}

/* One byte of a good frame changed: what that makes of it. */
static void check_changed(bool ipv6, u32 from_ip, u8 value, int expected)
{
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct frame f = with_common();
	struct frame_layout layout;
	struct nl_packet packet;
	int result;

	f.ipv6 = ipv6;
	layout = frame_build(frame, &f);
	frame[layout.ip + from_ip] = value;
	result = decode(frame, layout.end, layout.end, 0, &packet);
	if (result != expected)
		fail_msg("IPv%d, byte %u = %u: %d, not %d", ipv6 ? 6 : 4, from_ip, value, result,
			 expected);
}

static void test_contradictory_lengths(void **state)
{
	const u32 total = 40 + PAYLOAD_BYTES;

	(void)state;
	for (u32 version = 0; version < 16; version++) {
		check_changed(false, 0, (u8)(version << 4 | 5),
			      version == 4 ? NL_DECODED_TCP : NL_COUNT_malformed_header);
		check_changed(true, 0, (u8)(version << 4),
			      version == 6 ? NL_DECODED_TCP : NL_COUNT_malformed_header);
	}
	for (u32 words = 0; words < 5; words++)
		check_changed(false, 0, (u8)(0x40 | words), NL_COUNT_malformed_header);
	for (u32 length = 1; length < 256; length++) {
		/* Total Length: holds both headers, and is no more than there is. */
		check_changed(false, 3, (u8)length,
			      length >= 40 && length <= total ? NL_DECODED_TCP
							      : NL_COUNT_malformed_header);
		check_changed(true, 5, (u8)length,
			      length >= 20 && length <= total - 20 ? NL_DECODED_TCP
								   : NL_COUNT_malformed_header);
	}
	for (u32 words = 0; words < 16; words++) { /* Data Offset */
		int expected = words >= 5 && words * 4 <= 20 + PAYLOAD_BYTES
				       ? NL_DECODED_TCP
				       : NL_COUNT_malformed_header;

		check_changed(false, 32, (u8)(words << 4), expected);
		check_changed(true, 52, (u8)(words << 4), expected);
	}
}

/* Extension headers longer than the packet, beyond the bytes looked at, and too many. */
static void test_endless_extensions(void **state)
{
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct frame f = with_common();
	struct nl_packet packet;
	struct frame_layout layout;

	(void)state;
	f.ipv6 = true;
	f.extensions = 1;
	f.extension_type[0] = NL_IPPROTO_DSTOPTS;
	f.extension_bytes[0] = 8;
	layout = frame_build(frame, &f);
	for (u32 units = 3; units < 256; units++) {
		int result;

		frame[layout.ip + 41] = (u8)units;
		result = decode(frame, layout.end, layout.end, 6, &packet);
		assert_true(result == NL_DECODED_SHORT || result == NL_COUNT_malformed_header);
	}
	/* One header of the most that are taken is Ethernet's, one IP's, one TCP's. */
	f.extensions = NL_FRAME_HEADERS_MAX - 3;
	memset(f.extension_type, NL_IPPROTO_DSTOPTS, sizeof(f.extension_type));
	memset(f.extension_bytes, 8, sizeof(f.extension_bytes));
	assert_int_equal(decode_form(&f, &packet), NL_DECODED_TCP);
	f.extensions++;
	assert_int_equal(decode_form(&f, &packet), NL_COUNT_not_tcp);
}

/* Total Length 0: a super-packet beyond 64 KB has the length of its frame (BIG TCP). */
static void test_super_packet(void **state)
{
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct nl_packet packet;

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct frame f = with_common();
		struct frame_layout layout;

		f.ipv6 = ipv6;
		layout = frame_build(frame, &f);
		memset(frame + layout.ip + (ipv6 ? 4 : 2), 0, 2);
		assert_int_equal(decode(frame, layout.end, 200000, 0, &packet), NL_DECODED_TCP);
		assert_int_equal(packet.payload_bytes, 200000 - layout.payload);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_form),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_plain_agrees),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_not_ip_not_tcp),
		cmocka_unit_test(test_contradictory_lengths),
		cmocka_unit_test(test_endless_extensions),
		cmocka_unit_test(test_super_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
