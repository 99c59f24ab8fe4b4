/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_configure.c - what the core is told of the options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "configure.h"

/* As parsed with --listen none, and without any option of slow transactions. */
static const struct options plain = {
	.listen_none = true, .slow_ms = -1, .recorder_mb = 64, .snaplen = 256
};
static char path[] = "slow";

static void test_records(void **state)
{
	struct options options = plain;
	u32 samples;

	(void)state;
	options.output = OUTPUT_TABLE;
	options.failed = true;
	options.slow_ms = 100;
	assert_int_equal(configure_records(&options), 0); /* nobody asks for them */
	assert_int_equal(configure_recorder_mb(&options), 0);
	for (int asked = 0; asked < 3; asked++) {
		options = plain;
		options.output = OUTPUT_TABLE;
		options.why = asked == 0;
		options.write_path = asked == 1 ? path : NULL;
		samples = asked == 2 ? NL_RECORDS_SAMPLED : 0;
		if (asked == 2) {
			options.listen[options.listen_count++] = "127.0.0.1:9100";
			options.listen_none = false;
			assert_int_equal(configure_recorder_mb(&options), 0);
		}
		assert_int_equal(configure_records(&options), samples);
		options.failed = true;
		assert_int_equal(configure_recorder_mb(&options), 64);
		assert_int_equal(configure_records(&options), samples | NL_RECORDS_FAILED);
		options.slow_ms = 0;
		assert_int_equal(configure_records(&options),
				 samples | NL_RECORDS_FAILED | NL_RECORDS_SLOW);
		options.failed = false;
		assert_int_equal(configure_records(&options), samples | NL_RECORDS_SLOW);
		options.output = OUTPUT_NONE;
		assert_int_equal(configure_records(&options), samples | NL_RECORDS_SLOW);
		options.output = OUTPUT_JSON; /* shows all, whatever else is asked for */
		assert_true(configure_records(&options) & NL_RECORDS_ALL);
		assert_false(configure_records(&options) & NL_RECORDS_SAMPLED);
	}
	options = plain;
	options.output = OUTPUT_JSON;
	assert_int_equal(configure_records(&options), NL_RECORDS_ALL);
	assert_int_equal(configure_recorder_mb(&options), 0);
}

/* The core's 0 is none, that of --slow is all. */
static void test_slow(void **state)
{
	static const struct {
		double slow_ms;
		u64 slow_ns;
	} cases[] = {
		{ -1, 0 }, { 0, 1 }, { 0.5, 500000 }, { 250, 250000000 }, { 1e9, 1000000000000000 }
	};
	struct budget budget = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options options = plain;
		struct nl_config config = { 0 };

		options.slow_ms = cases[i].slow_ms;
		configure_core(&config, &options, &budget);
		assert_int_equal(config.slow_ns, cases[i].slow_ns);
	}
}

/* Statistics have the causes of those that failed, whoever wants their records. */
static void test_failed(void **state)
{
	struct options options = plain;
	struct budget budget = { 0 };
	struct nl_config config = { 0 };

	(void)state;
	configure_core(&config, &options, &budget);
	assert_int_equal(config.failed, 0);
	options.failed = true;
	configure_core(&config, &options, &budget);
	assert_int_equal(config.failed, 1);
	assert_int_equal(config.records_wanted & NL_RECORDS_FAILED, 0);
}

static void test_recorder(void **state)
{
	struct options options = plain;
	struct budget budget = budget_plan(2, 1024, 0, true);
	struct nl_config config = { .vlan_in_key = 1 };

	(void)state;
	configure_core(&config, &options, &budget);
	assert_int_equal(config.recorder, 0);
	assert_int_equal(config.vlan_in_key, 1); /* what else is set stays */
	options.write_path = path;
	options.snaplen = NL_COPY_PAYLOAD_MAX;
	budget = budget_plan(2, 1024, configure_recorder_mb(&options), true);
	configure_core(&config, &options, &budget);
	assert_int_equal(config.recorder, 1);
	assert_int_equal(config.copy_payload_bytes, NL_COPY_PAYLOAD_MAX);
	assert_memory_equal(config.copy_chunks, budget.copy_chunks, sizeof(config.copy_chunks));
	assert_true(config.copy_chunks[NL_COPY_FLOWS] && config.copy_chunks[NL_COPY_HANDSHAKES]);
}

static void test_filters(void **state)
{
	struct options options = plain;
	struct budget budget = { 0 };
	struct nl_config config = { 0 };

	(void)state;
	configure_core(&config, &options, &budget);
	assert_int_equal(config.filter_ports + config.filter_nets, 0);
	assert_int_equal(config.decapsulate, 1);
	options.port_count = 2;
	options.ports[0] = 80;
	options.ports[1] = 8080;
	options.net_count = 1;
	options.nets[0].mask.words[1] = 7;
	options.no_decap = true;
	options.timeout_s = 2;
	configure_core(&config, &options, &budget);
	assert_int_equal(config.filter_ports, 2);
	assert_int_equal(config.ports[1], 8080);
	assert_int_equal(config.filter_nets, 1);
	assert_int_equal(config.nets[0].mask.words[1], 7);
	assert_int_equal(config.decapsulate, 0);
	assert_int_equal(config.timeout_ns, 2000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records), cmocka_unit_test(test_slow),
		cmocka_unit_test(test_failed),	cmocka_unit_test(test_recorder),
		cmocka_unit_test(test_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
