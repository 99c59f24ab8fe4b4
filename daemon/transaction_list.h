/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* transaction_list.h - the most recent records, whatever they are of: a ring. */
#ifndef NETLAT_TRANSACTION_LIST_H
#define NETLAT_TRANSACTION_LIST_H

#include <stddef.h>

#include "abi.h"

/* Valid until the next transaction_list_add(). */
struct transaction {
	u64 id;		     /* from 1 on, one more for each that was added */
	u64 epoch_offset_ns; /* makes its times nanoseconds since 1970 */
	struct nl_record record;
};

/* The usual capacity: with 768 bytes each, 768 kB. */
#define TRANSACTION_LIST_ENTRIES 1000
_Static_assert(sizeof(struct transaction) == 768, "memory of the list");

struct transaction_list;

/* Room for `capacity` of them, at least 1, all taken now. NULL and errno on lack of memory. */
struct transaction_list *transaction_list_new(size_t capacity);
void transaction_list_free(struct transaction_list *list);

/* Add a copy, in a full list in the place of the oldest. */
void transaction_list_add(struct transaction_list *list, const struct nl_record *record,
			  u64 epoch_offset_ns);

/* The id that was given last; 0: none. */
u64 transaction_list_newest(const struct transaction_list *list);

/* NULL if it is not there yet, or not any more. */
const struct transaction *transaction_list_find(const struct transaction_list *list, u64 id);

size_t transaction_list_capacity(const struct transaction_list *list);

#endif
