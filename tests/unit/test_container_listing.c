/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_container_listing.c - what is read from a list of containers, and from what is none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"
#include "container_listing.h"

/* A line for each address: `ADDRESS NAME SERVICE IMAGE`. */
static char taken[65536];
static unsigned taken_count, taken_max;
static unsigned turn_max = 1; /* containers read at a time */

static int take(void *userdata, const union nl_addr *address, const struct container *container)
{
	char text[ADDRESS_TEXT_MAX];
	size_t used = strlen(taken);

	assert_ptr_equal(userdata, taken);
	if (taken_count == taken_max)
		return -ENOSPC;
	taken_count++;
	address_format(text, address);
	snprintf(taken + used, sizeof(taken) - used, "%s %s %s %s\n", text, container->name,
		 container->service, container->image);
	return 0;
}

/* In memory that ends with it, so that a sanitizer sees what is read beyond. */
static int read_exact(const char *text, size_t length)
{
	char *exact = malloc(length ? length : 1);
	struct container_listing listing;
	int r;

	assert_non_null(exact);
	memcpy(exact, text, length);
	taken[0] = '\0';
	taken_count = 0;
	listing = (struct container_listing){ .at = exact, .end = exact + length };
	do {
		r = container_listing_read(&listing, turn_max, take, taken);
	} while (r > 0);
	free(exact);
	return r;
}

static void check(const char *text, int result, const char *expected)
{
	taken_max = 1000;
	assert_int_equal(read_exact(text, strlen(text)), result);
	assert_string_equal(taken, expected);
}

#define NETWORKS(networks) "\"NetworkSettings\":{\"Networks\":{" networks "}}"
#define ONE NETWORKS("\"a\":{\"IPAddress\":\"10.0.0.1\"}")

/* As Docker 20.10 wrote it, shortened. */
static const char two[] =
	"[{\"Id\":\"8f1\",\"Names\":[\"/"
	"shop-web-1\"],\"Image\":\"nginx:1.25\",\"Command\":\"nginx\","
	"\"Ports\":[{\"PrivatePort\":80,\"Type\":\"tcp\"}],\"Labels\":{\"a\":\"b\","
	"\"com.docker.compose.service\":\"web\"},\"HostConfig\":{\"NetworkMode\":\"shop\"},"
	"\"NetworkSettings\":{\"Networks\":{\"shop\":{\"IPAMConfig\":null,\"Gateway\":\"172.18.0."
	"1\","
	"\"IPAddress\":\"172.18.0.2\",\"IPPrefixLen\":16,\"GlobalIPv6Address\":\"fd00::2\"},"
	"\"back\":{\"IPAddress\":\"172.19.0.9\",\"GlobalIPv6Address\":\"\"}}},\"Mounts\":[]},\n"
	" {\"Names\":[\"/other/db\",\"/db\"],\"Image\":\"postgres\",\"Labels\":{},"
	"\"NetworkSettings\":{\"Networks\":{\"shop\":{\"IPAddress\":\"172.18.0.3\"}}}}]\n";

static void test_a_list(void **state)
{
	(void)state;
	check(two, 0,
	      "172.18.0.2 shop-web-1 web nginx:1.25\n"
	      "fd00::2 shop-web-1 web nginx:1.25\n"
	      "172.19.0.9 shop-web-1 web nginx:1.25\n"
	      "172.18.0.3 db  postgres\n");
	turn_max = 1000;
	check(two, 0, taken);
	turn_max = 1;
	check("[]", 0, "");
	check(" [ ]\n", 0, "");
	check("[{\"Names\":[\"podman\"]," ONE "}]", 0, "10.0.0.1 podman  \n");
}

static void test_every_cut(void **state)
{
	(void)state;
	taken_max = 1000;
	for (size_t length = 0; length < strlen(two) - 1; length++)
		assert_int_equal(read_exact(two, length), -EBADMSG);
	assert_int_equal(read_exact(two, strlen(two) - 1), 0);
}

static void test_end_by_who_takes(void **state)
{
	(void)state;
	taken_max = 2;
	assert_int_equal(read_exact(two, strlen(two)), -ENOSPC);
	assert_int_equal(taken_count, 2);
}

static void test_what_is_no_list(void **state)
{
	(void)state;
	check("", -EBADMSG, "");
	check("{}", -EBADMSG, "");
	check("null", -EBADMSG, "");
	check("\"[]\"", -EBADMSG, "");
	check("[,]", -EBADMSG, "");
	check("[{},]", -EBADMSG, "");
	check("[{} {}]", -EBADMSG, "");
	check("[{}}", -EBADMSG, "");
	check("[{\"Names\":[\"/a\"]," ONE "},{]", -EBADMSG, "10.0.0.1 a  \n");
	check("[{\"Names\":[\"/\xff\"]," ONE "}]", -EBADMSG, ""); /* no UTF-8 */
}

static void test_wrong_types(void **state)
{
	static const char *const containers[] = {
		"1",
		"null",
		"[]",
		"\"text\"",
		"{}",
		"{\"Names\":[]," ONE "}",
		"{\"Names\":null," ONE "}",
		"{\"Names\":\"/a\"," ONE "}",
		"{\"Names\":[1,null,{},[],\"\",\"/\",\"/a/b\"]," ONE "}",
		"{\"Names\":[\"/a\"]}",
		"{\"Names\":[\"/a\"],\"NetworkSettings\":null}",
		"{\"Names\":[\"/a\"],\"NetworkSettings\":[1]}",
		"{\"Names\":[\"/a\"],\"NetworkSettings\":{\"Networks\":null}}",
		"{\"Names\":[\"/a\"],\"NetworkSettings\":{\"Networks\":[{}]}}",
		"{\"Names\":[\"/a\"]," NETWORKS("\"n\":null") "}",
		"{\"Names\":[\"/a\"]," NETWORKS("\"n\":7") "}",
		"{\"Names\":[\"/a\"]," NETWORKS("\"n\":{\"IPAddress\":1}") "}",
		"{\"Names\":[\"/a\"]," NETWORKS("\"n\":{\"IPAddress\":\"\"}") "}",
		"{\"Names\":[\"/a\"]," NETWORKS("\"n\":{\"IPAddress\":\"10.0.0.1/24\"}") "}",
		"{\"Names\":[\"/a\"]," NETWORKS("\"n\":{\"IPAddress\":\"10.0.0.999\"}") "}",
		"{\"Names\":[\"/a\"]," NETWORKS("\"n\":{\"IPAddress\":\"invalid IP\"}") "}",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++) {
		snprintf(text, sizeof(text), "[%s,{\"Names\":[\"/b\"]," ONE "}]", containers[i]);
		check(text, 0, "10.0.0.1 b  \n");
	}
	check("[{\"Names\":[3,\"/a\"],\"Image\":7,\"Labels\":[\"x\"]," ONE "}]", 0,
	      "10.0.0.1 a  \n");
	check("[{\"Names\":[\"/a\"],\"Labels\":{\"com.docker.compose.service\":{}}," ONE "}]", 0,
	      "10.0.0.1 a  \n");
}

static void test_names_with_other_bytes(void **state)
{
	static const char whole[] = "0123456789012345678901234567890123456789";
	char text[1024], expected[1024];

	(void)state;
	check("[{\"Names\":[\"/a\\u001b[31m\\nb\\u0000c d\\u007f\"]," ONE "}]", 0,
	      "10.0.0.1 a?[31m?b?c?d?  \n");
	check("[{\"Names\":[\"/\\u00e9\\u202e\"],\"Image\":\"\\t\"," ONE "}]", 0,
	      "10.0.0.1 ?????  ?\n");
	snprintf(text, sizeof(text), "[{\"Names\":[\"/%s%s%s%s%s\"]," ONE "}]", whole, whole, whole,
		 whole, whole);
	snprintf(expected, sizeof(expected), "10.0.0.1 %s%s%s%.7s  \n", whole, whole, whole, whole);
	check(text, 0, expected);
}

/* What is deep or long is refused, not parsed to the end of memory. */
static void test_what_is_too_much(void **state)
{
	const size_t length = 3 << 20, objects = (length - 1) / 3;
	char *text = malloc(length);

	(void)state;
	assert_non_null(text);
	taken_max = 10;
	memset(text, '[', length);
	assert_int_equal(read_exact(text, length), -EBADMSG);
	memset(text, '1', length);
	text[0] = '[';
	text[1] = '"';
	text[length - 2] = '"';
	text[length - 1] = ']';
	assert_int_equal(read_exact(text, length), -EBADMSG); /* one container of 3 MB */
	for (size_t i = 0; i < objects; i++)
		memcpy(text + 1 + 3 * i, "{},", 3);
	text[3 * objects] = ']';
	assert_int_equal(read_exact(text, 1 + 3 * objects), 0); /* a million of none */
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_list),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_end_by_who_takes),
		cmocka_unit_test(test_what_is_no_list),
		cmocka_unit_test(test_wrong_types),
		cmocka_unit_test(test_names_with_other_bytes),
		cmocka_unit_test(test_what_is_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
