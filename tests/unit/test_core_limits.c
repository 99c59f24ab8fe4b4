/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_core_limits.c - what is not HTTP/1 or not asked for, and segments, queues
 * and captures at their limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "talks.h"

#define LENGTH(text) (sizeof(text) - 1)
#define GET_1 "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK_HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static struct conversation c;
static struct observed o;
static char buffer[64 << 10];

static int begin(void **state)
{
	(void)state;
	memset(buffer, 'x', sizeof(buffer));
	conversation_begin(&c, 3);
	return 0;
}

static int end(void **state)
{
	(void)state;
	conversation_end(&c);
	return 0;
}

static void observe(void)
{
	struct nl_config config = config_plain();

	observe_natively(&c.packets, &config, &o);
}

/* What each side says, in turns that begin with `server_first` or the client. */
struct other_protocol {
	const char *name;
	bool server_first;
	struct {
		const char *bytes;
		size_t count;
	} turns[4];
};

#define TURN(text)                                                                                 \
	{                                                                                          \
		text, LENGTH(text)                                                                 \
	}

static const struct other_protocol others[] = {
	{ "SSH",
	  true,
	  { TURN("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"), TURN("SSH-2.0-OpenSSH_9.0\r\n"),
	    TURN("\0\0\4\x3c\x0a\x14kexinit algorithms ... "), TURN("\0\0\5\xdc\7\x14\n\n\r\n") } },
	{ "TLS",
	  false,
	  { TURN("\x16\3\1\2\0\1\0\1\xfc\3\3 random and ciphers"),
	    TURN("\x16\3\3\0\x7a\2\0\0\x76\3\3 server hello"), TURN("\x14\3\3\0\1\1"),
	    TURN("\x17\3\3\0\x13 application data") } },
	{ "Redis",
	  false,
	  { TURN("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n"), TURN("$5\r\nvalue\r\n"), TURN("GET key\r\n"),
	    TURN("$-1\r\n") } },
	{ "memcached",
	  false,
	  { TURN("get key\r\n"), TURN("VALUE key 0 5\r\nvalue\r\nEND\r\n"),
	    TURN("set key 0 0 5\r\nhello\r\n"), TURN("STORED\r\n") } },
	{ "MySQL",
	  true,
	  { TURN("\x4a\0\0\0\x0a"
		 "8.0.36\0\x0b\0\0\0"),
	    TURN("\x55\0\0\1\x85\xa6\xff\1root\0"), TURN("\7\0\0\2\0\0\0\2\0\0\0"),
	    TURN("\x11\0\0\0\3SELECT * FROM t") } },
	{ "PostgreSQL",
	  false,
	  { TURN("\0\0\0\x08\4\xd2\x16\x2f"), TURN("N"), TURN("Q\0\0\0\x0dSELECT 1\0"),
	    TURN("T\0\0\0\x21\0\1") } },
	{ "DNS",
	  false,
	  { TURN("\0\x1d\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\3com\0\0\1\0\1"),
	    TURN("\0\x2d\x12\x34\x81\x80\0\1\0\1\0\0\0\0\7example\3com\0\0\1\0\1") } },
	{ "SMTP",
	  true,
	  { TURN("220 mail.example ESMTP Postfix\r\n"), TURN("EHLO client.example\r\n"),
	    TURN("250-mail.example\r\n250 PIPELINING\r\n"), TURN("MAIL FROM:<a@example>\r\n") } },
	{ "FTP",
	  true,
	  { TURN("220 ready\r\n"), TURN("USER anonymous\r\n"), TURN("331 go on\r\n"),
	    TURN("PASS secret of HTTP/1.1 fame\r\n") } },
	{ "RTSP",
	  false,
	  { TURN("OPTIONS rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
	    TURN("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n") } },
	{ "HTTP/2",
	  false,
	  { TURN("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"),
	    TURN("\0\0\0\4\0\0\0\0\0\0\0\0\4\1\0\0\0\0") } },
	{ "HTTP/0.9", false, { TURN("GET /\r\n"), TURN("<html>\r\n</html>") } },
	{ "garbage behind GET",
	  false,
	  { TURN("GET \1\2\3\4\5\6\7\xff\xfe\xfd\n\n\n\n\n\n"), TURN("\r\n\r\n") } },
};

static void speak(const struct other_protocol *other)
{
	for (u32 i = 0; i < 4 && other->turns[i].bytes; i++)
		conversation_sends(&c, (i & 1) == other->server_first ? NL_CLIENT : NL_SERVER,
				   other->turns[i].bytes, other->turns[i].count);
	conversation_fin(&c, NL_CLIENT);
	conversation_fin(&c, NL_SERVER);
}

static void test_other_protocols(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		for (u32 how = 0; how < 20; how++) {
			conversation_end(&c);
			conversation_begin(&c, 3);
			/* On a port that suggests otherwise. */
			c.frame[NL_CLIENT].destination_port = c.frame[NL_SERVER].source_port = 80;
			if (how == 1)
				c.segment_bytes = 1;
			c.random = how > 1 ? how : 0;
			speak(&others[i]);
			observe();
			if (o.count || o.counters[NL_COUNT_requests] ||
			    o.counters[NL_COUNT_responses] || o.counters[NL_COUNT_flows])
				fail_msg("%s (%u) is taken for HTTP/1", others[i].name, how);
			assert_true(o.counters[NL_COUNT_not_http] > 0);
		}
	}
}

static void check_filter(const struct nl_config *config, bool passes)
{
	observe_natively(&c.packets, config, &o);
	assert_int_equal(o.count, passes ? 1 : 0);
	assert_int_equal(o.counters[NL_COUNT_requests], passes ? 1 : 0);
	if (!passes) /* bare acknowledgments may leave before they are looked at */
		assert_in_range(o.counters[NL_COUNT_filtered], 2, c.packets.count);
	else
		assert_int_equal(o.counters[NL_COUNT_filtered], 0);
}

static void test_filters(void **state)
{
	static const struct {
		u16 port; /* 0: none */
		u8 net[4], mask[4];
		bool passes;
	} cases[] = {
		{ .port = 8080, .passes = true },
		{ .port = 40003, .passes = true }, /* either end */
		{ .port = 80, .passes = false },
		{ .net = { 10, 1, 0, 0 }, .mask = { 255, 255, 0, 0 }, .passes = true },
		{ .net = { 10, 0, 0, 3 }, .mask = { 255, 255, 255, 255 }, .passes = true },
		{ .net = { 10, 0, 0, 2 }, .mask = { 255, 255, 255, 254 }, .passes = true },
		{ .net = { 10, 0, 0, 4 }, .mask = { 255, 255, 255, 255 }, .passes = false },
		{ .net = { 192, 168, 0, 0 }, .mask = { 255, 255, 0, 0 }, .passes = false },
		{ .net = { 0 }, .mask = { 0 }, .passes = true },
		{ .port = 8080, .net = { 11 }, .mask = { 255 }, .passes = false },
		{ .port = 81, .net = { 10 }, .mask = { 255 }, .passes = false },
	};

	(void)state;
	client_says(&c, GET_1);
	server_says(&c, OK_HELLO);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nl_config config = config_plain();
		struct nl_filter_net *net = &config.nets[1];

		if (cases[i].port) {
			config.filter_ports = NL_FILTER_PORTS_MAX;
			for (u32 j = 0; j < NL_FILTER_PORTS_MAX; j++)
				config.ports[j] = (u16)(1000 + j);
			config.ports[i % NL_FILTER_PORTS_MAX] = cases[i].port;
		}
		if (!cases[i].port || i >= 9) {
			config.filter_nets = 2;
			/* 198.51.100.0/24 first: any of them will do */
			packet_map_ipv4(&config.nets[0].addr, 0x006433c6);
			memset(config.nets[0].mask.bytes, 0xff, 15);
			packet_map_ipv4(&net->addr, load_u32(cases[i].net));
			memset(net->mask.bytes, 0xff, 12);
			memcpy(net->mask.bytes + 12, cases[i].mask, 4);
		}
		check_filter(&config, cases[i].passes);
	}
}

/* Records only from this latency on; statistics of all. */
static void test_min_latency(void **state)
{
	struct nl_config config = config_plain();

	(void)state;
	for (u64 ms = 1; ms <= 10; ms++) {
		client_says(&c, GET_1);
		c.now_ns += ms * 1000000 - c.step_ns;
		server_says(&c, OK_HELLO);
	}
	config.min_record_latency_ns = 7000000;
	observe_natively(&c.packets, &config, &o);
	assert_int_equal(o.count, 4); /* 7, 8, 9 and 10 ms */
	assert_int_equal(o.counters[NL_COUNT_paired], 10);
	for (size_t i = 0; i < o.count; i++)
		assert_true(o.records[i].response_last_ns - o.records[i].request_first_ns >=
			    config.min_record_latency_ns);
	config.records_wanted = 0;
	observe_natively(&c.packets, &config, &o);
	assert_int_equal(o.count, 0);
	assert_int_equal(o.counters[NL_COUNT_paired], 10);
}

/* Never fewer than two outstanding, hundreds of times: each has its head. */
static void test_queue_never_empty(void **state)
{
	static const struct expected one = { .method = NL_METHOD_GET,
					     .target = "/1",
					     .status = 200,
					     .request_bytes = LENGTH(GET_1),
					     .response_bytes = LENGTH(OK_HELLO),
					     .grade = NL_GRADE_pipelined };

	(void)state;
	client_says(&c, GET_1 GET_1);
	for (int i = 0; i < 400; i++) {
		client_says(&c, GET_1);
		server_says(&c, OK_HELLO);
	}
	observe();
	assert_int_equal(o.count, 400);
	for (size_t i = 1; i < o.count; i++)
		check_record(&o.records[i], &one);
}

/* A 64 KB super-packet of chunks of `chunk` bytes, with the next response behind. */
static void check_chunks(u32 chunk)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
	static const char tail[] = "0\r\n\r\n" OK_HELLO;
	size_t used = LENGTH(head), room = 60000;

	memset(buffer, 'x', sizeof(buffer));
	memcpy(buffer, head, used);
	while (used + chunk + 16 + sizeof(tail) < room) {
		used += (size_t)sprintf(buffer + used, "%x\r\n", chunk);
		buffer[used] = 'x';
		used += chunk;
		memcpy(buffer + used, "\r\n", 2);
		used += 2;
	}
	memcpy(buffer + used, tail, LENGTH(tail));
	used += LENGTH(tail);
	conversation_end(&c);
	conversation_begin(&c, 3);
	c.segment_bytes = 64000;
	client_says(&c, GET_1 GET_1);
	conversation_sends(&c, NL_SERVER, buffer, used);
	observe();
	if (o.count != 2 || o.records[0].outcome != NL_OUTCOME_OK ||
	    o.records[0].response_bytes != used - LENGTH(OK_HELLO))
		fail_msg("chunks of %u bytes: %zu records, step_limit %llu", chunk, o.count,
			 o.counters[NL_COUNT_step_limit]);
	assert_int_equal(o.records[1].response_bytes, LENGTH(OK_HELLO));
}

static void test_super_packet_of_chunks(void **state)
{
	static const u32 sizes[] = { 60000 - 200, 16384, 8192, 4096, 2048, 1024 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		check_chunks(sizes[i]);
}

/* More messages or chunks than one run may take: counted as such, and the next is right. */
static void test_step_limit(void **state)
{
	(void)state;
	c.segment_bytes = 64000;
	client_says(&c, GET_1);
	memcpy(buffer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 47);
	for (size_t i = 47; i < 60000; i += 6)
		memcpy(buffer + i, "1\r\nx\r\n", 6);
	conversation_sends(&c, NL_SERVER, buffer, 47 + 6 * 9000);
	server_says(&c, "0\r\n\r\n");
	client_says(&c, "GET /2 HTTP/1.1\r\n\r\n");
	server_says(&c, OK_HELLO);
	observe();
	assert_int_equal(o.count, 2);
	assert_int_equal(o.records[0].status, 200);
	if (o.counters[NL_COUNT_step_limit])
		assert_true(o.records[0].grade & NL_GRADE_gap);
	assert_memory_equal(o.records[1].head, "GET /2 ", 7);
	assert_int_equal(o.records[1].status, 200);
	assert_int_equal(o.records[1].outcome, NL_OUTCOME_OK);
}

/* The last packets of a closed connection, seen again: no connection begins by them. */
static void test_duplicates_after_the_end(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	conversation_fin(&c, NL_CLIENT);
	/* The whole response and the FIN in one segment. */
	conversation_segment(&c, NL_SERVER, NL_TCP_ACK | NL_TCP_FIN, 0, OK_HELLO, LENGTH(OK_HELLO));
	packet_list_second_interface(&c.packets, 2, 10);
	observe();
	assert_int_equal(o.count, 1);
	assert_int_equal(o.counters[NL_COUNT_paired], 1);
	assert_int_equal(o.counters[NL_COUNT_responses], 1);
	assert_int_equal(o.counters[NL_COUNT_orphan], 0);
	assert_int_equal(o.counters[NL_COUNT_flows], 1);
}

/* A capture of the first bytes of each packet only: bodies do not matter, heads do. */
static void test_cut_captures(void **state)
{
	(void)state;
	client_says(&c, GET_1);
	server_says(&c, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
	conversation_sends(&c, NL_SERVER, buffer, 5000);
	client_says(&c, GET_1);
	server_says(&c, OK_HELLO);
	for (u32 snaplen = 1; snaplen <= 200; snaplen++) {
		struct packets cut = { 0 };

		for (size_t i = 0; i < c.packets.count; i++) {
			struct sent_packet p = c.packets.packets[i];

			p.captured = p.captured < snaplen ? p.captured : snaplen;
			packet_list_add(&cut, &p);
		}
		observe_natively(&cut, &(struct nl_config){ .records_wanted = 1 }, &o);
		if (snaplen < 54)
			assert_int_equal(o.counters[NL_COUNT_truncated_header], cut.count);
		if (snaplen >= 66 + LENGTH(OK_HELLO)) {
			assert_int_equal(o.count, 2);
			assert_int_equal(o.records[0].response_bytes, 41 + 5000);
		}
		packet_list_free(&cut);
	}
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_other_protocols),
		TEST(test_filters),
		TEST(test_min_latency),
		TEST(test_queue_never_empty),
		TEST(test_super_packet_of_chunks),
		TEST(test_step_limit),
		TEST(test_duplicates_after_the_end),
		TEST(test_cut_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
