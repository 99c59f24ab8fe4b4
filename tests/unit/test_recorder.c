/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_recorder.c - the flight recorder: packets through the core, those of one transaction out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "observed.h"
#include "recorder.h"

#define TALKS_MAX 40
#define PLAIN_HEADERS_BYTES (14 + 20 + 20 + 12)
#define SOURCE_OFFSET 26 /* of the IPv4 address in a plain frame */
#define HANDSHAKE_PACKETS 3
#define MILLISECOND_NS 1000000ULL
/* Whatever comes after so long is not told of the transaction before it. */
#define PAUSE_NS (RECORDER_BEYOND_NS + 10 * MILLISECOND_NS)

/* What passed, of all connections, in order. */
struct passed {
	const struct sent_packet *sent;
	u32 talk;
	u8 role;
	bool is_handshake;
};

static struct nl_config config;
static struct replay_core *core;
static struct observed observed;
static struct conversation talks[TALKS_MAX];
static u32 talk_count;
static struct passed *passed;
static size_t passed_count;
static u32 headers_bytes;
static struct packet_list list;

static void begin(u32 snaplen, u32 flow_chunks, u32 handshake_chunks)
{
	config = config_plain();
	config.recorder = 1;
	config.copy_payload_bytes = snaplen;
	config.copy_chunks[NL_COPY_FLOWS] = flow_chunks;
	config.copy_chunks[NL_COPY_HANDSHAKES] = handshake_chunks;
	core = replay_core_new(&config, 4096, observed_add, &observed);
	assert_non_null(core);
}

static int set_up(void **state)
{
	(void)state;
	observed.count = 0;
	talk_count = 0;
	passed_count = 0;
	headers_bytes = PLAIN_HEADERS_BYTES;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (u32 i = 0; i < talk_count; i++)
		conversation_end(&talks[i]);
	packet_list_clear(&list);
	replay_core_free(core);
	core = NULL;
	free(passed);
	passed = NULL;
	return 0;
}

/* One that begins so much later than the first. */
static struct conversation *talk_begin(u64 later_ns)
{
	struct conversation *c = &talks[talk_count];

	assert_true(talk_count < TALKS_MAX);
	conversation_begin(c, ++talk_count);
	for (size_t i = 0; i < c->packets.count; i++)
		c->packets.packets[i].now_ns += later_ns;
	c->now_ns += later_ns;
	c->step_ns = MILLISECOND_NS;
	return c;
}

/* A request, its response of three segments and their ACK; then nothing for a while. */
static void ask(struct conversation *c, u32 number)
{
	static u32 random = 1;
	u8 body[3000];
	char text[128];

	snprintf(text, sizeof(text), "GET /%u/%u HTTP/1.1\r\nHost: a.example\r\n\r\n", talk_count,
		 number);
	client_says(c, text);
	snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
		 sizeof(body));
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (u8)random_next(&random);
	server_says(c, text);
	conversation_sends(c, NL_SERVER, body, sizeof(body));
	conversation_ack(c, NL_CLIENT);
	c->now_ns += PAUSE_NS;
}

static int earlier(const void *a, const void *b)
{
	const struct passed *x = a, *y = b;

	if (x->sent->now_ns != y->sent->now_ns)
		return x->sent->now_ns < y->sent->now_ns ? -1 : 1;
	return x->talk < y->talk ? -1 : x->talk > y->talk;
}

/* All that was said passes, whoever said it, in the order of its times. */
static void pass_all(enum replay_link link)
{
	u32 skip = link == REPLAY_ETHERNET ? 0 : 14;
	size_t count = 0;

	for (u32 i = 0; i < talk_count; i++)
		count += talks[i].packets.count;
	passed = calloc(count, sizeof(*passed));
	assert_non_null(passed);
	for (u32 i = 0; i < talk_count; i++) {
		const struct frame *client = &talks[i].frame[NL_CLIENT];

		for (size_t j = 0; j < talks[i].packets.count; j++) {
			const struct sent_packet *p = &talks[i].packets.packets[j];
			u8 source = memcmp(p->bytes + SOURCE_OFFSET, client->source, 4) == 0
					    ? NL_CLIENT
					    : NL_SERVER;

			passed[passed_count++] =
				(struct passed){ p, i, source, j < HANDSHAKE_PACKETS };
		}
	}
	qsort(passed, passed_count, sizeof(*passed), earlier);
	for (size_t i = 0; i < passed_count; i++) {
		const struct sent_packet *p = passed[i].sent;

		replay_core_packet(core, link, p->bytes + skip, p->captured - skip,
				   p->wire_bytes - skip, p->now_ns, p->ifindex);
	}
}

static u32 talk_of(const struct nl_record *record)
{
	return record->client_port - 40000u - 1;
}

/* Whether this belongs to what is told of the transaction. */
static bool is_of(const struct passed *p, const struct nl_record *record)
{
	u64 at_ns = p->sent->now_ns;

	if (p->talk != talk_of(record))
		return false;
	return p->is_handshake ||
	       (at_ns >= record->request_first_ns && at_ns <= record->end_ns + RECORDER_BEYOND_NS);
}

static void check_packet(const struct packet *packet, const struct passed *expected, u32 skip)
{
	const struct sent_packet *sent = expected->sent;
	u32 bytes = min_u32(headers_bytes + config.copy_payload_bytes, sent->captured) - skip;

	assert_int_equal(packet->captured, bytes);
	assert_memory_equal(packet->bytes, sent->bytes + skip, bytes);
	assert_int_equal(packet->wire_bytes, sent->wire_bytes - skip);
	assert_int_equal(packet->ifindex, sent->ifindex);
	assert_int_equal(packet->role, expected->role);
	assert_int_equal(packet->payload_offset, headers_bytes - skip);
	assert_int_equal(packet->is_ip, skip != 0);
}

/* Collect; what is there must be the latest of what is expected. Returns how many are missing. */
static size_t check_collected(const struct nl_record *record, bool knows_latest, u32 skip)
{
	struct recorder recorder = replay_core_recorder(core);
	u64 latest = knows_latest ? replay_core_latest_copy(core, record) : 0;
	size_t at, missing = 0;

	assert_true(!knows_latest || latest);
	packet_list_clear(&list);
	assert_int_equal(recorder_collect(&recorder, record, latest, &list), 0);
	at = list.count;
	for (size_t i = passed_count; i > 0; i--) {
		const struct passed *expected = &passed[i - 1];

		if (!is_of(expected, record) ||
		    (!knows_latest && expected->sent->now_ns > record->end_ns))
			continue;
		/* Neither later nor earlier: no packet is passed over. */
		if (!at || list.packets[at - 1].time_ns != expected->sent->now_ns)
			missing++;
		else
			check_packet(&list.packets[--at], expected, skip);
	}
	assert_int_equal(at, 0); /* and none is there that is not expected */
	return missing;
}

static void check_whole(const struct nl_record *record, bool knows_latest, u32 skip)
{
	assert_int_equal(check_collected(record, knows_latest, skip), 0);
	assert_false(list.is_overwritten);
}

/* Twenty connections of five requests each, between one another. */
static void speak_many(void)
{
	for (u32 i = 0; i < 20; i++) {
		struct conversation *c = talk_begin(i * 1700 * 1000ULL);

		for (u32 j = 0; j < 5; j++)
			ask(c, j);
		c->now_ns -= PAUSE_NS;
		conversation_fin(c, NL_SERVER);
		conversation_fin(c, NL_CLIENT); /* with which the core forgets the connection */
	}
}

static void test_one_of_many(void **state)
{
	static const u32 snaplens[] = { 0, 1, 7, 100, NL_COPY_PAYLOAD_MAX };

	for (size_t s = 0; s < sizeof(snaplens) / sizeof(snaplens[0]); s++) {
		set_up(state);
		begin(snaplens[s], 40, 2);
		speak_many();
		pass_all(REPLAY_ETHERNET);
		assert_int_equal(observed.count, 100);
		for (size_t i = 0; i < observed.count; i++) {
			check_whole(&observed.records[i], true, 0);
			/* Handshake, request, head and body of the response, ACK. */
			assert_in_range(list.count, HANDSHAKE_PACKETS + 6, HANDSHAKE_PACKETS + 9);
			check_whole(&observed.records[i], false, 0);
		}
		tear_down(state);
	}
}

static void test_without_link_header(void **state)
{
	(void)state;
	begin(100, 40, 2);
	speak_many();
	pass_all(REPLAY_IP);
	assert_int_equal(observed.count, 100);
	for (size_t i = 0; i < observed.count; i++)
		check_whole(&observed.records[i], true, 14);
}

/* The last moment that belongs to a transaction, and the first that does not. */
static void test_beyond(void **state)
{
	struct conversation *c;

	(void)state;
	begin(0, 2, 2);
	c = talk_begin(0);
	ask(c, 0);
	c->now_ns = c->packets.packets[c->packets.count - 2].now_ns + RECORDER_BEYOND_NS;
	c->step_ns = 1;
	conversation_ack(c, NL_SERVER);
	conversation_ack(c, NL_SERVER);
	pass_all(REPLAY_ETHERNET);
	assert_int_equal(observed.count, 1);
	check_whole(&observed.records[0], true, 0);
	assert_int_equal(list.count, passed_count - 1);
	assert_int_equal(list.packets[list.count - 1].time_ns,
			 observed.records[0].end_ns + RECORDER_BEYOND_NS);
}

/* SYN and SYN-ACK sent again are of the handshake; of an unanswered request nothing is missing. */
static void test_handshake_sent_again_and_no_answer(void **state)
{
	struct recorder recorder;
	struct conversation *c;
	size_t sent;

	(void)state;
	begin(100, 2, 2);
	c = talk_begin(0);
	packet_list_duplicate(&c->packets, 1);
	packet_list_duplicate(&c->packets, 0);
	for (size_t i = 0; i < c->packets.count; i++)
		c->packets.packets[i].now_ns += i * MILLISECOND_NS;
	c->now_ns += c->packets.count * MILLISECOND_NS;
	client_says(c, "GET /never HTTP/1.1\r\nHost: a.example\r\n\r\n");
	conversation_ack(c, NL_SERVER);
	conversation_rst(c, NL_SERVER);
	pass_all(REPLAY_ETHERNET);
	assert_int_equal(observed.count, 1);
	assert_int_equal(observed.records[0].outcome, NL_OUTCOME_UNANSWERED);
	recorder = replay_core_recorder(core);
	assert_int_equal(recorder_collect(&recorder, &observed.records[0],
					  replay_core_latest_copy(core, &observed.records[0]),
					  &list),
			 0);
	sent = c->packets.count;
	assert_int_equal(sent, 8);
	assert_int_equal(list.count, sent);
	assert_false(list.is_overwritten);
	for (size_t i = 0; i < sent; i++)
		check_packet(&list.packets[i], &passed[i], 0);
}

/*
 * Rings of two chunks, which wrap dozens of times. Whatever is left is right and the rest is
 * said to be missing.
 */
static void test_wrapped(void **state)
{
	size_t whole = 0, in_part = 0, none = 0;

	(void)state;
	begin(NL_COPY_PAYLOAD_MAX, 2, 1);
	for (u32 i = 0; i < TALKS_MAX; i++) {
		struct conversation *c = talk_begin(i * 900 * 1000ULL);

		for (u32 j = 0; j < 40; j++)
			ask(c, j);
	}
	pass_all(REPLAY_ETHERNET);
	assert_int_equal(observed.count, 40 * TALKS_MAX);
	assert_true(replay_core_recorder(core).rings[NL_COPY_FLOWS].head >
		    30 * 2 * NL_COPY_CHUNK_BYTES);
	for (size_t i = 0; i < observed.count; i++) {
		size_t missing = check_collected(&observed.records[i], true, 0);

		/* Not if only what was before its first packet is gone. */
		assert_int_equal(missing != 0, list.is_overwritten);
		whole += missing == 0;
		/* The handshakes' ring did not wrap: they are all there. */
		in_part += missing != 0 && list.count > HANDSHAKE_PACKETS;
		none += missing != 0 && list.count == HANDSHAKE_PACKETS;
		assert_true(list.count >= HANDSHAKE_PACKETS);
	}
	assert_in_range(whole, 20, 50);
	assert_true(in_part > 0);
	assert_in_range(none, observed.count - 100, observed.count - 20);
}

/* Each copy that any pointer leads to lies in one chunk, and has its own position. */
static void test_copies_in_one_chunk(void **state)
{
	struct recorder recorder;
	size_t met = 0;

	(void)state;
	begin(NL_COPY_PAYLOAD_MAX, 40, 2);
	speak_many();
	pass_all(REPLAY_ETHERNET);
	recorder = replay_core_recorder(core);
	for (size_t i = 0; i < observed.count; i++) {
		for (u64 position = observed.records[i].copy; position; met++) {
			u32 at = (u32)position % NL_COPY_CHUNK_BYTES;
			const struct nl_copy *copy =
				(const void *)&recorder.copies[position / NL_COPY_CHUNK_BYTES]
					.bytes[at];

			assert_int_equal(position % 8, 0);
			assert_true(position < recorder.rings[NL_COPY_FLOWS].head);
			assert_int_equal(copy->position, position);
			assert_true(at + sizeof(*copy) + copy->captured <= NL_COPY_CHUNK_BYTES);
			assert_true(copy->previous < position);
			position = copy->previous;
		}
	}
	assert_true(met > 1000);
	assert_true(recorder.rings[NL_COPY_FLOWS].head > 4 * NL_COPY_CHUNK_BYTES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_of_many), TEST(test_without_link_header),
		TEST(test_beyond),	TEST(test_handshake_sent_again_and_no_answer),
		TEST(test_wrapped),	TEST(test_copies_in_one_chunk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
