/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify.c - what must hold after any input. */
#include "verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void (*verify_explain)(void);

void verify_failed(const char *format, ...)
{
	va_list arguments;

	if (verify_explain)
		verify_explain();
	va_start(arguments, format);
	fprintf(stderr, "\nVERIFY: ");
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "\n");
	va_end(arguments);
	abort();
}

static void verify_rows(const struct snapshot *snapshot)
{
	const u64 *c = snapshot->counters;
	u64 requests = 0, paired = 0;

	for (size_t i = 0; i < snapshot->row_count; i++) {
		const struct nl_stats *stats = &snapshot->rows[i].stats;

		requests += stats->requests;
		for (u32 j = 0; j < NL_STATUS_CLASSES; j++)
			paired += stats->responses[j];
	}
	VERIFY(requests == c[NL_COUNT_requests], "%llu in rows, %llu counted", requests,
	       c[NL_COUNT_requests]);
	VERIFY(paired == c[NL_COUNT_paired], "%llu in rows, %llu counted", paired,
	       c[NL_COUNT_paired]);
}

void verify_ledger(const struct replay_core *core, u64 packets, u64 records)
{
	struct snapshot snapshot = { 0 };
	const u64 *c = snapshot.counters;
	u64 fates = 0;

	VERIFY(replay_core_snapshot(core, &snapshot) == 0, "out of memory");
#define X(number, name, help) fates += c[NL_COUNT_##name];
	NL_PACKET_FATES(X)
#undef X
	VERIFY(c[NL_COUNT_packets] == packets, "%llu", c[NL_COUNT_packets]);
	VERIFY(fates == packets, "%llu of %llu packets", fates, packets);
	VERIFY(c[NL_COUNT_records] == records, "%llu", c[NL_COUNT_records]);
	VERIFY(c[NL_COUNT_internal_error] == 0, "%llu", c[NL_COUNT_internal_error]);
	VERIFY(c[NL_COUNT_requests] == c[NL_COUNT_paired] + c[NL_COUNT_unanswered] +
					       c[NL_COUNT_aborted] + c[NL_COUNT_evicted] +
					       c[NL_COUNT_in_flight],
	       "%llu = %llu + %llu + %llu + %llu + %llu", c[NL_COUNT_requests], c[NL_COUNT_paired],
	       c[NL_COUNT_unanswered], c[NL_COUNT_aborted], c[NL_COUNT_evicted],
	       c[NL_COUNT_in_flight]);
	VERIFY(c[NL_COUNT_responses] == c[NL_COUNT_paired] + c[NL_COUNT_orphan],
	       "%llu = %llu + %llu", c[NL_COUNT_responses], c[NL_COUNT_paired], c[NL_COUNT_orphan]);
	VERIFY(metrics_add_up(c), "and yet it does");
	VERIFY(metrics_series_add_up(&snapshot), "the series do not");
	verify_rows(&snapshot);
	snapshot_clear(&snapshot);
}

/* Each nanosecond is charged once: from the request's first byte to the response's last, or to the
 * end of what did not complete; and none where a capture's order goes backwards. */
static void verify_parts(const struct nl_record *r)
{
	u64 over_ns = r->outcome == NL_OUTCOME_OK ? r->response_last_ns : r->end_ns, sum_ns = 0;
	u64 whole_ns = over_ns > r->request_first_ns ? over_ns - r->request_first_ns : 0;

	for (u32 i = 0; i < NL_PART_COUNT; i++)
		sum_ns += r->part_ns[i];
	VERIFY(sum_ns == whole_ns, "parts of %llu are %llu", whole_ns, sum_ns);
	VERIFY(r->cause < NL_CAUSE_COUNT, "%u", r->cause);
	VERIFY(r->longest_stall_ns <=
		       r->part_ns[NL_PART_timer_retransmit] + r->part_ns[NL_PART_fast_retransmit],
	       "%llu", r->longest_stall_ns);
}

void verify_record(const struct nl_record *r)
{
	VERIFY(r->head_bytes <= NL_HEAD_BYTES_MAX, "%u", r->head_bytes);
	VERIFY(r->status == 0 || (r->status >= 100 && r->status <= 999), "%u", r->status);
	/* A status line may be there that says none: no status is invented, and the grade says so.
	 */
	VERIFY(r->outcome != NL_OUTCOME_OK || r->status || (r->grade & NL_GRADE_malformed),
	       "complete without a status");
	VERIFY(r->outcome != NL_OUTCOME_UNANSWERED || !r->status, "status %u of nothing",
	       r->status);
	VERIFY(r->outcome == NL_OUTCOME_OK ? r->reason == 0 : r->reason, "reason %u", r->reason);
	verify_parts(r);
}

void verify_times(const struct nl_record *r)
{
	VERIFY(r->request_first_ns && r->request_first_ns <= r->end_ns, "%llu, %llu",
	       r->request_first_ns, r->end_ns);
	VERIFY(!r->request_last_ns || (r->request_first_ns <= r->request_last_ns &&
				       r->request_last_ns <= r->end_ns),
	       "%llu, %llu, %llu", r->request_first_ns, r->request_last_ns, r->end_ns);
	VERIFY(!r->response_first_ns == !r->response_last_ns, "%llu, %llu", r->response_first_ns,
	       r->response_last_ns);
	VERIFY(!r->response_first_ns || (r->request_first_ns <= r->response_first_ns &&
					 r->response_first_ns <= r->response_last_ns &&
					 r->response_last_ns <= r->end_ns),
	       "%llu, %llu, %llu, %llu", r->request_first_ns, r->response_first_ns,
	       r->response_last_ns, r->end_ns);
}
