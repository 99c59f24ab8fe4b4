# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Transactions that no response completes, and connections that end and begin again."""

import rows
from messages import Response, chunk, get, post, response
from registry import case
from talk import CLIENT, SERVER, Segment
from wire import ACK, FIN, PSH

ASKED = get("/1")


def unanswered(talk, end, reason, asked, request=ASKED, **more):
    talk.expect(request, None, asked, None, end, outcome="unanswered", reason=reason, **more)


@case(rows.NEVER)
def unanswered_client_resets(c):
    """the client sends RST before any answer, 2 s after its request"""
    for v6 in (False, True):
        talk = c.connection(v6=v6)
        asked = talk.client(ASKED.data)
        c.wait(2)
        unanswered(talk, talk.rst(CLIENT), "client_reset", asked)


@case(rows.NEVER)
def unanswered_server_resets(c):
    """the server sends RST before any answer"""
    for v6 in (False, True):
        talk = c.connection(v6=v6)
        asked = talk.client(ASKED.data)
        c.wait(0.5)
        unanswered(talk, talk.rst(SERVER), "server_reset", asked)


@case(rows.NEVER)
def unanswered_server_closes(c):
    """the server sends FIN instead of an answer, then the client"""
    talk = c.connection()
    asked = talk.client(ASKED.data)
    c.wait(1)
    unanswered(talk, talk.fin(SERVER), "server_closed", asked)
    talk.fin(CLIENT)
    talk.acknowledge(SERVER)


@case(rows.NEVER)
def unanswered_client_closes(c):
    """the client sends FIN and, without an answer, the server after it"""
    talk = c.connection()
    asked = talk.client(ASKED.data)
    c.wait(3)
    talk.fin(CLIENT)
    unanswered(talk, talk.fin(SERVER), "client_closed", asked)


@case(rows.NEVER)
def unanswered_with_fin_in_the_request(c):
    """request and FIN in one segment; the server answers with RST"""
    talk = c.connection()
    asked = talk.pass_(talk.segment(CLIENT, ASKED.data, ACK | PSH | FIN))
    unanswered(talk, talk.rst(SERVER), "server_reset", asked)


@case(rows.NEVER)
def unanswered_upload_reset(c):
    """RST in the middle of an upload: the request's end is not known"""
    talk = c.connection()
    asked = post("/up", b"x" * 5000)
    sent = talk.client(asked.data[:2000])[0]
    unanswered(talk, talk.rst(SERVER), "server_reset", (sent, None), asked, request_bytes=2000)


@case(rows.NEVER)
def unanswered_until_the_end_of_the_capture(c):
    """a request without an answer when the capture ends is in flight"""
    talk = c.connection()
    talk.exchange(get("/0"), response())
    asked = talk.client(ASKED.data)
    talk.expect(ASKED, None, asked, outcome="in_flight")


@case(rows.NEVER)
def response_under_way_at_the_end_of_the_capture(c):
    """half a response when the capture ends: in flight, with its status"""
    talk = c.connection(v6=True)
    asked = talk.client(ASKED.data)
    answer = response(206, b"x" * 2000)
    answered = talk.server(answer.data[:1000], 600)
    talk.expect(ASKED, answer, asked, (answered[0], answered[1]), outcome="in_flight", response_bytes=1000)


@case(rows.NEVER)
def client_closes_at_the_end_of_the_capture(c):
    """request, client's FIN, end of the capture: still in flight"""
    talk = c.connection()
    asked = talk.client(ASKED.data)
    talk.fin(CLIENT)
    talk.expect(ASKED, None, asked, outcome="in_flight")


@case(rows.NEVER)
def answered_after_the_clients_fin(c):
    """a half-closed client still gets its answer"""
    talk = c.connection()
    asked = talk.client(ASKED.data)
    talk.fin(CLIENT)
    c.wait(1)
    answered = talk.server(response(200, b"x" * 3000).data, 1000)
    talk.fin(SERVER)
    talk.expect(ASKED, response(200, b"x" * 3000), asked, answered)


@case(rows.NEVER)
def reset_after_the_response(c):
    """RST after a complete response changes nothing"""
    for side in (CLIENT, SERVER):
        talk = c.connection()
        talk.exchange(ASKED, response())
        talk.rst(side)


@case(rows.NEVER)
def aborted_by_resets(c):
    """half a response, then RST of either side"""
    answer = response(200, b"x" * 2000)
    for side, reason in ((CLIENT, "client_reset"), (SERVER, "server_reset")):
        talk = c.connection()
        asked = talk.client(ASKED.data)
        answered = talk.server(answer.data[:1200], 600)
        end = talk.rst(side)
        talk.expect(ASKED, answer, asked, answered, end, outcome="aborted", reason=reason, response_bytes=1200)


@case(rows.NEVER)
def aborted_by_server_fin(c):
    """FIN before the Content-Length is full, and in the middle of chunks"""
    chunky = Response(response(200, b"", "Transfer-Encoding: chunked").data + chunk(b"hello") + b"20\r\nhalf", 200)
    half = Response(response(200, b"x" * 500).data[:-100], 200)
    for answer in (half, chunky):
        talk = c.connection()
        asked = talk.client(ASKED.data)
        answered = talk.server(answer.data)
        end = talk.fin(SERVER)
        talk.expect(ASKED, answer, asked, answered, end, outcome="aborted", reason="server_closed")
        talk.fin(CLIENT)


@case(rows.NEVER)
def aborted_fin_in_the_last_segment(c):
    """the FIN shares the segment with the last bytes that there are"""
    talk = c.connection()
    asked = talk.client(ASKED.data)
    answer = Response(response(200, b"x" * 500).data[:-100], 200)
    answered = talk.pass_(talk.segment(SERVER, answer.data, ACK | PSH | FIN))
    talk.expect(ASKED, answer, asked, answered, answered, outcome="aborted", reason="server_closed")


@case(rows.NEVER)
def aborted_inside_the_response_head(c):
    """RST after a part of the response head: it began, so it is not unanswered"""
    for data, status in ((b"HTTP/1.1 200 OK\r\nContent-", 200), (b"HTTP/1", None)):
        talk = c.connection()
        asked = talk.client(ASKED.data)
        answered = talk.server(data)
        end = talk.rst(SERVER)
        talk.expect(ASKED, Response(data, status), asked, answered, end, outcome="aborted", reason="server_reset")


@case(rows.NEVER)
def interim_and_no_answer(c):
    """100 Continue, then RST: unanswered, with the interim response noted"""
    talk = c.connection()
    asked = post("/up", b"abc", "Expect: 100-continue")
    first, _ = talk.client(asked.data[:-3])
    talk.server(b"HTTP/1.1 100 Continue\r\n\r\n")
    last, _ = talk.client(b"abc")
    unanswered(talk, talk.rst(SERVER), "server_reset", (first, last), asked, interim=[100])


@case(rows.NEVER)
def request_head_never_whole(c):
    """half a request head, then FIN, RST, or nothing: no request"""
    talk = c.connection()
    talk.exchange(get("/0"), response())
    talk.client(ASKED.data[:30])
    talk.fin(CLIENT)
    talk.fin(SERVER)
    talk = c.connection()
    talk.exchange(get("/0"), response())
    talk.client(ASKED.data[:30])
    talk.rst(CLIENT)
    c.count(partial_heads=2)


@case(rows.RACE)
def race_answered_by_rst(c):
    """the server closes an idle connection, the request crosses its FIN, RST answers it"""
    talk = c.connection()
    asked = talk.client(get("/0").data)
    last = talk.pass_(talk.segment(SERVER, response().data, ACK | PSH | FIN))
    talk.expect(get("/0"), response(), asked, last)
    c.wait(65)
    asked = talk.client(ASKED.data)
    unanswered(talk, talk.rst(SERVER), "after_server_fin", asked, idle_ns=asked[0].ns - last.ns)


@case(rows.RACE)
def race_after_a_fin_of_its_own(c):
    """response, 5 s, the server's FIN, and 1 ms later the request; the client closes"""
    talk = c.connection(v6=True)
    talk.exchange(get("/0"), response())
    c.wait(5)
    talk.fin(SERVER)
    asked = talk.client(ASKED.data)
    unanswered(talk, talk.fin(CLIENT), "after_server_fin", asked)


@case(rows.RACE)
def race_request_passes_before_the_fin(c):
    """the request passes just before the server's FIN: the server closed without an answer"""
    talk = c.connection()
    talk.exchange(get("/0"), response())
    c.wait(5)
    request = talk.segment(CLIENT, ASKED.data)
    fin = Segment(talk, SERVER, talk.seq[SERVER], talk.seq[CLIENT] - len(ASKED.data), ACK | FIN, b"")
    asked = talk.pass_(request)
    unanswered(talk, talk.pass_(fin), "server_closed", asked)
    talk.rst(SERVER)


@case(rows.REUSE)
def port_reused_after_fin(c):
    """the same addresses and ports again after both FINs, three times"""
    for number in range(3):
        talk = c.connection(client_port=42000, client_isn=1000 + number * 90_000_000, server_isn=7 + number * 50_000_000)
        talk.exchange(get(f"/{number}"), response())
        talk.close(SERVER)
    c.count(flows=3)


@case(rows.REUSE)
def port_reused_without_an_end(c):
    """a new connection on the same ports while a request is pending: it is over"""
    talk = c.connection(client_port=42000)
    asked = talk.client(ASKED.data)
    c.wait(10)
    syn_ns = c.now_ns
    again = c.connection(client_port=42000, client_isn=3_000_000_000, server_isn=4_000_000_000)
    unanswered(talk, syn_ns, "connection_reused", asked)
    again.exchange(get("/2"), response())
    c.count(flows=2)


@case(rows.REUSE)
def port_reused_during_a_response(c):
    """a new connection on the same ports while a response is under way: it is aborted"""
    talk = c.connection(client_port=42000)
    answer = response(200, b"x" * 2000)
    asked = talk.client(ASKED.data)
    answered = talk.server(answer.data[:1000])
    c.wait(5)
    talk.expect(ASKED, answer, asked, answered, c.now_ns, outcome="aborted", reason="connection_reused",
                response_bytes=1000)
    again = c.connection(client_port=42000, client_isn=5, server_isn=4_000_000_000)
    again.exchange(get("/2"), response())
    c.count(flows=2)


@case(rows.REUSE)
def port_reused_after_the_servers_fin(c):
    """only the server's FIN was seen before the new SYN"""
    talk = c.connection(client_port=42000)
    talk.exchange(ASKED, response())
    talk.fin(SERVER)
    again = c.connection(client_port=42000, client_isn=900, server_isn=800)
    again.exchange(get("/2"), response())
    again.close()
    c.count(flows=2)


@case(rows.REUSE)
def port_reused_after_reset(c):
    """RST, then the same ports again, with the lower sequence numbers of the first"""
    talk = c.connection(client_port=42000, client_isn=4_000_000_000)
    asked = talk.client(ASKED.data)
    unanswered(talk, talk.rst(CLIENT), "client_reset", asked)
    again = c.connection(client_port=42000, client_isn=100)
    again.exchange(get("/2"), response())
    c.count(flows=2)


@case(rows.IDLE)
def idle_ten_minutes(c):
    """10 minutes between requests on one connection, and no end of it"""
    talk = c.connection()
    for number in range(5):
        talk.exchange(get(f"/{number}"), response())
        c.wait(600)
    c.count(flows=1)


@case(rows.IDLE)
def idle_an_hour(c):
    """an hour between requests: the connection has left memory, and is found anew"""
    talk = c.connection(v6=True)
    for number in range(4):
        talk.exchange(get(f"/{number}"), response(200, b"x" * 3000), response_cut=1460)
        c.wait(3600)


@case(rows.IDLE)
def no_fin_ever(c):
    """50 connections of one transaction that never end"""
    for number in range(50):
        c.connection().exchange(get(f"/{number}"), response())
        c.wait(1)
    c.count(flows=50)


@case(rows.NEVER)
def reset_far_out_of_the_window(c):
    """an RST that no end would take (RFC 5961, 3.2) passes before the answer"""
    talk = c.connection()
    asked = talk.client(ASKED.data)
    for distance in (500_000_000, -500_000_000):
        talk.pass_(Segment(talk, CLIENT, (talk.seq[CLIENT] + distance) % 2**32, 0, 0x04, b""))
    talk.expect(ASKED, response(), asked, talk.server(response().data))
    talk.exchange(get("/2"), response())
