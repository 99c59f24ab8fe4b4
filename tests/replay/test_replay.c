/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_replay.c - the same conversations through the object that ships and through
 * the native core: the same answers. Needs root.
 */
#include "both_cores.h"

#include <stdio.h>
#include <sys/utsname.h>

#define VERIFIED_INSTRUCTIONS_MAX 500000

/* bpf_prog_info.verified_insns is of Linux 5.16. */
static bool kernel_tells_verified_instructions(void)
{
	struct utsname uts;
	int major, minor;

	return uname(&uts) < 0 || sscanf(uts.release, "%d.%d", &major, &minor) != 2 || major > 5 ||
	       (major == 5 && minor >= 16);
}

static void test_verifier_budget(void **state)
{
	u32 instructions = kernel_core_verified_instructions(both.kernel);

	(void)state;
	if (!kernel_tells_verified_instructions()) {
		print_message("this kernel does not tell how many instructions it verified\n");
		skip();
	}
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

/* A talk with these headers before it, as a connection of its own. */
static void speak_in_form(const struct talk *talk, const struct frame *form, u32 number)
{
	const struct tunnel *tunnel = form->tunnel;
	u32 opened = both.decapsulate ? NL_TUNNELS_MAX : 0;
	struct conversation c, plain;

	conversation_begin(&c, number);
	plain = c;
	packet_list_free(&c.packets);
	for (int role = 0; role < 2; role++) {
		struct frame *f = &c.frame[role], *p = &plain.frame[role];

		*f = *form;
		f->source_port = p->source_port;
		f->destination_port = p->destination_port;
		f->source[15] = role ? 1 : 2;
		f->destination[15] = role ? 2 : 1;
		f->source[0] = role ? 10 : 11;
		f->destination[0] = role ? 11 : 10;
		f->tcp_option_bytes = number % 11 * 4;
	}
	conversation_handshake(&c, 1000 * number + 77, 500000 * number + 99);
	talk->speak(&c);
	run_list(&c.packets);
	conversation_end(&c);
	assert_int_equal(check_same(),
			 !tunnel || tunnel->levels <= opened ? talk_records(talk) : 0);
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
	for (size_t form = 0; form < sizeof(forms) / sizeof(forms[0]); form++)
		for (size_t i = 0; i < talk_count; i++)
			speak_in_form(&talks[i], &forms[form], number++);
}

/* The talks in every tunnel; in one that is not opened there is nothing to be found. */
static void test_tunnels(void **state)
{
	u32 number = 1;

	(void)state;
	for (size_t t = 0; t < tunnel_count; t++) {
		struct frame form = { .tunnel = &tunnels[t],
				      .ipv6 = tunnels[t].inner == INNER_IPV6 };

		for (size_t i = 0; i < talk_count; i++)
			speak_in_form(&talks[i], &form, number++);
	}
	assert_true(both.from_native.counters[NL_COUNT_encapsulated] > 0);
}

/* The same with --no-decap. */
static void test_no_decap(void **state)
{
	struct nl_config config = config_plain();

	(void)state;
	config.decapsulate = 0;
	open_both(&config, MAX_FLOWS);
	test_tunnels(NULL);
	teardown(NULL);
}

/* Segments out of order, twice and not at all: whatever comes out, it is the same. */
static void test_disorder(void **state)
{
	u32 random = 20240601;

	(void)state;
	for (u32 number = 1; number <= 300; number++) {
		struct conversation c;

		conversation_begin(&c, number);
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

/* More connections at once than the table holds: the same ones are evicted. */
static void test_evictions(void **state)
{
	struct nl_config config = config_plain();
	struct conversation all[100];
	size_t packets = 0;

	(void)state;
	config.flow_hash_seed = 0x0123456789abcdefULL;
	open_both(&config, 24);
	for (u32 i = 0; i < 100; i++) {
		conversation_begin(&all[i], i + 1);
		all[i].segment_bytes = 64;
		talks[i % talk_count].speak(&all[i]);
	}
	for (size_t i = 0; i == 0 || packets; i++) {
		packets = 0;
		for (u32 j = 0; j < 100; j++) {
			const struct sent_packet *p = &all[j].packets.packets[i];

			if (i >= all[j].packets.count)
				continue;
			assert_int_equal(run_frame(p->bytes, p->captured, (i + 1) << 22), 0);
			packets++;
		}
	}
	check_same();
	assert_true(both.from_native.counters[NL_COUNT_flows_evicted] > 76);
	assert_true(both.from_native.counters[NL_COUNT_evicted] > 0);
	for (u32 i = 0; i < 100; i++)
		conversation_end(&all[i]);
	teardown(NULL);
}

/* More pairs and services than there are rows: the same ones are counted as others. */
static void test_rows_run_out(void **state)
{
	struct nl_config config = config_plain();

	(void)state;
	config.stats_rows = 16;
	open_both(&config, MAX_FLOWS);
	for (u32 number = 1; number <= 60; number++) {
		u16 port = 80 + number / 30;
		struct conversation c;

		conversation_begin(&c, number);
		c.frame[NL_CLIENT].destination_port = c.frame[NL_SERVER].source_port = port;
		talks[number % talk_count].speak(&c);
		run_list(&c.packets);
		conversation_end(&c);
	}
	check_same();
	assert_int_equal(both.from_native.counters[NL_COUNT_rows_other], 60 - 13);
	teardown(NULL);
}

/* More kinds of transactions than one client may have series: the same ones are in the overflow. */
static void test_share_of_series(void **state)
{
	struct nl_config config = config_plain();
	struct nl_series overflow;

	(void)state;
	config.series = 80;
	open_both(&config, MAX_FLOWS);
	for (u32 number = 1; number <= 3; number++) {
		struct conversation c;

		conversation_begin(&c, number);
		for (int status = 200; status < 230; status++) {
			char response[64];

			snprintf(response, sizeof(response),
				 "HTTP/1.1 %d\r\nContent-Length: 0\r\n\r\n", status);
			client_says(&c, number < 3
						? "PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
						: "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
			server_says(&c, response);
		}
		run_list(&c.packets);
		conversation_end(&c);
	}
	assert_int_equal(check_same(), 90);
	assert_int_equal(kernel_core_series(both.kernel, &(struct nl_series_key){ .reserved = 0 },
					    &overflow),
			 0);
	/* The first has 10 of its own, the second these and 10 more, the third 10. */
	assert_int_equal(overflow.count, 90 - 10 - 20 - 10);
	teardown(NULL);
}

/* Every request that is not pipelined, as no time is too short between two samples. */
static void test_samples(void **state)
{
	struct nl_config config = config_plain();
	struct conversation all[200];

	(void)state;
	config.records_wanted = NL_RECORDS_SAMPLED;
	open_both(&config, MAX_FLOWS);
	for (u32 i = 0; i < 200; i++) {
		conversation_begin(&all[i], i + 1);
		all[i].segment_bytes = i % 3 ? 1448 : 50;
		talks[i % talk_count].speak(&all[i]);
	}
	for (u32 i = 0; i < 200; i++)
		run_list(&all[i].packets);
	assert_true(check_same() >= 200);
	for (u32 i = 0; i < 200; i++)
		conversation_end(&all[i]);
	teardown(NULL);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_verifier_budget, setup, teardown),
		cmocka_unit_test_setup_teardown(test_talks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_header_forms, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tunnels, setup, teardown),
		cmocka_unit_test(test_no_decap),
		cmocka_unit_test_setup_teardown(test_disorder, setup, teardown),
		cmocka_unit_test(test_evictions),
		cmocka_unit_test(test_rows_run_out),
		cmocka_unit_test(test_share_of_series),
		cmocka_unit_test(test_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return run_as_root(run);
}
