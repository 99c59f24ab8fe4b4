/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_api.c - the API as a client meets it: methods, errors, connections. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "api_client.h"
#include "api_places.h"

static void test_health_and_root(void **state)
{
	json_t *object;

	(void)state;
	client_exchange(CLIENT_GET("/health"));
	client_check_status(200);
	client_check_has("\r\nCache-Control: no-store\r\n");
	client_check_has("\r\nX-Content-Type-Options: nosniff\r\n");
	client_check_has("\r\nContent-Type: application/json\r\n");
	assert_string_equal(client_body(), "{\"status\":\"healthy\",\"service\":\"netlat\","
					   "\"version\":\"1.2.3\"}\n");
	client_exchange(CLIENT_GET("/"));
	client_check_status(200);
	object = client_parse();
	assert_string_equal(json_string_value(json_object_get(object, "service")), "netlat");
	assert_string_equal(json_string_value(json_object_get(object, "version")), "1.2.3");
	assert_string_equal(json_string_value(json_object_get(object, "observed")),
			    "br\"0 (2 ports)");
	assert_true(json_is_string(json_object_get(object, "description")));
	assert_true(json_is_string(
		json_object_get(json_object_get(object, "endpoints"), "GET /api/v1/slow")));
	assert_int_equal(json_object_size(json_object_get(object, "endpoints")), 11);
	json_decref(object);
}

static void test_errors(void **state)
{
	(void)state;
	client_check_error(CLIENT_GET("/nothing"), 404, "not_found",
			   "/nothing: no such resource (GET / lists them)");
	client_check_error(CLIENT_GET("/api/v1/slow/"), 404, "not_found",
			   "/api/v1/slow/: no such resource (GET / lists them)");
	client_check_error(CLIENT_GET("/health/"), 404, "not_found",
			   "/health/: no such resource (GET / lists them)");
	client_check_error(CLIENT_GET("/health%00"), 404, "not_found",
			   "/health%00: no such resource (GET / lists them)");
	client_check_error(CLIENT_GET("/health%00/.."), 404, "not_found",
			   "/health%00/..: no such resource (GET / lists them)");
	client_check_error(CLIENT_GET("/%22%ff"), 404, "not_found",
			   "/\"\xef\xbf\xbd: no such resource (GET / lists them)");
	client_check_error(CLIENT_GET("/api/v1/slow?limit=0"), 400, "bad_request",
			   "limit=0: not a value of it (1 to 256)");
	client_check_error(CLIENT_GET("/api/v1/slow?limit"), 400, "bad_request",
			   "limit=: not a value of it (1 to 256)");
	client_check_error(CLIENT_GET("/api/v1/slow?limit=1%00"), 400, "bad_request",
			   "limit=1%00: not a value of it (1 to 256)");
	client_check_error(CLIENT_GET("/api/v1/slow?limit=1&x=y"), 400, "bad_request",
			   "x: no such parameter (limit, cause, min_duration_ms)");
}

/* RFC 9112, 3.2.2 */
static void test_absolute_form(void **state)
{
	(void)state;
	client_exchange(CLIENT_GET("http://localhost/health"));
	client_check_status(200);
	client_exchange(CLIENT_GET("HTTPS://localhost:9464"));
	client_check_status(200);
	assert_non_null(strstr(client_body(), "\"endpoints\""));
	client_check_error(CLIENT_GET("http://localhost/nothing"), 404, "not_found",
			   "/nothing: no such resource (GET / lists them)");
	client_exchange(CLIENT_GET("http:/health"));
	client_check_status(404);
}

/* A page of evil.example whose name resolves to this host must not read anything. */
static void test_host(void **state)
{
	(void)state;
	client_exchange("GET /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
	client_check_status(421);
}

static void test_methods(void **state)
{
	(void)state;
	client_check_error("POST /health HTTP/1.1\r\nContent-Length: 5\r\n" CLIENT_CLOSE "12345",
			   405, "method_not_allowed",
			   "only GET, HEAD (nothing here can be changed)");
	client_check_has("\r\nAllow: GET, HEAD\r\n");
	client_check_error("DELETE /api/v1/slow/1.pcapng HTTP/1.1\r\n" CLIENT_CLOSE, 405,
			   "method_not_allowed", "only GET, HEAD (nothing here can be changed)");
	client_check_has("\r\nAllow: GET, HEAD\r\n");
	client_exchange("HEAD /health HTTP/1.1\r\n" CLIENT_CLOSE);
	client_check_status(200);
	client_check_has("\r\nContent-Length: 58\r\n");
	assert_string_equal(client_body(), "");
}

static void test_one_connection_for_several(void **state)
{
	const char *second;

	(void)state;
	client_exchange("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" CLIENT_GET("/nothing"));
	client_check_status(200);
	second = strstr(client_answer + 1, "HTTP/1.1 404 ");
	assert_non_null(second);
}

static void test_many_connections(void **state)
{
	unsigned count = 0;

	(void)state;
	client_start_api("127.0.0.1:0");
	client_exchange_on(CLIENT_GET("/health"), strlen(CLIENT_GET("/health")),
			   API_PLACES_MAX); /* each has its place */
	for (const char *at = client_answer; (at = strstr(at, "HTTP/1.1 200 ")); at++)
		count++;
	assert_int_equal(count, API_PLACES_MAX);
}

/* Nonsense gets an error or the end of the connection, and the next one is served. */
static void test_nonsense(void **state)
{
	char *large = malloc(100000);

	(void)state;
	client_exchange("\x16\x03\x01\x02\r\n\r\n");
	assert_null(strstr(client_answer, " 200 "));
	client_exchange(
		"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n12345");
	assert_null(strstr(client_answer, " 200 ")); /* a body where there is none to be had */
	memset(large, 'a', 99999);
	large[99999] = '\0';
	memcpy(large, "GET /", 5);
	client_exchange(large);
	assert_null(strstr(client_answer, " 200 "));
	free(large);
	client_exchange(CLIENT_GET("/health"));
	client_check_status(200);
}

#define TOKEN "abcdefghijklmnop"
#define GET_WITH(path, fields) "GET " path " HTTP/1.1\r\n" fields CLIENT_CLOSE

static char token_path[] = "/tmp/netlat-test-token-XXXXXX";

/* One request to an API with that token; its Host is of another name, which a token makes up for.
 */
static void exchange_with_token(const char *request)
{
	const char *const listen[] = { "127.0.0.1:0" };
	const struct api_settings settings = { .listen = listen,
					       .listen_count = 1,
					       .token_file = token_path };

	client_start_api_with(&settings);
	assert_non_null(client_api);
	client_exchange_on(request, strlen(request), 1);
}

static void check_unauthorized(const char *request, const char *field)
{
	exchange_with_token(request);
	client_check_status(401);
	client_check_has(field);
	client_check_has("{\"error\":\"unauthorized\",\"message\":");
}

static void test_token(void **state)
{
	int fd = mkstemp(token_path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, TOKEN "\n", strlen(TOKEN) + 1), strlen(TOKEN) + 1);
	close(fd);
	exchange_with_token(GET_WITH("/", "Authorization: Bearer " TOKEN "\r\n"));
	client_check_status(200);
	exchange_with_token("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n"
			    "Authorization: Bearer " TOKEN "\r\n\r\n");
	client_check_status(200);
	exchange_with_token(CLIENT_GET("/health"));
	client_check_status(200);
	check_unauthorized(CLIENT_GET("/"), "\r\nWWW-Authenticate: Bearer realm=\"netlat\"\r\n");
	check_unauthorized(CLIENT_GET("/nothing"), "\r\nWWW-Authenticate: Bearer realm=");
	check_unauthorized(CLIENT_GET("/health/"), "\r\nWWW-Authenticate: Bearer realm=");
	check_unauthorized("POST / HTTP/1.1\r\n" CLIENT_CLOSE, "\r\nWWW-Authenticate: Bearer ");
	check_unauthorized(GET_WITH("/", "Authorization: Bearer " TOKEN "x\r\n"),
			   "\r\nWWW-Authenticate: Bearer realm=\"netlat\", "
			   "error=\"invalid_token\"\r\n");
	check_unauthorized(GET_WITH("/?token=" TOKEN, "Authorization: Basic " TOKEN "\r\n"),
			   "error=\"invalid_token\"\r\n");
	unlink(token_path);
}

/* A new token counts from the reload on; a wrong file changes nothing. */
static void test_reload(void **state)
{
	const char *const listen[] = { "127.0.0.1:0" };
	const struct api_settings settings = { .listen = listen,
					       .listen_count = 1,
					       .token_file = token_path };
	static const char old[] = GET_WITH("/", "Authorization: Bearer old\r\n");
	static const char fresh[] = GET_WITH("/", "Authorization: Bearer new\r\n");
	FILE *file;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		file = fopen(token_path, "w");
		fputs("old\n", file);
		fclose(file);
		assert_int_equal(chmod(token_path, 0600), 0);
		client_start_api_with(&settings);
		assert_non_null(client_api);
		file = fopen(token_path, "w");
		fputs(i == 2 ? "not one\n" : "new\n", file);
		fclose(file);
		assert_int_equal(api_reload(client_api), i == 2 ? -EINVAL : 0);
		client_exchange_on(i == 1 ? fresh : old, strlen(i == 1 ? fresh : old), 1);
		client_check_status(i == 0 ? 401 : 200);
	}
	unlink(token_path);
}

/* Where it may listen if that can be had, it does without; but not without what was asked for. */
static void test_optional(void **state)
{
	const char *const nowhere[] = { "192.0.2.1:1" }; /* no interface has it: RFC 5737 */
	struct api_settings settings = { .listen = nowhere, .listen_count = 1 };

	(void)state;
	client_start_api_with(&settings);
	assert_null(client_api);
	settings.is_optional = true;
	client_start_api_with(&settings);
	assert_non_null(client_api);
	assert_int_equal(api_port(client_api), 0);
	client_stop_api();
	settings.token_file = "/nothing/token"; /* which was asked for */
	client_start_api_with(&settings);
	assert_null(client_api);
}

static void check_refused(const char *listen, int error)
{
	errno = 0;
	client_start_api(listen);
	assert_null(client_api);
	assert_int_equal(errno, error);
}

static void test_where_it_listens(void **state)
{
	char taken[32];
	u16 port;
	int fd;
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);

	(void)state;
	check_refused("nowhere", EINVAL);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	port = ntohs(address.sin_port);
	snprintf(taken, sizeof(taken), "127.0.0.1:%u", port);
	check_refused(taken, EADDRINUSE);
	close(fd);
	client_start_api(taken); /* and now it is free */
	assert_non_null(client_api);
	assert_int_equal(api_port(client_api), port);
	client_stop_api();
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
		cmocka_unit_test(test_health_and_root),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_absolute_form),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_one_connection_for_several),
		cmocka_unit_test(test_many_connections),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_where_it_listens),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_optional),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
