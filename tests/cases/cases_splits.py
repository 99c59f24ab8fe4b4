# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Heads cut into segments at every place, and bodies that look like heads."""

import rows
from messages import Response, chunk, get, head, post, response
from registry import case
from talk import CLIENT, SERVER


@case(rows.SPLIT)
def request_split_everywhere(c):
    """a GET cut in two at every position, the first within its method"""
    asked = get("/split?x=1", "Accept: */*")
    for position in range(1, len(asked.data)):
        talk = c.connection()
        talk.exchange(asked, response(), request_cut=[position])
        talk.exchange(get("/after"), response())


@case(rows.SPLIT)
def post_split_everywhere(c):
    """a POST with a body cut in two at every position, over IPv6"""
    asked = post("/form", b"a=1&b=2")
    for position in range(1, len(asked.data)):
        talk = c.connection(v6=True)
        talk.exchange(asked, response(), request_cut=[position])
        talk.exchange(get("/after"), response())


@case(rows.SPLIT)
def response_split_everywhere(c):
    """a response cut in two at every position"""
    answer = response(200, b"hello", "Content-Type: text/plain")
    for position in range(1, len(answer.data)):
        talk = c.connection()
        talk.exchange(get("/"), answer, response_cut=[position])
        talk.exchange(get("/after"), response())


@case(rows.SPLIT)
def split_in_three_everywhere(c):
    """a request and its response, each cut in three at many pairs of positions"""
    asked, answer = post("/x", b"abc"), response(200, b"hello")
    for first in range(1, len(asked.data) - 1, 3):
        for second in range(first + 1, len(asked.data), 5):
            talk = c.connection()
            cut = [position for position in (first, second) if position < len(answer.data)]
            talk.exchange(asked, answer, request_cut=[first, second], response_cut=cut)


@case(rows.SPLIT)
def one_byte_per_segment(c):
    """three transactions, every byte in a segment of its own"""
    talk = c.connection()
    for asked, answer in ((get("/1"), response()), (post("/2"), response(404, b"no")), (get("/3"), response(204, None))):
        talk.exchange(asked, answer, request_cut=1, response_cut=1)
    talk.close()


@case(rows.SPLIT)
def long_head_in_small_segments(c):
    """a head of 6 kB and a response head of 6 kB in segments of every size from 1 to 200"""
    fields = [f"X-Field-{number}: {'v' * 60}" for number in range(70)]
    asked, answer = get("/", *fields), response(200, b"hello", *fields)
    for size in (1, 2, 3, 5, 7, 11, 13, 31, 63, 64, 65, 100, 127, 128, 200, 511, 512, 513, 1460):
        talk = c.connection()
        talk.exchange(asked, answer, request_cut=size, response_cut=size, grade=["head_cut"])
        talk.exchange(get("/after"), response())


@case(rows.SPLIT)
def split_of_a_long_line(c):
    """a field line of 400 bytes before the Content-Length, cut at every 7th position"""
    asked = post("/x", b"abc", "Cookie: " + "c" * 400)
    for position in range(1, len(asked.data), 7):
        talk = c.connection()
        talk.exchange(asked, response(), request_cut=[position])
        talk.exchange(get("/after"), response())


@case(rows.QUOTED)
def body_quotes_messages(c):
    """bodies whose segments begin with a status line or a request line, in both directions"""
    quoted_response, quoted_request = response(500, b"no").data, get("/quoted").data
    for v6 in (False, True):
        talk = c.connection(v6=v6)
        body = b"x" * 100 + quoted_response + quoted_request
        cut_at = (100, 100 + len(quoted_response))
        for asked, answer in ((post("/up", body), response()), (get("/down"), response(200, body))):
            request_cut = [len(asked.data) - len(body) + at for at in cut_at] if asked.method == "POST" else ()
            response_cut = [len(answer.data) - len(body) + at for at in cut_at] if asked.method == "GET" else ()
            talk.exchange(asked, answer, request_cut, response_cut)
        talk.exchange(get("/after"), response())
    c.count(flows=2)


@case(rows.QUOTED)
def body_quotes_from_its_first_byte(c):
    """the head in one segment, the body in the next, and the body is a whole response"""
    talk = c.connection()
    quoted = response(404, b"quoted").data
    answer = response(200, quoted)
    talk.exchange(get("/1"), answer, response_cut=[len(answer.data) - len(quoted)])
    asked = post("/2", get("/quoted").data)
    talk.exchange(asked, response(), request_cut=[len(asked.data) - len(get("/quoted").data)])
    chunky = b"%x\r\n" % len(quoted)
    answer = response(200, chunky + quoted + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked")
    talk.exchange(get("/3"), answer, response_cut=[len(answer.data) - len(quoted) - 7])
    talk.exchange(get("/after"), response())


@case(rows.QUOTED)
def body_quotes_and_is_delimited_by_close(c):
    """a body delimited by close whose segments begin with status lines"""
    talk = c.connection()
    asked = talk.client(get("/").data)
    answer = response(200, None)
    data = answer.data + response(500, b"quoted").data * 3
    first, _ = talk.server(data, cut=[len(answer.data), len(answer.data) + len(response(500, b"quoted").data)])
    end = talk.fin(SERVER)
    talk.expect(get("/"), answer, asked, (first, end), grade=["closed"], response_bytes=len(data))
    talk.fin(CLIENT)


@case(rows.SPLIT)
def framing_field_at_every_offset(c):
    """Content-Length behind 380 to 660 bytes of head, all in one segment"""
    for padding in range(380, 660):
        answer = Response(head("HTTP/1.1 200 OK", ["X: " + "p" * padding, "Content-Length: 12345"]) + b"x" * 12345)
        talk = c.connection()
        at = len(answer.data) - 12345
        talk.exchange(get("/"), answer, response_cut=[at + 10, at + 3000, at + 6000, at + 9000])
        talk.exchange(get("/after"), response(204, None))


@case(rows.SPLIT)
def chunk_size_at_every_offset(c):
    """a chunk-size line behind 380 to 660 bytes of head, all in one segment"""
    for padding in range(380, 660, 3):
        body = chunk(b"hello", ";extension=of-some-length") + chunk(b"x" * 300) + b"0\r\n\r\n"
        answer = Response(head("HTTP/1.1 200 OK", ["X: " + "p" * padding, "Transfer-Encoding: chunked"]) + body)
        talk = c.connection()
        talk.exchange(get("/"), answer)
        talk.exchange(get("/after"), response())
