# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""--timeout: how long a connection with a pending request may be silent."""

import rows
import wire
from messages import get, interim, post, response
from registry import case
from talk import CLIENT

TIMEOUT_NS = 60 * wire.SECOND_NS


def timed_out(talk, request, asked, silent_since, timeout_ns=TIMEOUT_NS, **more):
    talk.expect(request, None, asked, None, silent_since.ns + timeout_ns, outcome="unanswered", reason="timeout", **more)


@case(rows.TIMEOUT)
def answered_after_59_s(c):
    """59 s without a byte, then the answer: paired"""
    for v6 in (False, True):
        talk = c.connection(v6=v6)
        asked = talk.client(get("/slow").data)
        c.wait(59)
        answered = talk.server(response().data)
        talk.expect(get("/slow"), response(), asked, answered)


@case(rows.TIMEOUT)
def answered_after_61_s(c):
    """61 s without a byte: unanswered, its late response an orphan, and the next pair is right"""
    talk = c.connection()
    asked = talk.client(get("/slow").data)
    c.wait(61)
    talk.server(response().data)
    timed_out(talk, get("/slow"), asked, asked[0])
    talk.exchange(get("/next"), response(201))
    c.count(orphan=1)


@case(rows.TIMEOUT)
def timeout_while_others_talk(c):
    """a request that is never answered, while other connections go on for two minutes"""
    talk, busy = c.connection(), c.connection(v6=True)
    asked = talk.client(get("/never").data)
    timed_out(talk, get("/never"), asked, asked[0])
    for number in range(120):
        busy.exchange(get(f"/{number}"), response())
        c.wait(1)


@case(rows.TIMEOUT)
def no_timeout_yet(c):
    """others talk for 50 s more: in flight when the capture ends"""
    talk, busy = c.connection(), c.connection()
    asked = talk.client(get("/never").data)
    talk.expect(get("/never"), None, asked, outcome="in_flight")
    for number in range(50):
        busy.exchange(get(f"/{number}"), response())
        c.wait(0.99)


@case(rows.TIMEOUT)
def timeout_of_a_response(c):
    """the response stops in its middle: aborted 60 s after its last byte"""
    talk, busy = c.connection(), c.connection()
    answer = response(200, b"x" * 3000)
    asked = talk.client(get("/stops").data)
    answered = talk.server(answer.data[:2000], 1000)
    talk.expect(get("/stops"), answer, asked, answered, answered[1].ns + TIMEOUT_NS, outcome="aborted",
                reason="timeout", response_bytes=2000)
    for number in range(4):
        c.wait(30)
        busy.exchange(get(f"/{number}"), response())


@case(rows.TIMEOUT)
def slow_but_never_silent(c):
    """an upload and a download that take five minutes each, with a segment every 50 s"""
    talk = c.connection()
    asked = post("/up", b"x" * 600)
    head_bytes = len(asked.data) - 600
    first = talk.client(asked.data[:head_bytes])[0]
    for number in range(6):
        c.wait(50)
        last = talk.client(asked.data[head_bytes + number * 100:head_bytes + number * 100 + 100])[0]
    answered = talk.server(response().data)
    talk.expect(asked, response(), (first, last), answered)
    answer = response(200, b"y" * 600)
    sent = talk.client(get("/down").data)
    begun = talk.server(answer.data[:-600])[0]
    for number in range(6):
        c.wait(50)
        ended = talk.server(b"y" * 100)[0]
    talk.expect(get("/down"), answer, sent, (begun, ended))


@case(rows.TIMEOUT)
def interim_responses_keep_it_alive(c):
    """102 every 40 s, the final response after three minutes"""
    talk = c.connection()
    asked = talk.client(get("/slow").data)
    for _ in range(4):
        c.wait(40)
        talk.server(interim(102))
    c.wait(20)
    answered = talk.server(response().data)
    talk.expect(get("/slow"), response(), asked, answered, interim=[102] * 4)


@case(rows.TIMEOUT)
def retransmissions_are_no_sign_of_life(c):
    """the request passes again after 30 s, its answer after 65 s: unanswered"""
    talk = c.connection()
    segment = talk.segment(CLIENT, get("/slow").data)
    asked = talk.pass_(segment)
    c.wait(30)
    talk.pass_(segment)
    c.wait(35)
    talk.server(response().data)
    timed_out(talk, get("/slow"), asked, asked, retransmits=1)
    c.count(retransmission=1, orphan=1)


@case(rows.TIMEOUT)
def timeout_of_pipelined_requests(c):
    """three requests pending on one connection are over at once, late answers orphans"""
    talk = c.connection()
    requests = [get(f"/{number}") for number in range(3)]
    asked = talk.client(b"".join(r.data for r in requests))
    c.wait(100)
    talk.server(response().data * 3)
    for number, question in enumerate(requests):
        timed_out(talk, question, asked, asked[0], grade=["pipelined"] if number else [])
    talk.exchange(get("/after"), response())
    c.count(orphan=3)


@case(rows.TIMEOUT, options={"timeout": 5})
def timeout_of_5_s(c):
    """--timeout 5: answered after 4 s, unanswered after 6 s"""
    talk = c.connection()
    asked = talk.client(get("/1").data)
    c.wait(4)
    answered = talk.server(response().data)
    talk.expect(get("/1"), response(), asked, answered)
    asked = talk.client(get("/2").data)
    c.wait(6)
    talk.server(response(404).data)
    timed_out(talk, get("/2"), asked, asked[0], 5 * wire.SECOND_NS)
    talk.exchange(get("/3"), response())
    c.count(orphan=1)


@case(rows.TIMEOUT)
def request_after_a_timeout(c):
    """asked again after 70 s on the same connection: the first answer is still the first request's"""
    talk = c.connection()
    asked = talk.client(get("/1").data)
    c.wait(70)
    again = talk.client(get("/2").data)
    timed_out(talk, get("/1"), asked, asked[0])
    talk.server(response(201).data)
    answered = talk.server(response(202).data)
    talk.expect(get("/2"), response(202), again, answered)
    talk.exchange(get("/3"), response())
    c.count(orphan=1)
