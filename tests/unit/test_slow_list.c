/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_slow_list.c - what of slow and failed transactions is kept, and in which order given. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "slow_list.h"

#define MS 1000000ULL
#define SECOND (1000 * MS)
#define ENTRIES_MAX 16

static const struct server_timing no_timing;
static struct slow_list *list;

static struct nl_record a_record(u64 end_ns, u64 whole_ns, enum nl_outcome outcome)
{
	return (struct nl_record){
		.request_first_ns = end_ns - whole_ns,
		.request_last_ns = end_ns - whole_ns,
		.response_first_ns = end_ns,
		.response_last_ns = end_ns,
		.end_ns = end_ns,
		.outcome = outcome,
	};
}

static u64 add(u64 end_s, u64 whole_ms, enum nl_outcome outcome)
{
	struct nl_record record = a_record(end_s * SECOND, whole_ms * MS, outcome);

	return slow_list_add(list, &record, 0, "", &no_timing);
}

static u64 add_ok(u64 end_s, u64 whole_ms)
{
	return add(end_s, whole_ms, NL_OUTCOME_OK);
}

static u64 add_failed(u64 end_s)
{
	return add(end_s, 1, NL_OUTCOME_UNANSWERED);
}

/* Ids in order, up to a 0. */
static void check_up_to(size_t max, enum slow_order order, u64 now_s, const u64 *ids)
{
	const struct slow_entry *entries[ENTRIES_MAX];
	size_t count = slow_list_get(list, now_s * SECOND, order, entries, max);

	for (size_t i = 0; i < count; i++)
		assert_int_equal(entries[i]->id, ids[i]);
	assert_int_equal(ids[count], 0);
}

#define CHECK(order, now_s, ...)                                                                   \
	check_up_to(ENTRIES_MAX, order, now_s, (const u64[]){ __VA_ARGS__ })

static void begin(size_t capacity, u64 age_s)
{
	slow_list_free(list);
	list = slow_list_new(capacity, age_s * SECOND);
	assert_non_null(list);
}

static void test_an_entry(void **state)
{
	const struct server_timing timing = { 5 * MS, SERVER_TIMING_RUNTIME };
	struct nl_record record = a_record(10 * SECOND, 412 * MS, NL_OUTCOME_OK);
	const struct slow_entry *entry;
	char path[PATH_MAX + 1];

	(void)state;
	begin(2, 300);
	assert_int_equal(slow_list_capacity(list), 2);
	assert_null(slow_list_find(list, 0, 1));
	record.cause = NL_CAUSE_server;
	record.part_ns[NL_PART_server] = 405 * MS;
	record.head_bytes = 3;
	memcpy(record.head, "GET", 3);
	assert_int_equal(slow_list_add(list, &record, 77, "/a/b.pcapng", &timing), 1);
	entry = slow_list_find(list, 10 * SECOND, 1);
	assert_non_null(entry);
	assert_int_equal(entry->id, 1);
	assert_memory_equal(&entry->record, &record, sizeof(record));
	assert_int_equal(entry->epoch_offset_ns, 77);
	assert_int_equal(entry->whole_ns, 412 * MS);
	assert_int_equal(entry->server_timing.duration_ns, 5 * MS);
	assert_int_equal(entry->server_timing.field, SERVER_TIMING_RUNTIME);
	assert_string_equal(entry->explanation, "412ms, of which 405ms the server took to answer; "
						"the server says it took 5.0ms (X-Runtime)");
	assert_string_equal(entry->path, "/a/b.pcapng");
	assert_int_equal(slow_list_add(list, &record, 0, NULL, &no_timing), 2);
	assert_string_equal(slow_list_find(list, 0, 2)->path, "");
	memset(path, 'x', sizeof(path));
	path[PATH_MAX] = '\0'; /* one too long */
	slow_list_add(list, &record, 0, path, &no_timing);
	assert_string_equal(slow_list_find(list, 0, 3)->path, "");
	path[PATH_MAX - 1] = '\0';
	slow_list_add(list, &record, 0, path, &no_timing);
	assert_string_equal(slow_list_find(list, 0, 4)->path, path);
}

/* Whoever has any address now. */
static const struct container *holder;

static const struct container *find_holder(const void *userdata, const union nl_addr *address)
{
	(void)userdata;
	(void)address;
	return holder;
}

static const char *name_in(u64 id, bool is_server)
{
	const struct slow_entry *entry = slow_list_find(list, 0, id);
	const struct name_source names = slow_entry_names(entry);
	const struct container *container = name_source_find(
		&names, is_server ? &entry->record.server_addr : &entry->record.client_addr);

	return container ? container->name : NULL;
}

/* An address that another container took over does not rename what was before. */
static void test_names_of_then(void **state)
{
	static const struct name_source names = { find_holder, NULL };
	const struct container first = { .name = "web-1" }, second = { .name = "batch-7" };

	(void)state;
	begin(8, 300);
	add_ok(1, 50); /* without names: -n, or a replay */
	holder = &first;
	assert_null(name_in(1, true));
	slow_list_name(list, &names);
	add_ok(2, 50);
	holder = NULL;
	add_ok(3, 50); /* nobody is known yet */
	assert_null(name_in(1, true));
	assert_string_equal(name_in(2, true), "web-1");
	assert_string_equal(name_in(2, false), "web-1");
	assert_null(name_in(3, false));
	holder = &second;
	assert_null(name_in(1, false));
	assert_string_equal(name_in(2, true), "web-1");
	assert_string_equal(name_in(2, false), "web-1");
	assert_string_equal(name_in(3, true), "batch-7");
	assert_string_equal(name_in(3, false), "batch-7");
}

/* Of two ends that differ each has its own. */
static void test_names_of_both_ends(void **state)
{
	static const struct name_source names = { find_holder, NULL };
	const struct container web = { .name = "web" };
	struct nl_record record = a_record(SECOND, MS, NL_OUTCOME_OK);
	struct slow_entry *entry;

	(void)state;
	begin(8, 300);
	slow_list_name(list, &names);
	record.client_addr.bytes[15] = 1;
	holder = &web;
	slow_list_add(list, &record, 0, "", &no_timing);
	entry = (struct slow_entry *)slow_list_find(list, 0, 1);
	snprintf(entry->client.name, sizeof(entry->client.name), "curl");
	assert_string_equal(name_in(1, true), "web");
	assert_string_equal(name_in(1, false), "curl");
}

static void test_orders(void **state)
{
	(void)state;
	begin(8, 300);
	CHECK(SLOW_NEWEST_FIRST, 1, 0);
	CHECK(SLOW_LONGEST_FIRST, 1, 0);
	add_ok(1, 50);
	add_ok(2, 90);
	add_ok(3, 10);
	add_ok(4, 90);
	CHECK(SLOW_NEWEST_FIRST, 4, 4, 3, 2, 1, 0);
	CHECK(SLOW_LONGEST_FIRST, 4, 4, 2, 1, 3, 0);
	check_up_to(2, SLOW_NEWEST_FIRST, 4, (const u64[]){ 4, 3, 0 });
	check_up_to(2, SLOW_LONGEST_FIRST, 4, (const u64[]){ 4, 2, 0 });
	check_up_to(3, SLOW_LONGEST_FIRST, 4, (const u64[]){ 4, 2, 1, 0 });
	check_up_to(0, SLOW_LONGEST_FIRST, 4, (const u64[]){ 0 });
}

static void test_age(void **state)
{
	(void)state;
	begin(4, 300);
	add_ok(100, 50);
	add_ok(200, 50);
	CHECK(SLOW_NEWEST_FIRST, 400, 2, 1, 0);
	CHECK(SLOW_NEWEST_FIRST, 401, 2, 0);
	assert_non_null(slow_list_find(list, 400 * SECOND, 1));
	assert_null(slow_list_find(list, 401 * SECOND, 1));
	CHECK(SLOW_LONGEST_FIRST, 501, 0);
	CHECK(SLOW_NEWEST_FIRST, 50, 2, 1, 0); /* of a clock that was later before */
	begin(4, 0);
	add_ok(1, 50);
	CHECK(SLOW_NEWEST_FIRST, 1000000, 1, 0);
}

static void test_old_ones_make_room(void **state)
{
	(void)state;
	begin(2, 300);
	add_ok(1, 5000);
	add_ok(2, 5000);
	add_ok(302, 10); /* 1 is too old, 2 just not */
	CHECK(SLOW_NEWEST_FIRST, 302, 3, 2, 0);
	assert_null(slow_list_find(list, 0, 1));
}

static void test_the_fastest_makes_room(void **state)
{
	(void)state;
	begin(3, 300);
	add_ok(1, 50);
	add_ok(2, 90);
	add_ok(3, 70);
	assert_int_equal(add_ok(4, 40), 4); /* itself the fastest */
	CHECK(SLOW_NEWEST_FIRST, 4, 3, 2, 1, 0);
	assert_int_equal(add_ok(5, 60), 5);
	CHECK(SLOW_NEWEST_FIRST, 5, 5, 3, 2, 0);
	add_ok(6, 60); /* as fast: the newer stays */
	CHECK(SLOW_NEWEST_FIRST, 6, 6, 3, 2, 0);
	add_failed(7);
	CHECK(SLOW_NEWEST_FIRST, 7, 7, 3, 2, 0);
}

/* Neither kind drives the other out. */
static void test_floods(void **state)
{
	(void)state;
	begin(4, 300);
	add_ok(1, 50);
	add_ok(1, 60);
	for (unsigned i = 0; i < 100; i++)
		add_failed(2);
	CHECK(SLOW_NEWEST_FIRST, 2, 102, 101, 2, 1, 0);
	for (unsigned i = 0; i < 100; i++)
		add_ok(3, 70);
	CHECK(SLOW_NEWEST_FIRST, 3, 202, 201, 102, 101, 0);
	begin(4, 300); /* more than half, while there is room */
	for (unsigned i = 0; i < 6; i++)
		add(1, 1, i % 2 ? NL_OUTCOME_ABORTED : NL_OUTCOME_UNANSWERED);
	CHECK(SLOW_NEWEST_FIRST, 1, 6, 5, 4, 3, 0);
	add_ok(2, 1);
	CHECK(SLOW_NEWEST_FIRST, 2, 7, 6, 5, 4, 0);
	add_ok(2, 2);
	CHECK(SLOW_NEWEST_FIRST, 2, 8, 7, 6, 5, 0);
	add_ok(2, 3);
	CHECK(SLOW_NEWEST_FIRST, 2, 9, 8, 6, 5, 0);
}

static void test_no_room_at_all(void **state)
{
	(void)state;
	errno = 0;
	assert_null(slow_list_new(1, 0));
	assert_int_equal(errno, EINVAL);
}

/* Whatever comes: never more than fit, ids in order, all findable. */
static void test_anything(void **state)
{
	const struct slow_entry *entries[ENTRIES_MAX];

	(void)state;
	srandom(3);
	begin(5, 300);
	for (unsigned round = 0; round < 20000; round++) {
		u64 now_s = 1000 + round / 10;
		size_t count;

		add(now_s - (unsigned)random() % 400, (unsigned)random() % 1000,
		    (enum nl_outcome)(random() % (NL_OUTCOME_IN_FLIGHT + 1)));
		count = slow_list_get(list, now_s * SECOND, SLOW_NEWEST_FIRST, entries,
				      ENTRIES_MAX);
		assert_true(count <= 5);
		for (size_t i = 0; i < count; i++) {
			assert_true(i == 0 || entries[i]->id < entries[i - 1]->id);
			assert_ptr_equal(slow_list_find(list, now_s * SECOND, entries[i]->id),
					 entries[i]);
		}
	}
}

static int tear_down(void **state)
{
	(void)state;
	slow_list_free(list);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_entry),
		cmocka_unit_test(test_names_of_then),
		cmocka_unit_test(test_names_of_both_ends),
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_old_ones_make_room),
		cmocka_unit_test(test_the_fastest_makes_room),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_no_room_at_all),
		cmocka_unit_test(test_anything),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
