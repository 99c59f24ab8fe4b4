/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_container_names_broken.c - an engine whose answers are wrong, endless, or do not come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "named.h"
#include "said.h"

/* Far less than any time limit, far more than a busy machine takes. */
#define BLOCKED_MAX_US 1000000

/* Said why; no name; and what was known before stays. */
static void check_refused(const char *list, enum fake_answer answer, const char *words)
{
	named_start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	named_start();
	named_run_until(named_has, "10.1.0.2", "web");
	fake_engine_stop();
	named_start_engine(list, answer);
	named_run_until(named_has_said, NULL, words);
	assert_string_equal(named_name_of("10.1.0.2"), "web");
	assert_null(named_name_of("10.1.0.9"));
	container_names_free(named);
	named = NULL;
	fake_engine_stop();
	said_end();
	said_begin();
}

static void test_broken_answers(void **state)
{
	static const char no_list[] = "no list of containers\n";

	(void)state;
	check_refused("", FAKE_PLAIN, no_list);
	check_refused("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[", FAKE_RAW,
		      "4 bytes remaining to read\n");
	check_refused("[{\"Names\":[\"/x\"],\"Networ", FAKE_CHUNKED, no_list);
	check_refused("{\"message\":\"no\"}", FAKE_PLAIN, no_list);
	check_refused("HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n[]", FAKE_RAW, "500\n");
	check_refused("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/x\r\nContent-Length: 0"
		      "\r\n\r\n",
		      FAKE_RAW, no_list);
	check_refused("nonsense\n", FAKE_RAW, "HTTP/0.9");
	said_end();
}

/* The longest time for which the loop did not come around. */
static u64 latest_us, longest_us;

static int handle_tick(sd_event_source *source, uint64_t tick_us, void *userdata)
{
	u64 now = named_now_us();

	(void)userdata;
	if (latest_us && now - latest_us > longest_us)
		longest_us = now - latest_us;
	latest_us = now;
	sd_event_source_set_time(source, tick_us + 10000);
	return 0;
}

static sd_event_source *start_ticks(void)
{
	sd_event_source *source;

	latest_us = longest_us = 0;
	assert_true(sd_event_add_time_relative(named_loop, &source, CLOCK_MONOTONIC, 0, 1,
					       handle_tick, NULL) >= 0);
	assert_true(sd_event_source_set_enabled(source, SD_EVENT_ON) >= 0);
	return source;
}

static void test_answers_without_bounds(void **state)
{
	sd_event_source *ticks = start_ticks();

	(void)state;
	check_refused("[                                                   ", FAKE_ENDLESS,
		      "a list of containers of more than 8 MB\n");
	check_refused("", FAKE_HEADS, "a head that does not end\n");
	assert_in_range(longest_us, 10000, BLOCKED_MAX_US);
	sd_event_source_disable_unref(ticks);
	said_end();
}

/* What else is in the loop goes on while the answer does not end, until that is given up. */
static void test_answer_that_drips(void **state)
{
	sd_event_source *ticks = start_ticks();

	(void)state;
	named_start_engine("[", FAKE_DRIPPING);
	named_start();
	named_run_until(named_has_said, NULL, "timed out after 5");
	assert_in_range(longest_us, 10000, BLOCKED_MAX_US);
	sd_event_source_disable_unref(ticks);
	said_end();
}

static void test_no_answer(void **state)
{
	sd_event_source *ticks = start_ticks();

	(void)state;
	named_start_engine("", FAKE_SILENT);
	named_start();
	named_run_until(named_has_listed, NULL, "1");
	named_run_for(500000);
	assert_in_range(longest_us, 10000, BLOCKED_MAX_US);
	sd_event_source_disable_unref(ticks);
	assert_string_equal(said_end(), "");
}

static void test_flood_of_events(void **state)
{
	sd_event_source *ticks;
	unsigned lists;

	(void)state;
	named_start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	named_start();
	named_run_until(named_has_listed, NULL, "2");
	named_run_until(named_has, "10.1.0.2", "web");
	fake_engine_flood(START);
	lists = fake_engine_lists();
	ticks = start_ticks();
	named_run_for(3000000);
	assert_in_range(fake_engine_lists() - lists, 1, 7); /* two a second */
	assert_in_range(longest_us, 10000, BLOCKED_MAX_US);
	sd_event_source_disable_unref(ticks);
	said_end();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, named_set_up, named_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_broken_answers),    TEST(test_answers_without_bounds),
		TEST(test_answer_that_drips), TEST(test_no_answer),
		TEST(test_flood_of_events),
	};

	return cmocka_run_group_tests(tests, NULL, said_forget);
}
