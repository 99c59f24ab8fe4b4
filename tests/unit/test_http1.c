/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_http1.c - start lines, framing fields and chunk sizes (RFC 9112). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/http1.h"

/* 24 bytes that may be loaded; what is behind the text is stale. */
static const u8 *loadable(const char *text, u8 stale)
{
	static u8 bytes[64];
	size_t length = strlen(text);

	memset(bytes, stale, sizeof(bytes));
	memcpy(bytes, text, length < sizeof(bytes) ? length : sizeof(bytes));
	return bytes;
}

static void test_methods(void **state)
{
	static const struct {
		const char *line;
		int method;
	} cases[] = {
#define X(number, name, text) { text " / HTTP/1.1\r\n", number },
		NL_METHODS(X)
#undef X
			{ "PROPFIND /a/b HTTP/1.1", NL_METHOD_OTHER },
		{ "VERSION-CONTROL / HTTP/1.1", NL_METHOD_OTHER },
		{ "M-SEARCH * HTTP/1.1", NL_METHOD_OTHER },
		{ "GETX / HTTP/1.1", NL_METHOD_OTHER },
		{ "GE / HTTP/1.1", NL_METHOD_OTHER },
		{ "get / HTTP/1.1", NL_METHOD_OTHER }, /* methods are case-sensitive */
		{ "DELETES / HTTP/1.1", NL_METHOD_OTHER },
		{ " GET / HTTP/1.1", -1 },
		{ "GET\t/ HTTP/1.1", -1 },
		{ "\r\nGET / HTTP/1.1", -1 },
		{ "G\x01T / HTTP/1.1", -1 },
		{ "\x16\x03\x01\x02\x00 \x01", -1 },
		{ "G\xc9T / HTTP/1.1\r\n\r\n", -1 },
		{ "NOSPACEATALLINHERE0123456789", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int method = http1_method(loadable(cases[i].line, 0));

		if (method != cases[i].method)
			fail_msg("'%s' is %d, not %d", cases[i].line, method, cases[i].method);
	}
}

/* A method is the same whatever lies in its word behind the space. */
static void test_method_ignores_what_follows(void **state)
{
	(void)state;
	for (u32 stale = 0; stale < 256; stale++) {
		assert_int_equal(http1_method(loadable("GET ", (u8)stale)), NL_METHOD_GET);
		assert_int_equal(http1_method(loadable("PUT ", (u8)stale)), NL_METHOD_PUT);
		assert_int_equal(http1_method(loadable("HEAD ", (u8)stale)), NL_METHOD_HEAD);
		assert_int_equal(http1_method(loadable("PATCH ", (u8)stale)), NL_METHOD_PATCH);
	}
}

static void test_statuses(void **state)
{
	static const struct {
		const char *line;
		int status;
	} cases[] = {
		{ "HTTP/1.1 200 OK", 200 },	  { "HTTP/1.0 404 Not Found", 404 },
		{ "HTTP/1.1 100 Continue", 100 }, { "HTTP/1.1 599 \r\n", 599 },
		{ "HTTP/1.1 999\r\n", 999 },	  { "HTTP/1.1 099 X", 0 },
		{ "HTTP/1.1 20 OK", 0 },	  { "HTTP/1.1  200 OK", 0 },
		{ "HTTP/1.1\t200 OK", 0 },	  { "HTTP/1.1 2x0 OK", 0 },
		{ "HTTP/2.0 200 OK", 200 },	  { "HTTP/1.x 200 OK", -1 },
		{ "HTTP/0.9 201 OK", 201 },	  { "HTTP/11 200 OK ", -1 },
		{ "http/1.1 200 OK", -1 },	  { "ICY 200 OK\r\n\r\n", -1 },
		{ "HTTP/1.1/200 OK", 0 },	  { "GET / HTTP/1.1 200", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = http1_status(loadable(cases[i].line, 0));

		if (status != cases[i].status)
			fail_msg("'%s' is %d, not %d", cases[i].line, status, cases[i].status);
	}
}

/* Every prefix of a start looks like one; what lies behind it has no say. */
static void test_looks_like_prefixes(void **state)
{
	static const char *const requests[] = {
		"GET /index.html HTTP/1.1\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: a\r\n",
		"DELETE /some/thing HTTP/1.1\r\n",
		"CONNECT a.example:443 HTTP/1.1\r\n",
	};
	static const char response[] = "HTTP/1.1 200 OK\r\nServer: x\r\n";

	(void)state;
	for (u32 stale = 0; stale < 256; stale += 51) {
		u8 bytes[32];

		for (u32 i = 0; i < 4; i++) {
			for (u32 length = 1; length <= 26; length++) {
				memset(bytes, (int)stale, sizeof(bytes));
				memcpy(bytes, requests[i], length);
				if (!http1_looks_like_request(bytes, length))
					fail_msg("%u bytes of '%s'", length, requests[i]);
				assert_int_equal(http1_looks_like_response(bytes, length), false);
			}
		}
		for (u32 length = 1; length <= 26; length++) {
			memset(bytes, (int)stale, sizeof(bytes));
			memcpy(bytes, response, length);
			assert_true(http1_looks_like_response(bytes, length));
		}
	}
}

static void test_looks_like_neither(void **state)
{
	static const char *const others[] = {
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"*1\r\n$4\r\nPING\r\n",
		"220 mail.example ESMTP Postfix\r\n",
		"\x4a\x00\x00\x00\x0a\x38.0.11\x00",
		"$6\r\nfoobar\r\n",
		"\x00\x1d\x12\x34\x01\x00\x00\x01",
		"+OK POP3 ready\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		u32 length = (u32)strlen(others[i]);

		length = length < 24 ? 24 : length;
		assert_false(http1_looks_like_request(loadable(others[i], 'A'), length));
		assert_false(http1_looks_like_response(loadable(others[i], 'A'), length));
	}
}

/* The outcome of a head that lies whole in one window. */
struct head {
	enum http1_event event;
	u32 taken;
	struct nl_stream stream;
};

static struct head frame_head(const char *text, bool response, u8 stale)
{
	static struct nl_window window;
	u32 length = (u32)strlen(text), pos = NL_CARRY_BYTES;
	struct head h = { .stream = { .mode = NL_MODE_START } };

	assert_true(length <= NL_WINDOW_BYTES);
	memset(window.bytes, stale, sizeof(window.bytes));
	memcpy(window.bytes + NL_CARRY_BYTES, text, length);
	h.event = http1_frame(&h.stream, &window, &pos, NL_CARRY_BYTES + length, true, response);
	h.taken = pos - NL_CARRY_BYTES;
	return h;
}

#define LENGTH_IS(n) n, NL_HEAD_LENGTH
#define NO_LENGTH 0, 0

/* Field sections of a response, and what they say of its body (RFC 9112, 6; RFC 9110, 8.6). */
static const struct {
	const char *fields;
	u64 length;
	u8 flags; /* of malformed heads only that is compared */
} framings[] = {
	{ "", NO_LENGTH },
	{ "Content-Length: 0\r\n", LENGTH_IS(0) },
	{ "Content-Length: 42\r\n", LENGTH_IS(42) },
	{ "content-length:42\r\n", LENGTH_IS(42) },
	{ "CONTENT-LENGTH:\t 42 \t \r\n", LENGTH_IS(42) },
	{ "Content-Length : 42\r\n", LENGTH_IS(42) },
	{ "Content-Length: 0000042\r\n", LENGTH_IS(42) },
	{ "Content-Length: 42\n", LENGTH_IS(42) },
	{ "Content-Length: 42, 42\r\n", LENGTH_IS(42) },
	{ "Content-Length: 42,42 ,\t42\r\n", LENGTH_IS(42) },
	{ "Content-Length: 42\r\nContent-Length: 42\r\n", LENGTH_IS(42) },
	{ "Content-Length: 123456789012345678\r\n", LENGTH_IS(123456789012345678ULL) },
	{ "Content-Length: 4294967296\r\n", LENGTH_IS(4294967296ULL) },
	{ "Content-Length: 42, 43\r\n", 0, NL_HEAD_MALFORMED },
	{ "Content-Length: 42\r\nContent-Length: 43\r\n", 0, NL_HEAD_MALFORMED },
	{ "Content-Length: -1\r\n", 0, NL_HEAD_MALFORMED },
	{ "Content-Length: +5\r\n", 0, NL_HEAD_MALFORMED },
	{ "Content-Length: 4 2\r\n", 0, NL_HEAD_MALFORMED },
	{ "Content-Length: 0x10\r\n", 0, NL_HEAD_MALFORMED },
	{ "Content-Length: 1.5\r\n", 0, NL_HEAD_MALFORMED },
	{ "Content-Length: many\r\n", 0, NL_HEAD_MALFORMED },
	{ "Content-Length: \r\n", 0, NL_HEAD_MALFORMED },
	{ "Content-Length: 99999999999999999999999999\r\n", 0, NL_HEAD_MALFORMED },
	{ "Content-Length: 18446744073709551617\r\n", 0, NL_HEAD_MALFORMED },
	/* names that only look like it, and values */
	{ "X-Content-Length: 42\r\n", NO_LENGTH },
	{ "Content-Lengthy: 42\r\n", NO_LENGTH },
	{ "Content-Length-Of: 42\r\n", NO_LENGTH },
	{ "Content-Lengt: 42\r\n", NO_LENGTH },
	{ "Content-Type: Content-Length: 42\r\n", NO_LENGTH },
	{ "X: y\r\n Content-Length: 42\r\n", NO_LENGTH }, /* obs-fold: still X */
	{ "C\xcfntent-Length: 42\r\n", NO_LENGTH },
	{ "Content\rLength: 42\r\n", NO_LENGTH },
	{ "Transfer-Encoding: chunked\r\n", 0, NL_HEAD_CHUNKED },
	{ "transfer-encoding:CHUNKED\r\n", 0, NL_HEAD_CHUNKED },
	{ "Transfer-Encoding: gzip, chunked\r\n", 0, NL_HEAD_CHUNKED },
	{ "Transfer-Encoding: gzip;q=\"a,b\" ,\t chunked \r\n", 0, NL_HEAD_CHUNKED },
	{ "Content-Length: 42\r\nTransfer-Encoding: chunked\r\n", 42,
	  NL_HEAD_CHUNKED | NL_HEAD_LENGTH },
	{ "Transfer-Encoding: chunked\r\nContent-Length: 42\r\n", 42,
	  NL_HEAD_CHUNKED | NL_HEAD_LENGTH },
	/* two lines are one list (RFC 9110, 5.3) */
	{ "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 0, NL_HEAD_CHUNKED },
	{ "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", 0, NL_HEAD_TRANSFER_CODED },
	{ "Transfer-Encoding: gzip\r\n", 0, NL_HEAD_TRANSFER_CODED },
	{ "Transfer-Encodings: chunked\r\n", NO_LENGTH },
	{ "X-Transfer-Encoding: chunked\r\n", NO_LENGTH },
	/* 6.3, rule 4: not chunked unless that is the final coding */
	{ "Transfer-Encoding: chunked, gzip\r\n", 0, NL_HEAD_TRANSFER_CODED },
	{ "Transfer-Encoding: unchunked\r\n", 0, NL_HEAD_TRANSFER_CODED },
	{ "Transfer-Encoding: chunkedfoo\r\n", 0, NL_HEAD_TRANSFER_CODED },
};

static void test_framing_fields(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(framings) / sizeof(framings[0]); i++) {
		char text[NL_WINDOW_BYTES];
		struct head h;
		bool right;

		snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nServer: a\r\n%sDate: b\r\n\r\n",
			 framings[i].fields);
		h = frame_head(text, true, '\n');
		assert_int_equal(h.event, HTTP1_HEAD);
		assert_int_equal(h.taken, strlen(text));
		assert_int_equal(h.stream.code, 200);
		if (framings[i].flags == NL_HEAD_MALFORMED)
			right = h.stream.head_flags & NL_HEAD_MALFORMED;
		else
			right = h.stream.head_flags == framings[i].flags &&
				h.stream.remaining_bytes == framings[i].length;
		if (!right)
			print_error("%s  flags %#x, not %#x; length %llu, not %llu\n",
				    framings[i].fields, h.stream.head_flags, framings[i].flags,
				    h.stream.remaining_bytes, framings[i].length);
		failed += !right;
	}
	assert_int_equal(failed, 0);
}

/* A length in an obsolete fold: that length, or a head that is said to be malformed. */
static void test_folded_length(void **state)
{
	struct head h = frame_head("HTTP/1.1 200 OK\r\nContent-Length:\r\n 42\r\n\r\n", true, 0);

	(void)state;
	assert_int_equal(h.event, HTTP1_HEAD);
	if (!(h.stream.head_flags & NL_HEAD_MALFORMED))
		assert_int_equal(h.stream.remaining_bytes, 42);
}

static void test_request_lines(void **state)
{
	static const struct {
		const char *line;
		int method; /* -1: no request */
		u8 version;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n\r\n", NL_METHOD_GET, 0x11 },
		{ "GET / HTTP/1.0\n\n", NL_METHOD_GET, 0x10 },
		{ "GET http://a.example/?q= HTTP/1.1\r\n\r\n", NL_METHOD_GET, 0x11 },
		{ "OPTIONS * HTTP/1.1\r\n\r\n", NL_METHOD_OPTIONS, 0x11 },
		{ "BREW /pot HTTP/1.1\r\n\r\n", NL_METHOD_OTHER, 0x11 },
		{ "GET /\r\n\r\n", NL_METHOD_GET, 0x09 },
		{ "DELETE /a\r\n\r\n", NL_METHOD_DELETE, 0x09 },
		{ "GET / HTTP/2.0\r\n\r\n", NL_METHOD_GET, 0x20 },
		{ "GET /HTTP/1.1\r\n\r\n", NL_METHOD_GET, 0x09 },
		{ "M-SEARCH * HTTP/1.1\r\n\r\n", NL_METHOD_OTHER, 0x11 },
		{ "GET/ HTTP/1.1\r\n\r\n", -1, 0 },
		{ "VERSION-CONTROL /a HTTP/1.1\r\n\r\n", NL_METHOD_OTHER, 0x11 },
		{ "CCM_POST/ HTTP/1.1\r\n\r\n", -1, 0 },
		{ "G(T / HTTP/1.1\r\n\r\n", -1, 0 },
		{ "RETR /file\r\n\r\n", -1, 0 },
		{ "OPTIONS\r\n\r\n", -1, 0 },
		{ "OPTIONS /a RTSP/1.0\r\nCSeq: 1\r\n\r\n", -1, 0 },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", -1, 0 },
		{ "OPTIONS rtsp://a/ RTSP/1.0\r\nCSeq: 1\r\n\r\n", -1, 0 },
		{ "OPTIONS sip:a@b SIP/2.0\r\nCSeq: 1\r\n\r\n", -1, 0 },
		{ "GET garbage that has no version at its end\r\n\r\n", -1, 0 },
		{ "EHLO mail.example\r\n", -1, 0 },
		{ "USER anonymous\r\n", -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct head h = frame_head(cases[i].line, false, 'X');

		if ((h.event == HTTP1_HEAD) != (cases[i].method >= 0))
			fail_msg("'%s' gives event %d", cases[i].line, h.event);
		if (cases[i].method < 0) {
			assert_int_equal(h.event, HTTP1_LOST);
			continue;
		}
		assert_int_equal(h.stream.code, cases[i].method);
		assert_int_equal(h.stream.version, cases[i].version);
		assert_int_equal(h.taken, strlen(cases[i].line));
	}
}

/* Empty lines before a start line are skipped (RFC 9112, 2.2), and are events of their own. */
static void test_empty_lines(void **state)
{
	struct head h = frame_head("\r\nGET / HTTP/1.1\r\n\r\n", false, 0);

	(void)state;
	assert_int_equal(h.event, HTTP1_BLANK);
	assert_int_equal(h.taken, 2);
	h = frame_head("\nGET / HTTP/1.1\r\n\r\n", false, 0);
	assert_int_equal(h.event, HTTP1_BLANK);
	assert_int_equal(h.taken, 1);
}

/* A chunk-size line, from where a chunk is due. */
static void test_chunk_sizes(void **state)
{
	static const struct {
		const char *line;
		u64 size;
		bool good;
	} cases[] = {
		{ "5\r\n", 5, true },
		{ "5\n", 5, true },
		{ "00005\r\n", 5, true },
		{ "fF\r\n", 255, true },
		{ "5;name=value\r\n", 5, true },
		{ "5 ;name\r\n", 5, true },
		{ "5\t\r\n", 5, true },
		{ "100000000\r\n", 1ULL << 32, true },
		{ "fffffffffffffff\r\n", (1ULL << 60) - 1, true },
		{ " 5\r\n", 5, true }, /* malformed, and passed */
		{ "5,\r\n", 5, true },
		{ "g\r\n", 0, false },
		{ "-5\r\n", 0, false },
		{ "0x5\r\n", 0, false },
		{ "5x\r\n", 0, false },
		{ ";name\r\n", 0, false },
		{ " \r\n", 0, false },
		{ "10000000000000000\r\n", 0, false },
	};
	static struct nl_window window;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nl_stream s = { .mode = NL_MODE_CHUNK_SIZE };
		u32 length = (u32)strlen(cases[i].line), pos = NL_CARRY_BYTES;
		enum http1_event event;

		memcpy(window.bytes + NL_CARRY_BYTES, cases[i].line, length);
		event = http1_frame(&s, &window, &pos, NL_CARRY_BYTES + length, true, true);
		if ((event == HTTP1_MORE) != cases[i].good)
			fail_msg("chunk '%s' gives event %d", cases[i].line, event);
		if (cases[i].good) {
			assert_int_equal(s.mode, NL_MODE_CHUNK_DATA);
			assert_int_equal(s.remaining_bytes, cases[i].size);
			assert_int_equal(pos, NL_CARRY_BYTES + length);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_method_ignores_what_follows),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_looks_like_prefixes),
		cmocka_unit_test(test_looks_like_neither),
		cmocka_unit_test(test_framing_fields),
		cmocka_unit_test(test_folded_length),
		cmocka_unit_test(test_request_lines),
		cmocka_unit_test(test_empty_lines),
		cmocka_unit_test(test_chunk_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
