# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Connections that stop being HTTP/1 (RFC 9110, 7.8 and 9.3.6)."""

import rows
from messages import Response, get, head, request, response
from registry import case

WEBSOCKET = ("Connection: Upgrade", "Upgrade: websocket")
TLS_HELLO = bytes.fromhex("160301004a0100004603") + b"\x00" * 69


def connect(status=200, reason="Connection established", fields=()):
    asked = request("CONNECT", "b.example:443", host="b.example:443")
    return asked, Response(head(f"HTTP/1.1 {status} {reason}", fields), status)


@case(rows.TUNNEL)
def upgrade_websocket(c):
    """101, then frames in both directions that look like HTTP"""
    talk = c.connection()
    talk.exchange(get("/before"), response())
    talk.exchange(get("/chat", *WEBSOCKET), response(101, None, *WEBSOCKET))
    talk.client(get("/not-a-request").data)
    talk.server(response().data)
    talk.client(b"\x81\x05hello")
    talk.server(b"HTTP/1.1 500 no\r\n\r\n")
    talk.close()
    c.count(tunnels=1)


@case(rows.TUNNEL)
def upgrade_h2c(c):
    """101 to h2c, the preface of HTTP/2 and frames"""
    talk = c.connection(v6=True)
    fields = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAA")
    talk.exchange(get("/", *fields), response(101, None, "Connection: Upgrade", "Upgrade: h2c"))
    talk.server(bytes.fromhex("000006040000000000000300000064"))
    talk.client(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"))
    talk.server(bytes.fromhex("000001010500000001") + b"\x88")
    talk.close()
    c.count(tunnels=1)


@case(rows.TUNNEL)
def upgrade_bytes_in_the_segment_of_the_101(c):
    """the server's first frame shares the segment of the 101"""
    talk = c.connection()
    answer = response(101, None, *WEBSOCKET)
    asked = talk.client(get("/chat", *WEBSOCKET).data)
    answered = talk.server(answer.data + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    talk.expect(get("/chat", *WEBSOCKET), answer, asked, answered)
    talk.client(get("/not-a-request").data)
    talk.server(response().data)
    c.count(tunnels=1)


@case(rows.TUNNEL)
def upgrade_refused(c):
    """an upgrade answered with 200 stays HTTP"""
    talk = c.connection()
    talk.exchange(get("/chat", *WEBSOCKET), response())
    talk.exchange(get("/after"), response())


@case(rows.TUNNEL)
def connect_tunnel(c):
    """CONNECT 200, TLS bytes, then text that looks like a request and a response"""
    talk = c.connection(server_port=3128)
    talk.exchange(*connect())
    talk.client(TLS_HELLO)
    talk.server(TLS_HELLO)
    talk.client(get("/not-a-request").data)
    talk.server(response().data)
    talk.close()
    c.count(tunnels=1)


@case(rows.TUNNEL)
def connect_with_content_length(c):
    """a 2xx to CONNECT has no body, whatever its Content-Length or Transfer-Encoding says"""
    for fields in (["Content-Length: 5"], ["Transfer-Encoding: chunked"]):
        talk = c.connection(server_port=3128)
        talk.exchange(*connect(fields=fields))
        talk.client(TLS_HELLO)
        talk.server(b"5\r\nhello\r\n0\r\n\r\n")
    c.count(tunnels=2)


@case(rows.TUNNEL)
def connect_201(c):
    """any 2xx opens the tunnel"""
    talk = c.connection(server_port=3128)
    talk.exchange(*connect(201, "Created"))
    talk.client(get("/not-a-request").data)
    talk.server(response().data)
    c.count(tunnels=1)


@case(rows.TUNNEL)
def connect_refused(c):
    """CONNECT answered by 403 or 407 stays HTTP"""
    talk = c.connection(server_port=3128)
    for status in (403, 407):
        asked, _ = connect()
        talk.exchange(asked, response(status, b"refused"))
    talk.exchange(get("http://b.example/", host="b.example"), response())
    talk.exchange(*connect())
    talk.client(TLS_HELLO)
    c.count(tunnels=1)


@case(rows.TUNNEL)
def tunnel_ends_and_port_is_used_again(c):
    """after the tunnel's end the same addresses and ports carry HTTP"""
    talk = c.connection(server_port=3128, client_port=41000)
    talk.exchange(*connect())
    talk.client(TLS_HELLO)
    talk.server(get("/no").data)
    talk.close()
    again = c.connection(server_port=3128, client_port=41000, client_isn=70_000_000, server_isn=80_000_000)
    again.exchange(get("http://c.example/", host="c.example"), response())
    c.count(tunnels=1, flows=2)


@case(rows.TUNNEL)
def connect_then_client_at_once(c):
    """the client's tunnel bytes pass before the 200 does"""
    talk = c.connection(server_port=3128)
    asked, answer = connect()
    sent = talk.client(asked.data)
    talk.client(TLS_HELLO)
    answered = talk.server(answer.data)
    talk.expect(asked, answer, sent, answered)
    talk.server(TLS_HELLO)
    talk.client(get("/not-a-request").data)
    talk.close()
    c.count(tunnels=1)
