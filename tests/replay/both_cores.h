/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * both_cores.h - the object that ships, through BPF_PROG_TEST_RUN, beside the same
 * core natively: for the test programs of this folder, each of which has one pair.
 *
 * Of a record all is compared but ifindex: test_run has no interface, and gives
 * the loopback device's number. Of the counters all.
 */
#ifndef NETLAT_TESTS_BOTH_CORES_H
#define NETLAT_TESTS_BOTH_CORES_H

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

#include "core/cursor.h"
#include "kernel_core.h"
#include "talks.h"

#define MAX_FLOWS 65536
#define VERDICT_UNSPEC (-1)
#define END_NS (1ULL << 62) /* after all packets of any test */

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
	bool decapsulate;
};

static struct both both;

static void open_both(const struct nl_config *config, unsigned max_flows)
{
	both.from_kernel.count = both.from_native.count = 0;
	sched_getaffinity(0, sizeof(both.cpus), &both.cpus);
	both.decapsulate = config->decapsulate;
	both.kernel = kernel_core_new(config, max_flows);
	both.native = replay_core_new(config, max_flows, observed_add, &both.from_native);
	assert_non_null(both.kernel);
	assert_non_null(both.native);
}

__attribute__((unused)) static int setup(void **state)
{
	struct nl_config config = config_plain();

	(void)state;
	open_both(&config, MAX_FLOWS);
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

static void check_same_series(const struct snapshot *native)
{
	assert_true(metrics_series_add_up(native));
	for (size_t i = 0; i < native->series_count; i++) {
		struct nl_series kernel;

		assert_int_equal(kernel_core_series(both.kernel, &native->series[i].key, &kernel),
				 0);
		assert_memory_equal(&kernel, &native->series[i].stats, sizeof(kernel));
	}
}

/*
 * End the observation of what was fed so far: the records, which are then forgotten, and
 * counters. Returns how many records there are of transactions that were not in flight.
 */
static size_t check_same(void)
{
	u64 kernel[NL_COUNTER_MAX];
	struct snapshot native = { 0 };
	size_t count, ended = 0;

	assert_int_equal(kernel_core_sweep(both.kernel, NL_SWEEP_END, END_NS), 0);
	replay_core_sweep(both.native, NL_SWEEP_END, END_NS);
	assert_int_equal(kernel_core_drain(both.kernel, observed_add, &both.from_kernel), 0);
	kernel_core_counters(both.kernel, kernel);
	assert_int_equal(replay_core_snapshot(both.native, &native), 0);
	for (u32 i = 0; i < NL_COUNTER_MAX; i++)
		if (kernel[i] != native.counters[i])
			fail_msg("%s: %llu in the kernel, %llu natively", counter_name(i),
				 kernel[i], native.counters[i]);
	check_ledger(kernel);
	check_same_series(&native);
	assert_int_equal(kernel[NL_COUNT_record_ring_full], 0);
	memcpy(both.from_native.counters, native.counters, sizeof(native.counters));
	snapshot_clear(&native);
	count = both.from_kernel.count;
	assert_int_equal(count, both.from_native.count);
	for (size_t i = 0; i < count; i++) {
		check_same_record(&both.from_kernel.records[i], &both.from_native.records[i]);
		ended += both.from_kernel.records[i].outcome != NL_OUTCOME_IN_FLIGHT;
	}
	both.from_kernel.count = both.from_native.count = 0;
	return ended;
}

__attribute__((unused)) static void run_list(const struct packets *packets)
{
	for (size_t i = 0; i < packets->count; i++) {
		const struct sent_packet *p = &packets->packets[i];

		assert_int_equal(run_frame(p->bytes, p->captured, p->now_ns), REFUSED_NOT);
		next_cpu();
	}
}

/* Without root nothing can be tested, and that is no success. */
static int run_as_root(int (*run)(void))
{
	if (geteuid() != 0) {
		fprintf(stderr, "cannot run: loading programs takes root\n");
		return EXIT_FAILURE;
	}
	return run();
}

#endif
