/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* noise.c - bytes that are nearly HTTP/1.x. */
#include "noise.h"

#include <string.h>

static const char *const words[] = {
	"GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /b HTTP/1.1\r\nHost: a\r\n\r\nGET /c HTTP/1.0\r\n\r\n",
	"HEAD /h HTTP/1.1\r\n\r\n",
	"POST /p HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
	"POST /q HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	"POST /e HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
	"CONNECT a:443 HTTP/1.1\r\n\r\n",
	"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
	"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	"GET /old\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n",
	"HTTP/1.0 200 OK\r\n\r\n",
	"HTTP/1.1 100 Continue\r\n\r\n",
	"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
	"HTTP/1.1 101 Switching Protocols\r\n\r\n",
	"HTTP/1.1 204 No Content\r\n\r\n",
	"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
	"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n",
	/* parts */
	"GET ",
	"PROPFIND ",
	" HTTP/1.1\r\n",
	"HTTP/1.1 ",
	"HTTP/1.1 999 \r\n",
	"HTTP/1.1 000 \r\n",
	"200 OK\r\n",
	"Content-Length: 5\r\n",
	"Content-Length: 100000\r\n",
	"Content-Length: 5, 5\r\n",
	"Content-Length: 5\r\nContent-Length: 6\r\n",
	"Content-Length: -1\r\n",
	"Content-Length: 99999999999999999999\r\n",
	"Content-Length: 4294967295\r\n",
	"Content-Length : 5\r\n",
	"Content-Length\r\n",
	"Transfer-Encoding: chunked\r\n",
	"Transfer-Encoding: chunked, gzip\r\n",
	"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
	"X: y\r\n folded\r\n",
	"\r\n",
	"\n",
	"\r\n\r\n",
	"5\r\nhello\r\n",
	"ffffffffffffffff\r\n",
	"fffffff\r\n",
	"0\r\n\r\n",
	"hello",
	"\r",
	"\x16\x03\x01\x02",
};
#define WORDS (sizeof(words) / sizeof(words[0]))

u32 noise_make(u8 *to, u32 size, struct choices *choices)
{
	u32 written = 0;

	for (u32 times = 1 + choose(choices, 3); times > 0; times--) {
		u32 word = choose(choices, WORDS + 8), length = 1, room = size - written;

		if (!room)
			break;
		if (word < WORDS) {
			length = (u32)strlen(words[word]);
			length = length < room ? length : room;
			memcpy(to + written, words[word], length);
		} else if (word < WORDS + 5) {
			length += choose_length(choices, room);
			memset(to + written, word == WORDS ? 0 : 'a', length);
		} else {
			for (length = 0; length < room && length < 40; length++) {
				to[written + length] = (u8)choose(choices, 256);
				if (!choices->left)
					break;
			}
		}
		written += length;
	}
	return written;
}
