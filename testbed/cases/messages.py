# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Where messages begin and end: keep-alive, pipelining, interim responses, chunks, splits, sizes."""

import contextlib
import time

import conversation
from common import CHUNKED, HELLO, POST, case, exchange, get, ok


# --- many on one connection -------------------------------------------------------------------


@case("keep-alive - 500 requests, with a pause, none slow")
def _(lab):
    with lab.talk() as talk:
        for number in range(500):
            if number % 100 == 50:
                time.sleep(0.3)  # idle: belongs to no transaction
            exchange(talk, f"/keep/{number}")


@case("keep-alive - 1000 connections wait at a time, and are answered in reverse order")
def _(lab):
    with contextlib.ExitStack() as stack:
        talks = [stack.enter_context(lab.talk()) for _ in range(1000)]
        requests = [talk.request(get("/wait")) for talk in talks]
        for talk, request in reversed(list(zip(talks, requests))):
            talk.expect(request, talk.response(HELLO), "GET", "/wait", 200)


@case("a record is written when its response ends, not later")
def _(lab):
    with lab.talk() as talk:
        exchange(talk, "/at-once")
        lab.wait_record(talk)
        exchange(talk, "/second")


@case("pipelined - 8 requests in a segment, 8 responses in one")
def _(lab):
    targets = [f"/pipe/{number}" for number in range(8)]
    answers = [ok(b"x" * number) for number in range(8)]
    with lab.talk() as talk:
        requests = talk.request(b"".join(map(get, targets)))
        responses = talk.response(b"".join(answers))
        for target, answer in zip(targets, answers):
            talk.expect(requests, responses, "GET", target, 200, request_bytes=len(get(target)),
                        response_bytes=len(answer), grade=["pipelined"] if target != targets[0] else [])


@case("pipelined - one after the other, answered one by one")
def _(lab):
    with lab.talk() as talk:
        requests = [talk.request(get(f"/queue/{number}")) for number in range(3)]
        for number, request in enumerate(requests):
            talk.expect(request, talk.response(ok(b"y" * number)), "GET", f"/queue/{number}", 200,
                        grade=["pipelined"] if number else [])


@case("pipelined - a request and half of the next in a segment")
def _(lab):
    one, two = get("/half/1"), get("/half/2")
    with lab.talk() as talk:
        first = talk.request(one + two[:11])
        second = talk.request(two[11:])
        answer = talk.response(HELLO + HELLO[:9], HELLO[9:])
        talk.expect(first, answer, "GET", "/half/1", 200, request_bytes=len(one), response_bytes=len(HELLO),
                    bounds={"duration_ns": (0, answer.last_heard - first.first_sent)})
        talk.expect(second._replace(first_sent=first.first_sent, first_heard=first.first_heard), answer, "GET",
                    "/half/2", 200, request_bytes=len(two), response_bytes=len(HELLO), grade=["pipelined"])


# --- interim responses ------------------------------------------------------------------------


@case("Expect (100-continue)")
def _(lab):
    head = b"POST /expect HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n"
    with lab.talk() as talk:
        begin = talk.request(head)
        talk.response(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = talk.request(b"b" * 2000)
        whole = conversation.Mark(begin.first_sent, begin.first_heard, body.last_sent, body.last_heard, len(head) + 2000)
        talk.expect(whole, talk.response(HELLO), "POST", "/expect", 200, interim=[100])
        exchange(talk, "/after-expect")


@case("103 Early Hints, apart and in one segment with the final response")
def _(lab):
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    with lab.talk() as talk:
        request = talk.request(get("/hints"))
        talk.response(hints)
        time.sleep(0.05)
        talk.expect(request, talk.response(HELLO), "GET", "/hints", 200, interim=[103])
        request = talk.request(get("/hints-at-once"))
        talk.expect(request, talk.response(hints + HELLO), "GET", "/hints-at-once", 200, interim=[103],
                    response_bytes=len(HELLO))
        request = talk.request(get("/three"))
        talk.response(b"HTTP/1.1 102 Processing\r\n\r\n" + hints + hints)
        talk.expect(request, talk.response(HELLO), "GET", "/three", 200, interim=[102, 103, 103])


# --- chunked ------------------------------------------------------------------------------------


@case("chunked with extensions and trailers - whole, then split at every byte")
def _(lab):
    with lab.talk() as talk:
        exchange(talk, "/chunked", CHUNKED)
        for at in range(1, len(CHUNKED)):
            request = talk.request(get(f"/chunked/{at}"))
            talk.expect(request, talk.response(CHUNKED[:at], CHUNKED[at:]), "GET", f"/chunked/{at}", 200)
        request = talk.request(get("/chunked/bytes"))
        pieces = [CHUNKED[at:at + 1] for at in range(len(CHUNKED))]
        talk.expect(request, talk.response(*pieces), "GET", "/chunked/bytes", 200)


@case("a chunked request, its size line split over segments")
def _(lab):
    head = b"POST /up HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
    with lab.talk() as talk:
        request = talk.request(head + b"1", b"0", b"0;x=", b"y\r", b"\n" + b"u" * 256, b"\r\n0\r\n\r", b"\n")
        talk.expect(request, talk.response(HELLO), "POST", "/up", 200)
        exchange(talk, "/after-up")


# --- splits -------------------------------------------------------------------------------------


@case("G + ET; a head split at every byte; one byte a segment")
def _(lab):
    request_head = b"GET /split HTTP/1.1\r\nHost: test\r\nCookie: GET / HTTP/1.1\r\n\r\n"
    answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\nX: HTTP/1.1 200 OK\r\n\r\nnot found"

    def expect(talk, request_pieces, response_pieces):
        request = talk.request(*request_pieces)
        talk.expect(request, talk.response(*response_pieces), "GET", "/split", 404)

    with lab.talk() as talk:
        for at in range(1, len(request_head)):
            expect(talk, [request_head[:at], request_head[at:]], [answer])
        for at in range(1, len(answer)):
            expect(talk, [request_head], [answer[:at], answer[at:]])
        one_by_one = [[whole[at:at + 1] for at in range(len(whole))] for whole in (request_head, answer)]
        expect(talk, *one_by_one)
    # The same as the first of their connections: nothing else says yet which side is the client.
    for at in (1, 2, 3, 4, 5, 16, len(request_head) - 1):
        with lab.talk() as talk:
            expect(talk, [request_head[:at], request_head[at:]], [answer])
    with lab.talk() as talk:
        expect(talk, *one_by_one)


# --- large --------------------------------------------------------------------------------------


@case("large bodies in super-packets - two responses in one, up and down")
def _(lab):
    sizes = (70_000, 30_001, 64_000, 1_000_003, 12)
    answers = [ok(b"l" * size) for size in sizes]
    with lab.talk() as talk:
        targets = [f"/large/{size}" for size in sizes]
        requests = talk.request(b"".join(map(get, targets)))
        responses = talk.response(b"".join(answers))
        for number, (target, answer) in enumerate(zip(targets, answers)):
            # Where in the one piece each begins and ends is the kernel's choice.
            talk.expect(requests, responses._replace(last_sent=responses.first_sent,
                                                     first_heard=responses.last_heard),
                        "GET", target, 200, request_bytes=len(get(target)), response_bytes=len(answer),
                        grade=["pipelined"] if number else [])
        uploads = [POST % (f"/upload/{size}".encode(), size) + b"u" * size for size in sizes]
        requests = talk.request(b"".join(uploads))
        loose = requests._replace(last_sent=requests.first_sent, first_heard=requests.last_heard)
        responses = talk.response(HELLO * len(sizes))
        for number, (size, upload) in enumerate(zip(sizes, uploads)):
            talk.expect(loose, responses, "POST", f"/upload/{size}", 200, request_bytes=len(upload),
                        response_bytes=len(HELLO), grade=["pipelined"] if number else [])


@case("a body with start lines at the beginning of segments")
def _(lab):
    pieces = [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", get("/inner"), b"HTTP/1.1 100 Continue\r\n\r\n"]
    size = sum(map(len, pieces))
    with lab.talk() as talk:
        request = talk.request(POST % (b"/body", size), *pieces)
        answer = talk.response(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size, *pieces)
        talk.expect(request, answer, "POST", "/body", 200)
        exchange(talk, "/after-body")


# --- no body, no more HTTP ------------------------------------------------------------------------


@case("HEAD, 204 and 304 with a Content-Length, pipelined")
def _(lab):
    head = b"HEAD /head HTTP/1.1\r\nHost: test\r\n\r\n"
    answers = [(head, "HEAD", "/head", 200, b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"),
               (get("/none"), "GET", "/none", 204, b"HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n"),
               (get("/same"), "GET", "/same", 304, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"),
               (head, "HEAD", "/head", 200, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
               (get("/last"), "GET", "/last", 200, HELLO)]
    with lab.talk() as talk:
        for request, method, target, status, answer in answers:
            talk.expect(talk.request(request), talk.response(answer), method, target, status)
    with lab.talk() as talk:
        requests = talk.request(b"".join(item[0] for item in answers))
        responses = talk.response(b"".join(item[4] for item in answers))
        for number, (request, method, target, status, answer) in enumerate(answers):
            talk.expect(requests, responses, method, target, status, request_bytes=len(request),
                        response_bytes=len(answer), grade=["pipelined"] if number else [])


@case("101 Upgrade, then a tunnel")
def _(lab):
    upgrade = b"GET /chat HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    switch = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    with lab.talk() as talk:
        exchange(talk, "/before-chat")
        talk.expect(talk.request(upgrade), talk.response(switch), "GET", "/chat", 101)
        for _ in range(3):
            talk.request(get("/in-tunnel"))
            talk.response(HELLO)


@case("CONNECT with 407, then 200 and a tunnel")
def _(lab):
    connect = b"CONNECT far:443 HTTP/1.1\r\nHost: test\r\n\r\n"
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 3\r\n\r\nno\n"
    agreement = b"HTTP/1.1 200 Connection established\r\nContent-Length: 3\r\n\r\n"  # which counts for nothing
    with lab.talk() as talk:
        talk.expect(talk.request(connect), talk.response(refusal), "CONNECT", "far:443", 407)
        talk.expect(talk.request(connect), talk.response(agreement), "CONNECT", "far:443", 200)
        for _ in range(3):
            talk.request(get("/in-tunnel"))
            talk.response(HELLO)


@case("no HTTP at all - SSH, TLS, Redis, and bytes that only begin like it")
def _(lab):
    openings = (b"SSH-2.0-OpenSSH_9.2\r\n", b"\x16\x03\x01\x00\x05hello", b"*1\r\n$4\r\nPING\r\n",
                b"GETTING STARTED\r\n\r\n", b"HELLO SMTP\r\n")
    for opening in openings:
        with lab.talk() as talk:
            talk.request(opening)
            talk.response(opening)
            talk.request(b"\0" * 3000)
