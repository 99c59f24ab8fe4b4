/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_counters.h - what became of the transactions and files of -w. */
#ifndef NETLAT_SLOW_COUNTERS_H
#define NETLAT_SLOW_COUNTERS_H

#include "abi.h"

#define SLOW_COUNTERS(X)                                                                           \
	X(written, "transactions written")                                                         \
	X(written_bytes, "their bytes in files")                                                   \
	X(dropped_by_limit, "transactions beyond --max-per-minute")                                \
	X(dropped_by_size, "transactions for which the one file had no room within --keep-mb")     \
	X(failed_to_write, "transactions that an error kept from being written")                   \
	X(rotated_out, "files removed by --keep-files and --keep-mb")                              \
	X(not_removed, "files that could not be removed, and are no longer counted by these")      \
	X(leftovers_removed, "incomplete files of a netlat that was killed, removed at the start")

struct slow_counters {
#define X(name, help) u64 name;
	SLOW_COUNTERS(X)
#undef X
	int last_error; /* errno of the latest failed_to_write; 0: none */
};

#endif
