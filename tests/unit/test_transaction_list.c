/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_transaction_list.c - the most recent records, and no others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "transaction_list.h"

static void add(struct transaction_list *list, u16 status)
{
	struct nl_record record = { .status = status, .head_bytes = 3, .head = "GET" };

	transaction_list_add(list, &record, 1000U + status);
}

static void test_ring(void **state)
{
	struct transaction_list *list = transaction_list_new(3);

	(void)state;
	assert_non_null(list);
	assert_int_equal(transaction_list_capacity(list), 3);
	assert_int_equal(transaction_list_newest(list), 0);
	for (u64 id = 0; id < 5; id++)
		assert_null(transaction_list_find(list, id));
	for (u16 status = 1; status <= 5; status++)
		add(list, status);
	assert_int_equal(transaction_list_newest(list), 5);
	assert_null(transaction_list_find(list, 0));
	assert_null(transaction_list_find(list, 2)); /* the fifth took its place */
	for (u64 id = 3; id <= 5; id++) {
		const struct transaction *found = transaction_list_find(list, id);

		assert_non_null(found);
		assert_int_equal(found->id, id);
		assert_int_equal(found->record.status, id);
		assert_int_equal(found->epoch_offset_ns, 1000 + id);
		assert_memory_equal(found->record.head, "GET", 3);
	}
	assert_null(transaction_list_find(list, 6)); /* is not there yet */
	assert_null(transaction_list_find(list, UINT64_MAX));
	transaction_list_free(list);
}

/* What the ring of the kernel did not send is not read: the sanitizer would say so. */
static void test_short_record(void **state)
{
	struct transaction_list *list = transaction_list_new(1);
	struct nl_record *sent = malloc(NL_RECORD_FIXED_BYTES + 2), whole = { .status = 200 };

	(void)state;
	whole.head_bytes = 2;
	memcpy(sent, &whole, NL_RECORD_FIXED_BYTES);
	memcpy((char *)sent + NL_RECORD_FIXED_BYTES, "GE", 2);
	transaction_list_add(list, sent, 0);
	assert_memory_equal(transaction_list_find(list, 1)->record.head, "GE", 2);
	free(sent);
	transaction_list_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_short_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
