# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What RFC 9112 lets a recipient take, and what contradicts itself."""

import rows
from messages import Request, Response, chunked, get, head, post, request, response
from registry import case
from talk import CLIENT, SERVER


@case(rows.SYNTAX)
def lower_case_and_upper_case_names(c):
    """field names in lower, upper and mixed case, with any white space around the value"""
    talk = c.connection()
    body = chunked(b"hello")
    for name in ("content-length", "CONTENT-LENGTH", "cOnTeNt-LeNgTh"):
        for colon in (":", ": ", ":\t ", ":    "):
            answer = response(200, b"hello", f"{name}{colon}5  ")
            talk.exchange(post("/x", b"abc", f"{name}{colon}3"), answer)
    for name in ("transfer-encoding", "TRANSFER-ENCODING", "tRANSFER-eNCODING"):
        for value in ("chunked", "CHUNKED", "Chunked"):
            talk.exchange(get("/y"), response(200, body, f"{name}:{value}"))
    talk.exchange(get("/after"), response())


@case(rows.SYNTAX)
def names_that_resemble(c):
    """fields whose names contain Content-Length or Transfer-Encoding and are others"""
    fields = (
        "X-Content-Length: 9", "Content-Lengths: 9", "Content-Length-X: 9", "Transfer-Encodings: chunked",
        "X-Transfer-Encoding: chunked", "Content-Type: Content-Length: 9", "Transfer: chunked", "Content-: 9",
    )
    talk = c.connection()
    for field in fields:
        talk.exchange(post("/x", b"abc", field), response(200, b"hello", field))
    answer = Response(head("HTTP/1.1 200 OK", [*fields, "Content-Length: 5"]) + b"hello")
    talk.exchange(get("/after"), answer)


@case(rows.SYNTAX)
def space_before_colon(c):
    """white space between a field's name and the colon"""
    talk = c.connection()
    talk.exchange(get("/1"), response(200, b"hello", "Content-Length : 5"))
    talk.exchange(get("/2"), response(200, chunked(b"hello"), "Transfer-Encoding\t: chunked"))
    talk.exchange(get("/after"), response())


@case(rows.SYNTAX)
def obs_fold(c):
    """folded field lines: one continues the value, another only looks like Content-Length"""
    talk = c.connection()
    talk.exchange(get("/1", "X-Folded: one", "\ttwo", "  three"), response())
    answer = Response(head("HTTP/1.1 200 OK", ["X-Folded: a", " Content-Length: 99", "Content-Length: 5"]) + b"hello")
    talk.exchange(get("/2"), answer)
    talk.exchange(get("/after"), response())


@case(rows.SYNTAX)
def obs_fold_of_framing_fields(c):
    """Content-Length with its value on a folded line is not read: malformed, and the end is that of the connection"""
    talk = c.connection()
    talk.exchange(get("/1"), response())
    asked = talk.client(get("/2").data)
    answer = Response(head("HTTP/1.1 200 OK", ["Content-Length:", " 5"]) + b"hello")
    begun = talk.server(answer.data)[0]
    end = talk.fin(SERVER)
    talk.expect(get("/2"), answer, asked, (begun, end), grade=["malformed", "closed"])
    c.count(malformed=1)


@case(rows.SYNTAX)
def bare_line_feeds(c):
    """lines that end in LF without CR, in heads, chunk sizes and trailers (RFC 9112, 2.2)"""
    talk = c.connection()
    for asked, answer in (
        (get("/1"), response()), (post("/2"), response(404, b"no")),
        (get("/3"), response(200, chunked(b"hello", trailers=["X: y"]), "Transfer-Encoding: chunked")),
    ):
        asked = Request(asked.data.replace(b"\r\n", b"\n"), asked.method, asked.target)
        answer = Response(answer.data.replace(b"\r\n", b"\n"), answer.status)
        talk.exchange(asked, answer)
        talk.exchange(asked, answer, request_cut=1, response_cut=1)
    talk.exchange(get("/after"), response())


@case(rows.SYNTAX)
def empty_lines_before_a_request(c):
    """CRLF before the request line is skipped and belongs to no message (RFC 9112, 2.2)"""
    talk = c.connection()
    talk.exchange(get("/1"), response())
    talk.client(b"\r\n")
    talk.exchange(get("/2"), response())
    sent = talk.client(b"\r\n\r\n" + post("/3").data)
    answered = talk.server(response().data)
    talk.expect(post("/3"), response(), sent, answered)


@case(rows.SYNTAX)
def target_forms(c):
    """absolute-form, asterisk-form, authority-form refused, long and odd targets"""
    talk = c.connection()
    talk.exchange(get("http://b.example:8080/path?q=1", host="b.example:8080"), response())
    talk.exchange(request("OPTIONS", "*"), response(204, None))
    talk.exchange(request("CONNECT", "b.example:443", host="b.example:443"), response(405))
    talk.exchange(get("/" + "p" * 300), response())
    talk.exchange(get("/a%20b?x=\"y\"&z=<>{}|\\^`"), response())
    talk.exchange(get("//double//slashes/../.."), response())
    talk.exchange(get("/no-host", host=None, protocol="HTTP/1.0"), response(protocol="HTTP/1.0"))


@case(rows.SYNTAX)
def extension_methods(c):
    """methods of WebDAV and others, and one of 20 characters"""
    talk = c.connection()
    for method in ("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH",
                   "VERSION-CONTROL", "M-SEARCH", "BASELINE-CONTROL", "NOTIFY", "SUBSCRIBE", "MKWORKSPACEOFLENGTH20"):
        talk.exchange(request(method, "/dav", body=b"<x/>"), response(207, b"<multistatus/>"))
    for method in ("PUT", "DELETE", "TRACE", "PATCH", "OPTIONS"):
        talk.exchange(request(method, "/x"), response(204, None))


@case(rows.SYNTAX)
def extension_method_first(c):
    """connections whose first request is an extension method, whole and split"""
    for method in ("PROPFIND", "M-SEARCH", "REPORT", "ACL"):
        for cut in ((), [1], [4]):
            talk = c.connection()
            talk.exchange(request(method, "/dav/collection"), response(207), request_cut=cut)


@case(rows.SYNTAX)
def http_1_0_keep_alive(c):
    """HTTP/1.0 with Connection: keep-alive"""
    talk = c.connection()
    for number in range(5):
        asked = get(f"/{number}", "Connection: keep-alive", protocol="HTTP/1.0")
        talk.exchange(asked, response(200, b"hello", "Connection: keep-alive", protocol="HTTP/1.0"))


@case(rows.SYNTAX)
def status_lines(c):
    """status lines without a reason phrase, with an empty one, with one in UTF-8"""
    talk = c.connection()
    for line in (b"HTTP/1.1 200", b"HTTP/1.1 200 ", "HTTP/1.1 200 Schön".encode(), b"HTTP/1.0 200 OK"):
        talk.exchange(get("/"), Response(line + b"\r\nContent-Length: 5\r\n\r\nhello"))
    talk.exchange(get("/after"), response())


@case(rows.MALFORMED)
def chunked_and_content_length(c):
    """Transfer-Encoding overrides Content-Length, in either order and direction (RFC 9112, 6.3)"""
    talk = c.connection()
    body = chunked(b"hello")
    for fields in (["Content-Length: 3", "Transfer-Encoding: chunked"], ["Transfer-Encoding: chunked", "Content-Length: 9999"]):
        talk.exchange(get("/1"), Response(head("HTTP/1.1 200 OK", fields) + body))
        asked = head("POST /2 HTTP/1.1", ["Host: a.example", *fields]) + body
        talk.exchange(Request(asked, "POST", "/2"), response())
    talk.exchange(get("/after"), response())


@case(rows.MALFORMED)
def transfer_codings(c):
    """chunked as the last of several codings, on one line and on two"""
    talk = c.connection()
    body = chunked(b"hello")
    for fields in (["Transfer-Encoding: gzip, chunked"], ["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"],
                   ["Transfer-Encoding: gzip ,\tchunked "]):
        talk.exchange(get("/1"), Response(head("HTTP/1.1 200 OK", fields) + body))
    asked = talk.client(get("/2").data)
    answer = Response(head("HTTP/1.1 200 OK", ["Transfer-Encoding: chunked, gzip", "Content-Length: 3"]) + b"to the end")
    first, _ = talk.server(answer.data)
    end = talk.fin(SERVER)
    talk.expect(get("/2"), answer, asked, (first, end), grade=["closed"])


@case(rows.MALFORMED)
def equal_content_lengths(c):
    """the same Content-Length twice, and in a list: one of them (RFC 9110, 8.6)"""
    talk = c.connection()
    for fields in (["Content-Length: 5"] * 2, ["Content-Length: 5, 5"], ["Content-Length: 5,5 , 5"], ["Content-Length: 005"]):
        talk.exchange(get("/1"), Response(head("HTTP/1.1 200 OK", fields) + b"hello"))
    talk.exchange(get("/after"), response())


BAD_LENGTHS = (
    ["Content-Length: 5", "Content-Length: 6"], ["Content-Length: 5, 6"], ["Content-Length: -5"], ["Content-Length: +5"],
    ["Content-Length: 0x5"], ["Content-Length: five"], ["Content-Length: 5 5"], ["Content-Length: 5;"], ["Content-Length:"],
    ["Content-Length: 99999999999999999999999999"], ["Content-Length: 18446744073709551621"], ["Content-Length: 5.0"],
)


@case(rows.MALFORMED)
def bad_content_length_in_responses(c):
    """different, negative, huge, non-numeric lengths: the response ends with the connection, malformed"""
    for fields in BAD_LENGTHS:
        talk = c.connection()
        asked = talk.client(get("/").data)
        answer = Response(head("HTTP/1.1 200 OK", fields) + b"hello")
        first, _ = talk.server(answer.data)
        end = talk.fin(SERVER)
        talk.expect(get("/"), answer, asked, (first, end), grade=["malformed", "closed"])
        talk.fin(CLIENT)
    c.count(malformed=len(BAD_LENGTHS))


@case(rows.MALFORMED)
def bad_content_length_in_requests(c):
    """the same in requests: answered by 400 and closed, malformed"""
    for fields in BAD_LENGTHS:
        talk = c.connection()
        asked = Request(head("POST / HTTP/1.1", ["Host: a.example", *fields]), "POST")
        sent = talk.client(asked.data)
        answered = talk.server(response(400).data)
        talk.expect(asked, response(400), sent, answered, grade=["malformed"])
        talk.close(SERVER)
    c.count(malformed=len(BAD_LENGTHS))


@case(rows.MALFORMED)
def bad_chunk_sizes(c):
    """chunk sizes that are none, and one beyond 2^60: malformed, and the response ends with the connection"""
    for size in (b"zz", b"-5", b"", b"fffffffffffffffff", b"0x5"):
        talk = c.connection()
        asked = talk.client(get("/").data)
        answer = Response(response(200, b"", "Transfer-Encoding: chunked").data + size + b"\r\nhello\r\n0\r\n\r\n")
        begun = talk.server(answer.data)[0]
        end = talk.fin(SERVER)
        talk.expect(get("/"), answer, asked, (begun, end), grade=["malformed"])
        talk.fin(CLIENT)
    c.count(malformed=5)


@case(rows.MALFORMED)
def endless_header_line(c):
    """one field line of 200 kB in a request and a response, then ordinary ones"""
    talk = c.connection()
    field = "X-Long: " + "v" * 200_000
    talk.exchange(get("/1", field), response(200, b"hello", field), 1460, 1460, grade=["head_cut"])
    talk.exchange(get("/after"), response())


@case(rows.MALFORMED)
def endless_header_without_end(c):
    """100 kB of head without an end: no request, and the connection's end says so"""
    talk = c.connection()
    talk.client(b"GET / HTTP/1.1\r\n" + b"X-Field: value\r\n" * 6000, 1460)
    talk.close()
    c.count(partial_heads=1)


@case(rows.MALFORMED)
def thousand_header_lines(c):
    """1000 field lines in both heads; the framing fields are the last"""
    talk = c.connection(v6=True)
    fields = [f"X-{number}: {number}" for number in range(1000)]
    asked = post("/1", b"abc", *fields)
    answer = Response(head("HTTP/1.1 200 OK", [*fields, "Content-Length: 5"]) + b"hello")
    talk.exchange(asked, answer, 1400, 1400, grade=["head_cut"])
    talk.exchange(get("/after"), response())


@case(rows.MALFORMED)
def binary_noise_after_get(c):
    """GET and a space, then NULs and noise, with and without line ends: no transaction"""
    noise = bytes((number * 73 + 41) % 256 for number in range(1000))
    for data in (b"GET " + b"\0" * 500, b"GET " + noise, b"GET \r\n", b"GET  \0\0\r\n\r\n", b"POST " + noise * 3,
                 b"GET / HTTX/1.1\r\n\r\n"):
        talk = c.connection()
        talk.client(data, 1000)
        talk.server(noise)
        talk.close()
    c.count(not_http=None, gaps=None, partial_heads=None, flows=0)


@case(rows.MALFORMED)
def binary_noise_in_request_lines(c):
    """NULs and bytes above 127 in a request line: no version that is one, so malformed"""
    for data, target in ((b"GET / HTTP/1.1\0\r\n\r\n", "/"), (b"GET /\0\x7f\r\n\r\n", "/\0\x7f")):
        talk = c.connection()
        asked = Request(data, "GET", target, None, "HTTP/0.9")
        sent = talk.client(data)
        talk.fin(CLIENT)
        end = talk.fin(SERVER)
        talk.expect(asked, None, sent, None, end, outcome="unanswered", reason="client_closed", grade=["malformed"])
    c.count(malformed=2)


@case(rows.MALFORMED)
def binary_fields(c):
    """NUL and bytes above 127 in field values are values"""
    talk = c.connection()
    odd = b"X-Odd: \0\x01\x7f\x80\xff\r\n"
    asked = get("/1").data[:-2] + odd + b"\r\n"
    answer = response().data.replace(b"Content-Length", odd + b"Content-Length")
    talk.exchange(Request(asked, "GET", "/1"), Response(answer))
    talk.exchange(get("/after"), response())


@case(rows.MALFORMED)
def garbage_instead_of_a_response(c):
    """the server answers with what is no HTTP, then closes: unanswered, and counted as malformed"""
    talk = c.connection()
    talk.exchange(get("/1"), response())
    asked = talk.client(get("/2").data)
    talk.server(b"\x15\x03\x01\x00\x02\x02\x28 this is no status line\r\n\r\n")
    end = talk.fin(SERVER)
    talk.expect(get("/2"), None, asked, None, end, outcome="unanswered", reason="server_closed", grade=["malformed"])
    c.count(malformed=1)


@case(rows.MALFORMED)
def bad_status_codes(c):
    """status lines without a number of three digits: paired, malformed, and no status is invented"""
    for line in (b"HTTP/1.1 2x0 OK", b"HTTP/1.1 20 OK", b"HTTP/1.1 OK", b"HTTP/1.1  200 OK", b"HTTP/1.1 000 zero"):
        talk = c.connection()
        talk.exchange(get("/1"), response())
        answer = Response(line + b"\r\nContent-Length: 5\r\n\r\nhello", None)
        talk.exchange(get("/2"), answer, grade=["malformed"])
        talk.exchange(get("/3"), response())
    c.count(malformed=5)


@case(rows.MALFORMED)
def second_response_to_one_request(c):
    """a response that nobody asked for is an orphan"""
    talk = c.connection()
    talk.exchange(get("/1"), response())
    talk.server(response(408, b"timeout").data)
    talk.fin(SERVER)
    talk.fin(CLIENT)
    c.count(orphan=1)


@case(rows.SYNTAX)
def request_line_without_version(c):
    """a request line of method and path alone, with fields behind it, answered with a status"""
    talk = c.connection()
    for fields in ("", "Host: a.example\r\n"):
        asked = f"GET /old\r\n{fields}\r\n".encode()
        asked = Request(asked, "GET", "/old", "a.example" if fields else None, "HTTP/0.9")
        talk.exchange(asked, response(400, b"what?"), grade=["malformed"])
    talk.exchange(get("/after"), response())
    c.count(malformed=2)
