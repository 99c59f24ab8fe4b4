/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_server_timing.c - how long a server says that it took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packets.h"
#include "server_timing.h"

#define STATUS "HTTP/1.1 200 OK\r\n"
#define US 1000ULL
#define MS (1000 * US)
#define SECOND (1000 * MS)

static void check_bytes(const char *bytes, size_t length, enum server_timing_field field,
			u64 duration_ns)
{
	struct server_timing timing;

	memset(&timing, 0xff, sizeof(timing));
	server_timing_read(&timing, guarded_copy((const u8 *)bytes, length), length);
	if (timing.field != field || timing.duration_ns != duration_ns)
		fail_msg("%.*s: %d, %llu ns", (int)length, bytes, timing.field, timing.duration_ns);
}

static void check(const char *lines, enum server_timing_field field, u64 duration_ns)
{
	char head[2048];
	int length = snprintf(head, sizeof(head), STATUS "%s\r\n", lines);

	check_bytes(head, (size_t)length, field, duration_ns);
}

static void check_none(const char *lines)
{
	check(lines, SERVER_TIMING_NONE, 0);
}

static void test_names(void **state)
{
	(void)state;
	assert_null(server_timing_field_name(SERVER_TIMING_NONE));
	assert_string_equal(server_timing_field_name(SERVER_TIMING_W3C), "Server-Timing");
	assert_string_equal(server_timing_field_name(SERVER_TIMING_RUNTIME), "X-Runtime");
	assert_string_equal(server_timing_field_name(SERVER_TIMING_ENVOY),
			    "x-envoy-upstream-service-time");
	assert_null(server_timing_field_name((enum server_timing_field)99));
}

static void test_metrics(void **state)
{
	const enum server_timing_field w3c = SERVER_TIMING_W3C;

	(void)state;
	check("Server-Timing: app;dur=12.3\r\n", w3c, 12300 * US);
	check("SERVER-timing:app;DUR=12.3\r\n", w3c, 12300 * US);
	check("Server-Timing: \t app ; desc=\"x\" ; dur = 12.3 \t\r\n", w3c, 12300 * US);
	check("Server-Timing: app;dur=\"12.3\"\r\n", w3c, 12300 * US);
	check("Server-Timing: app;dur=0\r\n", w3c, 0);
	check("Server-Timing: miss, db;dur=53, app;dur=47.2\r\n", w3c, 53 * MS);
	check("Server-Timing: db;dur=53,,app;dur=47.2,\r\n", w3c, 53 * MS);
	check("Server-Timing: db;dur=53, total;dur=50, x;dur=99\r\n", w3c, 50 * MS);
	check("Server-Timing: Total;dur=50, total;dur=51\r\n", w3c, 50 * MS);
	check("Server-Timing: db;dur=53\r\nX: y\r\nserver-timing: total;dur=50\r\n", w3c, 50 * MS);
	check("Server-Timing: total;dur=50\r\nServer-Timing: db;dur=53\r\n", w3c, 50 * MS);
	check("Server-Timing: total;dur=-1, db;dur=53\r\n", w3c, 53 * MS);
	check("Server-Timing: a;dur=1;dur=2\r\n", w3c, MS);
	check("Server-Timing: a;dur=x;dur=2, b;dur=1\r\n", w3c, MS);
	check("Server-Timing: a;cached;dur=2\r\n", w3c, 2 * MS);
}

static void test_what_is_in_quotes(void **state)
{
	const enum server_timing_field w3c = SERVER_TIMING_W3C;

	(void)state;
	check("Server-Timing: a;desc=\"x, total;dur=9\";dur=2\r\n", w3c, 2 * MS);
	check("Server-Timing: a;desc=\"\\\", b;dur=9\";dur=2\r\n", w3c, 2 * MS);
	check_none("Server-Timing: a;dur=\"1\\2\"\r\n");
	check_none("Server-Timing: a;desc=\"x;dur=2\r\n");     /* not closed */
	check_none("Server-Timing: a;desc=\"x\\\";dur=2\r\n"); /* nor this */
	check("Server-Timing: b;dur=1, a;desc=\"x;dur=2\r\n", w3c, MS);
}

static void test_other_fields(void **state)
{
	(void)state;
	check("X-Runtime: 0.004215\r\n", SERVER_TIMING_RUNTIME, 4215 * US);
	check("x-runtime:  12  \r\n", SERVER_TIMING_RUNTIME, 12 * SECOND);
	check("X-Runtime: bad\r\nX-Runtime: 1.5\r\nX-Runtime: 9\r\n", SERVER_TIMING_RUNTIME,
	      1500 * MS);
	check("x-envoy-upstream-service-time: 23\r\n", SERVER_TIMING_ENVOY, 23 * MS);
	check("X-Envoy-Upstream-Service-Time: 0\r\n", SERVER_TIMING_ENVOY, 0);
	check_none("X-Runtime: 0.1, 0.2\r\n");
	check_none("X-Runtime-Total: 1\r\nAX-Runtime: 1\r\nX-Runtim: 1\r\nX-Runtime : 1\r\n");
	check_none("Host: x\r\n");
	check_none("");
}

static void test_which_field_counts(void **state)
{
	(void)state;
	check("x-envoy-upstream-service-time: 3\r\nX-Runtime: 2\r\nServer-Timing: a;dur=1\r\n",
	      SERVER_TIMING_W3C, MS);
	check("x-envoy-upstream-service-time: 3\r\nX-Runtime: 2\r\nServer-Timing: a\r\n",
	      SERVER_TIMING_RUNTIME, 2 * SECOND);
	check("x-envoy-upstream-service-time: 3\r\nX-Runtime: -2\r\n", SERVER_TIMING_ENVOY, 3 * MS);
}

static void test_numbers(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"-1",
		"+1",
		"1e3",
		"1E3",
		"NaN",
		"inf",
		"0x10",
		".5",
		"5.",
		"1.2.3",
		"1,2",
		"1 2",
		"1000001",
		".",
		"1_0",
		"\xd9\xa1",
		"1\v",
		"1\x7f",
		"1000000.000000001",
		"99999999999999999999999999999999999999999999999999",
		"18446744073709551616",
		"18446744073709.551616",
	};
	static const struct {
		const char *text;
		u64 ns;
	} good[] = {
		{ "0", 0 },
		{ "000", 0 },
		{ "0.0", 0 },
		{ "0.000000001", 1 },
		{ "0.0000000019999999999999999999999999999", 1 },
		{ "1000000", SERVER_TIMING_NS_MAX },
		{ "1000000.0000000009", SERVER_TIMING_NS_MAX },
		{ "00000000000000000000000000000001.5", 1500 * MS },
	};
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(line, sizeof(line), "X-Runtime: %s\r\n", bad[i]);
		check_none(line);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(line, sizeof(line), "X-Runtime: %s\r\n", good[i].text);
		check(line, SERVER_TIMING_RUNTIME, good[i].ns);
	}
}

static void test_lines(void **state)
{
	static const char after_end[] = STATUS "A: b\r\n\r\nX-Runtime: 1\r\n";
	static const char with_zero[] = STATUS "X-Runtime: 1\0\r\n";
	static const char only[] = "X-Runtime: 1\r\n";

	(void)state;
	check("A: b\nX-Runtime: 1\nC: d\n", SERVER_TIMING_RUNTIME, SECOND);
	check_none("X-Runtime: 1\r\n 5\r\n"); /* obs-fold */
	check("X-Runtime: 1\r\n 5\r\nX-Runtime: 2\r\n", SERVER_TIMING_RUNTIME, 2 * SECOND);
	check_none("A: b\r\n X-Runtime: 1\r\n");
	check_bytes(after_end, sizeof(after_end) - 1, SERVER_TIMING_NONE, 0); /* is the body */
	check_bytes(with_zero, sizeof(with_zero) - 1, SERVER_TIMING_NONE, 0);
	check_bytes(only, sizeof(only) - 1, SERVER_TIMING_NONE, 0); /* where a status line is */
	check_bytes("", 0, SERVER_TIMING_NONE, 0);
}

/* What an interim response says is not of the final one; and that may follow in the same packet. */
static void test_interim(void **state)
{
	static const char early[] = "HTTP/1.1 103 Early Hints\r\nX-Runtime: 2\r\n\r\n";
	static const char tail[] = "X-Runtime: 2\r\n\r\n";
	static const char final[] = STATUS "X-Runtime: 1\r\n\r\n";
	static const char silent[] = STATUS "\r\nHTTP/1.1 200 OK\r\nX-Runtime: 1\r\n\r\n";
	static const char upgrade[] = "HTTP/1.1 101 Go\r\nX-Runtime: 1\r\n\r\n";
	char text[512];

	(void)state;
	check_bytes(early, strlen(early), SERVER_TIMING_NONE, 0);
	for (size_t i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "%s%s%s", early, i ? early : "", final);
		check_bytes(text, strlen(text), SERVER_TIMING_RUNTIME, SECOND);
	}
	snprintf(text, sizeof(text), "%s%s", tail, final); /* begins in the middle of a head */
	check_bytes(text, strlen(text), SERVER_TIMING_NONE, 0);
	check_bytes(silent, strlen(silent), SERVER_TIMING_NONE, 0); /* the second one is body */
	check_bytes(upgrade, strlen(upgrade), SERVER_TIMING_RUNTIME, SECOND);
}

/* A number whose end was cut off is another number: nothing until the line is whole. */
static void test_cut_anywhere(void **state)
{
	static const char head[] = STATUS "Server-Timing: a;dur=123.456, b;dur=7\r\n"
					  "X-Runtime: 0.5\r\n";
	const size_t whole = strlen(STATUS "Server-Timing: a;dur=123.456, b;dur=7\r\n");

	(void)state;
	for (size_t length = 0; length < sizeof(head); length++)
		check_bytes(head, length, length < whole ? SERVER_TIMING_NONE : SERVER_TIMING_W3C,
			    length < whole ? 0 : 123456 * US);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_what_is_in_quotes),
		cmocka_unit_test(test_other_fields),
		cmocka_unit_test(test_which_field_counts),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_interim),
		cmocka_unit_test(test_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
