/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_address.c - addresses and networks as text, and back. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"

static union nl_addr address_of(const char *text)
{
	struct nl_filter_net net;

	assert_true(net_parse(text, &net));
	return net.addr;
}

static void test_format(void **state)
{
	static const char *const texts[] = {
		"0.0.0.0",
		"10.0.0.9",
		"192.0.2.100",
		"255.255.255.255",
		"::",
		"::1",
		"2001:db8::1",
		"fe80::1:2:3:4",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		union nl_addr address = address_of(texts[i]);
		char text[ADDRESS_TEXT_MAX];

		assert_int_equal(address_format(text, &address), strlen(texts[i]));
		assert_string_equal(text, texts[i]);
		assert_int_equal(address_is_ipv4(&address), strchr(texts[i], ':') == NULL);
	}
}

/* Written by hand for speed, so held against the C library for every byte value. */
static void test_format_ipv4_as_inet_ntop(void **state)
{
	union nl_addr address = address_of("0.0.0.0");

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		char ours[ADDRESS_TEXT_MAX], theirs[ADDRESS_TEXT_MAX];

		for (unsigned j = 0; j < 4; j++)
			address.bytes[12 + j] = (u8)(i + 85 * j);
		address_format(ours, &address);
		inet_ntop(AF_INET, address.bytes + 12, theirs, sizeof(theirs));
		assert_string_equal(ours, theirs);
	}
}

static void test_endpoint(void **state)
{
	union nl_addr v4 = address_of("192.0.2.1"), v6 = address_of("2001:db8::1");
	union nl_addr longest = address_of("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	char text[ENDPOINT_TEXT_MAX];

	(void)state;
	endpoint_format(text, &v4, 80);
	assert_string_equal(text, "192.0.2.1:80");
	endpoint_format(text, &v6, 8443);
	assert_string_equal(text, "[2001:db8::1]:8443");
	assert_int_equal(endpoint_format(text, &longest, 65535), 47);
	assert_string_equal(text, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

static void check_net(const char *text, const char *address, const char *mask)
{
	struct nl_filter_net net;
	char name[INET6_ADDRSTRLEN];
	u8 expected[16];

	assert_true(net_parse(text, &net));
	assert_int_equal(inet_pton(AF_INET6, address, expected), 1);
	assert_memory_equal(net.addr.bytes, expected, sizeof(expected));
	inet_ntop(AF_INET6, net.mask.bytes, name, sizeof(name));
	assert_string_equal(name, mask);
}

static void test_networks(void **state)
{
	static const char all_ones[] = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

	(void)state;
	check_net("10.1.2.3/8", "::ffff:10.0.0.0", "ffff:ffff:ffff:ffff:ffff:ffff:ff00:0");
	check_net("10.1.2.3/31", "::ffff:10.1.2.2", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe");
	check_net("10.255.2.3/12", "::ffff:10.240.0.0", "ffff:ffff:ffff:ffff:ffff:ffff:fff0:0");
	check_net("10.1.2.3", "::ffff:10.1.2.3", all_ones);
	check_net("10.1.2.3/32", "::ffff:10.1.2.3", all_ones);
	check_net("10.1.2.3/0", "::ffff:0.0.0.0", "ffff:ffff:ffff:ffff:ffff:ffff::");
	check_net("2001:db8:ffff::1/33", "2001:db8:8000::", "ffff:ffff:8000::");
	check_net("2001:db8::1", "2001:db8::1", all_ones);
	check_net("2001:db8::1/128", "2001:db8::1", all_ones);
	check_net("2001:db8::1/0", "::", "::");
}

static void test_not_a_network(void **state)
{
	static const char *const texts[] = {
		"",
		"/",
		"/8",
		"10",
		"10.0.0",
		"10.0.0.0.0",
		"10.0.0.256",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/+8",
		"10.0.0.0/8 ",
		" 10.0.0.0/8",
		"10.0.0.0/8/8",
		"10.0.0.0/0008",
		"10.0.0.0/0x8",
		"::/129",
		":::",
		"fe80::1%eth0",
		"localhost",
		"10.0.0.0/255.0.0.0",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee/8",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct nl_filter_net net, before;

		memset(&net, 0x5a, sizeof(net));
		before = net;
		if (net_parse(texts[i], &net))
			fail_msg("'%s' was taken for a network", texts[i]);
		assert_memory_equal(&net, &before, sizeof(net));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_format_ipv4_as_inet_ntop),
		cmocka_unit_test(test_endpoint),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_not_a_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
