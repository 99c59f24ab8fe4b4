/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_listen_address.c - where --listen may listen. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "listen_address.h"

static struct listen_address address;

static void check_ipv4(const char *text, const char *name, unsigned port)
{
	struct sockaddr_in *v4 = &address.socket.v4;
	char found[INET_ADDRSTRLEN];

	if (!listen_address_parse(text, &address))
		fail_msg("%s", text);
	assert_int_equal(address.length, sizeof(*v4));
	assert_int_equal(v4->sin_family, AF_INET);
	assert_int_equal(ntohs(v4->sin_port), port);
	assert_int_equal(listen_address_port(&address), port);
	assert_string_equal(inet_ntop(AF_INET, &v4->sin_addr, found, sizeof(found)), name);
	assert_false(listen_address_is_unix(&address));
}

static void check_refused(const char *text)
{
	struct listen_address before;

	memset(&address, 0x5a, sizeof(address));
	before = address;
	if (listen_address_parse(text, &address))
		fail_msg("%s", text);
	assert_memory_equal(&address, &before, sizeof(before));
}

static void test_loopback(void **state)
{
	struct sockaddr_in6 *v6 = &address.socket.v6;

	(void)state;
	check_ipv4("127.0.0.1:9100", "127.0.0.1", 9100);
	check_ipv4("127.255.0.9:0", "127.255.0.9", 0);
	check_ipv4("127.0.0.1:65535", "127.0.0.1", 65535);
	check_ipv4("[::ffff:127.0.0.1]:80", "127.0.0.1", 80);
	assert_false(listen_address_is_open(&address));
	assert_true(listen_address_parse("[::1]:9100", &address));
	assert_true(address.is_loopback);
	assert_false(listen_address_is_open(&address));
	assert_int_equal(address.length, sizeof(*v6));
	assert_int_equal(v6->sin6_family, AF_INET6);
	assert_int_equal(ntohs(v6->sin6_port), 9100);
	assert_int_equal(listen_address_port(&address), 9100);
	assert_true(IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr));
}

static void test_others_can_reach(void **state)
{
	static const char *const texts[] = {
		"0.0.0.0:80",	    "10.0.0.1:80",
		"128.0.0.1:80",	    "126.255.255.255:80",
		"[::]:80",	    "[::2]:80",
		"[fe80::1]:80",	    "[::ffff:10.0.0.1]:80",
		"[::127.0.0.1]:80", "[::ffff:0.0.0.0]:80",
		"[1::1]:80",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!listen_address_parse(texts[i], &address) || address.is_loopback ||
		    !listen_address_is_open(&address))
			fail_msg("%s", texts[i]);
}

static void test_paths(void **state)
{
	char text[5 + sizeof(address.socket.local.sun_path) + 1];

	(void)state;
	assert_true(listen_address_parse("unix:/run/net:80", &address));
	assert_true(listen_address_is_unix(&address));
	assert_false(listen_address_is_open(&address));
	assert_false(address.is_loopback);
	assert_int_equal(address.length, sizeof(address.socket.local));
	assert_string_equal(address.socket.local.sun_path, "/run/net:80");
	assert_int_equal(listen_address_port(&address), 0);
	memset(text, 'a', sizeof(text));
	memcpy(text, "unix:", 5);
	text[sizeof(text) - 2] = '\0'; /* the longest, with the zero behind it */
	assert_true(listen_address_parse(text, &address));
	assert_string_equal(address.socket.local.sun_path, text + 5);
	text[sizeof(text) - 2] = 'a';
	text[sizeof(text) - 1] = '\0';
	check_refused(text);
}

static void test_malformed(void **state)
{
	static const char *const texts[] = {
		"",
		":",
		"9100",
		":9100",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:x",
		"127.0.0.1:65536",
		"127.0.0.1:-1",
		"127.0.0.1:+1",
		"127.0.0.1: 1",
		"127.0.0.1:000001",
		"127.0.0.1:80 ",
		"::1:80",
		"[::1]",
		"[::1]80",
		"[127.0.0.1]:80",
		"[::1:80",
		"::1]:80",
		"[]:80",
		"localhost:80",
		"127.1:80",
		"127.0.0.1/8:80",
		"[::1/128]:80",
		"[::1%lo]:80",
		"[[::1]]:80",
		"127.0.0.1:80:81",
		"unix:",
		"Unix:/run/netlat",
		"unix",
		"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]:80",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_refused(texts[i]);
}

static void test_own_host(void **state)
{
	static const char *const own[] = { "localhost",	   "LocalHost:9100",  "127.0.0.1",
					   "127.0.0.1:80", "127.9.9.9:65535", "[::1]",
					   "[::1]:9100" };
	static const char *const others[] = { "",
					      "evil.example",
					      "evil.example:9100",
					      "10.0.0.1",
					      "localhost.evil.example",
					      "127.0.0.1.evil.example",
					      "127.0.0.1:",
					      "127.0.0.1:x",
					      "::1",
					      "[::1",
					      "[::2]:9100",
					      "localhost:70000",
					      ":9100",
					      "[]:1" };

	(void)state;
	assert_true(listen_address_is_own_host(NULL));
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!listen_address_is_own_host(own[i]))
			fail_msg("not own: %s", own[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (listen_address_is_own_host(others[i]))
			fail_msg("own: %s", others[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_host),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_others_can_reach),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
