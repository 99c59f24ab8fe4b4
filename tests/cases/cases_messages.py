# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Where messages end (RFC 9112, 6.3), in order and without loss."""

import rows
from messages import Response, chunk, chunked, get, head, interim, post, request, response
from registry import case
from talk import CLIENT, SERVER, Segment
from wire import ACK, SYN


@case(rows.KEEP_ALIVE)
def keep_alive(c):
    """300 requests on one connection, each 40 ms after the answer before it"""
    talk = c.connection()
    for number in range(300):
        talk.exchange(get(f"/{number}"), response(200, b"x" * (number % 50)))
        c.wait(0.04)
    talk.close()
    c.count(flows=1)


@case(rows.KEEP_ALIVE)
def keep_alive_ipv6(c):
    """the same over IPv6, with bodies in both directions"""
    talk = c.connection(v6=True)
    for number in range(100):
        talk.exchange(post(f"/{number}", b"y" * (number + 1)), response(201, b"x" * 2000), response_cut=1400)
        c.wait(0.01)
    talk.close()
    c.count(flows=1)


@case(rows.STATUS)
def statuses(c):
    """one transaction for each of many statuses; 204 and 304 without a body"""
    talk = c.connection()
    for status in (200, 201, 202, 206, 301, 302, 303, 307, 400, 401, 404, 413, 429, 500, 502, 503, 504, 599):
        talk.exchange(get(f"/{status}"), response(status))
    for status in (204, 304):
        talk.exchange(get(f"/{status}"), response(status, None))
    talk.close()


@case(rows.INTERIM)
def continue_100(c):
    """Expect: 100-continue: the body follows the interim response"""
    talk = c.connection()
    asked = post("/up", b"x" * 100, "Expect: 100-continue")
    body = len(asked.data) - 100
    first = talk.client(asked.data[:body])[0]
    talk.server(interim(100))
    last = talk.client(asked.data[body:])[1]
    answered = talk.server(response(201).data)
    talk.expect(asked, response(201), (first, last), answered, interim=[100])
    talk.exchange(get("/next"), response())


@case(rows.INTERIM)
def early_hints_103(c):
    """103, 103, and 102 before the final response, in segments of their own"""
    talk = c.connection()
    asked = talk.client(get("/page").data)
    for status in (103, 103, 102):
        talk.server(interim(status, "Link: </s.css>; rel=preload"))
    answered = talk.server(response().data)
    talk.expect(get("/page"), response(), asked, answered, interim=[103, 103, 102])
    talk.exchange(get("/next"), response())


@case(rows.INTERIM)
def interim_in_the_segment_of_the_final_response(c):
    """100 and 103 in one segment with the final response"""
    talk = c.connection(v6=True)
    asked = post("/up", b"x" * 10, "Expect: 100-continue")
    sent = talk.client(asked.data)
    answered = talk.server(interim(100) + interim(103) + response().data)
    talk.expect(asked, response(), sent, answered, interim=[100, 103])
    talk.exchange(get("/next"), response())


@case(rows.INTERIM)
def expectation_failed(c):
    """Expect: 100-continue refused by 417; the body is never sent"""
    talk = c.connection()
    asked = request("POST", "/up", "Expect: 100-continue", "Content-Length: 1000")
    sent = talk.client(asked.data)[0]
    answered = talk.server(response(417).data)
    talk.expect(asked, response(417), (sent, None), answered, grade=["early"], wait_ns=0)
    talk.close(SERVER)


@case(rows.NO_BODY)
def head_with_content_length(c):
    """HEAD answered with Content-Length: 1000 and no body, then GET"""
    talk = c.connection()
    for number in range(3):
        talk.exchange(request("HEAD", "/file"), response(200, None, "Content-Length: 1000"))
        talk.exchange(get("/file"), response(200, b"x" * 1000))
    talk.exchange(request("HEAD", "/chunked"), response(200, None, "Transfer-Encoding: chunked"))
    talk.exchange(request("HEAD", "/missing"), response(404, None, "Content-Length: 9"))
    talk.exchange(get("/last"), response())


@case(rows.NO_BODY)
def head_pipelined_with_get(c):
    """HEAD and GET in one segment, their responses in one"""
    talk = c.connection()
    first, second = request("HEAD", "/file"), get("/file")
    head_response, body = response(200, None, "Content-Length: 4"), response(200, b"body")
    asked = talk.client(first.data + second.data)
    answered = talk.server(head_response.data + body.data)
    talk.expect(first, head_response, asked, answered)
    talk.expect(second, body, asked, answered, grade=["pipelined"])


@case(rows.NO_BODY)
def no_body_204_304(c):
    """204 and 304 with Content-Length or Transfer-Encoding have no body all the same"""
    talk = c.connection()
    for status in (204, 304):
        for field in ("Content-Length: 12", "Content-Length: 0", "Transfer-Encoding: chunked"):
            talk.exchange(get(f"/{status}"), response(status, None, field))
    talk.exchange(get("/last"), response())


@case(rows.NO_BODY)
def request_without_length_has_no_body(c):
    """POST without Content-Length has no body; the next request follows at once"""
    talk = c.connection()
    talk.exchange(request("POST", "/empty"), response())
    talk.exchange(request("PUT", "/zero", "Content-Length: 0"), response(204, None))
    talk.exchange(request("DELETE", "/item"), response(204, None))
    talk.exchange(get("/with-a-body", "Content-Length: 3", body=b"abc"), response())


@case(rows.CHUNKED)
def chunked_plain(c):
    """chunked requests and responses, in one segment and in several"""
    talk = c.connection()
    body = chunked(b"hello", b"x" * 300, b"!")
    talk.exchange(get("/1"), response(200, body, "Transfer-Encoding: chunked"))
    talk.exchange(post("/2", body, "Transfer-Encoding: chunked"), response(200, body, "Transfer-Encoding: chunked"))
    talk.exchange(get("/3"), response(200, body, "Transfer-Encoding: chunked"), response_cut=50)
    talk.exchange(post("/4", body, "transfer-encoding:chunked"), response(), request_cut=17)
    talk.exchange(get("/5"), response())


@case(rows.CHUNKED)
def chunked_extensions_and_trailers(c):
    """chunk extensions with quoted strings, trailers, upper-case hex, leading zeros"""
    talk = c.connection()
    body = (
        chunk(b"hello", ';name="a;b"') + chunk(b"x" * 26, " ; n=v").replace(b"1a", b"1A", 1)
        + b"0000000a;q\r\n0123456789\r\n" + b"000;last=1\r\nChecksum: 1\r\nX-Trailer: two words\r\n\r\n"
    )
    answer = response(200, body, "Transfer-Encoding: chunked", "Trailer: Checksum")
    talk.exchange(get("/1"), answer)
    talk.exchange(get("/2"), answer, response_cut=1)
    talk.exchange(get("/3"), answer, response_cut=7)
    talk.exchange(get("/4"), response())


@case(rows.CHUNKED)
def chunked_split_everywhere(c):
    """a chunked response cut in two at every position: sizes, line ends, trailers"""
    body = chunk(b"hello", ";ext=1") + chunk(b"0123456789abcdef") + b"0\r\nX-Trailer: t\r\n\r\n"
    answer = response(200, body, "Transfer-Encoding: chunked")
    for position in range(1, len(answer.data)):
        talk = c.connection()
        talk.exchange(get(f"/{position}"), answer, response_cut=[position])
        talk.exchange(get("/after"), response())


@case(rows.CHUNKED)
def chunked_request_split_everywhere(c):
    """a chunked request cut in two at every position, over IPv6"""
    body = chunk(b"hello") + chunk(b"x" * 20, ";a=b") + b"0\r\n\r\n"
    asked = post("/up", body, "Transfer-Encoding: chunked")
    for position in range(1, len(asked.data)):
        talk = c.connection(v6=True)
        talk.exchange(asked, response(), request_cut=[position])
        talk.exchange(get("/after"), response())


@case(rows.CHUNKED)
def chunked_many_small_chunks(c):
    """1000 chunks of one byte in segments of 1460"""
    talk = c.connection()
    answer = response(200, chunked(*[b"z"] * 1000), "Transfer-Encoding: chunked")
    talk.exchange(get("/"), answer, response_cut=1460)
    talk.exchange(get("/after"), response())


@case(rows.CHUNKED)
def chunked_long_extension(c):
    """chunk-size lines and trailers far longer than a segment"""
    talk = c.connection()
    body = chunk(b"hello", ";" + "e" * 3000) + b"0\r\nX-Long: " + b"t" * 3000 + b"\r\n\r\n"
    answer = response(200, body, "Transfer-Encoding: chunked")
    talk.exchange(get("/1"), answer, response_cut=1000)
    talk.exchange(get("/2"), answer, response_cut=100)
    talk.exchange(get("/after"), response())


@case(rows.CLOSE)
def close_delimited(c):
    """a body without a length ends with the server's FIN, in its own segment or not"""
    answer = Response(head("HTTP/1.1 200 OK", ["Connection: close"]) + b"all of this is body\r\n\r\n")
    for own_segment in (True, False):
        talk = c.connection()
        asked = talk.client(get("/").data)
        if own_segment:
            first, _ = talk.server(answer.data, cut=40)
            end = talk.fin(SERVER)
        else:
            first, _ = talk.server(answer.data[:60])
            end = talk.pass_(talk.segment(SERVER, answer.data[60:], 0x19))
        talk.expect(get("/"), answer, asked, (first, end), grade=["closed"])
        talk.fin(CLIENT)


@case(rows.CLOSE)
def close_delimited_http_1_0(c):
    """HTTP/1.0 without Content-Length, and an empty body delimited by close"""
    for body in (b"old and simple", b""):
        asked = get("/", host=None, protocol="HTTP/1.0")
        answer = Response(head("HTTP/1.0 200 OK", ["Server: old"]) + body)
        talk = c.connection()
        sent = talk.client(asked.data)
        first, _ = talk.server(answer.data)
        end = talk.fin(SERVER)
        talk.expect(asked, answer, sent, (first, end), grade=["closed"])
        talk.fin(CLIENT)


@case(rows.CLOSE)
def close_delimited_reset(c):
    """a body without a length that RST cuts off is aborted"""
    answer = Response(head("HTTP/1.1 200 OK", []) + b"some of it")
    talk = c.connection()
    asked = talk.client(get("/").data)
    answered = talk.server(answer.data)
    end = talk.rst(SERVER)
    talk.expect(get("/"), answer, asked, answered, end, outcome="aborted", reason="server_reset", grade=["closed"])


@case(rows.EARLY)
def early_413(c):
    """413 before the upload's last byte, which is sent all the same"""
    talk = c.connection()
    asked = post("/up", b"x" * 5000)
    first, _ = talk.client(asked.data[:2000])
    answered = talk.server(response(413).data)
    talk.client(asked.data[2000:], cut=1400)
    talk.expect(asked, response(413), (first, None), answered, grade=["early"], request_bytes=2000, wait_ns=0)
    talk.exchange(get("/next"), response())


@case(rows.EARLY)
def early_413_slow_response(c):
    """the response begins before the request's end and ends after it"""
    talk = c.connection()
    asked, answer = post("/up", b"x" * 3000), response(413, b"y" * 2000)
    first, _ = talk.client(asked.data[:1500])
    began, _ = talk.server(answer.data[:1000])
    _, last = talk.client(asked.data[1500:])
    _, ended = talk.server(answer.data[1000:])
    talk.expect(asked, answer, (first, last), (began, ended), grade=["early"])
    talk.exchange(get("/next"), response())


@case(rows.EARLY)
def early_413_then_close(c):
    """413 with Connection: close, FIN, and the rest of the upload into a closed connection"""
    talk = c.connection()
    asked, answer = post("/up", b"x" * 5000), response(413, b"no", "Connection: close")
    first, last = talk.client(asked.data[:3000], cut=1400)
    answered = talk.server(answer.data)
    talk.fin(SERVER)
    talk.client(asked.data[3000:4000])
    talk.rst(SERVER)
    talk.expect(asked, answer, (first, None), answered, grade=["early"], request_bytes=3000, wait_ns=0)


@case(rows.NO_BODY)
def interim_with_content_length(c):
    """1xx responses have no body, whatever their fields say"""
    talk = c.connection()
    asked = talk.client(get("/1").data)
    talk.server(interim(103, "Content-Length: 100") + interim(100, "Transfer-Encoding: chunked"))
    answered = talk.server(response().data)
    talk.expect(get("/1"), response(), asked, answered, interim=[103, 100])
    talk.exchange(get("/2"), response())


@case(rows.INTERIM)
def interim_cut_everywhere(c):
    """100, 103 and the final response, cut in two at every position"""
    asked, answer = post("/up", b"abc", "Expect: 100-continue"), response(201)
    before = interim(100) + interim(103, "Link: </a>")
    data = before + answer.data
    for position in range(1, len(data)):
        talk = c.connection()
        sent = talk.client(asked.data)
        first, last = talk.server(data, [position])
        begun = first if position > len(before) else last
        talk.expect(asked, answer, sent, (begun, last), interim=[100, 103])


@case(rows.INTERIM)
def many_interim_responses(c):
    """ten interim responses: the first ones are kept up to four, the final status is right"""
    talk = c.connection()
    asked = talk.client(get("/1").data)
    talk.server(interim(102) * 10)
    answered = talk.server(response().data)
    talk.expect(get("/1"), response(), asked, answered, interim=[102] * 4)
    c.count(interim=10)


@case(rows.KEEP_ALIVE)
def interleaved_connections(c):
    """40 connections in turns, 20 transactions each, a segment of each at a time"""
    talks = [c.connection(v6=number % 3 == 0, server_port=8000 + number % 4) for number in range(40)]
    for turn in range(20):
        question, answer = get(f"/{turn}", "Accept: */*"), response(200, b"x" * 100 * turn)
        asked = [[talk.client(question.data[:20])[0]] for talk in talks]
        for number, talk in enumerate(talks):
            asked[number].append(talk.client(question.data[20:])[0])
        begun = [talk.server(answer.data[:30])[0] for talk in talks]
        for number, talk in enumerate(talks):
            last = talk.server(answer.data[30:])[0]
            talk.expect(question, answer, tuple(asked[number]), (begun[number], last))
    c.count(flows=40)


@case(rows.KEEP_ALIVE)
def roles_by_payload(c):
    """whoever asks is the client: low and high ports, equal addresses, loopback"""
    ends = (
        {"client": "10.2.0.9", "server": "10.1.0.9"}, {"client": "127.0.0.1", "server": "127.0.0.1"},
        {"client": "::1", "server": "::1"}, {"client": "fe80::2", "server": "fe80::1"},
    )
    for addresses in ends:
        for ports in ((80, 50_000), (50_000, 80), (9000, 9001)):
            talk = c.connection(client_port=ports[0], server_port=ports[1], **addresses)
            talk.exchange(get("/1"), response())
            talk.exchange(get("/2"), response())
            talk.close()
    c.count(flows=12)


@case(rows.KEEP_ALIVE)
def both_ends_ask(c):
    """two connections between the same two hosts, each the other's server"""
    one = c.connection(client="10.1.0.1", server="10.2.0.1", client_port=50_000, server_port=80)
    other = c.connection(client="10.2.0.1", server="10.1.0.1", client_port=50_000, server_port=80)
    for number in range(3):
        one.exchange(get(f"/one/{number}"), response())
        other.exchange(get(f"/other/{number}"), response(404))
    c.count(flows=2)


@case(rows.KEEP_ALIVE)
def fast_open(c):
    """the request in the SYN (RFC 7413)"""
    talk = c.connection(handshake=False)
    talk.seq = [1_000_000, 2_000_000]
    syn = Segment(talk, CLIENT, talk.seq[CLIENT], 0, SYN, get("/1").data)
    talk.seq[CLIENT] += 1 + len(syn.data)
    asked = talk.pass_(syn)
    talk.pass_(Segment(talk, SERVER, talk.seq[SERVER], talk.seq[CLIENT], SYN | ACK, b""))
    talk.seq[SERVER] += 1
    talk.acknowledge(CLIENT)
    answered = talk.server(response().data)
    talk.expect(get("/1"), response(), asked, answered)
    talk.exchange(get("/2"), response())
    talk.close()


@case(rows.KEEP_ALIVE)
def fast_open_answered_at_once(c):
    """the response in the SYN-ACK to a request in the SYN, and the next request"""
    talk = c.connection(handshake=False)
    talk.seq = [1_000_000, 2_000_000]
    syn = Segment(talk, CLIENT, talk.seq[CLIENT], 0, SYN, get("/1").data)
    talk.seq[CLIENT] += 1 + len(syn.data)
    asked = talk.pass_(syn)
    syn_ack = Segment(talk, SERVER, talk.seq[SERVER], talk.seq[CLIENT], SYN | ACK, response(201).data)
    talk.seq[SERVER] += 1 + len(syn_ack.data)
    answered = talk.pass_(syn_ack)
    talk.expect(get("/1"), response(201), asked, answered)
    talk.acknowledge(CLIENT)
    talk.exchange(get("/2"), response())
    talk.close()


@case(rows.INTERIM)
def more_interim_responses_than_are_listed(c):
    """six of them: the first four are on the record, in their order"""
    talk = c.connection()
    asked = talk.client(get("/").data)
    for status in (100, 102, 103, 103, 103, 100):
        talk.server(interim(status))
    answered = talk.server(response().data)
    talk.expect(get("/"), response(), asked, answered, interim=[100, 102, 103, 103])
    talk.exchange(get("/next"), response())
    c.count(interim=6)
