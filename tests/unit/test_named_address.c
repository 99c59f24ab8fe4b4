/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_named_address.c - a container's name and an address, in whatever room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "named_address.h"

static const struct container web = { "shop-web-1", "web", "shop/web:3" };
static char text[NAMED_ADDRESS_TEXT_MAX];

static union nl_addr address_of(const char *name)
{
	struct nl_filter_net net;

	assert_true(net_parse(name, &net));
	return net.addr;
}

/* Has the container of 10.0.0.2. */
static const struct container *find(const void *userdata, const union nl_addr *address)
{
	const union nl_addr its = address_of("10.0.0.2");

	return memcmp(address, &its, sizeof(its)) == 0 ? userdata : NULL;
}

static void check(const struct named_address *named, unsigned width, const char *expected)
{
	memset(text, '#', sizeof(text));
	named_address_format(text, named, width);
	assert_string_equal(text, expected);
}

static void test_host_and_endpoint(void **state)
{
	const struct name_source names = { find, &web };
	const union nl_addr known = address_of("10.0.0.2"), unknown = address_of("2001:db8::2");
	struct named_address named;

	(void)state;
	named_address_of_host(&named, &names, &known);
	check(&named, 0, "shop-web-1 10.0.0.2");
	named_address_of_endpoint(&named, &names, &known, 8080);
	check(&named, 0, "shop-web-1 10.0.0.2:8080");
	named_address_of_host(&named, &names, &unknown);
	check(&named, 0, "2001:db8::2");
	named_address_of_endpoint(&named, &names, &unknown, 80);
	check(&named, 0, "[2001:db8::2]:80");
	named_address_of_endpoint(&named, NULL, &known, 80); /* -n, or a replay */
	check(&named, 0, "10.0.0.2:80");
}

/* First the name loses its middle, then the address; in the end the name is left out. */
static void test_cut(void **state)
{
	const struct named_address named = { &web, "172.18.0.2:8080" };

	(void)state;
	check(&named, 26, "shop-web-1 172.18.0.2:8080");
	check(&named, 25, "sho...b-1 172.18.0.2:8080");
	check(&named, 24, "sh...b-1 172.18.0.2:8080");
	check(&named, 21, "sh...-1 172.1...:8080"); /* a third is left to the name */
	check(&named, 15, "s...1 172...080");
	check(&named, 14, "172.1...2:8080");
	check(&named, 3, "172");
}

static void test_without_a_name(void **state)
{
	const struct named_address named = { NULL,
					     "[2001:db8:1111:2222:3333:4444:5555:6666]:65535" };

	(void)state;
	check(&named, 46, named.address);
	check(&named, 21, "[2001:db8...66]:65535");
	check(&named, 1, "[");
}

static void test_every_width(void **state)
{
	struct container longest = { .name = "" };
	struct named_address named = { &longest, "[2001:db8:1111:2222:3333:4444:5555:6666]:65535" };
	size_t before = 0;

	(void)state;
	memset(longest.name, 'n', sizeof(longest.name) - 1);
	named_address_format(text, &named, 0);
	assert_int_equal(strlen(text), 127 + 1 + 46);
	for (unsigned width = 1; width <= 200; width++) {
		const char *space;

		memset(text, '#', sizeof(text));
		named_address_format(text, &named, width);
		assert_true(strlen(text) <= width);
		assert_true(strlen(text) >= before); /* all room is used */
		before = strlen(text);
		space = strchr(text, ' ');
		assert_int_equal(space != NULL, width >= 15);
		if (space && space - text < 127) /* no address is cut for more than a third */
			assert_true((unsigned)(space - text) <= width / 3 ||
				    strcmp(space + 1, named.address) == 0);
	}
	assert_int_equal(before, 127 + 1 + 46);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host_and_endpoint),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_without_a_name),
		cmocka_unit_test(test_every_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
