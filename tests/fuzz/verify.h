/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * verify.h - what must hold after any input. Whatever does not ends the fuzzer,
 * which then keeps the input.
 */
#ifndef NETLAT_TESTS_VERIFY_H
#define NETLAT_TESTS_VERIFY_H

#include "replay_core.h"

/* Called before the end, to show what was fed; may be NULL. */
extern void (*verify_explain)(void);

__attribute__((noreturn, format(printf, 1, 2))) void verify_failed(const char *format, ...);

#define VERIFY(condition, ...)                                                                     \
	do {                                                                                       \
		if (!(condition))                                                                  \
			verify_failed(#condition ": " __VA_ARGS__);                                \
	} while (0)

/* The ledger reconciles at the end, after `packets` of them and `records` records. */
void verify_ledger(const struct replay_core *core, u64 packets, u64 records);

/*
 * There is a record of each transaction: the series count what they say. has_room: none was put
 * with others for want of a row or a series.
 */
void verify_series(const struct replay_core *core, const struct nl_record *records, u32 count,
		   bool has_room);

/* Sizes within bounds, a status that there can be. */
void verify_record(const struct nl_record *record);

/* Times in order; where those of the packets are. */
void verify_times(const struct nl_record *record);

/* Its line of JSON is one for another reader, too, and has the same numbers. */
void verify_json(const struct nl_record *record);

#endif
