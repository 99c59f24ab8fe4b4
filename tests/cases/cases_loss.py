# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Segments that pass twice, late or never."""

import itertools

import rows
from messages import chunked, get, post, response
from registry import case
from talk import CLIENT, SERVER


@case(rows.RETRANSMIT)
def retransmitted_request(c):
    """the request passes again after 200 ms: the first sighting counts"""
    talk = c.connection()
    segment = talk.segment(CLIENT, get("/").data)
    asked = talk.pass_(segment)
    c.wait(0.2)
    talk.pass_(segment)
    answered = talk.server(response().data)
    talk.expect(get("/"), response(), asked, answered, retransmits=1)
    talk.exchange(get("/after"), response())
    c.count(retransmission=1)


@case(rows.RETRANSMIT)
def retransmitted_response(c):
    """all segments of the response pass again, while it is under way and after its end"""
    talk = c.connection()
    answer = response(200, b"x" * 3000)
    asked = talk.client(get("/").data)
    segments = [talk.segment(SERVER, answer.data[at:at + 1000]) for at in range(0, len(answer.data), 1000)]
    sent = []
    for segment in segments[:-1]:
        sent.append(talk.pass_(segment))
        c.wait(0.2)
        talk.pass_(segment)
    sent.append(talk.pass_(segments[-1]))
    for segment in segments:
        talk.pass_(segment)
    talk.expect(get("/"), answer, asked, (sent[0], sent[-1]), retransmits=len(segments) - 1)
    talk.exchange(get("/after"), response())
    c.count(retransmission=2 * len(segments) - 1)


@case(rows.RETRANSMIT)
def retransmitted_request_after_the_response(c):
    """the acknowledgment was lost: the request passes again after its answer"""
    talk = c.connection()
    segment = talk.segment(CLIENT, get("/").data)
    asked = talk.pass_(segment)
    answered = talk.server(response().data)
    talk.pass_(segment)
    talk.expect(get("/"), response(), asked, answered)
    talk.exchange(get("/after"), response())
    c.count(retransmission=1)


@case(rows.RETRANSMIT)
def retransmission_in_part_new_response(c):
    """a segment passes again with new bytes behind the old, at every distance"""
    answer = response(200, b"x" * 60)
    size = len(answer.data)
    for position in range(1, size):
        talk = c.connection()
        asked = talk.client(get("/").data)
        whole = talk.segment(SERVER, answer.data)
        first = talk.pass_(whole.part(0, position))
        last = talk.pass_(whole)
        talk.expect(get("/"), answer, asked, (first, last))
        talk.exchange(get("/after"), response())


@case(rows.RETRANSMIT)
def retransmission_in_part_new_request(c):
    """the same for a request: overlapping segments, in part new, over IPv6"""
    asked = post("/form", b"a=1&b=2")
    for position in range(1, len(asked.data)):
        talk = c.connection(v6=True)
        whole = talk.segment(CLIENT, asked.data)
        first = talk.pass_(whole.part(0, position))
        last = talk.pass_(whole.part(max(0, position - 5)))
        answered = talk.server(response().data)
        talk.expect(asked, response(), (first, last), answered)


@case(rows.RETRANSMIT)
def keep_alive_probes(c):
    """TCP keep-alive probes of one old byte are no retransmissions"""
    talk = c.connection()
    talk.exchange(get("/1"), response())
    for _ in range(5):
        c.wait(15)
        probe = talk.segment(CLIENT, b"")
        talk.pass_(type(probe)(talk, CLIENT, probe.seq - 1, probe.ack, 0x10, b"\0"))
        talk.acknowledge(SERVER)
    talk.exchange(get("/2"), response())
    c.count(control=5)


@case(rows.RETRANSMIT)
def retransmitted_syn(c):
    """SYN and SYN-ACK pass twice before the request"""
    talk = c.connection()
    talk.handshake()
    talk.exchange(get("/"), response())
    talk.close()


@case(rows.RETRANSMIT)
def retransmitted_fin(c):
    """FINs pass twice; nothing is counted twice"""
    talk = c.connection()
    talk.exchange(get("/"), response())
    for side in (SERVER, CLIENT):
        segment = talk.segment(side, b"", 0x11)
        talk.pass_(segment)
        talk.pass_(segment)


@case(rows.RETRANSMIT)
def retransmitted_last_segment_after_close(c):
    """the last response segment passes again after both FINs: no connection begins by it"""
    talk = c.connection()
    asked = talk.client(get("/").data)
    segment = talk.segment(SERVER, response().data, 0x19)
    answered = talk.pass_(segment)
    talk.expect(get("/"), response(), asked, answered)
    talk.fin(CLIENT)
    talk.pass_(segment)
    c.count(control=2, flows=1)


@case(rows.REORDER)
def reordered_inside_a_body(c):
    """three body segments in every order but the right one, then another transaction"""
    answer = response(200, b"x" * 3000)
    at = len(answer.data) - 3000
    for order in list(itertools.permutations(range(3)))[1:]:
        talk = c.connection()
        asked = talk.client(get("/").data)
        begun = talk.server(answer.data[:at])[0]
        segments = [talk.segment(SERVER, answer.data[at + i * 1000:at + i * 1000 + 1000]) for i in range(3)]
        sent = {index: talk.pass_(segments[index]) for index in order}
        last = max(sent.values(), key=lambda frame: frame.ns)
        talk.expect(get("/"), answer, asked, (begun, last), grade=["reordered"])
        talk.exchange(get("/after"), response())


@case(rows.REORDER)
def reordered_inside_a_request_body(c):
    """two segments of an upload swapped"""
    asked = post("/up", b"x" * 3000)
    at = len(asked.data) - 3000
    for v6 in (False, True):
        talk = c.connection(v6=v6)
        begun = talk.client(asked.data[:at])[0]
        segments = [talk.segment(CLIENT, asked.data[at + i * 1000:at + i * 1000 + 1000]) for i in range(3)]
        last = [talk.pass_(segments[index]) for index in (1, 0, 2)][-1]
        answered = talk.server(response().data)
        talk.expect(asked, response(), (begun, last), answered, grade=["reordered"])
        talk.exchange(get("/after"), response())


@case(rows.REORDER)
def reordered_head_and_body(c):
    """the first body segment overtakes the head"""
    answer = response(200, b"x" * 2000)
    at = len(answer.data) - 2000
    talk = c.connection()
    asked = talk.client(get("/").data)
    head_segment = talk.segment(SERVER, answer.data[:at])
    body = [talk.segment(SERVER, answer.data[at:at + 1000]), talk.segment(SERVER, answer.data[at + 1000:])]
    talk.pass_(body[0])
    begun = talk.pass_(head_segment)
    last = talk.pass_(body[1])
    talk.expect(get("/"), answer, asked, (begun, last), grade=["reordered"])
    talk.exchange(get("/after"), response())


@case(rows.REORDER)
def reordered_inside_a_response_head(c):
    """the two halves of a response head swapped: no wrong pair, and the next is right"""
    answer = response(200, b"hello", "Content-Type: text/plain")
    talk = c.connection()
    asked = talk.client(get("/1").data)
    whole = talk.segment(SERVER, answer.data)
    late = whole.part(0, 25)
    talk.pass_(whole.part(25))
    talk.pass_(late)
    second = talk.client(get("/2").data)
    answered = talk.server(response(404).data)
    talk.expect(get("/1"), None, asked, None, answered[0], outcome="unanswered", reason="gap",
                grade=["gap", "mid_stream"])
    talk.expect(get("/2"), response(404), second, answered, grade=["mid_stream", "pipelined"])
    c.count(gaps=1)


@case(rows.REORDER)
def reordered_last_body_segment_and_next_response(c):
    """the last body segment passes after the pipelined response behind it: that ends the first with a gap"""
    first, second = response(200, b"x" * 2000), response(404, b"no")
    talk = c.connection()
    asked = talk.client(get("/1").data + get("/2").data)
    begun = talk.server(first.data[:1000])[0]
    late = talk.segment(SERVER, first.data[1000:])
    following = talk.segment(SERVER, second.data)
    answered = talk.pass_(following)
    talk.pass_(late)
    talk.expect(get("/1"), first, asked, begun, grade=["gap"])
    talk.expect(get("/2"), second, asked, answered, grade=["pipelined"])
    c.count(gap_bytes=len(late.data), retransmission=1)


@case(rows.LOSS)
def lost_body_segment(c):
    """one of five body segments is never seen: complete, with the bytes counted"""
    answer = response(200, b"x" * 5000)
    at = len(answer.data) - 5000
    for missing in range(4):
        talk = c.connection(v6=bool(missing % 2))
        asked = talk.client(get("/").data)
        begun = talk.server(answer.data[:at])[0]
        for number in range(5):
            segment = talk.segment(SERVER, answer.data[at + number * 1000:at + number * 1000 + 1000])
            if number != missing:
                last = talk.pass_(segment)
        talk.expect(get("/"), answer, asked, (begun, last), grade=["gap"])
        talk.exchange(get("/after"), response())
    c.count(gap_bytes=4000)


@case(rows.LOSS)
def lost_last_body_segment(c):
    """the last body segment is never seen, the next request acknowledges it"""
    answer = response(200, b"x" * 2000)
    talk = c.connection()
    asked = talk.client(get("/1").data)
    begun, last = talk.server(answer.data[:-500], 1000)
    talk.segment(SERVER, answer.data[-500:])
    second = talk.client(get("/2").data)
    answered = talk.server(response().data)
    talk.expect(get("/1"), answer, asked, (begun, last), grade=["gap"])
    talk.expect(get("/2"), response(), second, answered)
    c.count(gap_bytes=500)


@case(rows.LOSS)
def lost_request_body_segment(c):
    """a segment in the middle of an upload is never seen"""
    asked = post("/up", b"x" * 4000)
    talk = c.connection()
    first = talk.client(asked.data[:1000])[0]
    talk.segment(CLIENT, asked.data[1000:3000])
    last = talk.client(asked.data[3000:])[0]
    answered = talk.server(response().data)
    talk.expect(asked, response(), (first, last), answered, grade=["gap"])
    talk.exchange(get("/after"), response())
    c.count(gap_bytes=2000)


@case(rows.LOSS)
def lost_and_retransmitted_in_a_body(c):
    """a body segment fills its hole 200 ms later, after the response's last byte"""
    answer = response(200, b"x" * 3000)
    at = len(answer.data) - 3000
    talk = c.connection()
    asked = talk.client(get("/").data)
    begun = talk.server(answer.data[:at])[0]
    talk.pass_(talk.segment(SERVER, answer.data[at:at + 1000]))
    late = talk.segment(SERVER, answer.data[at + 1000:at + 2000])
    talk.pass_(talk.segment(SERVER, answer.data[at + 2000:]))
    c.wait(0.2)
    filled = talk.pass_(late)
    talk.expect(get("/"), answer, asked, (begun, filled), grade=["reordered"])
    talk.exchange(get("/after"), response())


@case(rows.LOSS)
def lost_inside_chunk_data(c):
    """a segment inside one large chunk is never seen: the count carries over it"""
    answer = response(200, chunked(b"x" * 5000, b"end"), "Transfer-Encoding: chunked")
    talk = c.connection()
    asked = talk.client(get("/").data)
    first = talk.server(answer.data[:1000])[0]
    talk.segment(SERVER, answer.data[1000:2000])
    last = talk.server(answer.data[2000:], 1000)[1]
    talk.expect(get("/"), answer, asked, (first, last), grade=["gap"])
    talk.exchange(get("/after"), response())
    c.count(gap_bytes=1000)


@case(rows.REORDER)
def reordered_inside_a_request_head(c):
    """the halves of a request head swapped: no wrong pair, and the next is right"""
    talk = c.connection()
    talk.exchange(get("/1"), response())
    whole = talk.segment(CLIENT, get("/2", "Accept: */*").data)
    talk.pass_(whole.part(25))
    talk.pass_(whole.part(0, 25))
    talk.server(response(404).data)
    talk.exchange(get("/3"), response(201))
    c.count(gaps=1, orphan=1)


@case(rows.REORDER)
def reordered_requests(c):
    """two whole pipelined requests swapped: no wrong pair, so none at all"""
    talk = c.connection()
    talk.exchange(get("/0"), response())
    first, second = talk.segment(CLIENT, get("/1").data), talk.segment(CLIENT, get("/2").data)
    asked = talk.pass_(second)
    talk.pass_(first)
    talk.server(response(201).data + response(202).data)
    talk.expect(get("/2"), None, asked, None, outcome="unanswered", reason="gap", grade=["gap"])
    talk.exchange(get("/3"), response(203))
    c.count(gaps=1, orphan=2)
