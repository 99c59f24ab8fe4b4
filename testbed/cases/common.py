# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the cases share: messages, and the sets that cases are in."""

GET = b"GET %b HTTP/1.1\r\nHost: test\r\n\r\n"
POST = b"POST %b HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"
HELLO = OK % (5, b"hello")

INNER = b"HTTP/1.1 500 No Head\r\n\r\n"
CHUNKED = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Digest\r\n\r\n"
           b'5;name="a;b"\r\nhello\r\n%X\r\n%b\r\n0;last\r\nDigest: x\r\nOther: y\r\n\r\n' % (len(INNER), INNER))

SETS = {"cases": [], "timeouts": []}


def case(name, among="cases"):
    def add(function):
        SETS[among].append((name, function))
        return function

    return add


def get(target):
    return GET % target.encode()


def ok(body):
    return OK % (len(body), body)


def exchange(talk, target, answer=HELLO, status=200, **fields):
    """One whole request and its answer, each in one piece."""
    request = talk.request(get(target))
    talk.expect(request, talk.response(answer), "GET", target, status, **fields)
