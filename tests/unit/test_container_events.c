/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_container_events.c - which events are relevant, however their stream is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "container_events.h"

#define EVENT(action) "{\"Type\":\"container\",\"Action\":\"" action "\",\"time\":1}\n"

static struct container_events events;

static bool take(const char *text)
{
	return container_events_take(&events, text, strlen(text));
}

static void test_actions(void **state)
{
	(void)state;
	assert_true(take(EVENT("start")));
	assert_true(take(EVENT("die")));
	assert_true(take(EVENT("died")));
	assert_true(take(EVENT("rename")));
	assert_true(take(EVENT("connect")));
	assert_true(take(EVENT("disconnect")));
	assert_false(take(EVENT("exec_start: /bin/true")));
	assert_false(take(EVENT("health_status: healthy")));
	assert_false(take(EVENT("started")));
	assert_false(take(EVENT("")));
	assert_true(take(EVENT("start") EVENT("top")));
	assert_true(take(EVENT("top") EVENT("start")));
	assert_false(take(EVENT("top") EVENT("attach")));
	assert_false(take("\n\r\n\n"));
}

static void test_what_is_no_event(void **state)
{
	(void)state;
	assert_true(take("nonsense\n"));
	assert_true(take("{}\n"));
	assert_true(take("{\"Action\":1}\n"));
	assert_true(take("[]\n"));
	assert_true(take("{\"Action\":\"top\"\n"));
	assert_true(take("\xff\n"));
	assert_false(take(EVENT("top")));
}

static void test_every_cut(void **state)
{
	static const char text[] = EVENT("top") EVENT("start") EVENT("top");
	const size_t length = strlen(text);

	(void)state;
	for (size_t first = 0; first <= length; first++)
		for (size_t second = first; second <= length; second++) {
			unsigned found = 0;

			found += container_events_take(&events, text, first);
			found += container_events_take(&events, text + first, second - first);
			found += container_events_take(&events, text + second, length - second);
			assert_int_equal(found, 1);
		}
}

/* Not kept, and taken for relevant; what follows is understood again. */
static void test_line_that_is_too_long(void **state)
{
	char *text = malloc(CONTAINER_EVENT_BYTES_MAX);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', CONTAINER_EVENT_BYTES_MAX);
	for (unsigned i = 0; i < 5; i++)
		assert_false(container_events_take(&events, text, CONTAINER_EVENT_BYTES_MAX));
	assert_true(take("\n"));
	assert_false(take(EVENT("top")));
	assert_true(take(EVENT("die")));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_what_is_no_event),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_line_that_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
