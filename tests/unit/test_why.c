/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_why.c - the list of slow and failed transactions as it is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "address.h"
#include "core/flow.h"
#include "folder.h"
#include "why.h"
#include "why_bar.h"

#define MS 1000000ULL
#define SECOND (1000 * MS)
#define EPOCH_NS 1763690000000000000ULL /* 2025-11-21T01:53:20Z */
#define NOW_NS (100 * SECOND)

static const struct server_timing no_timing;
static struct slow_list *list;
static char *text;

static union nl_addr address_of(const char *name)
{
	struct nl_filter_net net;

	assert_true(net_parse(name, &net));
	return net.addr;
}

static struct nl_record a_record(const char *head, size_t head_bytes, u64 whole_ns)
{
	struct nl_record record = {
		.request_first_ns = SECOND,
		.request_last_ns = SECOND,
		.response_first_ns = SECOND + whole_ns,
		.response_last_ns = SECOND + whole_ns,
		.end_ns = SECOND + whole_ns,
		.status = 200,
		.client_addr = address_of("10.0.0.3"),
		.server_addr = address_of("10.0.0.2"),
		.server_port = 8080,
		.head_bytes = (u16)head_bytes,
	};

	memcpy(record.head, head, head_bytes);
	return record;
}

static void begin(void)
{
	slow_list_free(list);
	list = slow_list_new(8, 0);
	assert_non_null(list);
}

/* file: a name; NULL: it has none. */
static void add(const struct nl_record *record, const char *file)
{
	if (file && !folder_has(file))
		folder_put(file, "");
	slow_list_add(list, record, EPOCH_NS, file ? in_folder(file) : NULL, &no_timing);
}

/* A server that thought, a lost first segment, a SYN sent twice, no answer at all. */
static void add_examples(void)
{
	struct nl_record record = a_record("GET /slow HTTP/1.1\r\n", 20, 412 * MS);

	begin();
	record.cause = NL_CAUSE_server;
	record.part_ns[NL_PART_server] = 405 * MS;
	record.part_ns[NL_PART_download] = 7 * MS;
	add(&record, "1.pcapng");
	record = a_record("GET /lost HTTP/1.1\r\n", 20, 996 * MS);
	record.cause = NL_CAUSE_loss;
	record.status = 503;
	record.part_ns[NL_PART_server] = 6 * MS;
	record.part_ns[NL_PART_timer_retransmit] = record.longest_stall_ns = 990 * MS;
	record.stall_role = NL_SERVER;
	add(&record, "");
	record = a_record("POST /new/a=b HTTP/1.1\r\n", 24, 30 * MS);
	record.cause = NL_CAUSE_connect;
	record.connect_ns = 1020 * MS;
	record.syn_retransmits = 1;
	record.part_ns[NL_PART_server] = 30 * MS;
	add(&record, "3.pcapng");
	record = a_record("GET /never HTTP/1.1\r\n", 21, 60 * SECOND);
	record.outcome = NL_OUTCOME_UNANSWERED;
	record.reason = NL_END_timeout;
	record.status = 0;
	record.response_first_ns = record.response_last_ns = 0;
	record.cause = NL_CAUSE_server;
	record.part_ns[NL_PART_server] = 60 * SECOND;
	add(&record, "4.pcapng");
}

static void print(unsigned columns, unsigned lines, bool color)
{
	const struct why_style style = { columns, lines, color, "br0 (2 ports)" };
	size_t size;
	FILE *out;

	free(text);
	out = open_memstream(&text, &size);
	why_print(out, list, NOW_NS, &style);
	fclose(out);
	assert_int_equal(strlen(text), size);
	assert_true(size > 0 && text[size - 1] == '\n');
}

static void test_whole(void **state)
{
	(void)state;
	add_examples();
	print(0, 0, false);
	assert_string_equal(
		text,
		"netlat: br0 (2 ports), 4 slow or failed transactions, longest first; UTC\n"
		"time      took status     cause   parts                client   service       "
		"request       why                                                               "
		"                                   file\n"
		"01:53:21 60.0s unanswered server  SSSSSSSSSSSSSSSSSSSS 10.0.0.3 10.0.0.2:8080 "
		"GET /never    no answer within 60.0s                                            "
		"                                   4.pcapng\n"
		"01:53:21 1.05s 200        connect hhhhhhhhhhhhhhhhhhhS 10.0.0.3 10.0.0.2:8080 "
		"POST /new/a=b 1.05s, of which 1.02s for the handshake: the SYN was sent twice   "
		"                                   3.pcapng\n"
		"01:53:21 996ms 503        loss    RRRRRRRRRRRRRRRRRRRR 10.0.0.3 10.0.0.2:8080 "
		"GET /lost     996ms, of which 990ms waiting for one retransmission (by timer): "
		"the server's first segment was lost -\n"
		"01:53:21 412ms 200        server  SSSSSSSSSSSSSSSSSSSS 10.0.0.3 10.0.0.2:8080 "
		"GET /slow     412ms, of which 405ms the server took to answer                   "
		"                                   1.pcapng\n"
		"parts:  h handshake  S server  R timer_retransmit\n");
}

static void test_narrow(void **state)
{
	(void)state;
	add_examples();
	print(100, 0, false);
	assert_string_equal(
		text,
		"netlat: br0 (2 ports), 4 slow or failed transactions, longest first; UTC\n"
		" took status     cause   parts                request       why\n"
		"60.0s unanswered server  SSSSSSSSSSSSSSSSSSSS GET /never    no answer within "
		"60.0s\n"
		"1.05s 200        connect hhhhhhhhhhhhhhhhhhhS POST /new/a=b 1.05s, of which "
		"1.02s for the handsha...\n"
		"996ms 503        loss    RRRRRRRRRRRRRRRRRRRR GET /lost     996ms, of which "
		"990ms waiting for one...\n"
		"412ms 200        server  SSSSSSSSSSSSSSSSSSSS GET /slow     412ms, of which "
		"405ms the server took...\n"
		"parts:  h handshake  S server  R timer_retransmit\n");
}

static void test_lines(void **state)
{
	(void)state;
	add_examples();
	print(60, 5, false);
	assert_string_equal(text, "netlat: br0 (2 ports), the longest 2 of 4 slow or failed ...\n"
				  " took request       why\n"
				  "60.0s GET /never    no answer within 60.0s\n"
				  "1.05s POST /new/a=b 1.05s, of which 1.02s for the handsha...\n");
}

static void test_color(void **state)
{
	(void)state;
	add_examples();
	print(84, 0, true);
	assert_string_equal(
		text,
		"netlat: br0 (2 ports), 4 slow or failed transactions, longest first; UTC\n"
		" took status     parts                request       why\n"
		"60.0s \033[31munanswered\033[0m \033[33mSSSSSSSSSSSSSSSSSSSS\033[0m GET /never  "
		"  no answer within 60.0s\n"
		"1.05s 200        \033[36mhhhhhhhhhhhhhhhhhhh\033[33mS\033[0m POST /new/a=b "
		"1.05s, of which 1.02s for the...\n"
		"996ms \033[31m503       \033[0m \033[31mRRRRRRRRRRRRRRRRRRRR\033[0m GET /lost   "
		"  996ms, of which 990ms waiting...\n"
		"412ms 200        \033[33mSSSSSSSSSSSSSSSSSSSS\033[0m GET /slow     412ms, of "
		"which 405ms the ser...\n"
		"parts:  \033[36mh\033[0m handshake  \033[33mS\033[0m server  \033[31mR\033[0m "
		"timer_retransmit\n");
}

static void test_nothing(void **state)
{
	(void)state;
	begin();
	print(0, 0, false);
	assert_string_equal(text, "netlat: br0 (2 ports), no slow or failed transaction\n");
}

static void test_one(void **state)
{
	struct nl_record record = a_record("", 0, 5 * MS);

	(void)state;
	begin();
	add(&record, NULL);
	print(0, 0, false);
	assert_string_equal(
		text,
		"netlat: br0 (2 ports), 1 slow or failed transaction, longest first; UTC\n"
		"time      took status cause parts                client   service       request "
		"why   file\n"
		"01:53:21 5.0ms 200    -     .................... 10.0.0.3 10.0.0.2:8080 -       "
		"5.0ms -\n");
}

/* The containers of both ends, as far as they are known. */
static const struct container *find_container(const void *userdata, const union nl_addr *address)
{
	static const struct container web = { .name = "shop-web-1" };
	static const struct container cart = {
		.name = "a-client-with-a-name-as-long-as-those-that-tools-make-1",
	};
	const union nl_addr server = address_of("10.0.0.2"), client = address_of("10.0.0.3");

	(void)userdata;
	if (memcmp(address, &server, sizeof(server)) == 0)
		return &web;
	return memcmp(address, &client, sizeof(client)) == 0 ? &cart : NULL;
}

static void add_named(void)
{
	static const struct name_source names = { find_container, NULL };
	struct nl_record record = a_record("GET / HTTP/1.1\r\n", 16, 5 * MS);

	begin();
	slow_list_name(list, &names);
	add(&record, NULL);
	record.client_addr = address_of("192.0.2.200"); /* no container */
	add(&record, NULL);
}

static void test_names_of_containers(void **state)
{
	(void)state;
	add_named();
	print(0, 0, false);
	assert_non_null(strstr(text, " a-client-with-a-name-as-long-as-those-that-tools-make-1 "
				     "10.0.0.3 shop-web-1 10.0.0.2:8080 GET /"));
	assert_non_null(strstr(text, " 192.0.2.200                                              "
				     "        shop-web-1 10.0.0.2:8080 GET /"));
	print(121, 0, false);
	assert_non_null(strstr(text, " a-client...s-make-1 10.0.0.3 shop-web-1 10.0.0.2:8080 "));
	for (unsigned columns = 1; columns < 260; columns++) {
		print(columns, 0, false);
		for (const char *at = text; *at; at = strchr(at, '\n') + 1)
			if (strcspn(at, "\n") > columns)
				fail_msg("wider than %u columns:\n%s", columns, text);
		print(columns, 0, true);
	}
}

/* At any width no line is wider, and no line is lost. */
static void test_fits_any_width(void **state)
{
	(void)state;
	add_examples();
	for (unsigned columns = 1; columns < 260; columns++) {
		size_t lines = 0;

		print(columns, 0, false);
		for (const char *at = text; *at; at = strchr(at, '\n') + 1, lines++)
			if (strcspn(at, "\n") > columns)
				fail_msg("wider than %u columns:\n%s", columns, text);
		assert_true(lines >= 6); /* heading, titles, entries; the legend only with bars */
	}
	for (unsigned lines = 1; lines < 12; lines++) {
		size_t count = 0;

		print(80, lines, false);
		for (const char *at = text; *at; at++)
			count += *at == '\n';
		assert_true(count <= lines);
	}
}

static void check_request(const char *head, size_t length, const char *expected)
{
	struct nl_record record = a_record(head, length, 5 * MS);

	begin();
	add(&record, "\033]0;owned\007\xff.pcapng");
	print(0, 0, false);
	for (const char *at = text; *at; at++)
		assert_true(*at == '\n' || (*at >= ' ' && *at < 0x7f));
	if (!strstr(text, expected))
		fail_msg("no %s in\n%s", expected, text);
	assert_non_null(strstr(text, " %1B]0;owned%07%FF.pcapng\n"));
}

#define CHECK_REQUEST(head, expected) check_request(head, sizeof(head) - 1, expected)

static void test_hostile_requests(void **state)
{
	char head[NL_HEAD_BYTES_MAX];

	(void)state;
	CHECK_REQUEST("GET /\033[2J\033]0;x\007 HTTP/1.1\r\n", " GET /%1B[2J%1B]0;x%07 ");
	CHECK_REQUEST("GET /\xc2\x9b"
		      "2J HTTP/1.1\r\n",
		      " GET /%C2%9B2J "); /* C1 CSI */
	CHECK_REQUEST("GET /\xe2\x80\xae\xff\xc3 HTTP/1.1\r\n", " GET /%E2%80%AE%FF%C3 ");
	CHECK_REQUEST("GET /\0\r\t\x7f HTTP/1.1\r\n", " GET /%00%0D%09%7F ");
	CHECK_REQUEST("G\033T / HTTP/1.1\r\n", " G%1BT / ");
	CHECK_REQUEST("\x01", " %01 ");
	memset(head, 0xff, sizeof(head));
	memcpy(head, "GET /", 5);
	check_request(head, sizeof(head), " GET /%FF%FF");
	print(120, 0, false);
	for (const char *at = text; *at; at = strchr(at, '\n') + 1)
		assert_true(strcspn(at, "\n") <= 120);
}

/* A file that was removed, as by --keep-files, is not named any more; nor what is no file. */
static void test_file_removed(void **state)
{
	struct nl_record record = a_record("GET / HTTP/1.1\r\n", 16, SECOND);

	(void)state;
	begin();
	add(&record, "a.pcapng");
	slow_list_add(list, &record, EPOCH_NS, folder, &no_timing);
	print(0, 0, false);
	assert_non_null(strstr(text, " a.pcapng\n"));
	assert_int_equal(unlink(in_folder("a.pcapng")), 0);
	print(0, 0, false);
	assert_null(strstr(text, "a.pcapng"));
	assert_null(strstr(text, strrchr(folder, '/') + 1));
}

static int tear_down(void **state)
{
	free(text);
	slow_list_free(list);
	return folder_remove(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_color),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_names_of_containers),
		cmocka_unit_test(test_fits_any_width),
		cmocka_unit_test(test_hostile_requests),
		cmocka_unit_test(test_file_removed),
	};

	return cmocka_run_group_tests(tests, folder_make, tear_down);
}
