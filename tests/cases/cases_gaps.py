# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holes that touch what frames a message: turn-taking ends it then, and the grade says so."""

import rows
from messages import chunked, get, post, response
from registry import case
from talk import CLIENT, SERVER

SIZES = response(200, chunked(*[b"z" * 700] * 6), "Transfer-Encoding: chunked")


def lose_a_chunk_size(c, talk, request):
    """A chunked response of which the second segment, with chunk-size lines, is never seen."""
    asked = talk.client(request.data)
    begun = talk.server(SIZES.data[:1000])[0]
    talk.segment(SERVER, SIZES.data[1000:2000])
    last = talk.server(SIZES.data[2000:], 1000)[1]
    c.count(gaps=c.counters.get("gaps", 0) + 1)
    return asked, (begun, last)


@case(rows.RESYNC)
def lost_chunk_size_next_request(c):
    """chunk sizes are lost; the next request shows that the response is over"""
    talk = c.connection()
    asked, answered = lose_a_chunk_size(c, talk, get("/1"))
    talk.expect(get("/1"), SIZES, asked, answered, grade=["gap", "mid_stream"])
    talk.exchange(get("/2"), response(201), grade=["mid_stream", "pipelined"])
    talk.exchange(get("/3"), response(202))


@case(rows.RESYNC)
def lost_chunk_size_fin(c):
    """chunk sizes are lost; both FINs show that the response is over"""
    talk = c.connection(v6=True)
    asked, answered = lose_a_chunk_size(c, talk, get("/1"))
    talk.fin(SERVER)
    talk.fin(CLIENT)
    talk.expect(get("/1"), SIZES, asked, answered, grade=["gap"])


@case(rows.RESYNC)
def lost_chunk_size_rst(c):
    """chunk sizes are lost, then RST: aborted, as its end was not seen"""
    talk = c.connection()
    asked, answered = lose_a_chunk_size(c, talk, get("/1"))
    end = talk.rst(SERVER)
    talk.expect(get("/1"), SIZES, asked, answered, end, outcome="aborted", reason="server_reset", grade=["gap"])


@case(rows.REORDER)
def head_passes_behind_its_body(c):
    """a response head is lost before it is seen, its body passes, the head again 200 ms later"""
    answer = response(200, b"x" * 3000)
    at = len(answer.data) - 3000
    for v6 in (False, True):
        talk = c.connection(v6=v6)
        asked = talk.client(get("/1").data)
        late = talk.segment(SERVER, answer.data[:at])
        talk.server(answer.data[at:], 1000)
        c.wait(0.2)
        head = talk.pass_(late)
        talk.expect(get("/1"), answer, asked, head, grade=["reordered"])
        talk.exchange(get("/2"), response(201))


@case(rows.REORDER)
def request_head_passes_behind_its_body(c):
    """the same of an upload"""
    talk = c.connection()
    talk.exchange(get("/0"), response())
    asked = post("/up", b"x" * 3000)
    at = len(asked.data) - 3000
    late = talk.segment(CLIENT, asked.data[:at])
    talk.client(asked.data[at:], 1000)
    c.wait(0.2)
    head = talk.pass_(late)
    answered = talk.server(response(201).data)
    talk.expect(asked, response(201), head, answered, grade=["reordered"])
    talk.exchange(get("/2"), response(202))


@case(rows.REORDER)
def everything_in_reverse(c):
    """a response of ten segments in reverse order: it ends with its head, and is right"""
    talk = c.connection()
    answer = response(200, b"x" * 9959)
    asked = talk.client(get("/1").data)
    segments = [talk.segment(SERVER, answer.data[at:at + 1000]) for at in range(0, len(answer.data), 1000)]
    last = [talk.pass_(segment) for segment in reversed(segments)][-1]
    talk.expect(get("/1"), answer, asked, last, grade=["reordered"])
    talk.exchange(get("/2"), response(201))
