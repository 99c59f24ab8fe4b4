# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Several requests before the first response (RFC 9112, 9.3.2)."""

import rows
from messages import Request, chunked, get, interim, post, request, response
from registry import case
from talk import CLIENT, SERVER

QUEUE = 16  # requests outstanding on one connection


def pipeline(c, count, request_cut=(), response_cut=(), **options):
    """`count` requests in one go, then their responses in one go, each whole in one segment."""
    talk = c.connection(**options)
    requests = [get(f"/{number}", host="a") for number in range(count)]
    responses = [response(200, b"x" * number) for number in range(count)]
    asked = talk.client(b"".join(r.data for r in requests), request_cut)
    answered = talk.server(b"".join(r.data for r in responses), response_cut)
    for number, (question, answer) in enumerate(zip(requests, responses)):
        talk.expect(question, answer, asked, answered, grade=["pipelined"] if number else [])
    talk.exchange(get("/after"), response())
    talk.close()


@case(rows.PIPELINED)
def pipelined_two(c):
    """2 requests in one segment, 2 responses in one"""
    pipeline(c, 2)


@case(rows.PIPELINED)
def pipelined_five(c):
    """5 requests in one segment, 5 responses in one, over IPv6"""
    pipeline(c, 5, v6=True)


@case(rows.PIPELINED)
def pipelined_sixteen(c):
    """16 requests in one segment, 16 responses in one: as many as are held"""
    pipeline(c, QUEUE)


@case(rows.PIPELINED)
def pipelined_twenty(c):
    """20 requests in one segment: the four beyond 16 are evicted, their responses orphans"""
    talk = c.connection()
    requests = [get(f"/{number}", host="a") for number in range(20)]
    answer = response()
    asked = talk.client(b"".join(r.data for r in requests))
    answered = talk.server(answer.data * 20)
    for number, question in enumerate(requests[:QUEUE]):
        talk.expect(question, answer, asked, answered, grade=["pipelined"] if number else [])
    talk.exchange(get("/after"), answer)
    c.count(pipeline_overflow=4, orphan=4)


@case(rows.PIPELINED)
def pipelined_long_heads(c):
    """5 requests of 205 bytes: excerpts share 512 bytes, so that of the third is cut, and none is kept of the others"""
    talk = c.connection()
    requests = [get(f"/{number}", "Cookie: " + "c" * 159) for number in range(5)]
    asked = talk.client(b"".join(r.data for r in requests))
    answered = talk.server(response().data * 5)
    for number, question in enumerate(requests):
        assert len(question.data) == 205
        more = {"target": None, "host": None} if number > 2 else {}
        grade = [name for name, applies in (("pipelined", number), ("head_cut", number > 1)) if applies]
        talk.expect(question, response(), asked, answered, grade=grade, **more)
    talk.exchange(get("/after"), response())


@case(rows.PIPELINED)
def pipelined_one_response_a_segment(c):
    """4 requests in one segment, a response every 50 ms: each wait includes those before"""
    talk = c.connection()
    requests = [get(f"/{number}") for number in range(4)]
    asked = talk.client(b"".join(r.data for r in requests))
    for number, question in enumerate(requests):
        c.wait(0.05)
        answered = talk.server(response(200, b"x" * number).data)
        talk.expect(question, response(200, b"x" * number), asked, answered, grade=["pipelined"] if number else [])


@case(rows.PIPELINED)
def pipelined_one_request_a_segment(c):
    """3 requests in segments of their own before the first response"""
    talk = c.connection()
    asked = [talk.client(get(f"/{number}").data) for number in range(3)]
    for number in range(3):
        answered = talk.server(response().data)
        talk.expect(get(f"/{number}"), response(), asked[number], answered, grade=["pipelined"] if number else [])


@case(rows.PIPELINED)
def pipelined_during_the_response(c):
    """the second request passes between the two halves of the first response"""
    talk = c.connection()
    answer = response(200, b"x" * 2000)
    first = talk.client(get("/1").data)
    began, _ = talk.server(answer.data[:1000])
    second = talk.client(get("/2").data)
    _, ended = talk.server(answer.data[1000:])
    talk.expect(get("/1"), answer, first, (began, ended))
    answered = talk.server(answer.data)
    talk.expect(get("/2"), answer, second, answered, grade=["pipelined"])


@case(rows.PIPELINED)
def pipelined_mixed(c):
    """POST with a body, HEAD, chunked POST and GET in one segment; 201, 200 without, 204 and chunked in one"""
    talk = c.connection()
    up = chunked(b"one", b"two")
    down = chunked(b"x" * 100)
    pairs = [
        (post("/1"), response(201)),
        (request("HEAD", "/2"), response(200, None, "Content-Length: 77")),
        (post("/3", up, "Transfer-Encoding: chunked"), response(204, None)),
        (get("/4"), response(200, down, "Transfer-Encoding: chunked")),
        (get("/5"), response(404)),
    ]
    asked = talk.client(b"".join(question.data for question, _ in pairs))
    answered = talk.server(b"".join(answer.data for _, answer in pairs))
    for number, (question, answer) in enumerate(pairs):
        talk.expect(question, answer, asked, answered, grade=["pipelined"] if number else [])


@case(rows.PIPELINED)
def pipelined_cut_anywhere(c):
    """3 requests and 3 responses, each cut in two at every position"""
    requests = [get("/1"), post("/2"), get("/3")]
    responses = [response(), response(201, b"x" * 20), response(204, None)]
    data = [b"".join(m.data for m in requests), b"".join(m.data for m in responses)]
    for side in (CLIENT, SERVER):
        for position in range(1, len(data[side])):
            talk = c.connection()
            cut = [[], []]
            cut[side] = [position]
            sent = [talk.client(data[CLIENT], cut[CLIENT]), talk.server(data[SERVER], cut[SERVER])]
            at = [0, 0]
            for number in range(3):
                pair = (requests[number], responses[number])
                spans = []
                for end in (CLIENT, SERVER):
                    start, at[end] = at[end], at[end] + len(pair[end].data)
                    late = cut[end] and at[end] > position
                    first = sent[end][1] if cut[end] and start >= position else sent[end][0]
                    spans.append((first, sent[end][1] if late else sent[end][0]))
                talk.expect(*pair, *spans, grade=["pipelined"] if number else [])


@case(rows.PIPELINED)
def pipelined_interim_of_each(c):
    """two pipelined requests with Expect, each with its own 100"""
    talk = c.connection()
    asked = [post("/1", b"abc", "Expect: 100-continue"), post("/2", b"def", "Expect: 100-continue")]
    sent = talk.client(asked[0].data + asked[1].data)
    answered = talk.server(interim(100) + response(201).data + interim(103) + interim(100) + response(202).data)
    talk.expect(asked[0], response(201), sent, answered, interim=[100])
    talk.expect(asked[1], response(202), sent, answered, interim=[103, 100], grade=["pipelined"])


@case(rows.PIPELINED)
def pipelined_unanswered_rest(c):
    """3 requests, one answer with Connection: close, then the server's FIN"""
    talk = c.connection()
    requests = [get(f"/{number}") for number in range(3)]
    asked = talk.client(b"".join(r.data for r in requests))
    answer = response(200, b"bye", "Connection: close")
    answered = talk.server(answer.data)
    end = talk.fin(SERVER)
    talk.expect(requests[0], answer, asked, answered)
    for question in requests[1:]:
        talk.expect(question, None, asked, None, end, outcome="unanswered", reason="server_closed",
                    grade=["pipelined"])
    talk.fin(CLIENT)


@case(rows.PIPELINED)
def pipelined_hundred_in_batches_of_eight(c):
    """104 requests, eight outstanding at a time, responses in segments of 1460"""
    talk = c.connection()
    for batch in range(13):
        requests = [get(f"/{batch}/{number}") for number in range(8)]
        asked = [talk.client(question.data) for question in requests]
        for number, question in enumerate(requests):
            answered = talk.server(response(200, b"x" * 3000).data, 1460)
            talk.expect(question, response(200, b"x" * 3000), asked[number], answered,
                        grade=["pipelined"] if number else [])


@case(rows.PIPELINED)
def pipelined_beyond_the_steps_of_a_segment(c):
    """130 requests in one segment: 128 are taken, and what is beyond counts as step_limit"""
    talk = c.connection()
    asked = Request(b"GET / HTTP/1.1\r\n\r\n", host=None)
    answer = response(204, None)
    sent = talk.client(asked.data * 130)
    answered = talk.server(answer.data * 65)
    talk.server(answer.data * 65)
    for number in range(QUEUE):
        talk.expect(asked, answer, sent, answered, grade=["pipelined"] if number else [])
    talk.exchange(get("/after"), response())
    c.count(step_limit=1, pipeline_overflow=128 - QUEUE, orphan=130 - QUEUE)
