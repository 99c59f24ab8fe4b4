# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Segments that were lost behind here, or before: what the time until they came is charged to."""

import rows
from messages import get, post, response
from opened import (
    CLIENT_RTT_NS, FIRST, LATER, SERVER_RTT_NS, acknowledge_at, answered_at, asked_at, between, in_families, opened,
    pass_at, segments, stacks,
)
from registry import case
from talk import CLIENT, SERVER, parts

ANSWER = response(200, b"x" * 4950)
UPLOAD = post("/up", b"x" * 4900)


def again_at(c, milliseconds, talk, segment):
    c.at(milliseconds)
    return talk.again(segment)


def pass_each(c, milliseconds, talk, sent, interval=0.1):
    """These segments, one after the other; returns their frames."""
    return [pass_at(c, milliseconds + number * interval, talk, segment) for number, segment in enumerate(sent)]


def duplicate_acks(c, milliseconds, talk, side, missing, until):
    """Three ACKs, of which two say once more that `missing` has not come, but all behind it up to `until`."""
    for number in range(3):
        acknowledge_at(c, milliseconds + number * 0.1, talk, side, ack=missing.seq,
                       sack=[(missing.seq + len(missing.data), until.seq + len(until.data))])


def count_again(c, count):
    c.count(retransmission=c.counters.get("retransmission", 0) + count)


@case(rows.PARTS)
def stall_of_a_request(c):
    """the request passes again after 200 ms, by a timer: what comes behind is round trip and server"""
    for talk in in_families(c):
        c.at(3.5)
        request = talk.segment(CLIENT, get("/").data)
        asked = talk.pass_(request)
        again = again_at(c, 203.9, talk, request)
        acknowledge_at(c, 205.1, talk, SERVER)
        answered = answered_at(c, 210.4, talk, response())
        talk.expect(get("/"), response(), asked, answered, retransmits=1, cause="loss", **parts(
            timer_retransmit=between(asked, again), network=SERVER_RTT_NS,
            server=between(again, answered) - SERVER_RTT_NS), **FIRST)
        count_again(c, 1)


@case(rows.PARTS)
def stall_of_a_request_three_times(c):
    """and again, in ever longer intervals: up to the last one it is lost time"""
    for talk in in_families(c):
        c.at(3.5)
        request = talk.segment(CLIENT, get("/").data)
        asked = talk.pass_(request)
        again = [again_at(c, milliseconds, talk, request) for milliseconds in (203.9, 603.9, 1403.9)]
        answered = answered_at(c, 1910.4, talk, response())
        talk.expect(get("/"), response(), asked, answered, retransmits=3, cause="loss", **parts(
            timer_retransmit=between(asked, again[-1]), network=SERVER_RTT_NS,
            server=between(again[-1], answered) - SERVER_RTT_NS), **FIRST)
        count_again(c, 3)


@case(rows.PARTS)
def stall_of_an_upload_behind_here(c):
    """a segment of an upload is lost behind here: duplicate ACKs, it passes again, and a row is acknowledged"""
    for talk in in_families(c):
        c.at(3.5)
        sent = segments(talk, CLIENT, UPLOAD.data)
        passed = pass_each(c, 3.5, talk, sent)
        duplicate_acks(c, 5.2, talk, SERVER, sent[2], sent[-1])
        again = again_at(c, 104.4, talk, sent[2])
        drained = acknowledge_at(c, 105.5, talk, SERVER)
        answered = answered_at(c, 110.2, talk, response())
        talk.expect(UPLOAD, response(), (passed[0], passed[-1]), answered, retransmits=1, cause="loss", **parts(
            upload=between(passed[0], passed[-1]) + between(again, drained),
            fast_retransmit=between(passed[-1], again), network=SERVER_RTT_NS,
            server=between(drained, answered) - SERVER_RTT_NS), **FIRST)
        count_again(c, 1)


def begin_response(c, talk, lost, answer=ANSWER):
    """A response whose segments pass 0.1 ms apart, but for those `lost`. Returns request, segments and frames."""
    asked = asked_at(c, 3.5, talk, get("/"))
    acknowledge_at(c, 4.6, talk, SERVER)
    c.at(43.4)
    sent = segments(talk, SERVER, answer.data)
    return asked, sent, pass_each(c, 43.4, talk, [s for number, s in enumerate(sent) if number not in lost])


def expect_response(talk, asked, passed, last, cause="loss", answer=ANSWER, fields=FIRST, grade=(), retransmits=0,
                    **ns):
    """Its record: `ns` names what is not round trip, the server's thinking or download."""
    thought_ns = between(asked, passed[0]) - SERVER_RTT_NS
    download_ns = between(passed[0], last) - sum(ns.values())
    talk.expect(get("/"), answer, asked, (passed[0], last), cause=cause, grade=grade, retransmits=retransmits, **parts(
        network=SERVER_RTT_NS, download=download_ns, **{**ns, "server": ns.get("server", 0) + thought_ns}), **fields)


@case(rows.PARTS)
def stall_of_a_hole_fast(c):
    """a segment of a body is lost before here, and fills its hole 50 ms after duplicate ACKs"""
    for talk in in_families(c):
        asked, sent, passed = begin_response(c, talk, {2})
        duplicate_acks(c, 44, talk, CLIENT, sent[2], sent[-1])
        filled = again_at(c, 94.3, talk, sent[2])
        expect_response(talk, asked, passed, filled, fast_retransmit=between(passed[-1], filled), grade=["reordered"])


@case(rows.PARTS)
def stall_of_a_hole_by_timer(c):
    """the last segment but one is lost before here: one ACK, no duplicate, and a timer of 210 ms"""
    for talk in in_families(c):
        asked, sent, passed = begin_response(c, talk, {3})
        acknowledge_at(c, 44, talk, CLIENT, ack=sent[3].seq, sack=[(sent[4].seq, sent[4].seq + len(sent[4].data))])
        filled = again_at(c, 254.3, talk, sent[3])
        expect_response(talk, asked, passed, filled, timer_retransmit=between(passed[-1], filled), grade=["reordered"])


@case(rows.PARTS)
def stall_of_a_hole_long_after_duplicates(c):
    """duplicate ACKs, but the segment comes 200 ms after the last one: it was not for these"""
    for talk in in_families(c):
        asked, sent, passed = begin_response(c, talk, {2})
        duplicate_acks(c, 44, talk, CLIENT, sent[2], sent[-1])
        filled = again_at(c, 44.2 + 200, talk, sent[2])
        expect_response(talk, asked, passed, filled, timer_retransmit=between(passed[-1], filled), grade=["reordered"])


@case(rows.PARTS)
def stall_of_a_hole_just_after_duplicates(c):
    """a nanosecond less than 200 ms after the last duplicate ACK it was for these"""
    for talk in in_families(c):
        asked, sent, passed = begin_response(c, talk, {2})
        duplicate_acks(c, 44, talk, CLIENT, sent[2], sent[-1])
        filled = again_at(c, 44.2 + 199.999999, talk, sent[2])
        expect_response(talk, asked, passed, filled, fast_retransmit=between(passed[-1], filled), grade=["reordered"])


@case(rows.PARTS)
def stall_of_two_holes(c):
    """two segments are lost: the first comes by duplicate ACKs, the second by a timer"""
    for talk in in_families(c):
        asked, sent, passed = begin_response(c, talk, {1, 3})
        duplicate_acks(c, 44, talk, CLIENT, sent[1], sent[-1])
        first = again_at(c, 94.3, talk, sent[1])
        acknowledge_at(c, 94.7, talk, CLIENT, ack=sent[3].seq)
        second = again_at(c, 304.2, talk, sent[3])
        expect_response(talk, asked, passed, second, fast_retransmit=between(passed[-1], first),
                        timer_retransmit=between(first, second), grade=["reordered"])


@case(rows.PARTS)
def stall_of_a_response_head(c):
    """the segment with a response's head is lost before here: the response begins when it comes"""
    for talk in in_families(c):
        asked, sent, passed = begin_response(c, talk, {0})
        duplicate_acks(c, 44, talk, CLIENT, sent[0], sent[-1])
        head = again_at(c, 94.3, talk, sent[0])
        talk.expect(get("/"), ANSWER, asked, head, cause="loss", grade=["reordered"], **parts(
            network=SERVER_RTT_NS, server=between(asked, passed[-1]) - SERVER_RTT_NS,
            fast_retransmit=between(passed[-1], head)), **FIRST)


@case(rows.PARTS)
def stall_lost_twice_behind_here(c):
    """a segment is lost behind here and, when it is sent again at once, once more: a timer, then the response goes on"""
    answer = response(200, b"x" * 6950)
    for talk in in_families(c):
        asked = asked_at(c, 3.5, talk, get("/"))
        acknowledge_at(c, 4.6, talk, SERVER)
        c.at(43.4)
        sent = segments(talk, SERVER, answer.data[:5000])
        passed = pass_each(c, 43.4, talk, sent)
        duplicate_acks(c, 44, talk, CLIENT, sent[1], sent[4])
        again_at(c, 44.4, talk, sent[1])
        again = again_at(c, 252.3, talk, sent[1])
        acknowledge_at(c, 252.8, talk, CLIENT, ack=sent[4].seq + 1000)
        c.at(253.2)
        last = pass_each(c, 253.2, talk, segments(talk, SERVER, answer.data[5000:]))[-1]
        expect_response(talk, asked, passed, last, answer=answer, retransmits=2,
                        timer_retransmit=between(passed[-1], again))
        count_again(c, 2)


@case(rows.PARTS)
def stall_lost_once_behind_here(c):
    """the same, but what is sent again at once arrives: the window opens, and only that is lost time"""
    answer = response(200, b"x" * 6950)
    for talk in in_families(c):
        asked = asked_at(c, 3.5, talk, get("/"))
        acknowledge_at(c, 4.6, talk, SERVER)
        c.at(43.4)
        sent = segments(talk, SERVER, answer.data[:5000])
        passed = pass_each(c, 43.4, talk, sent)
        duplicate_acks(c, 44, talk, CLIENT, sent[1], sent[4])
        again = again_at(c, 64.4, talk, sent[1])
        acknowledge_at(c, 64.8, talk, CLIENT, ack=sent[4].seq + 1000)
        c.at(65.2)
        last = pass_each(c, 65.2, talk, segments(talk, SERVER, answer.data[5000:]))[-1]
        expect_response(talk, asked, passed, last, answer=answer, retransmits=1, cause="server",
                        fast_retransmit=between(passed[-1], again))
        count_again(c, 1)


@case(rows.PARTS)
def tail_lost_before_here(c):
    """the last segment of a response is lost before here: the number of the packet says that one is missing"""
    talk = opened(c)
    asked, sent, passed = begin_response(c, talk, {4})
    acknowledge_at(c, 44.3, talk, CLIENT, ack=sent[4].seq)
    last = again_at(c, 254.3, talk, sent[4])
    expect_response(talk, asked, passed, last, timer_retransmit=between(passed[-1], last))


@case(rows.PARTS)
def tail_lost_numbers_wrap(c):
    """the same where the numbers go from 65535 to 0 over the loss"""
    talk = opened(c, ends=stacks(server_ident=65536 - 5))  # SYN-ACK, ACK, then the segments
    asked, sent, passed = begin_response(c, talk, {4})
    acknowledge_at(c, 44.3, talk, CLIENT, ack=sent[4].seq)
    last = again_at(c, 254.3, talk, sent[4])
    assert sent[2].ident == 65535
    expect_response(talk, asked, passed, last, timer_retransmit=between(passed[-1], last))


def expect_tail_unknown(c, talk):
    """What is to be seen is a server that pauses for 210 ms, from when it must have heard of all it sent."""
    asked, sent, passed = begin_response(c, talk, {4})
    acked = acknowledge_at(c, 44.3, talk, CLIENT, ack=sent[4].seq)
    last = again_at(c, 254.3, talk, sent[4])
    expect_response(talk, asked, passed, last, cause="server", server=between(acked, last) - SERVER_RTT_NS)


@case(rows.PARTS)
def tail_lost_without_numbers(c):
    """the same with IPv6, or numbers all the same, of a counter shared with others, or by chance: nothing tells it from a pause of the server"""
    expect_tail_unknown(c, opened(c, v6=True))
    for step in (0, 3, 7919, 65535):
        c.later()
        expect_tail_unknown(c, opened(c, ends=stacks(ident_step=step)))


@case(rows.PARTS)
def tail_of_an_upload_lost_before_here(c):
    """the last segment of an upload: lost by its number, else the client's pause"""
    for family, step in (({}, 1), ({"v6": True}, 1), ({}, 7919)):
        if c.frames:
            c.later()
        talk = opened(c, ends=stacks(ident_step=step), **family)
        c.at(3.5)
        sent = segments(talk, CLIENT, UPLOAD.data)
        passed = pass_each(c, 3.5, talk, sent[:-1])
        acked = acknowledge_at(c, 5.2, talk, SERVER, ack=sent[-1].seq)
        last = again_at(c, 213.4, talk, sent[-1])
        answered = answered_at(c, 220.3, talk, response())
        if step == 1 and not family:
            ns, cause = {"timer_retransmit": between(passed[-1], last), "upload": between(passed[0], passed[-1])}, "loss"
        else:
            heard_ns = acked.ns + CLIENT_RTT_NS
            ns, cause = {"client": last.ns - heard_ns, "upload": heard_ns - passed[0].ns}, "client"
        talk.expect(UPLOAD, response(), (passed[0], last), answered, cause=cause, **parts(
            network=SERVER_RTT_NS, server=between(last, answered) - SERVER_RTT_NS, **ns), **FIRST)


@case(rows.PARTS)
def response_lost_before_here(c):
    """a response of one segment is lost before here: its number tells, if the server acknowledged the request before"""
    for family, has_ack in (({}, True), ({}, False), ({"v6": True}, True)):
        if c.frames:
            c.later()
        talk = opened(c, **family)
        asked = asked_at(c, 3.5, talk, get("/1"))
        acknowledge_at(c, 4.6, talk, SERVER)
        answered = answered_at(c, 43.4, talk, response())
        talk.expect(get("/1"), response(), asked, answered, cause="server", **parts(
            network=SERVER_RTT_NS, server=between(asked, answered) - SERVER_RTT_NS), **FIRST)
        acknowledge_at(c, 43.8, talk, CLIENT)
        asked = asked_at(c, 103.5, talk, get("/2"))
        if has_ack:
            acked = acknowledge_at(c, 104.6, talk, SERVER)
        c.at(106)
        lost = talk.segment(SERVER, response(201).data)
        answered = again_at(c, 310.3, talk, lost)
        wait_ns = between(asked, answered)
        if has_ack and not family:
            lost_ns = between(acked, answered)
            ns, cause = {"timer_retransmit": lost_ns, "network": SERVER_RTT_NS,
                         "server": wait_ns - lost_ns - SERVER_RTT_NS}, "loss"
        else:
            ns, cause = {"network": SERVER_RTT_NS, "server": wait_ns - SERVER_RTT_NS}, "server"
        talk.expect(get("/2"), response(201), asked, answered, cause=cause, **parts(**ns), **LATER)


@case(rows.PARTS)
def number_of_a_response_had_by_another(c):
    """a number is missing before a response, of a server without timestamps: another connection may have had it"""
    talk = opened(c, ends=stacks(clock=None))
    for number, fields in ((0, FIRST), (1, LATER)):
        asked = asked_at(c, 3.5 + 100 * number, talk, get("/"))
        acknowledge_at(c, 4.6 + 100 * number, talk, SERVER)
        answered = again_at(c, 43.4 + 100 * number, talk, talk.segment(SERVER, response().data))
        talk.expect(get("/"), response(), asked, answered, cause="server", **parts(
            network=SERVER_RTT_NS, server=between(asked, answered) - SERVER_RTT_NS), **fields)
        acknowledge_at(c, 43.8 + 100 * number, talk, CLIENT)


@case(rows.PARTS)
def number_of_an_upload_had_by_another(c):
    """the same of a client, within an upload"""
    talk = opened(c, ends=stacks(clock=None))
    sent = segments(talk, CLIENT, UPLOAD.data)
    passed = pass_each(c, 3.5, talk, sent[:-1])
    acknowledge_at(c, 5.2, talk, SERVER, ack=sent[-1].seq)
    last = again_at(c, 103.4, talk, sent[-1])
    answered = answered_at(c, 110.3, talk, response())
    talk.expect(UPLOAD, response(), (passed[0], last), answered, cause="upload", **parts(
        upload=between(passed[0], last), network=SERVER_RTT_NS,
        server=between(last, answered) - SERVER_RTT_NS), **FIRST)


@case(rows.PARTS)
def thought_then_head_lost(c):
    """the server thinks for 100 ms, then the first segment of its response is lost: the thinking is not the loss's"""
    talk = opened(c)
    asked = asked_at(c, 3.5, talk, get("/1"))
    acknowledge_at(c, 4.6, talk, SERVER)
    answered = answered_at(c, 43.4, talk, response())
    talk.expect(get("/1"), response(), asked, answered, cause="server", **parts(
        network=SERVER_RTT_NS, server=between(asked, answered) - SERVER_RTT_NS), **FIRST)
    asked = asked_at(c, 103.5, talk, get("/2"))
    acknowledge_at(c, 104.6, talk, SERVER)
    c.at(203.3)
    sent = segments(talk, SERVER, ANSWER.data)
    passed = pass_each(c, 203.3, talk, sent[1:])
    duplicate_acks(c, 204, talk, CLIENT, sent[0], sent[-1])
    head = again_at(c, 224.2, talk, sent[0])
    talk.expect(get("/2"), ANSWER, asked, head, cause="server", grade=["reordered"], **parts(
        network=SERVER_RTT_NS, server=between(asked, passed[-1]) - SERVER_RTT_NS,
        fast_retransmit=between(passed[-1], head)), **LATER)


@case(rows.PARTS)
def paused_then_hole(c):
    """the server pauses within a response for 100 ms, then the first of the segments that follow is lost: two reasons"""
    talk = opened(c)
    asked = asked_at(c, 3.5, talk, get("/"))
    acknowledge_at(c, 4.6, talk, SERVER)
    c.at(43.4)
    passed = pass_each(c, 43.4, talk, segments(talk, SERVER, ANSWER.data[:2000]))
    c.at(143.3)
    sent = segments(talk, SERVER, ANSWER.data[2000:])
    behind = pass_each(c, 143.3, talk, sent[1:])
    duplicate_acks(c, 144, talk, CLIENT, sent[0], sent[-1])
    filled = again_at(c, 164.2, talk, sent[0])
    expect_response(talk, asked, passed, filled, cause="server", grade=["reordered"],
                    server=between(passed[-1], behind[0]), fast_retransmit=between(behind[-1], filled))


@case(rows.PARTS)
def response_again_after_its_end(c):
    """the last segment of a response passes again in the pause before the next request: nobody waited for it"""
    answer = response(200, b"x" * 900)
    for talk in in_families(c):
        asked = asked_at(c, 3.5, talk, get("/"))
        c.at(43.4)
        sent = talk.segment(SERVER, answer.data)
        answered = talk.pass_(sent)
        expect_response(talk, asked, [answered], answered, cause="server", answer=answer)
        again_at(c, 243.3, talk, sent)
        asked = asked_at(c, 303.5, talk, get("/"))
        answered = answered_at(c, 343.2, talk, answer)
        expect_response(talk, asked, [answered], answered, cause="server", answer=answer, fields=LATER)
        count_again(c, 1)
