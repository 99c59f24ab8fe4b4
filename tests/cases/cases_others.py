# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Protocols that are not HTTP/1: no transactions, whatever the port."""

import rows
import wire
from messages import get, response
from registry import case

NOISE = bytes((number * 89 + 17) % 256 for number in range(600))
TLS_CLIENT = bytes.fromhex("16030100c8010000c40303") + NOISE[:189]
TLS_SERVER = bytes.fromhex("160303007a020000760303") + NOISE[:111]
TLS_DATA = bytes.fromhex("1703030200") + NOISE[:512]


def conversation(c, port, lines, **options):
    """What client and server say in turns: (from the client?, bytes)."""
    talk = c.connection(server_port=port, **options)
    for from_client, data in lines:
        (talk.client if from_client else talk.server)(data)
    talk.close()


def other(c, *talks):
    for port, lines in talks:
        conversation(c, port, lines)
        conversation(c, 80, lines, v6=True)
    c.count(not_http=2 * sum(len(lines) for _, lines in talks), flows=0)


@case(rows.OTHERS)
def tls(c):
    """TLS on port 443 and on port 80"""
    other(c, (443, [(1, TLS_CLIENT), (0, TLS_SERVER), (1, TLS_DATA), (0, TLS_DATA), (1, TLS_DATA)]))


@case(rows.OTHERS)
def ssh(c):
    """SSH: banners, then binary packets"""
    other(c, (22, [(0, b"SSH-2.0-OpenSSH_9.2\r\n"), (1, b"SSH-2.0-OpenSSH_9.6\r\n"), (1, NOISE), (0, NOISE)]))


@case(rows.OTHERS)
def databases(c):
    """greetings and queries of MySQL, PostgreSQL, MongoDB, Redis"""
    mysql = [(0, b"\x4a\0\0\0\x0a8.0.36\0" + NOISE[:60]), (1, b"\x20\0\0\x01\x85\xa6\xff\x01" + NOISE[:28]),
             (0, b"\x07\0\0\x02\0\0\0\x02\0\0\0"), (1, b"\x0f\0\0\0\x03SELECT 1 + 1;\n")]
    postgresql = [(1, b"\0\0\0\x29\0\3\0\0user\0postgres\0database\0test\0\0"), (0, b"R\0\0\0\x08\0\0\0\0"),
                  (1, b"Q\0\0\0\x0eSELECT 1;\0"), (0, b"T\0\0\0\x21\0\x01?column?\0" + b"\0" * 18)]
    mongodb = [(1, b"\x3a\0\0\0\x01\0\0\0\0\0\0\0\xd4\x07\0\0" + NOISE[:42]), (0, NOISE[:100])]
    redis = [(1, b"*1\r\n$4\r\nPING\r\n"), (0, b"+PONG\r\n"), (1, b"*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n"), (0, b"$5\r\nvalue\r\n")]
    other(c, (3306, mysql), (5432, postgresql), (27017, mongodb), (6379, redis))


@case(rows.OTHERS)
def dns_over_tcp(c):
    """DNS over TCP"""
    question = b"\0\x1c\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03org\0\0\x01\0\x01"
    other(c, (53, [(1, question), (0, question + b"\xc0\x0c\0\x01\0\x01\0\0\x0e\x10\0\4\x5d\xb8\xd8\x22")]))


TEXTUAL = {
    "smtp": (25, [(0, b"220 mail.example ESMTP\r\n"), (1, b"EHLO client.example\r\n"), (0, b"250 mail.example\r\n"),
                  (1, b"MAIL FROM:<a@example>\r\n"), (0, b"250 OK\r\n"), (1, b"DATA\r\n"), (0, b"354 go\r\n"),
                  (1, b"Subject: x\r\n\r\nGET me\r\n.\r\n"), (1, b"QUIT\r\n")]),
    "ftp": (21, [(0, b"220 ready\r\n"), (1, b"USER anonymous\r\n"), (0, b"331 password\r\n"), (1, b"PASS x\r\n"),
                 (1, b"RETR /pub/file\r\n"), (1, b"LIST /\r\n"), (0, b"226 done\r\n")]),
    "pop3_imap": (143, [(0, b"* OK IMAP4rev1\r\n"), (1, b"A1 LOGIN user pass\r\n"), (1, b"A2 FETCH 1 BODY[]\r\n"),
                        (0, b"A2 OK done\r\n"), (1, b"TOP 1 10\r\n"), (1, b"RETR 1\r\n")]),
    "redis_inline": (6379, [(1, b"PING\r\n"), (0, b"+PONG\r\n"), (1, b"GET key\r\n"), (0, b"$5\r\nvalue\r\n"),
                            (1, b"SET key value\r\n"), (1, b"INFO\r\n")]),
    "memcached": (11211, [(1, b"get key\r\n"), (0, b"VALUE key 0 5\r\nhello\r\nEND\r\n"), (1, b"set key 0 0 5\r\nhello\r\n")]),
    "nats": (4222, [(0, b'INFO {"server_id":"x"}\r\n'), (1, b'CONNECT {"verbose":false}\r\n'), (1, b"PUB subject 5\r\nhello\r\n"),
                    (0, b"MSG subject 1 5\r\nhello\r\n")]),
    "stomp": (61613, [(1, b"CONNECT\naccept-version:1.2\nhost:b\n\n\0"), (0, b"CONNECTED\nversion:1.2\n\n\0"),
                      (1, b"SEND\ndestination:/queue/a\n\nhello\0")]),
    "irc": (6667, [(1, b"NICK someone\r\nUSER a 0 * :A\r\n"), (0, b":server 001 someone :Welcome\r\n"), (1, b"JOIN #channel\r\n")]),
    "sip": (5060, [(1, b"INVITE sip:b@example SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nContent-Length: 0\r\n\r\n"),
                   (0, b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")]),
    "rtsp": (554, [(1, b"OPTIONS rtsp://b.example/video RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
                   (0, b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE\r\n\r\n")]),
    "http2_prior_knowledge": (80, [(1, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000")),
                                   (0, bytes.fromhex("000000040000000000")), (1, bytes.fromhex("000001010500000001") + b"\x82")]),
    "amqp_mqtt": (5672, [(1, b"AMQP\0\0\x09\x01"), (0, b"\x01\0\0\0\0\x01\x0a\0\x0a\0\x0a" + NOISE[:30]),
                         (1, b"\x10\x0c\0\4MQTT\4\2\0\x3c\0\0")]),
}


def textual_case(name, port, lines):
    def function(c):
        conversation(c, port, lines)
        conversation(c, 80, lines, v6=True)
        # A first line in capitals may be kept until its end shows what it is.
        c.count(not_http=None, gaps=None, partial_heads=None, flows=0)

    function.__name__ = "other_" + name
    function.__doc__ = f"{name.replace('_', ' ')}, on its port and on port 80"
    case(rows.OTHERS)(function)


for name, (port, lines) in TEXTUAL.items():
    textual_case(name, port, lines)


@case(rows.OTHERS)
def http_beside_others(c):
    """HTTP on ports 22, 53, 443 and 6379 is found; TLS beside it is not taken for it"""
    for port in (22, 53, 443, 6379, 65535):
        talk = c.connection(server_port=port)
        beside = c.connection(server_port=port, v6=True)
        beside.client(TLS_CLIENT)
        talk.exchange(get("/"), response())
        beside.server(TLS_SERVER)
        talk.exchange(get("/2"), response())
    c.count(not_http=10, flows=5)


@case(rows.OTHERS)
def port_scan(c):
    """500 SYNs, half of them answered by RST: no connection is kept"""
    for number in range(500):
        talk = c.connection(handshake=False, server_port=number + 1, client_isn=number * 1000)
        talk.pass_(talk.segment(0, b"", wire.SYN))
        if number % 2:
            talk.pass_(talk.segment(1, b"", wire.RST | wire.ACK))
    c.count(no_payload=750, flows=0)
