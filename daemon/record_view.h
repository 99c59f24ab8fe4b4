/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* record_view.h - what a record says, as every sink tells it: names and differences of times. */
#ifndef NETLAT_RECORD_VIEW_H
#define NETLAT_RECORD_VIEW_H

#include "abi.h"

/* Of method, outcome and end reason; NULL for a number that has none. */
const char *record_method_name(unsigned method);
const char *record_outcome_name(unsigned outcome);
const char *record_reason_name(unsigned reason);
/* "server", "timer_retransmit": of enum nl_cause, and of enum nl_part. */
const char *record_cause_name(unsigned cause);
const char *record_part_name(unsigned part);
/* Of a bit of the grade. */
const char *record_grade_name(unsigned bit);

/* False, and *ret_ns untouched, where the time does not apply. Never less than 0. */
bool record_wait_ns(const struct nl_record *record, u64 *ret_ns);
bool record_duration_ns(const struct nl_record *record, u64 *ret_ns);
bool record_waited_ns(const struct nl_record *record, u64 *ret_ns);

/*
 * From the request's first byte to the response's last; of a transaction that did not complete,
 * until it was known to be over. 0 where a capture's clock goes backwards.
 */
u64 record_whole_ns(const struct nl_record *record);

#endif
