# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the time is charged to where a transaction does not complete, and where a capture's clock goes backwards."""

import rows
import wire
from messages import get, post, response
from opened import (
    FIRST, LATER, SERVER_RTT_NS, acknowledge_at, answered_at, asked_at, between, in_families, opened,
    pass_at, segments, stacks,
)
from registry import case
from talk import CLIENT, SERVER, parts

ANSWER = response(200, b"x" * 4950)
UPLOAD = post("/up", b"x" * 4900)
TIMEOUT_NS = 60 * wire.SECOND_NS


def send_at(c, milliseconds, talk, side, data):
    """Sent and passed in segments of 1,000 bytes, 0.1 ms apart; the first and the last frame."""
    c.at(milliseconds)
    sent = segments(talk, side, data)
    passed = [pass_at(c, milliseconds + number * 0.1, talk, segment) for number, segment in enumerate(sent)]
    return passed[0], passed[-1]


def at(c, milliseconds, what, *arguments):
    c.at(milliseconds)
    return what(*arguments)


def thought(asked, answered, **more):
    """The wait: a round trip, and the server. more: other parts."""
    more["server"] = more.get("server", 0) + between(asked, answered) - SERVER_RTT_NS
    return {"network": SERVER_RTT_NS, **more}


def half_a_response(c, talk, window=None):
    """A request, and the first 3,000 bytes of its response, all acknowledged."""
    asked = asked_at(c, 3.5, talk, get("/"))
    passed = send_at(c, 43.4, talk, SERVER, ANSWER.data[:3000])
    return asked, passed, acknowledge_at(c, 44.1, talk, CLIENT, window=window)


def expect_half(talk, asked, passed, ended, reason, cause, **tail):
    talk.expect(get("/"), ANSWER, asked, passed, ended, outcome="aborted", reason=reason, cause=cause,
                response_bytes=3000, **parts(**thought(asked, passed[0], **tail)), **FIRST)


@case(rows.PARTS)
def tail_of_retransmissions(c):
    """a request that passes three times and is never answered: nobody has acknowledged it: all is lost, till the timeout"""
    for talk in in_families(c):
        c.at(3.5)
        request = talk.segment(CLIENT, get("/").data)
        asked = talk.pass_(request)
        at(c, 203.5, talk.again, request)
        at(c, 603.5, talk.again, request)
        talk.expect(get("/"), None, asked, None, asked.ns + TIMEOUT_NS, outcome="unanswered", reason="timeout",
                    retransmits=2, cause="loss", **parts(timer_retransmit=TIMEOUT_NS), **FIRST)
        c.count(retransmission=c.counters.get("retransmission", 0) + 2)
        c.at(61_000)
        c.connection().exchange(get("/other"), response())


@case(rows.PARTS)
def tail_of_a_lost_connection(c):
    """a request that passes six times until the client resets: nobody has acknowledged it: all is lost"""
    for talk in in_families(c):
        c.at(3.5)
        request = talk.segment(CLIENT, get("/").data)
        asked = talk.pass_(request)
        for milliseconds in (203.5, 603.5, 1403.5, 3003.5, 6203.5):
            at(c, milliseconds, talk.again, request)
        ended = at(c, 9000.5, talk.rst, CLIENT)
        talk.expect(get("/"), None, asked, None, ended, outcome="unanswered", reason="client_reset", retransmits=5,
                    cause="loss", **parts(timer_retransmit=between(asked, ended)), **FIRST)
        c.count(retransmission=c.counters.get("retransmission", 0) + 5)


@case(rows.PARTS)
def tail_in_the_wait(c):
    """no answer until the client resets, or the server does, or it closes: it was the server's turn"""
    for end, side, reason in (("rst", CLIENT, "client_reset"), ("rst", SERVER, "server_reset"),
                              ("fin", SERVER, "server_closed")):
        for family in ({}, {"v6": True}):
            if c.frames:
                c.later()
            talk = opened(c, **family)
            asked = asked_at(c, 3.5, talk, get("/"))
            acknowledge_at(c, 4.6, talk, SERVER)
            ended = at(c, 5003.123456, getattr(talk, end), side)
            talk.expect(get("/"), None, asked, None, ended, outcome="unanswered", reason=reason, cause="server",
                        **parts(server=between(asked, ended)), **FIRST)


@case(rows.PARTS)
def tail_of_a_response(c):
    """a response that stops: when the client resets its time, when the server does the server's"""
    for side, reason, cause in ((CLIENT, "client_reset", "client"), (SERVER, "server_reset", "server")):
        for family in ({}, {"v6": True}):
            if c.frames:
                c.later()
            talk = opened(c, **family)
            asked, passed, _ = half_a_response(c, talk)
            ended = at(c, 343.2, talk.rst, side)
            expect_half(talk, asked, passed, ended, reason, cause, download=between(*passed),
                        **({"client": between(passed[1], ended)} if side == CLIENT else {}),
                        **({"server": between(passed[1], ended)} if side == SERVER else {}))


@case(rows.PARTS)
def tail_of_a_response_till_the_timeout(c):
    """the server stops within a response, and nothing more passes"""
    for talk in in_families(c):
        asked, passed, _ = half_a_response(c, talk)
        expect_half(talk, asked, passed, passed[1].ns + TIMEOUT_NS, "timeout", "server", download=between(*passed),
                    server=TIMEOUT_NS)
        c.at(61_000)
        c.connection().exchange(get("/other"), response())


@case(rows.PARTS)
def tail_of_an_upload(c):
    """an upload that stops until the client resets: the client's"""
    for talk in in_families(c):
        first, last = send_at(c, 3.5, talk, CLIENT, UPLOAD.data[:3000])
        acknowledge_at(c, 4.7, talk, SERVER)
        ended = at(c, 1004.4, talk.rst, CLIENT)
        talk.expect(UPLOAD, None, (first, None), None, ended, outcome="unanswered", reason="client_reset",
                    cause="client", request_bytes=3000,
                    **parts(upload=between(first, last), client=between(last, ended)), **FIRST)


@case(rows.PARTS)
def tail_of_a_shut_window(c):
    """the client shuts its window for good, and the server gives up: it was the client that took no more"""
    for talk in in_families(c):
        asked, passed, shut = half_a_response(c, talk, window=0)
        ended = at(c, 30_043.2, talk.rst, SERVER)
        expect_half(talk, asked, passed, ended, "server_reset", "client", download=between(passed[0], shut),
                    zero_window=between(shut, ended))


@case(rows.PARTS)
def tail_of_an_upload_not_taken(c):
    """the server shuts its window for good within an upload, and the client gives up: it was the server's"""
    for talk in in_families(c):
        first, _ = send_at(c, 3.5, talk, CLIENT, UPLOAD.data[:3000])
        shut = acknowledge_at(c, 4.7, talk, SERVER, window=0)
        ended = at(c, 30_004.4, talk.rst, CLIENT)
        talk.expect(UPLOAD, None, (first, None), None, ended, outcome="unanswered", reason="client_reset",
                    cause="server", request_bytes=3000,
                    **parts(upload=between(first, shut), server=between(shut, ended)), **FIRST)


@case(rows.PARTS)
def clock_backwards_in_the_wait(c):
    """a response that passed before its request, by the capture's clock: no time, so no parts"""
    for talk in in_families(c):
        asked = asked_at(c, 10.5, talk, get("/"))
        answered = answered_at(c, 5.4, talk, response())
        talk.expect(get("/"), response(), asked, answered, duration_ns=0, grade=["early"], cause="connect", **parts(), **FIRST)
        c.at(20)
        talk.acknowledge(CLIENT)


@case(rows.PARTS)
def clock_backwards_in_a_response(c):
    """the clock goes back by 5 ms between two segments of a response: no nanosecond is given out twice"""
    for talk in in_families(c):
        asked = asked_at(c, 13.5, talk, get("/"))
        begun = at(c, 23.4, talk.server, ANSWER.data[:1000])[0]
        back = at(c, 18.3, talk.server, ANSWER.data[1000:2000])[0]
        last = at(c, 28.2, talk.server, ANSWER.data[2000:])[0]
        whole_ns = between(asked, last)
        assert between(back, last) + between(asked, begun) > whole_ns
        talk.expect(get("/"), ANSWER, asked, (begun, last), cause="server", **parts(
            network=SERVER_RTT_NS, server=whole_ns - SERVER_RTT_NS), **FIRST)


@case(rows.PARTS)
def clock_backwards_in_a_retransmission(c):
    """a request passes again 3 ms before it did: nothing was lost to that"""
    for talk in in_families(c):
        c.at(13.5)
        request = talk.segment(CLIENT, get("/").data)
        asked = talk.pass_(request)
        at(c, 10.5, talk.again, request)
        answered = answered_at(c, 33.4, talk, response())
        talk.expect(get("/"), response(), asked, answered, retransmits=1, cause="server",
                    **parts(**thought(asked, answered)), **FIRST)
        c.count(retransmission=c.counters.get("retransmission", 0) + 1)


@case(rows.CONNECT)
def clock_backwards_in_a_handshake(c):
    """a SYN-ACK and an ACK that passed before their SYN: neither connect_ns nor the server's round trip is known"""
    talk = c.connection(handshake=False, stacks=stacks())
    at(c, 10.7, talk.syn)
    taken = at(c, 5.6, talk.syn_ack)
    ack = acknowledge_at(c, 7.1, talk, CLIENT)
    asked = asked_at(c, 11.5, talk, get("/"))
    answered = answered_at(c, 31.4, talk, response())
    talk.expect(get("/"), response(), asked, answered, cause="server", **parts(
        network=None, server=between(asked, answered)),
        **{**LATER, "server_rtt_ns": None, "client_rtt_ns": between(taken, ack)})
