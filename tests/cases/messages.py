# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Messages of HTTP/1.x with what a record has to say of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    data: bytes
    method: str | None = "GET"
    target: str | None = "/"
    host: str | None = "a.example"
    protocol: str = "HTTP/1.1"


@dataclass(frozen=True)
class Response:
    data: bytes
    status: int | None = 200


def framed(fields):
    """Whether one of these fields says how the message ends."""
    names = {line.split(":")[0].strip().lower() for line in fields}
    return bool(names & {"content-length", "transfer-encoding"})


def head(start, fields):
    return "".join(line + "\r\n" for line in (start, *fields, "")).encode("latin-1")


def request(method, target, *fields, body=b"", host="a.example", protocol="HTTP/1.1"):
    """A request with a Host field, and a Content-Length where there is a body."""
    lines = [f"Host: {host}"] if host is not None else []
    lines += fields
    if body and not framed(fields):
        lines.append(f"Content-Length: {len(body)}")
    return Request(head(f"{method} {target} {protocol}", lines) + body, method, target, host, protocol)


def get(target="/", *fields, **more):
    return request("GET", target, *fields, **more)


def post(target="/", body=b"a=1&b=2", *fields, **more):
    return request("POST", target, *fields, body=body, **more)


REASONS = {
    101: "Switching Protocols", 200: "OK", 201: "Created", 204: "No Content", 206: "Partial Content",
    301: "Moved Permanently", 302: "Found", 304: "Not Modified", 400: "Bad Request", 403: "Forbidden",
    404: "Not Found", 413: "Content Too Large", 500: "Internal Server Error", 503: "Service Unavailable",
}


def response(status=200, body=b"hello", *fields, protocol="HTTP/1.1"):
    """A response with a Content-Length, unless a field frames it or body is None."""
    lines = list(fields)
    if body is not None and not framed(fields):
        lines.append(f"Content-Length: {len(body)}")
    start = f"{protocol} {status} {REASONS.get(status, 'Reason')}"
    return Response(head(start, lines) + (body or b""), status)


def chunk(data, extension=""):
    return f"{len(data):x}{extension}\r\n".encode() + data + b"\r\n"


def chunked(*chunks, trailers=()):
    """A chunked body of these chunks (RFC 9112, 7.1)."""
    return b"".join(chunk(data) for data in chunks) + b"0\r\n" + b"".join(
        line.encode() + b"\r\n" for line in trailers
    ) + b"\r\n"


def interim(status, *fields):
    names = {100: "Continue", 102: "Processing", 103: "Early Hints"}
    return head(f"HTTP/1.1 {status} {names.get(status, 'Interim')}", fields)
