# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Requests that get no answer in time, and those that are under way when netlat ends."""

import time

from common import HELLO, OK, case, exchange, get

TIMEOUT_NS = 2_000_000_000  # --timeout 2, for the set of this name
LATER_NS = 1 << 62


@case("no answer within the time-out - a late one is an orphan", "timeouts")
def _(lab):
    with lab.talk() as talk:
        exchange(talk, "/in-time")
        request = talk.request(get("/never"))
        talk.expect(request, request, "GET", "/never", None, outcome="unanswered", reason="timeout",
                    bounds={"waited_ns": (TIMEOUT_NS, TIMEOUT_NS)})
        time.sleep(4)
        lab.wait_record(talk, 2)  # it is written when the time is over, not with a later packet
        talk.response(HELLO)
        lab.counters["orphan"] += 1
        exchange(talk, "/in-time-again")


@case("a response that stops halfway, and goes on when the time is over", "timeouts")
def _(lab):
    with lab.talk() as talk:
        request = talk.request(get("/halfway"))
        part = talk.response(OK % (100, b"half"))
        talk.expect(request, request, "GET", "/halfway", 200, outcome="aborted", reason="timeout",
                    begun=part,
                    bounds={"waited_ns": (TIMEOUT_NS + part.last_sent - request.last_heard,
                                          TIMEOUT_NS + part.last_heard - request.last_sent)})
        time.sleep(4)
        lab.wait_record(talk, 1)


@case("slow, but with a byte now and then, is no time-out", "timeouts")
def _(lab):
    with lab.talk() as talk:
        request = talk.request(get("/slow"))
        pieces = (HELLO[:10], HELLO[10:40], HELLO[40:])
        marks = []
        for piece in pieces:
            time.sleep(1.3)
            marks.append(talk.response(piece))
        whole = marks[0]._replace(last_sent=marks[-1].last_sent, last_heard=marks[-1].last_heard, bytes=len(HELLO))
        talk.expect(request, whole, "GET", "/slow", 200)


@case("idle for longer than the time-out between requests", "timeouts")
def _(lab):
    with lab.talk() as talk:
        exchange(talk, "/before-idle")
        time.sleep(3)
        exchange(talk, "/after-idle")


@case("in flight when netlat ends - no answer, half an answer")
def _(lab):
    with lab.talk() as talk:
        request = talk.request(get("/under-way"))
        talk.expect(request, request, "GET", "/under-way", None, outcome="in_flight", reason="observation_over",
                    bounds={"waited_ns": (0, LATER_NS)})
        talk.vanish()
    with lab.talk() as talk:
        request = talk.request(get("/begun"))
        part = talk.response(OK % (100, b"begun"))
        talk.expect(request, request, "GET", "/begun", 200, outcome="in_flight", reason="observation_over",
                    begun=part, bounds={"waited_ns": (0, LATER_NS)})
        talk.vanish()
