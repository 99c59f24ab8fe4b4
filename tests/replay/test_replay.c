/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_replay.c - the object that ships, through BPF_PROG_TEST_RUN, and the same
 * core natively: the same answers to the same packets. Needs root.
 *
 * Of a record all is compared but ifindex: test_run has no interface, and gives
 * the loopback device's number. Of the counters all but rows_other: the native
 * table of rows grows, the kernel's is full at some point.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel_core.h"
#include "talks.h"

#define MAX_FLOWS 65536
#define VERIFIED_INSTRUCTIONS_MAX 500000
#define MUTATED_PACKETS 20000
#define FRAME_BYTES_MAX 2048
#define VERDICT_UNSPEC (-1)

/* What the kernel refuses to run a program on, by why. */
enum refusal {
	REFUSED_NOT = 0,
	REFUSED_ETHERNET, /* under 14 bytes */
	REFUSED_IPV4,	  /* under 34 */
	REFUSED_IPV6,	  /* under 54 */
	REFUSALS,
};

static const char *const refusal_names[REFUSALS] = {
	"run",
	"Ethernet header cut off",
	"IPv4 header cut off",
	"IPv6 header cut off",
};

/* bpf_prog_test_run_skb() in net/bpf/test_run.c looks at the outer EtherType only. */
static enum refusal refusal_of(const u8 *frame, u32 bytes)
{
	u32 ethertype;

	if (bytes < 14)
		return REFUSED_ETHERNET;
	ethertype = load_be16(frame + 12);
	if (ethertype == NL_ETHERTYPE_IPV4 && bytes < 34)
		return REFUSED_IPV4;
	if (ethertype == NL_ETHERTYPE_IPV6 && bytes < 54)
		return REFUSED_IPV6;
	return REFUSED_NOT;
}

/* Both cores, and what they said. */
struct both {
	struct kernel_core *kernel;
	struct replay_core *native;
	struct observed from_kernel;
	struct observed from_native;
	cpu_set_t cpus;
	u32 next_cpu;
};

static struct both both;

static void open_both(const struct nl_config *config)
{
	memset(&both, 0, sizeof(both));
	sched_getaffinity(0, sizeof(both.cpus), &both.cpus);
	both.kernel = kernel_core_new(config, MAX_FLOWS);
	both.native = replay_core_new(config, MAX_FLOWS, observed_add, &both.from_native);
	assert_non_null(both.kernel);
	assert_non_null(both.native);
}

static int setup(void **state)
{
	struct nl_config config = config_plain();

	(void)state;
	open_both(&config);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sched_setaffinity(0, sizeof(both.cpus), &both.cpus);
	kernel_core_free(both.kernel);
	replay_core_free(both.native);
	both.kernel = NULL;
	both.native = NULL;
	return 0;
}

/*
 * Go on to the next CPU: its working memory holds what was left there by other
 * packets than the native core's does, and no answer may depend on that.
 */
static void next_cpu(void)
{
	cpu_set_t one;

	do {
		both.next_cpu = (both.next_cpu + 1) % CPU_SETSIZE;
	} while (!CPU_ISSET(both.next_cpu, &both.cpus));
	CPU_ZERO(&one);
	CPU_SET(both.next_cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
}

/* One frame through both. Returns why the kernel would not run it. */
static enum refusal run_frame(const u8 *frame, u32 bytes, u64 now_ns)
{
	enum refusal refusal = refusal_of(frame, bytes);
	struct kernel_run run;
	int r = kernel_core_packet(both.kernel, frame, bytes, now_ns, &run);

	if (refusal) {
		assert_int_equal(r, -EINVAL);
		return refusal;
	}
	assert_int_equal(r, 0);
	assert_int_equal(run.verdict, VERDICT_UNSPEC);
	assert_true(run.unchanged);
	replay_core_packet(both.native, REPLAY_ETHERNET, guarded_copy(frame, bytes), bytes, bytes,
			   now_ns, 1);
	return REFUSED_NOT;
}

static void check_same_record(const struct nl_record *kernel, const struct nl_record *native)
{
	struct nl_record a = *kernel, b = *native;

	a.ifindex = b.ifindex = 0;
	assert_int_equal(a.head_bytes, b.head_bytes);
	assert_memory_equal(&a, &b, NL_RECORD_FIXED_BYTES);
	assert_memory_equal(a.head, b.head, a.head_bytes);
}

/* Records so far, which are then forgotten, and counters. Returns how many records. */
static size_t check_same(void)
{
	u64 kernel[NL_COUNTER_MAX];
	struct snapshot native = { 0 };
	size_t count;

	assert_int_equal(kernel_core_drain(both.kernel, observed_add, &both.from_kernel), 0);
	kernel_core_counters(both.kernel, kernel);
	assert_int_equal(replay_core_snapshot(both.native, &native), 0);
	for (u32 i = 0; i < NL_COUNTER_MAX; i++)
		if (i != NL_COUNT_rows_other && kernel[i] != native.counters[i])
			fail_msg("%s: %llu in the kernel, %llu natively", counter_name(i),
				 kernel[i], native.counters[i]);
	check_ledger(kernel);
	assert_int_equal(kernel[NL_COUNT_record_ring_full], 0);
	memcpy(both.from_native.counters, native.counters, sizeof(native.counters));
	snapshot_clear(&native);
	count = both.from_kernel.count;
	assert_int_equal(count, both.from_native.count);
	for (size_t i = 0; i < count; i++)
		check_same_record(&both.from_kernel.records[i], &both.from_native.records[i]);
	both.from_kernel.count = both.from_native.count = 0;
	return count;
}

static void run_list(const struct packet_list *packets)
{
	for (size_t i = 0; i < packets->count; i++) {
		const struct packet *p = &packets->packets[i];

		assert_int_equal(run_frame(p->bytes, p->captured, p->now_ns), REFUSED_NOT);
		next_cpu();
	}
}

static void test_verifier_budget(void **state)
{
	u32 instructions = kernel_core_verified_instructions(both.kernel);

	(void)state;
	print_message("%u instructions verified\n", instructions);
	assert_in_range(instructions, 1, VERIFIED_INSTRUCTIONS_MAX - 1);
}

/* Each talk whole, byte by byte, and cut at random, as a connection of its own. */
static void test_talks(void **state)
{
	u32 number = 1;

	(void)state;
	for (size_t i = 0; i < talk_count; i++) {
		for (u32 how = 0; how < 12; how++) {
			struct conversation c;
			size_t records;

			conversation_begin(&c, number++);
			/* One pair of addresses: the kernel's table of rows is small here. */
			memset(c.frame[NL_CLIENT].source, 10, 4);
			memset(c.frame[NL_SERVER].destination, 10, 4);
			if (how == 1)
				c.segment_bytes = 1;
			c.random = how > 1 ? how : 0;
			talks[i].speak(&c);
			run_list(&c.packets);
			conversation_end(&c);
			records = check_same();
			assert_int_equal(records, talk_records(&talks[i]));
		}
	}
}

/* The talks over every form of header that leads to TCP. */
static void test_header_forms(void **state)
{
	static const struct frame forms[] = {
		{ .tags = 1, .tag_type = { 0x8100 }, .tag = { 0x2064 } },
		{ .tags = 2, .tag_type = { 0x88a8, 0x8100 }, .tag = { 100, 200 } },
		{ .ip_option_bytes = 4 },
		{ .ip_option_bytes = 40, .tags = 2, .tag_type = { 0x9100, 0x8100 } },
		{ .ipv6 = true },
		{ .ipv6 = true,
		  .extensions = 1,
		  .extension_type = { 0 },
		  .extension_bytes = { 8 } },
		{ .ipv6 = true,
		  .extensions = 4,
		  .extension_type = { 0, 43, 44, 60 },
		  .extension_bytes = { 16, 24, 8, 64 } },
		{ .ipv6 = true,
		  .extensions = 1,
		  .extension_type = { 51 },
		  .extension_bytes = { 28 } },
	};
	u32 number = 1;

	(void)state;
	for (size_t form = 0; form < sizeof(forms) / sizeof(forms[0]); form++) {
		for (size_t i = 0; i < talk_count; i++) {
			struct conversation c, plain;

			conversation_begin(&c, number);
			plain = c;
			for (int role = 0; role < 2; role++) {
				struct frame *f = &c.frame[role], *p = &plain.frame[role];

				*f = forms[form];
				f->source_port = p->source_port;
				f->destination_port = p->destination_port;
				f->source[15] = role ? 1 : 2;
				f->destination[15] = role ? 2 : 1;
				f->source[0] = role ? 10 : 11;
				f->destination[0] = role ? 11 : 10;
				f->tcp_option_bytes = number % 11 * 4;
			}
			number++;
			talks[i].speak(&c);
			run_list(&c.packets);
			conversation_end(&c);
			assert_int_equal(check_same(), talk_records(&talks[i]));
		}
	}
}

/* Segments out of order, twice and not at all: whatever comes out, it is the same. */
static void test_disorder(void **state)
{
	u32 random = 20240601;

	(void)state;
	for (u32 number = 1; number <= 300; number++) {
		struct conversation c;

		conversation_begin(&c, number);
		memset(c.frame[NL_CLIENT].source, 10, 4);
		memset(c.frame[NL_SERVER].destination, 10, 4);
		c.random = number;
		talks[number % talk_count].speak(&c);
		for (int i = 0; i < 6; i++) {
			size_t at = 3 + random_next(&random) % (c.packets.count - 4);

			if (i % 3 == 0)
				packet_list_move(&c.packets, at, at + 1);
			else if (i % 3 == 1)
				packet_list_duplicate(&c.packets, at);
			else
				packet_list_drop(&c.packets, at);
		}
		run_list(&c.packets);
		conversation_end(&c);
		check_same();
	}
}

/* Change a few bytes of a frame, anywhere or in its headers, or cut its end off. */
static void mutate(u8 *frame, u32 *bytes, u32 *random)
{
	u32 changes = 1 + random_next(random) % 4;

	for (u32 i = 0; i<changes && * bytes> 1; i++) {
		u32 kind = random_next(random) % 8, range = kind < 4 && *bytes > 70 ? 70 : *bytes;
		u32 at = random_next(random) % range;

		if (kind == 7)
			*bytes = 1 + random_next(random) % *bytes;
		else if (kind & 1)
			frame[at] ^= (u8)(1u << random_next(random) % 8);
		else
			frame[at] = (u8)random_next(random);
	}
}

/* A third of a talk's packets mutated; the others let its connection come to something. */
static u32 run_mutated_talk(u32 number, u32 *random, u32 refused[REFUSALS], u64 *now_ns)
{
	struct conversation c;
	u32 ran = 0;

	conversation_begin(&c, number);
	c.random = number;
	talks[number % talk_count].speak(&c);
	for (size_t i = 0; i < c.packets.count; i++) {
		const struct packet *p = &c.packets.packets[i];
		u8 frame[FRAME_BYTES_MAX];
		u32 bytes = p->captured;
		bool mutated = random_next(random) % 3 == 0;
		enum refusal refusal;

		assert_true(bytes <= sizeof(frame));
		memcpy(frame, p->bytes, bytes);
		if (mutated)
			mutate(frame, &bytes, random);
		refusal = run_frame(frame, bytes, (*now_ns)++);
		refused[refusal]++;
		ran += mutated && refusal == REFUSED_NOT;
	}
	conversation_end(&c);
	return ran;
}

static void test_mutated_packets(void **state)
{
	u32 random = 12345, refused[REFUSALS] = { 0 }, number = 1, ran = 0;
	size_t records = 0;
	u64 now_ns = 1000000000;

	(void)state;
	while (ran < MUTATED_PACKETS) {
		ran += run_mutated_talk(number++, &random, refused, &now_ns);
		next_cpu();
		records += check_same();
	}
	print_message("%6u mutated\n", ran);
	for (u32 i = 0; i < REFUSALS; i++)
		print_message("%6u %s\n", refused[i], refusal_names[i]);
	print_message("%6zu records\n", records);
	/* Else this would compare nothing with nothing. */
	assert_true(records > 1000);
}

/* --port, --net and --min-latency are constants of the program: one object for each. */
static void test_configurations(void **state)
{
	struct nl_config configs[6];

	(void)state;
	for (int i = 0; i < 6; i++)
		configs[i] = config_plain();
	configs[0].filter_ports = 2;
	configs[0].ports[1] = 8080;
	configs[1].filter_ports = 1;
	configs[1].ports[0] = 80;
	configs[2].filter_nets = 1;
	packet_map_ipv4(&configs[2].nets[0].addr, 0x0000010a); /* 10.1.0.0/16 */
	memset(configs[2].nets[0].mask.bytes, 0xff, 14);
	configs[3] = configs[2];
	configs[3].nets[0].addr.bytes[13] = 2;
	configs[4].min_record_latency_ns = 2000;
	configs[5].records_wanted = 0;
	for (int i = 0; i < 6; i++) {
		u64 filtered = i == 1 || i == 3;

		open_both(&configs[i]);
		for (u32 j = 0; j < talk_count; j++) {
			struct conversation c;

			conversation_begin(&c, 10 + j);
			talks[j].speak(&c);
			run_list(&c.packets);
			conversation_end(&c);
		}
		check_same();
		assert_int_equal(both.from_native.counters[NL_COUNT_requests] == 0, filtered);
		assert_int_equal(both.from_native.counters[NL_COUNT_filtered] != 0, filtered);
		teardown(NULL);
	}
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_verifier_budget), TEST(test_talks),
		TEST(test_header_forms),    TEST(test_disorder),
		TEST(test_mutated_packets), cmocka_unit_test(test_configurations),
	};

	if (geteuid() != 0) {
		fprintf(stderr, "test_replay: cannot run: loading programs takes root\n");
		return EXIT_FAILURE;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
