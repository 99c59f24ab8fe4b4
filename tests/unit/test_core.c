/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_core.c - whole conversations through the core: each talk of talks.c in
 * order, and however it is cut into segments.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "talks.h"

enum cutting {
	CUT_NOWHERE,
	CUT_ONCE,
	CUT_EACH_BYTE,
	CUT_AT_RANDOM,
};

/* Speak, cut so, and observe. Returns the bytes of payload that were sent. */
static u64 speak_and_observe(const struct talk *talk, enum cutting cutting, u32 value,
			     struct observed *ret_observed)
{
	struct nl_config config = config_plain();
	struct conversation c;
	u64 sent_bytes;

	conversation_begin(&c, 7);
	if (cutting == CUT_ONCE)
		c.cut_at = value;
	else if (cutting == CUT_EACH_BYTE)
		c.segment_bytes = 1;
	else if (cutting == CUT_AT_RANDOM)
		c.random = value;
	talk->speak(&c);
	observe_natively(&c.packets, &config, ret_observed);
	sent_bytes = c.sent_bytes;
	conversation_end(&c);
	return sent_bytes;
}

static void test_talks(void **state)
{
	static struct observed observed;

	(void)state;
	for (size_t i = 0; i < talk_count; i++) {
		print_message("talk: %s\n", talks[i].name);
		speak_and_observe(&talks[i], CUT_NOWHERE, 0, &observed);
		check_talk(&talks[i], &observed);
	}
}

/* The same records but for times and grade, and the same ledger but for packets. */
static bool equal(const struct talk *talk, const char *how, u64 value, const struct observed *whole,
		  const struct observed *cut)
{
	bool same = whole->count == cut->count;

	for (size_t i = 0; same && i < whole->count; i++)
		same = same_but_times_and_grade(&whole->records[i], &cut->records[i]);
	if (!same)
		print_error("talk '%s' cut %s %llu: not the same %zu records, but %zu\n",
			    talk->name, how, value, whole->count, cut->count);
	for (u32 i = NL_COUNT_requests; same && i < NL_COUNTER_MAX; i++) {
		same = whole->counters[i] == cut->counters[i];
		if (!same)
			print_error("talk '%s' cut %s %llu: %s is %llu, not %llu\n", talk->name,
				    how, value, counter_name(i), cut->counters[i],
				    whole->counters[i]);
	}
	return same;
}

static void test_cut_at_every_byte(void **state)
{
	static struct observed whole, cut;
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < talk_count; i++) {
		u64 bytes = speak_and_observe(&talks[i], CUT_NOWHERE, 0, &whole);
		bool same = true;

		for (u32 at = 1; at < bytes && same; at++) {
			speak_and_observe(&talks[i], CUT_ONCE, at, &cut);
			same = equal(&talks[i], "at byte", at, &whole, &cut);
		}
		failed += !same;
	}
	assert_int_equal(failed, 0);
}

static void test_one_byte_per_segment(void **state)
{
	static struct observed whole, cut;
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < talk_count; i++) {
		speak_and_observe(&talks[i], CUT_NOWHERE, 0, &whole);
		speak_and_observe(&talks[i], CUT_EACH_BYTE, 0, &cut);
		failed += !equal(&talks[i], "into bytes", 1, &whole, &cut);
	}
	assert_int_equal(failed, 0);
}

static void test_cut_at_random(void **state)
{
	static struct observed whole, cut;
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < talk_count; i++) {
		bool same = true;

		speak_and_observe(&talks[i], CUT_NOWHERE, 0, &whole);
		for (u32 seed = 1; seed <= 200 && same; seed++) {
			speak_and_observe(&talks[i], CUT_AT_RANDOM, seed, &cut);
			same = equal(&talks[i], "at random, seed", seed, &whole, &cut);
		}
		failed += !same;
	}
	assert_int_equal(failed, 0);
}

/* Each packet also on the bridge that its port belongs to: the records of one sighting. */
static void test_two_interfaces(void **state)
{
	static struct observed once, twice;
	struct nl_config config = config_plain();

	(void)state;
	for (size_t i = 0; i < talk_count; i++) {
		struct conversation c;
		u64 payload_packets = 0;

		speak_and_observe(&talks[i], CUT_NOWHERE, 0, &once);
		conversation_begin(&c, 7);
		talks[i].speak(&c);
		for (size_t j = 0; j < c.packets.count; j++)
			payload_packets += c.packets.packets[j].captured > 14 + 20 + 32;
		packet_list_second_interface(&c.packets, 2, 10);
		observe_natively(&c.packets, &config, &twice);
		conversation_end(&c);
		assert_true(equal(&talks[i], "on interfaces", 2, &once, &twice));
		assert_int_equal(twice.counters[NL_COUNT_duplicate], payload_packets);
		assert_int_equal(twice.counters[NL_COUNT_retransmission], 0);
		for (size_t j = 0; j < once.count; j++) {
			const struct nl_record *a = &once.records[j], *b = &twice.records[j];

			assert_int_equal(a->grade, b->grade);
			assert_int_equal(a->request_first_ns, b->request_first_ns);
			assert_int_equal(a->request_last_ns, b->request_last_ns);
			assert_int_equal(a->response_first_ns, b->response_first_ns);
			assert_int_equal(a->response_last_ns, b->response_last_ns);
		}
	}
}

/* Any two connections at once, packet by packet in turn. */
static void test_interleaved(void **state)
{
	static struct observed one, other, both;
	struct nl_config config = config_plain();

	(void)state;
	for (size_t i = 0; i + 1 < talk_count; i++) {
		struct conversation a, b;
		struct packets mixed = { 0 };
		size_t from_a = 0, from_b = 0;

		conversation_begin(&a, 1);
		conversation_begin(&b, 2);
		talks[i].speak(&a);
		talks[i + 1].speak(&b);
		for (size_t j = 0; j < a.packets.count || j < b.packets.count; j++) {
			if (j < a.packets.count)
				packet_list_add(&mixed, &a.packets.packets[j]);
			if (j < b.packets.count)
				packet_list_add(&mixed, &b.packets.packets[j]);
		}
		observe_natively(&a.packets, &config, &one);
		observe_natively(&b.packets, &config, &other);
		observe_natively(&mixed, &config, &both);
		for (size_t j = 0; j < both.count; j++) {
			const struct nl_record *r = &both.records[j];

			if (r->client_port == one.records[0].client_port)
				assert_true(same_but_times_and_grade(r, &one.records[from_a++]));
			else
				assert_true(same_but_times_and_grade(r, &other.records[from_b++]));
		}
		assert_int_equal(from_a, one.count);
		assert_int_equal(from_b, other.count);
		packet_list_free(&mixed);
		conversation_end(&a);
		conversation_end(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),
		cmocka_unit_test(test_cut_at_every_byte),
		cmocka_unit_test(test_one_byte_per_segment),
		cmocka_unit_test(test_cut_at_random),
		cmocka_unit_test(test_two_interfaces),
		cmocka_unit_test(test_interleaved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
