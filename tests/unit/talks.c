/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* talks.c - conversations, and the records they must give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "talks.h"

#define LENGTH(text) (sizeof(text) - 1)

#define GET(target) "GET " target " HTTP/1.1\r\nHost: a.example\r\n\r\n"
#define OK_HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

/* One answered transaction. */
#define ANSWERED(method_, target_, request_, status_, response_)                                   \
	.method = NL_METHOD_##method_, .target = target_, .status = status_,                       \
	.request_bytes = LENGTH(request_), .response_bytes = LENGTH(response_)
#define GOT_HELLO(target_) ANSWERED(GET, target_, GET(target_), 200, OK_HELLO)

#define POST_FORM "POST /form HTTP/1.1\r\nhost: a.example\r\ncontent-length:7\r\n\r\na=1&b=2"
#define FOUND_404                                                                                  \
	"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nno\n"

static void speak_keep_alive(struct conversation *c)
{
	client_says(c, GET("/1"));
	server_says(c, OK_HELLO);
	client_says(c, POST_FORM);
	server_says(c, FOUND_404);
	client_says(c, GET("/3"));
	server_says(c, OK_EMPTY);
	conversation_fin(c, NL_CLIENT);
	conversation_fin(c, NL_SERVER);
}

static void speak_pipelined(struct conversation *c)
{
	client_says(c, GET("/1") GET("/2") POST_FORM);
	server_says(c, OK_HELLO OK_EMPTY FOUND_404);
	client_says(c, GET("/4"));
	server_says(c, OK_HELLO);
}

#define HEAD_REQUEST "HEAD /head HTTP/1.1\r\nHost: a.example\r\n\r\n"
#define HEAD_1000 "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
#define NONE_204 "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n"
#define SAME_304 "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"

/* RFC 9112, 6.3, rule 1: whatever their fields say. */
static void speak_no_body(struct conversation *c)
{
	client_says(c, HEAD_REQUEST);
	server_says(c, HEAD_1000);
	client_says(c, GET("/204"));
	server_says(c, NONE_204);
	client_says(c, GET("/304") GET("/next"));
	server_says(c, SAME_304 OK_HELLO);
}

#define POST_EXPECT                                                                                \
	"POST /up HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: "         \
	"5\r\n\r\n"
#define CONTINUE_100 "HTTP/1.1 100 Continue\r\n\r\n"
#define HINTS_103 "HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n"

static void speak_interim(struct conversation *c)
{
	client_says(c, POST_EXPECT);
	server_says(c, CONTINUE_100);
	client_says(c, "12345");
	server_says(c, HINTS_103 OK_HELLO);
	client_says(c, GET("/plain"));
	server_says(c, OK_HELLO);
}

#define CHUNKED_POST                                                                               \
	"POST /chunked HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n"          \
	"5\r\nhello\r\n00A ; quoted=\"x\"\r\n0123456789\r\n0\r\n\r\n"
/* A chunk-size line longer than what is carried from segment to segment. */
#define CHUNKED_OK                                                                                 \
	"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\nContent-Length: 3\r\n\r\n"         \
	"1c;signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n"        \
	"HTTP/1.1 200 OK\r\n\r\nGET / \r\n\r\n"                                                    \
	"1\r\n\n\r\n000;last\r\nChecksum: 1\r\n"                                                   \
	"X-Long: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n\r\n"

static void speak_chunked(struct conversation *c)
{
	client_says(c, CHUNKED_POST);
	server_says(c, CHUNKED_OK);
	client_says(c, GET("/after"));
	server_says(c, OK_HELLO);
}

#define CLOSE_DELIMITED "HTTP/1.0 200 OK\r\nServer: old\r\n\r\nall of this\r\n\r\nis body"

static void speak_close_delimited(struct conversation *c)
{
	client_says(c, GET("/1"));
	server_says(c, OK_HELLO);
	client_says(c, GET("/close"));
	server_says(c, CLOSE_DELIMITED);
	conversation_fin(c, NL_SERVER);
	conversation_fin(c, NL_CLIENT);
}

#define GET_UPGRADE                                                                                \
	"GET /ws HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
#define SWITCHING                                                                                  \
	"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

static void speak_upgrade(struct conversation *c)
{
	client_says(c, GET_UPGRADE);
	server_says(c, SWITCHING);
	client_says(c, GET("/not/a/request"));
	server_says(c, OK_HELLO "\x81\x05hello");
	conversation_sends(c, NL_CLIENT, "\x82\0\xff\r\n\0", 6);
	conversation_fin(c, NL_CLIENT);
	conversation_fin(c, NL_SERVER);
}

#define CONNECT_REQUEST "CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n"
#define PROXY_407 "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n\r\nauth"
#define CONNECTED "HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n"

/* RFC 9110, 9.3.6: a refused CONNECT is an ordinary response, another has no body. */
static void speak_connect(struct conversation *c)
{
	client_says(c, CONNECT_REQUEST);
	server_says(c, PROXY_407);
	client_says(c, CONNECT_REQUEST);
	server_says(c, CONNECTED);
	client_says(c, "\x16\x03\x01\x02");
	client_says(c, GET("/inside"));
	server_says(c, OK_HELLO);
}

#define QUOTING_POST                                                                               \
	"POST /quote HTTP/1.1\r\nHost: a.example\r\nContent-Length: 47\r\n\r\n"                    \
	"GET /fake HTTP/1.1\r\nHost: x\r\n\r\n0123456789abcdef"
#define QUOTING_OK                                                                                 \
	"HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n"                                            \
	"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\nbody"

static void speak_quoting_body(struct conversation *c)
{
	static const char request[] = QUOTING_POST, response[] = QUOTING_OK;
	const char *request_body = strstr(request, "\r\n\r\n") + 4;
	const char *response_body = strstr(response, "\r\n\r\n") + 4;

	/* Each body begins a segment of its own: there it looks most like a message. */
	conversation_sends(c, NL_CLIENT, request, (size_t)(request_body - request));
	client_says(c, request_body);
	conversation_sends(c, NL_SERVER, response, (size_t)(response_body - response));
	server_says(c, response_body);
	client_says(c, GET("/after"));
	server_says(c, OK_HELLO);
}

#define LONG_20 "12345678901234567890"
#define LONG_100 LONG_20 LONG_20 LONG_20 LONG_20 LONG_20
#define LONG_600 LONG_100 LONG_100 LONG_100 LONG_100 LONG_100 LONG_100
#define LONG_TARGET "/long?" LONG_100
#define GET_LONG                                                                                   \
	"GET " LONG_TARGET " HTTP/1.1\r\nHost: a.example\r\nCookie: " LONG_100                     \
	"\r\nX-Last: Content-Length: 5\r\n\r\n"
#define OK_LONG                                                                                    \
	"HTTP/1.1 200 A reason of many words that goes on and on until nobody carries it "         \
	"whole\r\n"                                                                                \
	"Set-Cookie: " LONG_600 "\r\nContent-Length: 2\r\n\r\nok"

static void speak_long_lines(struct conversation *c)
{
	client_says(c, GET_LONG);
	server_says(c, OK_LONG);
	client_says(c, GET("/after"));
	server_says(c, OK_HELLO);
}

#define GET_ABSOLUTE "GET http://a.example:80/x HTTP/1.1\r\nHost: a.example\r\n\r\n"
#define OPTIONS_STAR "OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n"
#define PROPFIND "PROPFIND /dav HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\nxml"
#define OLD_GET "GET /old HTTP/1.0\r\n\r\n"
#define BARE_LF_GET "GET /lf HTTP/1.1\nHost: a.example\n\n"
#define BARE_LF_OK "HTTP/1.1 200 OK\ncontent-length: 5\n\nhello"
#define NO_REASON_OK                                                                               \
	"HTTP/1.1 299 \r\nCONTENT-LENGTH :\t 5 \t\r\nX-Fold: a\r\n Content-Length: 9\r\n\r\nhello"

/* What RFC 9112 lets a recipient take: 2.2 (bare LF, empty line), 3.2, 5.1, 5.2. */
static void speak_unusual(struct conversation *c)
{
	client_says(c, GET_ABSOLUTE);
	server_says(c, OK_HELLO);
	client_says(c, OPTIONS_STAR);
	server_says(c, OK_EMPTY);
	client_says(c, PROPFIND);
	server_says(c, OK_HELLO);
	client_says(c, "\r\n" OLD_GET);
	server_says(c, OK_HELLO);
	client_says(c, BARE_LF_GET);
	server_says(c, BARE_LF_OK);
	client_says(c, GET("/reason"));
	server_says(c, NO_REASON_OK);
}

#define LIST_OK "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello"
#define TWO_OK "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"

static void speak_lengths(struct conversation *c)
{
	client_says(c, GET("/list"));
	server_says(c, LIST_OK);
	client_says(c, GET("/two"));
	server_says(c, TWO_OK);
	conversation_fin(c, NL_SERVER);
	conversation_fin(c, NL_CLIENT);
}

#define POST_1000 "POST /big HTTP/1.1\r\nHost: a.example\r\nContent-Length: 200\r\n\r\n"
#define REFUSED_413 "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig"

static void speak_early_response(struct conversation *c)
{
	client_says(c, POST_1000 LONG_100);
	server_says(c, REFUSED_413);
	client_says(c, LONG_100);
	client_says(c, GET("/after"));
	server_says(c, OK_HELLO);
}

/* Short, so that the excerpts of sixteen fit. */
#define GET_P "GET /p HTTP/1.0\r\n\r\n"
#define GET_P_5 GET_P GET_P GET_P GET_P GET_P

static void speak_overflow(struct conversation *c)
{
	client_says(c, GET_P_5 GET_P_5 GET_P_5 GET_P_5);
	for (int i = 0; i < 20; i++)
		server_says(c, OK_HELLO);
	client_says(c, GET("/after"));
	server_says(c, OK_HELLO);
}

#define PIPELINED_P                                                                                \
	{                                                                                          \
		ANSWERED(GET, "/p", GET_P, 200, OK_HELLO), .grade = NL_GRADE_pipelined             \
	}
#define FIVE_PIPELINED_P PIPELINED_P, PIPELINED_P, PIPELINED_P, PIPELINED_P, PIPELINED_P

/* clang-format off */
const struct talk talks[] = {
	{ "keep-alive", speak_keep_alive,
	  { { GOT_HELLO("/1") },
	    { ANSWERED(POST, "/form", POST_FORM, 404, FOUND_404) },
	    { ANSWERED(GET, "/3", GET("/3"), 200, OK_EMPTY) } },
	  { { NL_COUNT_flows, 1 }, { NL_COUNT_responses, 3 }, { NL_COUNT_packets, 11 } } },
	{ "pipelined", speak_pipelined,
	  { { GOT_HELLO("/1") },
	    { ANSWERED(GET, "/2", GET("/2"), 200, OK_EMPTY), .grade = NL_GRADE_pipelined },
	    { ANSWERED(POST, "/form", POST_FORM, 404, FOUND_404), .grade = NL_GRADE_pipelined },
	    { GOT_HELLO("/4") } },
	  { { 0 } } },
	{ "no body", speak_no_body,
	  { { ANSWERED(HEAD, "/head", HEAD_REQUEST, 200, HEAD_1000) },
	    { ANSWERED(GET, "/204", GET("/204"), 204, NONE_204) },
	    { ANSWERED(GET, "/304", GET("/304"), 304, SAME_304) },
	    { GOT_HELLO("/next"), .grade = NL_GRADE_pipelined } },
	  { { 0 } } },
	{ "interim", speak_interim,
	  { { ANSWERED(POST, "/up", POST_EXPECT "12345", 200, OK_HELLO), .interim_responses = 2 },
	    { GOT_HELLO("/plain") } },
	  { { NL_COUNT_interim, 2 }, { NL_COUNT_responses, 2 } } },
	{ "chunked", speak_chunked,
	  { { ANSWERED(POST, "/chunked", CHUNKED_POST, 200, CHUNKED_OK) }, { GOT_HELLO("/after") } },
	  { { 0 } } },
	{ "close-delimited", speak_close_delimited,
	  { { GOT_HELLO("/1") },
	    { ANSWERED(GET, "/close", GET("/close"), 200, CLOSE_DELIMITED),
	      .grade = NL_GRADE_closed } },
	  { { 0 } } },
	{ "upgrade", speak_upgrade,
	  { { ANSWERED(GET, "/ws", GET_UPGRADE, 101, SWITCHING) } },
	  { { NL_COUNT_tunnels, 1 }, { NL_COUNT_requests, 1 }, { NL_COUNT_responses, 1 } } },
	{ "connect", speak_connect,
	  { { ANSWERED(CONNECT, "b.example:443", CONNECT_REQUEST, 407, PROXY_407) },
	    { ANSWERED(CONNECT, "b.example:443", CONNECT_REQUEST, 200, CONNECTED) } },
	  { { NL_COUNT_tunnels, 1 }, { NL_COUNT_requests, 2 }, { NL_COUNT_responses, 2 } } },
	{ "quoting body", speak_quoting_body,
	  { { ANSWERED(POST, "/quote", QUOTING_POST, 200, QUOTING_OK) }, { GOT_HELLO("/after") } },
	  { { NL_COUNT_requests, 2 } } },
	{ "long lines", speak_long_lines,
	  { { ANSWERED(GET, LONG_TARGET, GET_LONG, 200, OK_LONG) }, { GOT_HELLO("/after") } },
	  { { 0 } } },
	{ "unusual", speak_unusual,
	  { { ANSWERED(GET, "http://a.example:80/x", GET_ABSOLUTE, 200, OK_HELLO) },
	    { ANSWERED(OPTIONS, "*", OPTIONS_STAR, 200, OK_EMPTY) },
	    { ANSWERED(OTHER, "/dav", PROPFIND, 200, OK_HELLO) },
	    { ANSWERED(GET, "/old", OLD_GET, 200, OK_HELLO) },
	    { ANSWERED(GET, "/lf", BARE_LF_GET, 200, BARE_LF_OK) },
	    { ANSWERED(GET, "/reason", GET("/reason"), 299, NO_REASON_OK) } },
	  { { 0 } } },
	{ "lengths", speak_lengths,
	  { { ANSWERED(GET, "/list", GET("/list"), 200, LIST_OK) },
	    { ANSWERED(GET, "/two", GET("/two"), 200, TWO_OK),
	      .grade = NL_GRADE_malformed | NL_GRADE_closed } },
	  { { NL_COUNT_malformed, 1 } } },
	{ "early response", speak_early_response,
	  { { ANSWERED(POST, "/big", POST_1000 LONG_100, 413, REFUSED_413), .grade = NL_GRADE_early },
	    { GOT_HELLO("/after") } },
	  { { 0 } } },
	{ "overflow", speak_overflow,
	  { { ANSWERED(GET, "/p", GET_P, 200, OK_HELLO) },
	    FIVE_PIPELINED_P, FIVE_PIPELINED_P, FIVE_PIPELINED_P, { GOT_HELLO("/after") } },
	  { { NL_COUNT_pipeline_overflow, 4 }, { NL_COUNT_orphan, 4 }, { NL_COUNT_requests, 21 } } },
};
/* clang-format on */

const size_t talk_count = sizeof(talks) / sizeof(talks[0]);

size_t talk_records(const struct talk *talk)
{
	size_t count = 0;

	while (count < TALK_RECORDS_MAX && talk->records[count].target)
		count++;
	return count;
}

void check_talk(const struct talk *talk, const struct observed *observed)
{
	u64 requests = observed->counters[NL_COUNT_requests];

	check_records(observed, talk->records, talk_records(talk));
	for (size_t i = 0; i < 5 && talk->counts[i].counter; i++)
		assert_int_equal(observed->counters[talk->counts[i].counter],
				 talk->counts[i].value);
	/* Nothing is left open at the end of a talk. */
	assert_int_equal(requests,
			 talk_records(talk) + observed->counters[NL_COUNT_pipeline_overflow]);
	assert_int_equal(observed->counters[NL_COUNT_not_http], 0);
	assert_int_equal(observed->counters[NL_COUNT_internal_error], 0);
	assert_int_equal(observed->counters[NL_COUNT_gaps], 0);
}
