# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Large frames, large bodies, sequence numbers that wrap, and many connections."""

import struct

import rows
import wire
from messages import Response, chunked, get, head, post, response
from registry import case
from talk import SERVER

TOO_LARGE = "test_run refuses frames of about 4,000 bytes and more"
WRAP = 1 << 32


@case(rows.GSO, not_in_kernel=TOO_LARGE)
def gso_large_body(c):
    """2 MB down and 1 MB up in segments of 64 KB less headers"""
    for v6 in (False, True):
        talk = c.connection(v6=v6)
        for _ in range(2):
            talk.exchange(get("/down"), response(200, b"x" * 2_000_000), response_cut=65483)
            talk.exchange(post("/up", b"y" * 1_000_000), response(201), request_cut=65483)


@case(rows.GSO, not_in_kernel=TOO_LARGE)
def gso_two_responses_in_one(c):
    """the end of one response, a whole one and the start of a third in one segment of 60 kB"""
    talk = c.connection()
    requests = [get(f"/{number}") for number in range(3)]
    responses = [response(200 + number, bytes([97 + number]) * 40_000) for number in range(3)]
    asked = talk.client(b"".join(r.data for r in requests))
    data = b"".join(r.data for r in responses)
    sent = [talk.server(part)[0] for part in (data[:30_000], data[30_000:90_000], data[90_000:])]
    for number, (first, last) in enumerate(((0, 1), (1, 1), (1, 2))):
        talk.expect(requests[number], responses[number], asked, (sent[first], sent[last]),
                    grade=["pipelined"] if number else [])
    talk.exchange(get("/after"), response())


@case(rows.GSO, not_in_kernel=TOO_LARGE)
def gso_chunks(c):
    """chunks of 1 kB, 8 kB and 100 kB in segments of 64 KB: many chunk-size lines in one"""
    talk = c.connection()
    for size, count in ((1000, 60), (8000, 60), (100_000, 5)):
        answer = response(200, chunked(*[b"z" * size] * count), "Transfer-Encoding: chunked")
        talk.exchange(get("/"), answer, response_cut=65000)
    talk.exchange(get("/after"), response())


@case(rows.GSO, not_in_kernel=TOO_LARGE)
def gso_body_quotes_messages(c):
    """bodies of 200 kB made of requests and responses"""
    talk = c.connection()
    body = (response(500, b"no").data + get("/quoted").data) * 2500
    talk.exchange(get("/1"), response(200, body), response_cut=64000)
    talk.exchange(post("/2", body), response(), request_cut=64000)
    talk.exchange(get("/after"), response())


@case(rows.GSO)
def body_in_segments_of_1460(c):
    """1 MB down and up in segments as a network card cuts them"""
    talk = c.connection()
    talk.exchange(get("/down"), response(200, b"x" * 1_000_000), response_cut=1460)
    talk.exchange(post("/up", b"x" * 1_000_000), response(), request_cut=1460)
    talk.exchange(get("/after"), response())


@case(rows.LARGE)
def sequence_wrap(c):
    """sequence numbers wrap at every byte of a request and its response"""
    asked, answer = post("/wrap", b"abc"), response(200, b"hello")
    for byte in range(max(len(asked.data), len(answer.data)) + 2):
        talk = c.connection(client_isn=(WRAP - 1 - byte) % WRAP, server_isn=(WRAP - 1 - byte) % WRAP, v6=byte % 2 == 1)
        talk.exchange(asked, answer, request_cut=[20], response_cut=[10, 40])
        talk.exchange(get("/after"), response())
        talk.close()


@case(rows.LARGE)
def sequence_wrap_out_of_order(c):
    """the wrap lies between body segments that are swapped"""
    answer = response(200, b"x" * 3000)
    at = len(answer.data) - 3000
    talk = c.connection(server_isn=WRAP - 1 - at - 1000)
    asked = talk.client(get("/").data)
    begun = talk.server(answer.data[:at])[0]
    segments = [talk.segment(SERVER, answer.data[at + i * 1000:at + i * 1000 + 1000]) for i in range(3)]
    last = [talk.pass_(segments[index]) for index in (1, 0, 2)][-1]
    talk.expect(get("/"), answer, asked, (begun, last), grade=["reordered"])
    talk.exchange(get("/after"), response())


@case(rows.LARGE)
def body_of_10_gb_with_holes(c):
    """10 GB of body of which one segment in 500 MB is seen: gap_bytes of a message ends at 2^32 - 1, its bytes do not"""
    size = 10_000_000_000
    step = 500_000_000
    answer = Response(head("HTTP/1.1 200 OK", [f"Content-Length: {size}"]))
    talk = c.connection()
    asked = talk.client(get("/big").data)
    begun = talk.server(answer.data)[0]
    start = talk.seq[SERVER]
    last = begun
    for end in range(step, size + 1, step):
        talk.seq[SERVER] = start + end - 1000
        last = talk.server(b"x" * 1000)[0]
    talk.expect(get("/big"), answer, asked, (begun, last), grade=["gap"], response_bytes=len(answer.data) + size)
    talk.exchange(get("/after"), response())
    c.count(gap_bytes=WRAP - 1)


@case(rows.LARGE, not_in_kernel=TOO_LARGE)
def body_of_5_gb_whole(c):
    """5 GB of body in 80,000 segments, all seen, cut off behind their headers by the capture"""
    count, size = 80_000, 65_000
    answer = Response(head("HTTP/1.1 200 OK", [f"Content-Length: {count * size}"]))
    c.snaplen = 128
    talk = c.connection()
    asked = talk.client(get("/big").data)
    begun = talk.server(answer.data)[0]
    headers = bytearray(wire.ethernet(talk.packet(talk.segment(SERVER, b"")), False))
    headers[16:18] = struct.pack("!H", 40 + size)
    for number in range(count):
        headers[38:42] = struct.pack("!I", (talk.seq[SERVER] + number * size) % WRAP)
        last = c.emit(bytes(headers), len(headers) + size)
    talk.seq[SERVER] += count * size
    talk.expect(get("/big"), answer, asked, (begun, last), grade=["truncated"], response_bytes=len(answer.data) + count * size)
    talk.exchange(get("/after"), response())


@case(rows.MANY)
def ten_thousand_idle_connections(c):
    """10,000 connections ask, wait 30 s, and all are answered"""
    talks = []
    for number in range(10_000):
        talk = c.connection(client=f"10.1.{number // 250}.{number % 250 + 1}", client_port=50_000 + number % 7,
                            handshake=False, client_isn=number * 77_777, server_isn=number * 55_555)
        talks.append((talk, talk.client(get(f"/{number}").data)))
        c.now_ns -= 999_000
    c.wait(30)
    for number, (talk, asked) in enumerate(talks):
        answered = talk.server(response().data)
        c.now_ns -= 999_000
        talk.expect(get(f"/{number}"), response(), asked, answered)
    c.count(flows=10_000)


@case(rows.MANY, options={"max_flows": 1024})
def more_connections_than_the_table_holds(c):
    """3000 pending requests in a table of 1024: each is answered or evicted, and nothing is lost"""
    talks = []
    for number in range(3000):
        talk = c.connection(client=f"10.1.{number // 250}.{number % 250 + 1}", handshake=False)
        talks.append((talk, talk.client(get(f"/{number}").data)))
        c.now_ns -= 990_000
    for number, (talk, asked) in enumerate(talks):
        answered = talk.server(response().data)
        c.now_ns -= 990_000
        talk.expect(get(f"/{number}"), response(), asked, answered)
        talk.or_else(None, outcome="evicted", reason="evicted")
    # Which of them are evicted, the hash decides.
    c.count(paired=None, evicted=None, orphan=None, flows_evicted=None)
    c.sum(3000, "paired", "evicted")
    c.sum(3000, "paired", "orphan")


@case(rows.MANY, options={"max_flows": 1024})
def evicted_while_idle(c):
    """a table full of idle connections: making room for others evicts nothing that is pending"""
    for number in range(3000):
        talk = c.connection(client=f"10.1.{number // 250}.{number % 250 + 1}", handshake=False)
        talk.exchange(get(f"/{number}"), response())
    c.count(flows=3000, flows_evicted=None)
