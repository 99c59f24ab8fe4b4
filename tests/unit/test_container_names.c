/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_container_names.c - names from an engine, whatever it does; it is a fake on a socket. */
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
#include "container_names.h"
#include "fake_engine.h"
#include "folder.h"
#include "log.h"
#include "said.h"

#define PATIENCE_US 20000000
/* Far less than any time limit, far more than a busy machine takes. */
#define BLOCKED_MAX_US 1000000
#define NOBODY 65534

#define CONTAINER(name, address)                                                                   \
	"{\"Id\":\"1\",\"Names\":[\"/" name "\"],\"Image\":\"shop/" name ":1\",\"Labels\":"        \
	"{\"com.docker.compose.service\":\"" name "-service\"},\"State\":\"running\","             \
	"\"NetworkSettings\":{\"Networks\":{\"shop\":{\"IPAddress\":\"" address                    \
	"\",\"GlobalIPv6Address\":\"\"}}}}"
#define START "{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"1\"}}\n"
#define EXEC "{\"Type\":\"container\",\"Action\":\"exec_start: true\",\"Actor\":{\"ID\":\"1\"}}\n"

static sd_event *loop;
static struct container_names *names;

static const char *name_of(const char *address)
{
	const struct container *container;
	struct nl_filter_net net;

	assert_true(net_parse(address, &net));
	container = container_names_find(names, &net.addr);
	return container ? container->name : NULL;
}

static u64 now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000 + (u64)now.tv_nsec / 1000;
}

/* Each returns true where nothing more has to be awaited. */
static bool has_name(const char *address, const char *name)
{
	const char *found = name_of(address);

	return name ? found && strcmp(found, name) == 0 : !found;
}

static bool has_said(const char *address, const char *words)
{
	(void)address;
	return strstr(said_so_far(), words) != NULL;
}

static bool has_listed(const char *address, const char *times)
{
	(void)address;
	return fake_engine_lists() >= (unsigned)atoi(times);
}

static void run_until(bool (*is_so)(const char *, const char *), const char *address,
		      const char *what)
{
	u64 end_us = now_us() + PATIENCE_US;

	while (!is_so(address, what)) {
		assert_true(sd_event_run(loop, 50000) >= 0);
		if (now_us() > end_us)
			fail_msg("waited in vain for %s %s", address ? address : "", what);
	}
}

static void run_for(u64 duration_us)
{
	u64 end_us = now_us() + duration_us;

	while (now_us() < end_us)
		assert_true(sd_event_run(loop, 10000) >= 0);
}

static void name_engine(const char *path)
{
	char text[256];

	snprintf(text, sizeof(text), "unix://%s", path);
	assert_int_equal(setenv("DOCKER_HOST", text, 1), 0);
}

static void start_engine(const char *list, enum fake_answer answer)
{
	folder_put("list", list);
	fake_engine_start(in_folder("socket"), in_folder("list"), answer);
}

static void start_names(void)
{
	name_engine(in_folder("socket"));
	names = container_names_new(loop);
	assert_non_null(names);
}

static int set_up(void **state)
{
	log_set_verbose(true);
	said_begin();
	return folder_make(state) < 0 ? -1 : sd_event_new(&loop) < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	said_reveal();
	container_names_free(names);
	names = NULL;
	loop = sd_event_unref(loop);
	fake_engine_stop();
	return folder_remove(state);
}

static void test_names_of_a_listing(void **state)
{
	struct nl_filter_net net;
	const struct container *container;

	(void)state;
	start_engine("[" CONTAINER("web", "10.1.0.2") ", " CONTAINER("db", "10.1.0.3") "]\n",
		     FAKE_PLAIN);
	start_names();
	run_until(has_name, "10.1.0.2", "web");
	assert_string_equal(name_of("10.1.0.3"), "db");
	assert_null(name_of("10.1.0.4"));
	assert_null(name_of("::"));
	net_parse("10.1.0.2", &net);
	container = container_names_find(names, &net.addr);
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
	start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_CHUNKED);
	start_names();
	run_until(has_name, "10.1.0.2", "web");
	said_end();
}

static void test_events(void **state)
{
	unsigned lists;

	(void)state;
	start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	start_names();
	run_until(has_listed, NULL, "2"); /* at once, and with the stream */
	run_until(has_name, "10.1.0.2", "web");
	folder_put("list", "[" CONTAINER("new", "10.1.0.3") "]");
	fake_engine_event(START);
	run_until(has_name, "10.1.0.3", "new");
	assert_string_equal(name_of("10.1.0.2"), "web"); /* has gone: still known */
	/* Of 100 changes at once there are few listings, of others none. */
	run_for(600000);
	lists = fake_engine_lists();
	for (unsigned i = 0; i < 100; i++)
		fake_engine_event(START);
	folder_put("list", "[" CONTAINER("last", "10.1.0.3") "]");
	run_until(has_name, "10.1.0.3", "last");
	run_for(1200000);
	assert_in_range(fake_engine_lists(), lists + 1, lists + 3);
	lists = fake_engine_lists();
	fake_engine_event(EXEC);
	run_for(800000);
	assert_int_equal(fake_engine_lists(), lists);
	said_end();
}

static void test_engine_that_restarts(void **state)
{
	(void)state;
	start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	start_names();
	run_until(has_name, "10.1.0.2", "web");
	fake_engine_stop();
	run_until(has_said, NULL, "not there");
	assert_string_equal(name_of("10.1.0.2"), "web");
	start_engine("[" CONTAINER("again", "10.1.0.2") "]", FAKE_PLAIN);
	run_until(has_name, "10.1.0.2", "again");
	folder_put("list", "[" CONTAINER("new", "10.1.0.3") "]");
	fake_engine_event(START);
	run_until(has_name, "10.1.0.3", "new");
	said_end();
}

static void test_engine_that_comes_later(void **state)
{
	const char *said;

	(void)state;
	start_names();
	run_until(has_said, NULL, "not there\n");
	run_for(1000000);
	start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	run_until(has_name, "10.1.0.2", "web");
	said = strstr(said_end(), "not there\n");
	assert_null(strstr(said + 1, "not there\n")); /* said once, of several attempts */
}

static void test_socket_that_cannot_be_used(void **state)
{
	bool is_root = geteuid() == 0;
	const char *said;

	(void)state;
	start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chmod(in_folder("socket"), 0), 0);
	if (is_root)
		assert_int_equal(seteuid(NOBODY), 0);
	start_names();
	run_for(1500000);
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
	start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	start_names();
	assert_int_equal(rename(in_folder("socket"), in_folder("left")), 0);
	fake_engine_stop(); /* as one that was killed leaves it */
	assert_int_equal(rename(in_folder("left"), in_folder("socket")), 0);
	run_until(has_said, NULL, "socket: Connection refused\n");
	assert_int_equal(unlink(in_folder("socket")), 0);
	start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	run_until(has_name, "10.1.0.2", "web");
	said_end();
}

static void test_host_that_is_no_socket(void **state)
{
	(void)state;
	setenv("DOCKER_HOST", "tcp://127.0.0.1:2375", 1);
	names = container_names_new(loop);
	assert_non_null(names);
	run_until(has_said, NULL,
		  "netlat: container names: DOCKER_HOST tcp://127.0.0.1:2375: not a socket of this "
		  "machine (unix://PATH)\n");
	said_end();
}

/* Said why; no name; and what was known before stays. */
static void check_refused(const char *list, enum fake_answer answer, const char *words)
{
	start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	start_names();
	run_until(has_name, "10.1.0.2", "web");
	fake_engine_stop();
	start_engine(list, answer);
	run_until(has_said, NULL, words);
	assert_string_equal(name_of("10.1.0.2"), "web");
	assert_null(name_of("10.1.0.9"));
	container_names_free(names);
	names = NULL;
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
	u64 now = now_us();

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
	assert_true(sd_event_add_time_relative(loop, &source, CLOCK_MONOTONIC, 0, 1, handle_tick,
					       NULL) >= 0);
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
	start_engine("[", FAKE_DRIPPING);
	start_names();
	run_until(has_said, NULL, "timed out after 5");
	assert_in_range(longest_us, 10000, BLOCKED_MAX_US);
	sd_event_source_disable_unref(ticks);
	said_end();
}

static void test_no_answer(void **state)
{
	sd_event_source *ticks = start_ticks();

	(void)state;
	start_engine("", FAKE_SILENT);
	start_names();
	run_until(has_listed, NULL, "1");
	run_for(500000);
	assert_in_range(longest_us, 10000, BLOCKED_MAX_US);
	sd_event_source_disable_unref(ticks);
	assert_string_equal(said_end(), "");
}

static void test_flood_of_events(void **state)
{
	sd_event_source *ticks;
	unsigned lists;

	(void)state;
	start_engine("[" CONTAINER("web", "10.1.0.2") "]", FAKE_PLAIN);
	start_names();
	run_until(has_listed, NULL, "2");
	run_until(has_name, "10.1.0.2", "web");
	fake_engine_flood(START);
	lists = fake_engine_lists();
	ticks = start_ticks();
	run_for(3000000);
	assert_in_range(fake_engine_lists() - lists, 1, 7); /* two a second */
	assert_in_range(longest_us, 10000, BLOCKED_MAX_US);
	sd_event_source_disable_unref(ticks);
	said_end();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
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
		TEST(test_broken_answers),
		TEST(test_answers_without_bounds),
		TEST(test_answer_that_drips),
		TEST(test_no_answer),
		TEST(test_flood_of_events),
	};

	return cmocka_run_group_tests(tests, NULL, said_forget);
}
