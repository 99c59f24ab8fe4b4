/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * slow_queue.h - transactions that wait for a moment beyond their end, so that the packets which
 * follow (ACKs of the response, an RST, the FINs) are in the recorder when theirs are collected.
 * What passes after both FINs is not: the connection is forgotten by then.
 */
#ifndef NETLAT_SLOW_QUEUE_H
#define NETLAT_SLOW_QUEUE_H

#include <stdbool.h>

#include "abi.h"

#define SLOW_QUEUE_RECORDS_MAX 4096
#define SLOW_QUEUE_WAIT_NS 50000000ULL
#define SLOW_QUEUE_ALL (~0ULL) /* a time at which all are due: the observation is over */

struct slow_queue;

/* NULL and errno on failure. */
struct slow_queue *slow_queue_new(void);
void slow_queue_free(struct slow_queue *queue);

/*
 * Copy a record, of which head[] need not be there beyond head_bytes, and what makes its times
 * nanoseconds since 1970: whoever shows it shall say the same time. It is due
 * SLOW_QUEUE_WAIT_NS after its end, or after now if that is earlier. False, and counted, if the
 * queue is full.
 */
bool slow_queue_add(struct slow_queue *queue, const struct nl_record *record, u64 epoch_offset_ns,
		    u64 now_ns);

/* Take the one that is due for longest; false if none is. */
bool slow_queue_take_due(struct slow_queue *queue, u64 now_ns, struct nl_record *ret_record,
			 u64 *ret_epoch_offset_ns);

/* Transactions that found the queue full. */
u64 slow_queue_overflows(const struct slow_queue *queue);

#endif
