/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_attachments.c - what is told of interfaces; hooks need the kernel: testbed/test_api.sh. */
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attachments.h"
#include "watched.h"

/* Every network namespace has a loopback interface. */
static void test_interfaces(void **state)
{
	const struct options options = { .interfaces = { "lo", "gone", "left" },
					 .interface_count = 3 };
	struct watched watched = { .options = &options, .ports = ports_open() };
	struct attachments attachments;
	const struct port *lo;

	(void)state;
	assert_non_null(watched.ports);
	lo = ports_by_name(watched.ports, "lo");
	assert_non_null(lo);
	watched.targets[0] = lo->ifindex;
	watched.targets[2] = INT32_MAX; /* its removal was not taken in yet */
	assert_int_equal(attachments_collect(&attachments, &watched, NULL), 0);
	assert_int_equal(attachments.interface_count, 3);
	assert_int_equal(attachments.hook_count, 0);
	assert_string_equal(attachments.kind, "none");
	assert_string_equal(attachments.interfaces[0].name, "lo");
	assert_int_equal(attachments.interfaces[0].ifindex, lo->ifindex);
	assert_int_equal(attachments.interfaces[0].is_up, lo->is_up);
	assert_false(attachments.interfaces[0].is_bridge);
	for (size_t i = 0; i < 3; i++)
		assert_false(attachments.interfaces[i].is_attached);
	assert_string_equal(attachments.interfaces[1].name, "gone");
	assert_int_equal(attachments.interfaces[1].ifindex, 0);
	assert_int_equal(attachments.interfaces[2].ifindex, 0);
	attachments_clear(&attachments);
	assert_null(attachments.hooks);
	ports_close(watched.ports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
