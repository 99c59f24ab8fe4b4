/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slow_name.h - names of the files of slow and failed transactions:
 *
 *     2026-11-20T09-46-00.123Z_10.0.0.1-51224_10.0.0.2-80_GET_503_996ms.pcapng
 *
 * When the request's first byte passed (UTC), client, server, method, the status or what became of
 * the transaction, its duration. Only characters that every file system takes: an IPv6 address
 * has `-` for `:`, and the port is what follows the last one.
 */
#ifndef NETLAT_SLOW_NAME_H
#define NETLAT_SLOW_NAME_H

#include <stdbool.h>

#include "abi.h"

#define SLOW_NAME_BYTES 256 /* the longest is below 200 */

/* `number` tells names apart that would be equal: from 2 on it is in the name. */
void slow_name_format(char name[SLOW_NAME_BYTES], const struct nl_record *record,
		      u64 epoch_offset_ns, unsigned number);

/* True if `name` may be of slow_name_format(). *ret_failed: a 5xx, unanswered or aborted. */
bool slow_name_read(const char *name, bool *ret_failed);

#endif
