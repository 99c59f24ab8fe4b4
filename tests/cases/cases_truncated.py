# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Captures whose snap length cut bytes off the packets: lengths in the headers keep the framing."""

import rows
from messages import get, post, response
from registry import case
from talk import CLIENT, SERVER

CUT = "no packet is cut in the kernel"


@case(rows.TRUNCATED, not_in_kernel=CUT)
def truncated_bodies(c):
    """heads of less than 100 bytes are whole, bodies of 3000 are cut at a snap length of 160"""
    c.snaplen = 160
    for v6 in (False, True):
        talk = c.connection(v6=v6)
        for number in range(3):
            answer, asked = response(200, b"x" * 3000), get(f"/{number}")
            sent = talk.client(asked.data)
            segments = [talk.segment(SERVER, answer.data[at:at + 1400]) for at in range(0, len(answer.data), 1400)]
            passed = [talk.pass_(segment, 160) for segment in segments]
            talk.expect(asked, answer, sent, (passed[0], passed[-1]), grade=["truncated"])
        asked = post("/up", b"y" * 2000)
        segments = [talk.segment(CLIENT, asked.data[at:at + 1400]) for at in range(0, len(asked.data), 1400)]
        passed = [talk.pass_(segment, 160) for segment in segments]
        answered = talk.server(response().data)
        talk.expect(asked, response(), (passed[0], passed[-1]), answered, grade=["truncated"])
        talk.close()


@case(rows.TRUNCATED, not_in_kernel=CUT)
def truncated_heads(c):
    """a snap length of 110: start lines are there, the ends of heads and the lengths of bodies are not"""
    c.snaplen = 110
    talk = c.connection()
    for number in range(3):
        asked, answer = get(f"/{number}", "X: " + "y" * 300), response(200, b"x" * 3000, "X: " + "y" * 300)
        sent = talk.pass_(talk.segment(CLIENT, asked.data), 110)
        segments = [talk.segment(SERVER, answer.data[at:at + 1400]) for at in range(0, len(answer.data), 1400)]
        passed = [talk.pass_(segment, 110) for segment in segments]
        # The request ends with its segment; turn-taking says where the response does, so
        # the start of the next one has been looked for.
        grade = ["mid_stream", "truncated", "head_cut"] if number else ["truncated", "head_cut"]
        talk.expect(asked, answer, sent, (passed[0], passed[-1]), grade=grade)
    talk.close()


@case(rows.TRUNCATED, not_in_kernel=CUT)
def truncated_within_headers(c):
    """a snap length of 40 cuts the TCP header itself: counted as truncated_header"""
    c.snaplen = 40
    talk = c.connection(handshake=False)
    for side, data in ((CLIENT, get("/").data), (SERVER, response().data)):
        talk.pass_(talk.segment(side, data), 40)
    c.count(truncated_header=2)


@case(rows.TRUNCATED, not_in_kernel=CUT)
def truncated_behind_the_headers(c):
    """a snap length of 54 leaves no payload at all: nothing can be told, and nothing is invented"""
    c.snaplen = 54
    talk = c.connection(handshake=False)
    for _ in range(3):
        for side, data in ((CLIENT, get("/").data), (SERVER, response().data)):
            talk.pass_(talk.segment(side, data), 54)
    c.count(not_http=6, flows=0)
