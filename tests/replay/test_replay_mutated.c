/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_replay_mutated.c - packets with bytes changed and ends cut off, and the
 * program under each configuration: the same in the kernel and natively. Needs root.
 */
#include "both_cores.h"

#define MUTATED_PACKETS 40000
#define FRAME_BYTES_MAX 2048

/* A third of a talk's packets mutated; the others let its connection come to something. */
static u32 run_mutated_talk(u32 number, u32 *random, u32 refused[REFUSALS], u64 *now_ns)
{
	struct conversation c;
	u32 ran = 0;

	conversation_begin(&c, number);
	for (int role = 0; role < 2 && number % 3 == 0; role++) {
		struct frame *f = &c.frame[role];

		f->ipv6 = true;
		f->extensions = number % 2;
		f->extension_bytes[0] = 8;
		memset(f->source + 4, role, 12);
		memset(f->destination + 4, !role, 12);
	}
	for (int role = 0; role < 2 && number % 3 == 1; role++) {
		struct frame *f = &c.frame[role];

		f->tunnel = &tunnels[number / 3 % tunnel_count];
		f->ipv6 = f->tunnel->inner == INNER_IPV6;
		f->source[15] = !role;
		f->destination[15] = role;
	}
	c.random = number;
	talks[number % talk_count].speak(&c);
	for (size_t i = 0; i < c.packets.count; i++) {
		const struct sent_packet *p = &c.packets.packets[i];
		u8 frame[FRAME_BYTES_MAX];
		u32 bytes = p->captured;
		bool mutated = random_next(random) % 3 == 0;
		enum refusal refusal;

		assert_true(bytes <= sizeof(frame));
		memcpy(frame, p->bytes, bytes);
		if (mutated)
			bytes = frame_mutate(frame, bytes, random);
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

		open_both(&configs[i], MAX_FLOWS);
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

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_mutated_packets, setup, teardown),
		cmocka_unit_test(test_configurations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return run_as_root(run);
}
