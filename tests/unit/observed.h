/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* observed.h - what the core made of a list of packets, and whether its ledger adds up. */
#ifndef NETLAT_TESTS_OBSERVED_H
#define NETLAT_TESTS_OBSERVED_H

#include "packets.h"
#include "replay_core.h"

#define OBSERVED_RECORDS_MAX 12000

struct observed {
	struct nl_record records[OBSERVED_RECORDS_MAX];
	size_t count;
	u64 counters[NL_COUNTER_MAX];
};

/* What a record has to say; a zero field is compared like any other. */
struct expected {
	u8 method;
	const char *target;
	u16 status;
	u8 outcome;
	u8 reason;
	u64 request_bytes;
	u64 response_bytes;
	u16 grade;
	u16 retransmits;
	u8 interim_responses;
};

/* A configuration that reports every transaction. */
struct nl_config config_plain(void);

/* An engine_record_fn; userdata is a struct observed. */
void observed_add(const struct nl_record *record, void *userdata);

/* Feed the packets to a new replay_core, and check the ledger afterwards. */
void observe_natively(const struct packets *packets, const struct nl_config *config,
		      struct observed *ret_observed);
/* The same with a table of max_flows connections. */
void observe_in_table(const struct packets *packets, const struct nl_config *config,
		      unsigned max_flows, struct observed *ret_observed);

/* Once all is over: metrics_add_up(). */
void check_ledger(const u64 counters[NL_COUNTER_MAX]);

void check_record(const struct nl_record *record, const struct expected *expected);
void check_records(const struct observed *observed, const struct expected *expected, size_t count);

/* Whether two records are equal but for times and grade; says on stderr what differs. */
bool same_but_times_and_grade(const struct nl_record *a, const struct nl_record *b);

#endif
