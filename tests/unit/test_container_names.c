/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_container_names.c - names from an engine that comes and goes; it is a fake on a socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "address.h"
#include "folder.h"
#include "named.h"
#include "said.h"

#define NOBODY 65534
#define EXEC "{\"Type\":\"container\",\"Action\":\"exec_start: true\",\"Actor\":{\"ID\":\"1\"}}\n"

static void test_names_of_a_listing(void **state)
{
	struct nl_filter_net net;
	const struct container *container;

	(void)state;
	named_start_engine("[" CONTAINER("web", "10.1.0.2") ", " CONTAINER("db", "10.1.0.3") "]\n",
			   FAKE_PLAIN);
	named_start();
	named_run_until(named_has, "10.1.0.2", "web");
	assert_string_equal(named_name_of("10.1.0.3"), "db");
	assert_null(named_name_of("10.1.0.4"));
	assert_null(named_name_of("::"));
	net_parse("10.1.0.2", &net);
	container = container_names_find(named, &net.addr);
	assert_string_equal(container->service, "web-service");
	assert_string_equal(container->image, "shop/web:1");
	assert_non_null(strstr(said_end(), "/socket\n"));
}

static void test_without_names(void **state)
{
	const union nl_addr address = { .bytes = { 1 } };

	(void)state;
	assert_null(container_names_find(NULL, &address));
	container_names_free(NULL);
	said_end();
}

static void test_chunked(void **state)
{
	(void)state;
	named_start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_CHUNKED);
	named_start();
	named_run_until(named_has, "10.1.0.2", "web");
	said_end();
}

static void test_events(void **state)
{
	unsigned lists;

	(void)state;
	named_start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	named_start();
	named_run_until(named_has_listed, NULL, "2"); /* at once, and with the stream */
	named_run_until(named_has, "10.1.0.2", "web");
	folder_put("list", "[" CONTAINER("new", "10.1.0.3") "]");
	fake_engine_event(START);
	named_run_until(named_has, "10.1.0.3", "new");
	assert_string_equal(named_name_of("10.1.0.2"), "web"); /* has gone: still known */
	/* Of 100 changes at once there are few listings, of others none. */
	named_run_for(600000);
	lists = fake_engine_lists();
	for (unsigned i = 0; i < 100; i++)
		fake_engine_event(START);
	folder_put("list", "[" CONTAINER("last", "10.1.0.3") "]");
	named_run_until(named_has, "10.1.0.3", "last");
	named_run_for(1200000);
	assert_in_range(fake_engine_lists(), lists + 1, lists + 3);
	lists = fake_engine_lists();
	fake_engine_event(EXEC);
	named_run_for(800000);
	assert_int_equal(fake_engine_lists(), lists);
	said_end();
}

static void test_engine_that_restarts(void **state)
{
	(void)state;
	named_start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	named_start();
	named_run_until(named_has, "10.1.0.2", "web");
	fake_engine_stop();
	named_run_until(named_has_said, NULL, "not there");
	assert_string_equal(named_name_of("10.1.0.2"), "web");
	named_start_engine("[" CONTAINER("again", "10.1.0.2") "]", FAKE_PLAIN);
	named_run_until(named_has, "10.1.0.2", "again");
	folder_put("list", "[" CONTAINER("new", "10.1.0.3") "]");
	fake_engine_event(START);
	named_run_until(named_has, "10.1.0.3", "new");
	said_end();
}

static void test_engine_that_comes_later(void **state)
{
	const char *said;

	(void)state;
	named_start();
	named_run_until(named_has_said, NULL, "not there\n");
	named_run_for(1000000);
	named_start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	named_run_until(named_has, "10.1.0.2", "web");
	said = strstr(said_end(), "not there\n");
	assert_null(strstr(said + 1, "not there\n")); /* said once, of several attempts */
}

static void test_socket_that_cannot_be_used(void **state)
{
	bool is_root = geteuid() == 0;
	const char *said;

	(void)state;
	named_start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chmod(in_folder("socket"), 0), 0);
	if (is_root)
		assert_int_equal(seteuid(NOBODY), 0);
	named_start();
	named_run_for(1500000);
	if (is_root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(fake_engine_lists(), 0);
	said = strstr(said_end(), "Permission denied\n");
	assert_non_null(said);
	assert_null(strstr(said + 1, "Permission denied")); /* said once, of several attempts */
}

static void test_socket_without_engine(void **state)
{
	(void)state;
	named_start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	named_start();
	assert_int_equal(rename(in_folder("socket"), in_folder("left")), 0);
	fake_engine_stop(); /* as one that was killed leaves it */
	assert_int_equal(rename(in_folder("left"), in_folder("socket")), 0);
	named_run_until(named_has_said, NULL, "socket: Connection refused\n");
	assert_int_equal(unlink(in_folder("socket")), 0);
	named_start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	named_run_until(named_has, "10.1.0.2", "web");
	said_end();
}

static void test_host_that_is_no_socket(void **state)
{
	(void)state;
	setenv("DOCKER_HOST", "tcp://127.0.0.1:2375", 1);
	named = container_names_new(named_loop);
	assert_non_null(named);
	named_run_until(
		named_has_said, NULL,
		"netlat: container names: DOCKER_HOST tcp://127.0.0.1:2375: not a socket of this "
		"machine (unix://PATH)\n");
	said_end();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, named_set_up, named_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names_of_a_listing),
		TEST(test_without_names),
		TEST(test_chunked),
		TEST(test_events),
		TEST(test_engine_that_restarts),
		TEST(test_engine_that_comes_later),
		TEST(test_socket_that_cannot_be_used),
		TEST(test_socket_without_engine),
		TEST(test_host_that_is_no_socket),
	};

	return cmocka_run_group_tests(tests, NULL, said_forget);
}
