/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_recorder_rings.c - the flight recorder's rings: what is in them, right or not, and its size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packets.h"
#include "recorder.h"

#define CHUNKS 2 /* of each ring that is filled by hand */
#define COPY_ROOM (NL_COPY_BYTES_MAX - NL_COPY_HEADER_BYTES)

/* Two rings, as of one CPU; each chunk is of its own size on the heap for the sanitizer. */
static struct nl_copy_ring *rings;
static struct nl_copy_chunk *chunks;
static struct recorder recorder;
static struct packet_list list;

static int set_up(void **state)
{
	(void)state;
	rings = calloc(NL_COPY_KINDS, sizeof(*rings));
	chunks = calloc((size_t)NL_COPY_KINDS * CHUNKS, sizeof(*chunks));
	if (!rings || !chunks)
		return -1;
	recorder = (struct recorder){ .rings = rings,
				      .copies = chunks,
				      .ring_count = NL_COPY_KINDS,
				      .chunks = { CHUNKS, CHUNKS } };
	rings[0].head = rings[1].head = NL_COPY_HEADER_BYTES;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(rings);
	free(chunks);
	packet_list_clear(&list);
	return 0;
}

/* The copy at an offset of the first ring. */
static struct nl_copy *copy_at(u64 offset)
{
	return (void *)(chunks[offset / NL_COPY_CHUNK_BYTES % CHUNKS].bytes +
			offset % NL_COPY_CHUNK_BYTES);
}

/* Put the n-th copy of a connection into the first ring: byte i of it is n + i. */
static struct nl_copy *put(u32 n, u64 previous, u32 captured)
{
	struct nl_copy *copy = copy_at(rings[0].head);

	*copy = (struct nl_copy){ .position = rings[0].head,
				  .previous = previous,
				  .time_ns = 1000 + n,
				  .frame_bytes = captured + 5000,
				  .ifindex = 7,
				  .captured = (u16)captured,
				  .payload_offset = 54,
				  .role = n & 1 };
	for (u32 i = 0; i < captured; i++)
		copy->bytes[i] = (u8)(n + i);
	rings[0].head += (NL_COPY_HEADER_BYTES + captured + 7) & ~7ULL;
	return copy;
}

static const struct nl_record *record_of(u64 from_ns, u64 copy)
{
	static struct nl_record record;

	record = (struct nl_record){ .request_first_ns = from_ns, .end_ns = 2000, .copy = copy };
	return &record;
}

static void collect(const struct nl_record *record, u64 latest)
{
	packet_list_clear(&list);
	assert_int_equal(recorder_collect(&recorder, record, latest, &list), 0);
}

/* A tag that was not in the frame any more stands behind the addresses again. */
static void test_vlan(void **state)
{
	struct nl_copy *tagged, *without_link;
	static const u8 tag[4] = { 0x81, 0x00, 0x61, 0x23 };

	(void)state;
	put(0, 0, 100);
	tagged = put(1, 40, 100);
	tagged->vlan_id = 0x6123;
	without_link = put(2, tagged->position, 100);
	without_link->vlan_id = 0x6123;
	without_link->flags |= NL_COPY_IS_IP;
	put(3, without_link->position, 11)->vlan_id = 0x6123; /* nothing to put it behind */
	put(4, rings[0].head - 56, 12)->vlan_id = 0x6123;
	collect(record_of(1000, rings[0].head - 56), 0);
	assert_int_equal(list.count, 5);
	assert_false(list.is_overwritten);
	for (u32 n = 0; n < list.count; n++) {
		static const u32 captured[] = { 100, 104, 100, 11, 16 };
		static const u32 payload_offset[] = { 54, 58, 54, 11, 16 };
		const struct packet *packet = &list.packets[n];
		u32 added = n == 1 || n == 4 ? 4 : 0;

		assert_int_equal(packet->time_ns, 1000 + n);
		assert_int_equal(packet->captured, captured[n]);
		assert_int_equal(packet->wire_bytes, captured[n] + 5000);
		assert_int_equal(packet->payload_offset, payload_offset[n]);
		assert_int_equal(packet->role, n & 1);
		assert_int_equal(packet->is_ip, n == 2);
		for (u32 i = 0; i < packet->captured; i++) {
			u8 expected = (u8)(n + (added && i >= 16 ? i - 4 : i));

			if (added && i >= 12 && i < 16)
				expected = tag[i - 12];
			assert_int_equal(packet->bytes[i], expected);
		}
	}
}

/* Ten copies in a chain. What is behind one that is not what it should be is said to be lost. */
static void test_broken_chain(void **state)
{
	struct nl_copy *copies[10];
	const u64 step = NL_COPY_HEADER_BYTES + 64;
	u64 last = 40 + 9 * step;

	(void)state;
	for (u32 n = 0; n < 10; n++)
		copies[n] = put(n, n ? copies[n - 1]->position : 0, 64);
	collect(record_of(1003, last), 0);
	assert_int_equal(list.count, 7);
	assert_false(list.is_overwritten);

	copies[5]->position += 8; /* another copy lies there by now */
	collect(record_of(1003, last), 0);
	assert_int_equal(list.count, 4);
	assert_true(list.is_overwritten);
	assert_int_equal(list.packets[0].time_ns, 1006);
	copies[5]->position -= 8;

	for (u32 i = 0; i < 6; i++) {
		const u64 wrong[] = {
			rings[0].head,				     /* not yet written */
			NL_COPY_OFFSET_MASK,			     /* nor this */
			copies[3]->position | 1ULL << 48,	     /* in the other ring */
			copies[3]->position | 2ULL << 48,	     /* in none */
			NL_COPY_CHUNK_BYTES - NL_COPY_BYTES_MAX + 8, /* where no copy may begin */
			copies[3]->position + 8,		     /* within a copy */
		};

		copies[4]->previous = wrong[i];
		collect(record_of(1003, last), 0);
		assert_int_equal(list.count, 6);
		assert_true(list.is_overwritten);
	}
	copies[4]->previous = copies[3]->position;

	copies[7]->captured = COPY_ROOM + 1;
	collect(record_of(1003, last), 0);
	assert_int_equal(list.count, 2);
	assert_true(list.is_overwritten);
}

/* The writer goes on: copies vanish before it is where they lie, oldest first. */
static void test_overtaken(void **state)
{
	const u64 ring_bytes = CHUNKS * NL_COPY_CHUNK_BYTES, step = NL_COPY_HEADER_BYTES + 64;
	u64 previous = 0;
	size_t left = 10;

	(void)state;
	for (u32 n = 0; n < 10; n++)
		previous = put(n, previous, 64)->position;
	for (u64 head = rings[0].head; head < 2 * ring_bytes; head += 8) {
		size_t count;

		rings[0].head = head;
		collect(record_of(1000, previous), 0);
		count = list.count;
		assert_true(count == left || count == left - 1);
		assert_int_equal(list.is_overwritten, count < 10);
		for (size_t i = 0; i < count; i++) /* the latest of them */
			assert_int_equal(list.packets[i].time_ns, 1010 - count + i);
		/* The writer's next copy may lie two of the largest beyond its head. */
		if (count)
			assert_true(head + 2 * NL_COPY_BYTES_MAX <=
				    40 + (10 - count) * step + ring_bytes);
		left = count;
	}
	assert_int_equal(left, 0);
}

/* Whatever is in the rings: an answer, and no byte from outside of them. */
static void test_random_rings(void **state)
{
	const size_t words = (size_t)NL_COPY_KINDS * CHUNKS * NL_COPY_CHUNK_BYTES / 8;
	u64 *word = (void *)chunks;
	u32 random = 1, collected = 0;

	(void)state;
	for (u32 round = 0; round < 400; round++) {
		u64 heads[NL_COPY_KINDS];

		for (u32 i = 0; i < NL_COPY_KINDS; i++)
			rings[i].head = heads[i] =
				((u64)random_next(&random) << 8 | random_next(&random)) >>
				random_next(&random) % 40;
		for (size_t i = 0; i < words; i++)
			word[i] = (u64)random_next(&random) << 32 | random_next(&random);
		/* Copies at some places, as they may be but for lengths, each leading back to
		 * another. */
		for (u32 i = 0; i < 200; i++) {
			u32 ring = random_next(&random) % NL_COPY_KINDS;
			u64 offset = (heads[ring] - random_next(&random) % 120000) & ~7ULL;
			u64 earlier = (offset - random_next(&random) % 3000) & ~7ULL;
			u32 at = offset % NL_COPY_CHUNK_BYTES;
			struct nl_copy *copy;

			if (at > NL_COPY_CHUNK_BYTES - NL_COPY_BYTES_MAX)
				continue;
			copy = (void *)(chunks[ring * CHUNKS +
					       offset / NL_COPY_CHUNK_BYTES % CHUNKS]
						.bytes +
					at);
			copy->position = (u64)ring << NL_COPY_RING_SHIFT | offset;
			copy->previous = (u64)ring << NL_COPY_RING_SHIFT | earlier;
			copy->time_ns = random_next(&random) % 2000;
			copy->captured = (u16)(random_next(&random) % (COPY_ROOM + 200));
			collect(record_of(0, copy->position), 0);
			collected += list.count != 0;
			for (size_t j = 0; j < list.count; j++)
				assert_true(list.packets[j].captured <= COPY_ROOM + 4 &&
					    list.packets[j].payload_offset <=
						    list.packets[j].captured);
		}
		for (u32 i = 0; i < 100; i++) {
			struct nl_record record = { .copy = (u64)random_next(&random) << 24,
						    .handshake_copy = random_next(&random) };

			collect(&record, (u64)random_next(&random) << (i % 40));
		}
	}
	assert_in_range(collected, 1000, 400 * 200);
}

/* No ring at all, and positions of rings that are not there. */
static void test_no_rings(void **state)
{
	(void)state;
	recorder = (struct recorder){ 0 };
	collect(record_of(0, 40), 104);
	assert_int_equal(list.count, 0);
	assert_true(list.is_overwritten);
	collect(record_of(0, 0), 0); /* it never had any */
	assert_int_equal(list.count, 0);
	assert_false(list.is_overwritten);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_vlan),	 TEST(test_broken_chain), TEST(test_overtaken),
		TEST(test_random_rings), TEST(test_no_rings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
