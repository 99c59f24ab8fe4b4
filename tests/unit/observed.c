/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* observed.c - what the core made of a list of packets, and whether its ledger adds up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "observed.h"
#include "request_head.h"

/* After all packets of any test. */
#define END_NS (1ULL << 62)

struct nl_config config_plain(void)
{
	struct nl_config config = { .records_wanted = 1, .decapsulate = 1 };

	return config;
}

/* Each nanosecond of a transaction is charged once. */
static void check_parts(const struct nl_record *r)
{
	u64 over_ns = r->outcome == NL_OUTCOME_OK ? r->response_last_ns : r->end_ns, sum_ns = 0;

	for (u32 i = 0; i < NL_PART_COUNT; i++)
		sum_ns += r->part_ns[i];
	assert_int_equal(sum_ns, over_ns > r->request_first_ns ? over_ns - r->request_first_ns : 0);
}

void observed_add(const struct nl_record *record, void *userdata)
{
	struct observed *observed = userdata;

	assert_true(observed->count < OBSERVED_RECORDS_MAX);
	assert_true(record->head_bytes <= NL_HEAD_BYTES_MAX);
	check_parts(record);
	observed->records[observed->count++] = *record;
}

/* End what is still in flight, which gives records that the caller is not shown: all adds up. */
static void check_end(struct replay_core *core, struct observed *observed)
{
	struct snapshot snapshot = { 0 };
	size_t count = observed->count;
	u64 open = metrics_open_requests(observed->counters);

	replay_core_sweep(core, NL_SWEEP_END, END_NS);
	assert_int_equal(replay_core_snapshot(core, &snapshot), 0);
	check_ledger(snapshot.counters);
	assert_true(metrics_series_add_up(&snapshot));
	assert_int_equal(snapshot.counters[NL_COUNT_in_flight], open);
	assert_int_equal(observed->count - count, open);
	for (size_t i = count; i < observed->count; i++)
		assert_int_equal(observed->records[i].outcome, NL_OUTCOME_IN_FLIGHT);
	observed->count = count;
	snapshot_clear(&snapshot);
}

void observe_natively(const struct packets *packets, const struct nl_config *config,
		      struct observed *ret_observed)
{
	observe_in_table(packets, config, 4096, ret_observed);
}

void observe_in_table(const struct packets *packets, const struct nl_config *config,
		      unsigned max_flows, struct observed *ret_observed)
{
	struct replay_core *core;
	struct snapshot snapshot = { 0 };
	u64 requests = 0;

	ret_observed->count = 0;
	core = replay_core_new(config, max_flows, observed_add, ret_observed);
	assert_non_null(core);
	for (size_t i = 0; i < packets->count; i++) {
		const struct sent_packet *p = &packets->packets[i];

		replay_core_packet(core, REPLAY_ETHERNET, guarded_copy(p->bytes, p->captured),
				   p->captured, p->wire_bytes, p->now_ns, p->ifindex);
	}
	assert_int_equal(replay_core_snapshot(core, &snapshot), 0);
	memcpy(ret_observed->counters, snapshot.counters, sizeof(snapshot.counters));
	for (size_t i = 0; i < snapshot.row_count; i++)
		requests += snapshot.rows[i].stats.requests;
	assert_int_equal(requests, snapshot.counters[NL_COUNT_requests]);
	snapshot_clear(&snapshot);
	assert_int_equal(ret_observed->counters[NL_COUNT_packets], packets->count);
	assert_int_equal(ret_observed->counters[NL_COUNT_records], ret_observed->count);
	check_end(core, ret_observed);
	replay_core_free(core);
}

void check_ledger(const u64 c[NL_COUNTER_MAX])
{
	if (metrics_add_up(c))
		return;
	for (u32 i = 0; i < NL_COUNTER_MAX; i++)
		if (c[i])
			fprintf(stderr, "%14llu %s\n", c[i], counter_name(i));
	fail_msg("the ledger does not add up");
}

void check_record(const struct nl_record *record, const struct expected *expected)
{
	struct request_head head;

	request_head_read(&head, record->head, record->head_bytes);
	assert_non_null(head.target.begin);
	assert_int_equal(head.target.length, strlen(expected->target));
	assert_memory_equal(head.target.begin, expected->target, head.target.length);
	assert_int_equal(record->method, expected->method);
	assert_int_equal(record->status, expected->status);
	assert_int_equal(record->outcome, expected->outcome);
	assert_int_equal(record->reason, expected->reason);
	assert_int_equal(record->request_bytes, expected->request_bytes);
	assert_int_equal(record->response_bytes, expected->response_bytes);
	assert_int_equal(record->grade, expected->grade);
	assert_int_equal(record->retransmits, expected->retransmits);
	assert_int_equal(record->interim_responses, expected->interim_responses);
	assert_true(record->request_first_ns != 0);
	assert_true(record->end_ns >= record->request_first_ns);
	if (record->request_last_ns)
		assert_true(record->request_last_ns >= record->request_first_ns);
	if (expected->outcome == NL_OUTCOME_UNANSWERED) {
		assert_int_equal(record->response_first_ns, 0);
		assert_int_equal(record->response_last_ns, 0);
		return;
	}
	assert_true(record->response_first_ns >= record->request_first_ns);
	assert_true(record->response_last_ns >= record->response_first_ns);
	assert_true(record->end_ns >= record->response_last_ns);
}

void check_records(const struct observed *observed, const struct expected *expected, size_t count)
{
	for (size_t i = 0; i < observed->count && i < count; i++)
		check_record(&observed->records[i], &expected[i]);
	assert_int_equal(observed->count, count);
}

bool same_but_times_and_grade(const struct nl_record *a, const struct nl_record *b)
{
	struct nl_record x = *a, y = *b;
	struct nl_record *both[] = { &x, &y };

	for (int i = 0; i < 2; i++) {
		struct nl_record *r = both[i];

		r->request_first_ns = r->request_last_ns = r->end_ns = 0;
		r->response_first_ns = r->response_last_ns = 0;
		memset(r->part_ns, 0, sizeof(r->part_ns));
		r->longest_stall_ns = 0;
		r->stall_offset = r->server_rtt_ns = r->client_rtt_ns = 0;
		r->stall_role = r->cause = 0;
		r->grade = 0;
		/* Slots of interim[] beyond the count, and head[] beyond its length, are stale. */
		for (int j = r->interim_responses; j < NL_INTERIM_MAX; j++)
			r->interim[j] = 0;
		memset(r->head + r->head_bytes, 0, NL_HEAD_BYTES_MAX - r->head_bytes);
	}
	if (memcmp(&x, &y, sizeof(x)) == 0)
		return true;
	fprintf(stderr,
		"status %u %u, method %u %u, outcome %u %u, reason %u %u, request bytes %llu %llu, "
		"response bytes %llu %llu, retransmits %u %u, interim %u %u, head bytes %u %u\n",
		x.status, y.status, x.method, y.method, x.outcome, y.outcome, x.reason, y.reason,
		x.request_bytes, y.request_bytes, x.response_bytes, y.response_bytes, x.retransmits,
		y.retransmits, x.interim_responses, y.interim_responses, x.head_bytes,
		y.head_bytes);
	return false;
}
