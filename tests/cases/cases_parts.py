# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Who kept the other waiting, where nothing was lost: windows, pauses, queues, order of the messages."""

import rows
from messages import get, interim, post, response
from opened import (
    CLIENT_RTT_NS, FIRST, LATER, SERVER_RTT_NS, SYN_ACK, acknowledge_at, answered_at, asked_at, between, in_families,
    opened, pass_at, segments, stacks,
)
from registry import case
from talk import CLIENT, SERVER, parts

ANSWER = response(200, b"x" * 4950)
UPLOAD = post("/up", b"x" * 4900)


def pass_each(c, milliseconds, talk, sent, interval=0.1):
    return [pass_at(c, milliseconds + number * interval, talk, segment) for number, segment in enumerate(sent)]


def send_at(c, milliseconds, talk, side, data):
    """Sent and passed in segments of 1,000 bytes, 0.1 ms apart; the frames."""
    c.at(milliseconds)
    return pass_each(c, milliseconds, talk, segments(talk, side, data))


def lag_ns(elapsed_ns, ticks_ms):
    """
    What netlat takes a segment to have been queued for, that passes `elapsed_ns` after another and was stamped
    `ticks_ms` after it: two clocks may go apart by 1/4096, which is 244 millionths.
    """
    return elapsed_ns - elapsed_ns // 4096 - ticks_ms * 1_000_000


def thought(asked, answered, **more):
    """The wait: a round trip, and the server. more: other parts."""
    more["server"] = more.get("server", 0) + between(asked, answered) - SERVER_RTT_NS
    return {"network": SERVER_RTT_NS, **more}


def asked_and_acked(c, talk, request=None):
    asked = asked_at(c, 3.5, talk, request or get("/"))
    acknowledge_at(c, 4.6, talk, SERVER)
    return asked


@case(rows.PARTS)
def window_shut(c):
    """the client shuts its window within a response and opens it 100 ms later"""
    for talk in in_families(c):
        asked = asked_and_acked(c, talk)
        passed = send_at(c, 43.4, talk, SERVER, ANSWER.data[:3000])
        shut = acknowledge_at(c, 44.1, talk, CLIENT, window=0)
        opened_ = acknowledge_at(c, 144.2, talk, CLIENT, window=64240)
        last = send_at(c, 144.6, talk, SERVER, ANSWER.data[3000:])[-1]
        zero_ns = between(shut, opened_)
        talk.expect(get("/"), ANSWER, asked, (passed[0], last), cause="client", **parts(**thought(
            asked, passed[0], zero_window=zero_ns, download=between(passed[0], last) - zero_ns)), **FIRST)


@case(rows.PARTS)
def window_shut_twice(c):
    """shut twice: both times are the client's"""
    for talk in in_families(c):
        asked = asked_and_acked(c, talk)
        passed = send_at(c, 43.4, talk, SERVER, ANSWER.data[:2000])
        zero_ns = 0
        for begins, part in ((44.1, ANSWER.data[2000:3000]), (84.1, ANSWER.data[3000:])):
            shut = acknowledge_at(c, begins, talk, CLIENT, window=0)
            opened_ = acknowledge_at(c, begins + 39, talk, CLIENT, window=64240)
            last = send_at(c, begins + 39.4, talk, SERVER, part)[-1]
            zero_ns += between(shut, opened_)
        talk.expect(get("/"), ANSWER, asked, (passed[0], last), cause="client", **parts(**thought(
            asked, passed[0], zero_window=zero_ns, download=between(passed[0], last) - zero_ns)), **FIRST)


@case(rows.PARTS)
def window_closes_slowly(c):
    """1,280 bytes, then none, then 1,280, then all: the time is one, and as there was a zero window it is that"""
    for talk in in_families(c):
        asked = asked_and_acked(c, talk)
        passed = send_at(c, 43.4, talk, SERVER, ANSWER.data[:3000])
        shut = acknowledge_at(c, 44.1, talk, CLIENT, window=1280)
        acknowledge_at(c, 54.1, talk, CLIENT, window=0)
        acknowledge_at(c, 94.1, talk, CLIENT, window=1280)
        opened_ = acknowledge_at(c, 144.2, talk, CLIENT, window=64256)
        last = send_at(c, 144.6, talk, SERVER, ANSWER.data[3000:])[-1]
        zero_ns = between(shut, opened_)
        talk.expect(get("/"), ANSWER, asked, (passed[0], last), cause="client", **parts(**thought(
            asked, passed[0], zero_window=zero_ns, download=between(passed[0], last) - zero_ns)), **FIRST)


@case(rows.PARTS)
def window_of_less_than_a_segment(c):
    """a window of 1,280 bytes, scaled: no whole segment fits, the client's time, though no zero window"""
    for talk in in_families(c):
        asked = asked_and_acked(c, talk)
        passed = send_at(c, 43.4, talk, SERVER, ANSWER.data[:3000])
        shut = acknowledge_at(c, 44.1, talk, CLIENT, window=1280)
        opened_ = acknowledge_at(c, 144.2, talk, CLIENT, window=1536)
        last = send_at(c, 144.6, talk, SERVER, ANSWER.data[3000:])[-1]
        client_ns = between(shut, opened_)
        talk.expect(get("/"), ANSWER, asked, (passed[0], last), cause="client", **parts(**thought(
            asked, passed[0], client=client_ns, download=between(passed[0], last) - client_ns)), **FIRST)


@case(rows.PARTS)
def small_window_that_may_be_scaled(c):
    """the same without window scaling, or by one end alone: 1,280 is taken for open, and the server pauses"""
    for shifts in ((None, None), (7, None), (None, 7)):
        if c.frames:
            c.later()
        ends = stacks()
        ends[CLIENT].shift, ends[SERVER].shift = shifts
        talk = opened(c, ends=ends)
        asked = asked_and_acked(c, talk)
        passed = send_at(c, 43.4, talk, SERVER, ANSWER.data[:3000])
        acked = acknowledge_at(c, 44.1, talk, CLIENT, window=1280)
        acknowledge_at(c, 144.2, talk, CLIENT, window=1536)
        more = send_at(c, 144.3, talk, SERVER, ANSWER.data[3000:])
        server_ns = between(acked, more[0]) - SERVER_RTT_NS
        talk.expect(get("/"), ANSWER, asked, (passed[0], more[-1]), cause="server", **parts(**thought(
            asked, passed[0], server=server_ns, download=between(passed[0], more[-1]) - server_ns)), **FIRST)


@case(rows.PARTS)
def window_shut_to_an_upload(c):
    """the server shuts its window within an upload: the server's time"""
    for talk in in_families(c):
        passed = send_at(c, 3.5, talk, CLIENT, UPLOAD.data[:3000])
        shut = acknowledge_at(c, 4.7, talk, SERVER, window=0)
        opened_ = acknowledge_at(c, 104.5, talk, SERVER, window=64256)
        last = send_at(c, 105, talk, CLIENT, UPLOAD.data[3000:])[-1]
        answered = answered_at(c, 110.3, talk, response())
        server_ns = between(shut, opened_)
        talk.expect(UPLOAD, response(), (passed[0], last), answered, cause="server", **parts(**thought(
            last, answered, server=server_ns, upload=between(passed[0], last) - server_ns)), **FIRST)


@case(rows.PARTS)
def window_shut_before_an_upload(c):
    """a window that an ACK shut behind one request, and the response opened, is no part of the next one's pause"""
    for talk in in_families(c):
        asked = asked_at(c, 3.5, talk, get("/"))
        acknowledge_at(c, 4.6, talk, SERVER, window=0)
        answered = answered_at(c, 10.3, talk, response())
        talk.expect(get("/"), response(), asked, answered, cause="server", **parts(**thought(asked, answered)), **FIRST)
        before = send_at(c, 303.5, talk, CLIENT, UPLOAD.data[:3000])
        after = send_at(c, 403.1, talk, CLIENT, UPLOAD.data[3000:])
        answered = answered_at(c, 404.6, talk, response())
        client_ns = between(before[-1], after[0])
        talk.expect(UPLOAD, response(), (before[0], after[-1]), answered, cause="client", **parts(**thought(
            after[-1], answered, client=client_ns, upload=between(before[0], after[-1]) - client_ns)), **LATER)


def pause(c, talk, cause, fields=FIRST, pieces=2000, ack_ms=None, **more):
    """A response that pauses: from 43.5 up to 143.3 ms. Returns the frames about it, and a function to expect it."""
    answer = response(200, b"x" * (pieces + 2000))
    asked = asked_and_acked(c, talk)
    before = send_at(c, 43.4, talk, SERVER, answer.data[:pieces])
    acked = acknowledge_at(c, ack_ms, talk, CLIENT) if ack_ms else None
    after = send_at(c, 143.3, talk, SERVER, answer.data[pieces:])

    def expect(paused_ns):
        talk.expect(get("/"), answer, asked, (before[0], after[-1]), cause=cause, **parts(**thought(
            asked, before[0], server=paused_ns, download=between(before[0], after[-1]) - paused_ns)), **fields, **more)

    return before[-1], acked, after[0], expect


@case(rows.PARTS)
def server_pauses_acknowledged(c):
    """the server pauses within a response, from when it must have heard that all has arrived"""
    for talk in in_families(c):
        _, acked, after, expect = pause(c, talk, "server", ack_ms=44.1)
        expect(between(acked, after) - SERVER_RTT_NS)


@case(rows.PARTS)
def server_pauses_unacknowledged(c):
    """no ACK passes: what is under way is less than a new connection may send at once, so it pauses nonetheless"""
    for talk in in_families(c):
        before, _, after, expect = pause(c, talk, "server")
        expect(between(before, after))


@case(rows.PARTS)
def server_pauses_with_much_under_way(c):
    """13,032 bytes are not acknowledged: it may have to wait for that, so the time is the way's; one less, the server's"""
    for pieces, cause in ((13_032, "download"), (13_031, "server")):
        for family in ({}, {"v6": True}):
            if c.frames:
                c.later()
            before, _, after, expect = pause(c, opened(c, **family), cause, pieces=pieces)
            expect(between(before, after) if cause == "server" else 0)


@case(rows.PARTS)
def server_pauses_then_a_queue(c):
    """the server pauses until 93.3 ms by its clock, and what it sends then is queued for 50 ms: each has its part"""
    for talk in in_families(c):
        asked = asked_and_acked(c, talk)
        before = send_at(c, 43.4, talk, SERVER, ANSWER.data[:3000])
        acked = acknowledge_at(c, 44.1, talk, CLIENT)
        c.at(93.3)
        after = pass_each(c, 143.3, talk, segments(talk, SERVER, ANSWER.data[3000:]))
        server_ns = between(acked, after[0]) - SERVER_RTT_NS - lag_ns(between(before[0], after[0]), 93 - 43)
        talk.expect(get("/"), ANSWER, asked, (before[0], after[-1]), cause="server", **parts(**thought(
            asked, before[0], server=server_ns, download=between(before[0], after[-1]) - server_ns)), **FIRST)


@case(rows.PARTS)
def server_pauses_without_timestamps(c):
    """without timestamps nothing tells a pause from a queue before here: download"""
    for talk in in_families(c, clock=None):
        _, _, _, expect = pause(c, talk, "download", ack_ms=44.1)
        expect(0)


@case(rows.PARTS)
def client_pauses_in_an_upload(c):
    """the client pauses within a request: its time with timestamps, the way's without"""
    for clock in ({}, {"clock": None}):
        if c.frames:
            c.later()
        for talk in in_families(c, **clock):
            passed = send_at(c, 3.5, talk, CLIENT, UPLOAD.data[:3000])
            acked = acknowledge_at(c, 4.7, talk, SERVER)
            more = send_at(c, 104.4, talk, CLIENT, UPLOAD.data[3000:])
            answered = answered_at(c, 110.3, talk, response())
            client_ns = 0 if clock else between(acked, more[0]) - CLIENT_RTT_NS
            talk.expect(UPLOAD, response(), (passed[0], more[-1]), answered, cause="upload" if clock else "client",
                        **parts(**thought(more[-1], answered, client=client_ns,
                                          upload=between(passed[0], more[-1]) - client_ns)), **FIRST)


@case(rows.PARTS)
def client_shaped_before_here(c):
    """segments of an upload come 20 ms apart, but the client's clock says that all were sent at once: upload"""
    for talk in in_families(c):
        c.at(3.5)
        passed = pass_each(c, 3.5, talk, segments(talk, CLIENT, UPLOAD.data), 20)
        answered = answered_at(c, 90.3, talk, response())
        talk.expect(UPLOAD, response(), (passed[0], passed[-1]), answered, cause="upload", **parts(**thought(
            passed[-1], answered, upload=between(passed[0], passed[-1]))), **FIRST)


@case(rows.PARTS)
def server_shaped_before_here(c):
    """the same of a response, each segment acknowledged at once: download"""
    for talk in in_families(c):
        asked = asked_and_acked(c, talk)
        c.at(23.4)
        passed = []
        for number, segment in enumerate(segments(talk, SERVER, ANSWER.data)):
            passed.append(pass_at(c, 23.4 + 20 * number, talk, segment))
            acknowledge_at(c, 23.9 + 20 * number, talk, CLIENT, ack=segment.seq + len(segment.data))
        talk.expect(get("/"), ANSWER, asked, (passed[0], passed[-1]), cause="download", **parts(**thought(
            asked, passed[0], download=between(passed[0], passed[-1]))), **FIRST)


@case(rows.PARTS)
def response_queued_before_here(c):
    """a response passes 30 ms after its server's clock said that it was sent: network, beside the round trip"""
    for talk in in_families(c):
        asked = asked_and_acked(c, talk)
        c.at(13.4)
        sent = talk.segment(SERVER, response().data)
        answered = pass_at(c, 43.4, talk, sent)
        queued_ns = lag_ns(answered.ns - c.base_ns - round(SYN_ACK * 1e6), 13 - 1)
        network_ns = queued_ns + SERVER_RTT_NS
        talk.expect(get("/"), response(), asked, answered, cause="network", **parts(
            network=network_ns, server=between(asked, answered) - network_ns), **FIRST)


@case(rows.PARTS)
def upload_queued_behind_here(c):
    """an upload passes at once, but ACKs for rows of it come for 60 ms more: upload, and only then the server"""
    for talk in in_families(c):
        passed = send_at(c, 3.5, talk, CLIENT, UPLOAD.data)
        begin = talk.seq[CLIENT] - len(UPLOAD.data)
        acknowledge_at(c, 24.1, talk, SERVER, ack=begin + 1000)
        drained = acknowledge_at(c, 64.2, talk, SERVER)
        answered = answered_at(c, 70.3, talk, response())
        talk.expect(UPLOAD, response(), (passed[0], passed[-1]), answered, cause="upload", **parts(**thought(
            drained, answered, upload=between(passed[0], drained))), **FIRST)


@case(rows.PARTS)
def upload_acknowledged_late(c):
    """the ACK of a small request is delayed by 40 ms: it says nothing of where the request was"""
    for talk in in_families(c):
        asked = asked_at(c, 3.5, talk, get("/"))
        acknowledge_at(c, 44.1, talk, SERVER)
        answered = answered_at(c, 70.3, talk, response())
        talk.expect(get("/"), response(), asked, answered, cause="server", **parts(**thought(asked, answered)), **FIRST)


@case(rows.PARTS)
def continue_after_50_ms(c):
    """Expect: 100-continue, and the server takes 50 ms to say so: its time, within the request"""
    asked = post("/up", b"x" * 900, "Expect: 100-continue", "Content-Length: 900")
    at = len(asked.data) - 900
    for talk in in_families(c):
        first = send_at(c, 3.5, talk, CLIENT, asked.data[:at])[0]
        went_on = send_at(c, 53.4, talk, SERVER, interim(100))[0]
        last = send_at(c, 54, talk, CLIENT, asked.data[at:])[-1]
        answered = answered_at(c, 60.3, talk, response())
        talk.expect(asked, response(), (first, last), answered, interim=[100], cause="server", **parts(**thought(
            last, answered, server=between(first, went_on), upload=between(went_on, last))), **FIRST)


@case(rows.PARTS)
def early_response(c):
    """the response begins before the request is whole: no wait, what is left of the upload falls into the download"""
    for talk in in_families(c):
        first = send_at(c, 3.5, talk, CLIENT, UPLOAD.data[:2000])
        begun = send_at(c, 33.4, talk, SERVER, ANSWER.data[:1000])[0]
        last = send_at(c, 38.4, talk, CLIENT, UPLOAD.data[2000:])[-1]
        more = send_at(c, 43.3, talk, SERVER, ANSWER.data[1000:])
        talk.expect(UPLOAD, ANSWER, (first[0], last), (begun, more[-1]), grade=["early"], cause="server", **parts(
            upload=between(first[0], first[-1]), server=between(first[-1], begun) + between(last, more[0]),
            download=between(begun, last) + between(more[0], more[-1])), **FIRST)


@case(rows.PARTS)
def pipelined_parts(c):
    """two requests in one segment: each has the whole of its own time, whoever else waits"""
    for talk in in_families(c):
        asked = send_at(c, 3.5, talk, CLIENT, get("/1").data + get("/2").data)[0]
        for number, milliseconds in ((1, 23.4), (2, 53.3)):
            answered = answered_at(c, milliseconds, talk, response())
            talk.expect(get(f"/{number}"), response(), asked, answered, grade=["pipelined"] if number == 2 else [],
                        cause="server", **parts(**thought(asked, answered)), **(FIRST if number == 1 else LATER))


@case(rows.PARTS)
def idle_between_requests(c):
    """ten requests with 300 ms to 3 s between: the idle time is no one's"""
    for talk in in_families(c):
        now = 3.5
        for number in range(10):
            asked = asked_at(c, now, talk, get(f"/{number}"))
            answered = answered_at(c, now + 3.9 - number / 100, talk, response())
            acknowledge_at(c, now + 4.4, talk, CLIENT)
            talk.expect(get(f"/{number}"), response(), asked, answered, cause="server",
                        **parts(**thought(asked, answered)), **(LATER if number else FIRST))
            now += 300 * (number + 1)


@case(rows.PARTS)
def one_segment_each(c):
    """many quick transactions, a tenth of a millisecond each: network, as far as the wait goes"""
    for talk in in_families(c):
        for number in range(20):
            asked = asked_at(c, 3.5 + number, talk, get(f"/{number}"))
            answered = answered_at(c, 3.6 + number, talk, response())
            talk.expect(get(f"/{number}"), response(), asked, answered, cause="network" if number else "connect",
                        **parts(network=between(asked, answered)), **(LATER if number else FIRST))
