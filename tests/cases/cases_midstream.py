# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Messages whose head was never seen. What is looked for then is the start of a response: the
transaction that it belongs to is graded mid_stream, and so is the one that was given up for it.
"""

import rows
from messages import get, post, response
from registry import case
from talk import CLIENT, SERVER


@case(rows.RESYNC)
def starts_between_messages(c):
    """the capture starts between two transactions: nothing is missing"""
    talk = c.connection(handshake=False)
    talk.exchange(get("/1"), response())
    talk.exchange(get("/2"), response())
    talk.close()


@case(rows.RESYNC)
def starts_in_a_response_body(c):
    """the capture starts in a response body; the next request is the first"""
    talk = c.connection(handshake=False)
    talk.server(b"x" * 3000, 1000)
    talk.exchange(get("/1"), response())
    talk.exchange(get("/2"), response())
    c.count(not_http=3)


@case(rows.RESYNC)
def starts_in_a_request_body(c):
    """the capture starts in an upload: its response is an orphan, the next transaction mid_stream"""
    talk = c.connection(handshake=False)
    talk.client(b"x" * 3000, 1000)
    talk.server(response(201).data)
    talk.exchange(get("/1"), response(), grade=["mid_stream"])
    talk.exchange(get("/2"), response())
    c.count(not_http=3, orphan=1)


@case(rows.RESYNC)
def starts_with_a_response(c):
    """the capture starts between a request and its response"""
    talk = c.connection(handshake=False)
    talk.server(response(200, b"x" * 3000).data, 1000)
    talk.exchange(get("/1"), response(), grade=["mid_stream"])
    talk.exchange(get("/2"), response())
    c.count(orphan=1)


@case(rows.RESYNC)
def starts_in_a_response_head(c):
    """the capture starts within the fields of a response head"""
    talk = c.connection(v6=True, handshake=False)
    talk.server(response(200, b"x" * 50).data[12:])
    talk.exchange(get("/1"), response())
    c.count(not_http=1)


@case(rows.RESYNC)
def starts_in_a_request_head(c):
    """the capture starts within the fields of a request head"""
    talk = c.connection(handshake=False)
    talk.client(get("/0").data[25:])
    talk.server(response().data)
    talk.exchange(get("/1"), response(), grade=["mid_stream"])
    c.count(not_http=1, orphan=1)


@case(rows.RESYNC)
def lost_request(c):
    """a whole request is never seen: its response is an orphan, the next pair is right"""
    talk = c.connection()
    talk.exchange(get("/1"), response())
    talk.segment(CLIENT, get("/2").data)
    talk.server(response(404).data)
    talk.exchange(get("/3"), response(201))
    talk.exchange(get("/4"), response(202))
    c.count(orphan=1, gaps=1)


@case(rows.RESYNC)
def lost_response(c):
    """a whole response is never seen: its request is unanswered, the next pair is right"""
    talk = c.connection()
    talk.exchange(get("/1"), response())
    asked = talk.client(get("/2").data)
    talk.segment(SERVER, response(404).data)
    second = talk.client(get("/3").data)
    answered = talk.server(response(201).data)
    talk.expect(get("/2"), None, asked, None, outcome="unanswered", reason="gap", grade=["gap", "mid_stream"])
    talk.expect(get("/3"), response(201), second, answered, grade=["mid_stream", "pipelined"])
    talk.exchange(get("/4"), response(202))
    c.count(gaps=1)


@case(rows.RESYNC)
def lost_transaction(c):
    """a request and its response are never seen: nothing tells, and nothing is invented"""
    talk = c.connection()
    talk.exchange(get("/1"), response())
    talk.segment(CLIENT, get("/2").data)
    talk.segment(SERVER, response(404).data)
    talk.exchange(get("/3"), response(201), grade=["mid_stream"])
    talk.exchange(get("/4"), response(202))
    c.count(gaps=2)


@case(rows.RESYNC)
def lost_request_head(c):
    """the head of an upload is never seen, its body is"""
    talk = c.connection()
    talk.exchange(get("/1"), response())
    asked = post("/2", b"x" * 3000)
    talk.segment(CLIENT, asked.data[:500])
    talk.client(asked.data[500:], 1000)
    talk.server(response(404).data)
    talk.exchange(get("/3"), response(201))
    talk.exchange(get("/4"), response(202))
    c.count(orphan=1, gaps=1)


@case(rows.RESYNC)
def lost_response_head(c):
    """the head of a response is never seen, its body is, then another transaction"""
    answer = response(200, b"x" * 3000)
    talk = c.connection()
    talk.exchange(get("/1"), response())
    asked = talk.client(get("/2").data)
    talk.segment(SERVER, answer.data[:500])
    talk.server(answer.data[500:], 1000)
    second = talk.client(get("/3").data)
    answered = talk.server(response(201).data)
    talk.expect(get("/2"), None, asked, None, outcome="unanswered", reason="gap", grade=["gap", "mid_stream"])
    talk.expect(get("/3"), response(201), second, answered, grade=["mid_stream", "pipelined"])
    talk.exchange(get("/4"), response(202))
    c.count(gaps=1)
