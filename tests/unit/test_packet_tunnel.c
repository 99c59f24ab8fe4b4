/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_packet_tunnel.c - segments in tunnels: found, cut off anywhere, and left closed. */
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

static struct frame frame_in(const struct tunnel *tunnel)
{
	struct frame f = {
		.tunnel = tunnel,
		.source = { 10, 1, 2, 3, 5 },
		.destination = { 192, 168, 0, 9, 7 },
		.ipv6 = tunnel->inner == INNER_IPV6,
		.tcp_option_bytes = 12,
		.source_port = 54321,
		.destination_port = 80,
		.tcp_flags = NL_TCP_ACK,
		.seq = 0x80000001,
		.payload = PAYLOAD,
		.payload_bytes = PAYLOAD_BYTES,
	};

	return f;
}

static int decode(const u8 *frame, u32 available, u32 wire_bytes, u32 tunnels_max,
		  struct nl_packet *packet)
{
	struct nl_headers headers = { .zero = 0 };

	if (available > NL_HEADERS_BYTES)
		available = NL_HEADERS_BYTES;
	memset(headers.bytes, 0x45, sizeof(headers.bytes)); /* stale */
	memcpy(headers.bytes, guarded_copy(frame, available), available);
	memset(packet, 0xee, sizeof(*packet));
	return packet_decode(&headers, available, wire_bytes, NL_NEXT_ETHERNET, tunnels_max,
			     packet);
}

/* What becomes of a tunnel's frame when so many tunnels are opened. */
static int fate_in(const struct tunnel *tunnel, u32 tunnels_max)
{
	return tunnel->levels <= tunnels_max ? NL_DECODED_TCP : NL_COUNT_encapsulated;
}

static void check(const struct frame *f, u32 tunnels_max)
{
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct frame_layout layout = frame_build(frame, f);
	struct nl_packet packet;
	int result = decode(frame, layout.end, layout.end, tunnels_max, &packet);

	if (result != fate_in(f->tunnel, tunnels_max))
		fail_msg("%s, %u tunnels: %d", f->tunnel->name, tunnels_max, result);
	if (result != NL_DECODED_TCP)
		return;
	assert_memory_equal(packet.source_addr.bytes + (f->ipv6 ? 0 : 12), f->source,
			    f->ipv6 ? 16 : 4);
	assert_int_equal(packet.source_addr.bytes[10], f->ipv6 ? 0 : 0xff);
	assert_int_equal(packet.seq, f->seq);
	assert_int_equal(packet.destination_port, 80);
	assert_int_equal(packet.payload_offset, layout.payload);
	assert_int_equal(packet.payload_bytes, PAYLOAD_BYTES);
	if (f->tunnel->ip_at[0]) /* tags outside of a tunnel are none of the packet's */
		assert_int_equal(packet.vlan_id, f->tags ? 0x64 : 0);
}

static void test_every_tunnel(void **state)
{
	(void)state;
	for (size_t i = 0; i < tunnel_count; i++) {
		for (u32 tunnels_max = 0; tunnels_max <= NL_TUNNELS_MAX; tunnels_max++) {
			struct frame f = frame_in(&tunnels[i]);

			check(&f, tunnels_max);
			f.pad_to = 300;
			check(&f, tunnels_max);
			f.ip_option_bytes = f.ipv6 ? 0 : 8;
			check(&f, tunnels_max);
			if (tunnels[i].inner != INNER_ETHERNET)
				continue;
			f.ipv6 = true;
			check(&f, tunnels_max);
			f.tags = 1;
			f.tag_type[0] = NL_ETHERTYPE_VLAN;
			f.tag[0] = 0x64;
			check(&f, tunnels_max);
		}
	}
}

static void test_every_prefix(void **state)
{
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct nl_packet packet;

	(void)state;
	for (size_t i = 0; i < tunnel_count; i++) {
		struct frame f = frame_in(&tunnels[i]);
		struct frame_layout layout = frame_build(frame, &f);

		for (u32 have = 0; have <= layout.end; have++) {
			int result = decode(frame, have, layout.end, NL_TUNNELS_MAX, &packet);
			int fate = fate_in(f.tunnel, NL_TUNNELS_MAX);

			if (result != fate &&
			    (result != NL_DECODED_SHORT || have >= layout.tcp + 20))
				fail_msg("%s, %u bytes: %d", f.tunnel->name, have, result);
			if (have < layout.tcp + 20 && fate == NL_DECODED_TCP)
				assert_int_equal(result, NL_DECODED_SHORT);
		}
	}
}

/* A tunnel that was cut into fragments is not opened, nor is what is cut in it. */
static void test_fragments(void **state)
{
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct nl_packet packet;

	(void)state;
	for (size_t i = 0; i < tunnel_count; i++) {
		const struct tunnel *tunnel = &tunnels[i];
		struct frame f = frame_in(tunnel);
		struct frame_layout layout = frame_build(frame, &f);
		u8 *ip = frame + tunnel->ip_at[0];

		if (tunnel->ip_at[0] && ip[0] == 0x45) {
			int later = ip[9] == NL_IPPROTO_UDP || ip[9] == NL_IPPROTO_AH
					    ? NL_COUNT_not_tcp
					    : NL_COUNT_fragment;

			ip[6] = 0x20; /* the first of several */
			assert_int_equal(
				decode(frame, layout.end, layout.end, NL_TUNNELS_MAX, &packet),
				NL_COUNT_fragment);
			ip[6] = 0;
			ip[7] = 1; /* not the first: ports cannot be told */
			assert_int_equal(
				decode(frame, layout.end, layout.end, NL_TUNNELS_MAX, &packet),
				later);
		}
		f.fragment = 0x2000;
		layout = frame_build(frame, &f);
		if (!f.ipv6 && tunnel->levels <= NL_TUNNELS_MAX)
			assert_int_equal(
				decode(frame, layout.end, layout.end, NL_TUNNELS_MAX, &packet),
				NL_COUNT_fragment);
	}
}

/* A packet cannot be longer than what it is in. */
static void test_inner_longer(void **state)
{
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct nl_packet packet;

	(void)state;
	for (size_t i = 0; i < tunnel_count; i++) {
		struct frame f = frame_in(&tunnels[i]);
		struct frame_layout layout = frame_build(frame, &f);

		if (!tunnels[i].ip_at[0] || tunnels[i].levels > NL_TUNNELS_MAX)
			continue;
		tunnel_set_lengths(frame, &tunnels[i], layout.end - 1);
		assert_int_equal(decode(frame, layout.end, layout.end, NL_TUNNELS_MAX, &packet),
				 NL_COUNT_malformed_header);
	}
}

/* In a tunnel, and no TCP. */
static void test_inner_not_tcp(void **state)
{
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct nl_packet packet;

	(void)state;
	for (size_t i = 0; i < tunnel_count; i++) {
		struct frame f = frame_in(&tunnels[i]);
		struct frame_layout layout;

		if (tunnels[i].levels > NL_TUNNELS_MAX)
			continue;
		f.protocol = 1;
		layout = frame_build(frame, &f);
		assert_int_equal(decode(frame, layout.end, layout.end, NL_TUNNELS_MAX, &packet),
				 NL_COUNT_not_tcp);
		if (tunnels[i].inner != INNER_ETHERNET || !tunnels[i].ip_at[0])
			continue;
		f.ethertype = 0x0806; /* ARP, but in IP */
		layout = frame_build(frame, &f);
		assert_int_equal(decode(frame, layout.end, layout.end, NL_TUNNELS_MAX, &packet),
				 NL_COUNT_not_tcp);
	}
}

/* UDP to a tunnel's port that is no tunnel: a bit of its header changed. */
static void test_not_a_tunnel(void **state)
{
	static const struct {
		const char *name;
		u32 at; /* behind the UDP header */
		u8 value;
	} changes[] = {
		{ "VXLAN", 0, 0x00 },  { "VXLAN of flannel", 0, 0x88 },
		{ "GENEVE", 0, 0x40 }, { "VXLAN of flannel", 7, 0x01 },
		{ "GTP-U", 0, 0x20 },  { "GTP-U", 1, 0x01 },
		{ "GENEVE", 2, 0x00 }, { "VXLAN-GPE", 3, 0x04 },
	};
	u8 frame[FRAME_HEADERS_MAX + PAYLOAD_BYTES];
	struct nl_packet packet;

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		u32 found = 0;

		for (size_t j = 0; j < tunnel_count; j++) {
			struct frame f = frame_in(&tunnels[j]);
			struct frame_layout layout = frame_build(frame, &f);

			if (strcmp(tunnels[j].name, changes[i].name) != 0)
				continue;
			frame[42 + changes[i].at] = changes[i].value;
			assert_int_equal(
				decode(frame, layout.end, layout.end, NL_TUNNELS_MAX, &packet),
				NL_COUNT_not_tcp);
			found++;
		}
		assert_int_equal(found, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_tunnel),  cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_fragments),     cmocka_unit_test(test_inner_longer),
		cmocka_unit_test(test_inner_not_tcp), cmocka_unit_test(test_not_a_tunnel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
