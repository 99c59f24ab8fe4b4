/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_recorder_limits.c - the flight recorder of one connection: what is kept, and how much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "observed.h"
#include "recorder.h"

#define CHUNKS 2 /* of a ring, unless said */
#define GET "GET /1 HTTP/1.1\r\nHost: a.example\r\n\r\n"
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define PLAIN_HEADERS_BYTES (14 + 20 + 20 + 12)
#define MILLISECOND_NS 1000000ULL
#define WRAP (1ULL << 35) /* a record has the bits of a handshake's position below this */

static struct nl_config config;
static struct replay_core *core;
static struct recorder recorder;
static struct packet_list list;
static struct observed observed;
static struct conversation talk;

static int set_up(void **state)
{
	(void)state;
	observed.count = 0;
	conversation_begin(&talk, 1);
	return 0;
}

static void end(void)
{
	observed.count = 0;
	replay_core_free(core);
	core = NULL;
}

static int tear_down(void **state)
{
	(void)state;
	packet_list_clear(&list);
	conversation_end(&talk);
	end();
	return 0;
}

static void begin(u32 snaplen, u32 flow_chunks)
{
	config = config_plain();
	config.recorder = 1;
	config.copy_payload_bytes = snaplen;
	config.copy_chunks[NL_COPY_FLOWS] = flow_chunks;
	config.copy_chunks[NL_COPY_HANDSHAKES] = CHUNKS;
	core = replay_core_new(&config, 64, observed_add, &observed);
	assert_non_null(core);
	recorder = replay_core_recorder(core);
}

static void pass(u32 link)
{
	u32 skip = link == REPLAY_ETHERNET ? 0 : 14;

	for (size_t i = 0; i < talk.packets.count; i++) {
		const struct sent_packet *p = &talk.packets.packets[i];

		replay_core_packet(core, link, p->bytes + skip, p->captured - skip,
				   p->wire_bytes - skip, p->now_ns, p->ifindex);
	}
}

/* The packets of the n-th transaction; `latest` as live, when more had passed. */
static void collect(size_t n)
{
	const struct nl_record *record = &observed.records[n];

	assert_true(n < observed.count);
	packet_list_clear(&list);
	assert_int_equal(
		recorder_collect(&recorder, record, replay_core_latest_copy(core, record), &list),
		0);
}

/* Nobody saw how the connection began: what there is is whole. */
static void test_without_handshake(void **state)
{
	(void)state;
	while (talk.packets.count)
		packet_list_drop(&talk.packets, 0);
	client_says(&talk, GET);
	server_says(&talk, OK_EMPTY);
	begin(100, CHUNKS);
	pass(REPLAY_ETHERNET);
	collect(0);
	assert_int_equal(list.count, 2);
	assert_false(list.is_overwritten);
	assert_int_equal(observed.records[0].handshake_copy, 0);
}

/* Requests in quick succession: each has the handshake, its own packets, and the ACKs behind it. */
static void test_next_request(void **state)
{
	const size_t own = 5;

	(void)state;
	talk.step_ns = MILLISECOND_NS;
	for (u32 i = 0; i < 4; i++) {
		client_says(&talk, GET);
		conversation_ack(&talk, NL_SERVER);
		server_says(&talk, OK_EMPTY);
		conversation_ack(&talk, NL_CLIENT);
		conversation_ack(&talk, NL_SERVER); /* as a keep-alive is answered */
	}
	begin(100, CHUNKS);
	pass(REPLAY_ETHERNET);
	for (size_t n = 0; n < 4; n++) {
		collect(n);
		assert_int_equal(list.count, 3 + own);
		for (size_t i = 0; i < 3 + own; i++)
			assert_int_equal(list.packets[i].time_ns,
					 talk.packets.packets[i < 3 ? i : i + n * own].now_ns);
		assert_false(list.is_overwritten);
	}
}

/* The same ports again at once, and so the same place in the table: to each its own packets. */
static void test_port_reused(void **state)
{
	(void)state;
	talk.step_ns = MILLISECOND_NS;
	client_says(&talk, GET);
	conversation_handshake(&talk, 900000, 800000);
	client_says(&talk, GET);
	server_says(&talk, OK_EMPTY);
	begin(100, CHUNKS);
	pass(REPLAY_ETHERNET);
	assert_int_equal(observed.count, 2);
	assert_int_equal(observed.records[0].outcome, NL_OUTCOME_UNANSWERED);
	assert_int_equal(observed.records[0].slot, observed.records[1].slot);
	for (size_t n = 0; n < 2; n++) {
		collect(n);
		assert_int_equal(list.count, 4 + n);
		assert_false(list.is_overwritten);
		for (size_t i = 0; i < list.count; i++)
			assert_int_equal(list.packets[i].time_ns,
					 talk.packets.packets[4 * n + i].now_ns);
	}
}

/* The handshake is found on both sides of where the low bits of its position begin anew. */
static void test_handshake_position_wraps(void **state)
{
	(void)state;
	client_says(&talk, GET);
	server_says(&talk, OK_EMPTY);
	for (u64 turn = 1; turn < 8; turn += 2) {
		for (u64 before = 8; before <= 600; before += 8) {
			struct nl_copy_ring *ring;

			begin(100, CHUNKS);
			ring = (struct nl_copy_ring *)&recorder.rings[NL_COPY_HANDSHAKES];
			ring->head = turn * WRAP - before;
			/* Within a chunk, as by itself it would be at the begin of the next. */
			ring->head -= NL_COPY_BYTES_MAX + 8;
			pass(REPLAY_ETHERNET);
			ring->head += turn * 8192; /* that of others */
			collect(0);
			assert_int_equal(list.count, 5);
			assert_false(list.is_overwritten);
			assert_int_equal(list.packets[0].time_ns, talk.packets.packets[0].now_ns);
			end();
		}
	}
}

/* Frames larger than what is copied: super-packets, and headers that leave less for the payload. */
static void test_large_frames(void **state)
{
	static u8 body[40000];
	const struct packet *packet;

	(void)state;
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (u8)(i * 7);
	talk.segment_bytes = 60000;
	client_says(&talk, GET);
	server_says(&talk, "HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n");
	conversation_sends(&talk, NL_SERVER, body, sizeof(body));
	for (u32 snaplen = 0; snaplen <= NL_COPY_PAYLOAD_MAX; snaplen += NL_COPY_PAYLOAD_MAX) {
		begin(snaplen, CHUNKS);
		pass(REPLAY_ETHERNET);
		assert_int_equal(observed.count, 1);
		collect(0);
		assert_int_equal(list.count, 6);
		packet = &list.packets[5];
		assert_int_equal(packet->wire_bytes, PLAIN_HEADERS_BYTES + sizeof(body));
		assert_int_equal(packet->captured, PLAIN_HEADERS_BYTES + snaplen);
		assert_memory_equal(packet->bytes + PLAIN_HEADERS_BYTES, body, snaplen);
		end();
	}
}

/* Bytes that begin neither with a link header that is known nor with IP are not kept. */
static void test_headers_taken_off(void **state)
{
	(void)state;
	for (u32 role = 0; role < 2; role++) {
		talk.frame[role].tags = 1;
		talk.frame[role].tag_type[0] = NL_ETHERTYPE_VLAN;
		talk.frame[role].tag[0] = 5;
	}
	client_says(&talk, GET);
	server_says(&talk, OK_EMPTY);
	begin(100, CHUNKS);
	pass(NL_ETHERTYPE_VLAN);
	assert_int_equal(observed.count, 1);
	assert_int_equal(observed.records[0].copy, 0);
	collect(0);
	assert_int_equal(list.count, 0);
}

/* A transfer of more packets than are collected: the latest of them. */
static void test_most_packets(void **state)
{
	static u8 body[RECORDER_PACKETS_MAX + 500];

	(void)state;
	talk.segment_bytes = 1;
	talk.step_ns = 10;
	conversation_segment(&talk, NL_CLIENT, NL_TCP_ACK, 0, GET, strlen(GET));
	talk.next_seq[NL_CLIENT] += strlen(GET);
	conversation_segment(&talk, NL_SERVER, NL_TCP_ACK, 0, "HTTP/1.0 200 OK\r\n\r\n", 19);
	talk.next_seq[NL_SERVER] += 19;
	conversation_sends(&talk, NL_SERVER, body, sizeof(body));
	conversation_fin(&talk, NL_SERVER);
	conversation_fin(&talk, NL_CLIENT);
	begin(0, 600);
	pass(REPLAY_ETHERNET);
	assert_int_equal(observed.count, 1);
	collect(0);
	assert_int_equal(list.count, RECORDER_PACKETS_MAX);
	assert_true(list.is_overwritten);
	assert_int_equal(list.packets[list.count - 1].time_ns,
			 talk.packets.packets[talk.packets.count - 1].now_ns);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_without_handshake), TEST(test_next_request),
		TEST(test_port_reused),	      TEST(test_handshake_position_wraps),
		TEST(test_large_frames),      TEST(test_headers_taken_off),
		TEST(test_most_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
