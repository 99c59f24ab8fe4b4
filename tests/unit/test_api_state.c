/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_api_state.c - what the API says of netlat itself: health, interfaces, counters, and the
 * document that describes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_client.h"
#include "api_openapi.h"
#include "api_routes.h"

static struct attached_hook hooks[] = {
	{ .interface = "veth1",
	  .bridge = "br0",
	  .point = { .ifindex = 5, .direction = ATTACH_INGRESS },
	  .is_up = true },
	{ .interface = "br0", .point = { .ifindex = 4, .direction = ATTACH_EGRESS } },
	{ .point = { .ifindex = 9, .direction = ATTACH_INGRESS } }, /* it went a moment ago */
};

static const struct attachments whole = {
	.interfaces = { { .name = "br0", .ifindex = 4, .is_bridge = true, .is_attached = true },
			{ .name = "eth\"1", .ifindex = 6, .is_up = true, .is_attached = true } },
	.interface_count = 2,
	.hooks = hooks,
	.hook_count = 3,
	.kind = "tcx",
};

static void check_unhealthy(const char *reason)
{
	json_t *object;

	client_exchange(CLIENT_GET("/health"));
	client_check_status(503);
	object = client_parse();
	assert_string_equal(json_string_value(json_object_get(object, "status")), "unhealthy");
	assert_string_equal(json_string_value(json_object_get(object, "reason")), reason);
	assert_int_equal(json_object_size(object), 4);
	json_decref(object);
}

static void test_health(void **state)
{
	(void)state;
	client_attachments = whole;
	client_exchange(CLIENT_GET("/health"));
	client_check_status(200);
	client_attachments.interfaces[1].is_attached = false;
	check_unhealthy("eth\"1: the program is not attached (1 of 2 observed)");
	client_attachments.interfaces[1].ifindex = 0;
	check_unhealthy("eth\"1: the interface was removed (1 of 2 observed)");
	client_attachments.interfaces[0].is_attached = false;
	client_attachments.interfaces[0].ifindex = 0;
	check_unhealthy("br0: the interface was removed, eth\"1: the interface was removed "
			"(0 of 2 observed)");
}

/* The reason has room for some, and says how many there are. */
static void test_many_interfaces(void **state)
{
	json_t *object;

	(void)state;
	client_attachments = (struct attachments){ .interface_count = OPTIONS_INTERFACES_MAX };
	for (size_t i = 0; i < OPTIONS_INTERFACES_MAX; i++)
		client_attachments.interfaces[i].name = "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"";
	client_exchange(CLIENT_GET("/health"));
	client_check_status(503);
	object = client_parse();
	assert_non_null(strstr(json_string_value(json_object_get(object, "reason")),
			       " (0 of 64 observed)"));
	json_decref(object);
}

static void test_interfaces(void **state)
{
	json_t *object;

	(void)state;
	client_attachments = whole;
	client_attachments.interfaces[1].ifindex = 0;
	client_attachments.interfaces[1].is_attached = false;
	client_exchange(CLIENT_GET("/api/v1/interfaces"));
	client_check_status(200);
	object = client_parse();
	client_check_has(
		"{\"interfaces\":[{\"name\":\"br0\",\"ifindex\":4,\"is_bridge\":true,"
		"\"state\":\"attached\",\"link_state\":\"down\"},{\"name\":\"eth\\\"1\","
		"\"ifindex\":null,\"is_bridge\":null,\"state\":\"removed\",\"link_state\":null}],"
		"\"hooks\":[{\"interface\":\"veth1\",\"ifindex\":5,\"bridge\":\"br0\","
		"\"direction\":\"ingress\",\"attached_by\":\"tcx\",\"attached_since\":\"");
	client_check_has("{\"interface\":\"br0\",\"ifindex\":4,\"bridge\":null,"
			 "\"direction\":\"egress\",");
	client_check_has("{\"interface\":null,\"ifindex\":9,");
	json_decref(object);
}

static json_t *counter(const json_t *object, const char *name)
{
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(object, "counters"), i,
			   entry) if (strcmp(json_string_value(json_object_get(entry, "name")),
					     name) == 0) return entry;
	fail_msg("no counter %s", name);
	return NULL;
}

static void test_losses(void **state)
{
	json_t *object, *checks;

	(void)state;
	client_snapshot.counters[NL_COUNT_packets] = 10;
	client_snapshot.counters[NL_COUNT_parsed] = 7;
	client_snapshot.counters[NL_COUNT_not_tcp] = 3;
	client_snapshot.counters[NL_COUNT_requests] = 5;
	client_snapshot.counters[NL_COUNT_paired] = 2;
	client_snapshot.counters[NL_COUNT_responses] = 3;
	client_snapshot.counters[NL_COUNT_grade_reordered] = 1;
	client_exchange(CLIENT_GET("/api/v1/losses"));
	client_check_status(200);
	object = client_parse();
	assert_int_equal(json_integer_value(json_object_get(counter(object, "not_tcp"), "count")),
			 3);
	assert_string_equal(json_string_value(json_object_get(counter(object, "not_tcp"), "kind")),
			    "packet");
	assert_string_equal(json_string_value(json_object_get(counter(object, "paired"), "kind")),
			    "ledger");
	assert_string_equal(
		json_string_value(json_object_get(counter(object, "grade_reordered"), "kind")),
		"grade");
	for (unsigned i = 0; i < NL_COUNTER_MAX; i++)
		if (counter_name(i))
			counter(object, counter_name(i));
	assert_int_equal(json_integer_value(json_object_get(object, "open_requests")), 3);
	checks = json_object_get(object, "checks");
	assert_true(json_is_true(json_object_get(json_array_get(checks, 0), "is_equal")));
	assert_true(json_is_true(json_object_get(json_array_get(checks, 1), "is_equal")));
	assert_true(json_is_false(json_object_get(json_array_get(checks, 2), "is_equal")));
	json_decref(object);
}

/* The document is that of the source tree, and has every route and no other. */
static void test_document(void **state)
{
	json_t *object, *paths;
	size_t routes = 0;

	(void)state;
	client_exchange(CLIENT_GET("/openapi.json"));
	client_check_status(200);
	object = client_parse();
	assert_int_equal(strlen(client_body()), api_openapi_end - api_openapi_begin);
	assert_string_equal(client_body(), api_openapi_begin);
	paths = json_object_get(object, "paths");
	for (const struct api_route *route = api_routes; route->path; route++, routes++)
		if (!json_object_get(json_object_get(paths, route->path), "get"))
			fail_msg("openapi.json has no %s", route->path);
	assert_int_equal(json_object_size(paths), routes);
	json_decref(object);
}

static void test_routes(void **state)
{
	static const char *const none[] = {
		"",   "/api/v1/slow/", "/api/v1/slow/.pcapng", "/api/v1/slow/1", "/api/v1/service",
		"//", "/health/"
	};

	(void)state;
	for (const struct api_route *route = api_routes; route->path; route++)
		assert_ptr_equal(api_route_find(route->path), route);
	assert_string_equal(api_route_find("/api/v1/slow/12.pcapng")->path,
			    "/api/v1/slow/{id}.pcapng");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (api_route_find(none[i]))
			fail_msg("%s", none[i]);
}

static int set_up(void **state)
{
	(void)state;
	return client_set_up(2);
}

static int tear_down(void **state)
{
	(void)state;
	client_tear_down();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_health),	   cmocka_unit_test(test_many_interfaces),
		cmocka_unit_test(test_interfaces), cmocka_unit_test(test_losses),
		cmocka_unit_test(test_document),   cmocka_unit_test(test_routes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
