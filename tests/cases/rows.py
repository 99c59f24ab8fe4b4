# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The list of hard cases: every case is an instance of one of these, and each has one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    text: str
    real_traffic: bool = False  # tried on real traffic in the testbed as well


KEEP_ALIVE = Row("keep-alive, hundreds of requests", True)
PIPELINED = Row("pipelined requests in one segment; responses likewise", True)
INTERIM = Row("Expect: 100-continue, 103 Early Hints", True)
TUNNEL = Row("101 Upgrade; CONNECT 2xx")
NO_BODY = Row("HEAD with Content-Length; 204 and 304 with one; 1xx")
CHUNKED = Row("chunked with extensions and trailers; chunk header split over segments", True)
CLOSE = Row("body delimited by close")
EARLY = Row("response before the request's last byte")
NEVER = Row("request never answered; client gives up; RST before the answer; server FIN")
RACE = Row("keep-alive race: request sent after the server's FIN")
SPLIT = Row("method split, head split anywhere, one byte per segment", True)
RETRANSMIT = Row("retransmitted request or response; overlapping retransmission")
REORDER = Row("reordered segments: inside a body; inside a head")
LOSS = Row("lost segment inside a body of known length")
RESYNC = Row("lost head; capture starts mid-stream")
IDLE = Row("idle 10 minutes between keep-alive requests; server that never sends FIN")
QUOTED = Row("body that contains \"HTTP/1.1 200 OK\" or \"GET / HTTP/1.1\" at a segment's start")
GSO = Row("large bodies as 64 KB GSO super-packets, two responses in one", True)
REUSE = Row("port reuse in TIME_WAIT: same 5-tuple, new ISN")
MANY = Row("10,000 idle keep-alive connections, then all answer; more flows than the map holds")
FORMS = Row("IPv4 options, IPv6 extension headers, fragments, VLAN, QinQ, VXLAN/GRE/IPIP")
TWICE = Row("the same packet seen on port and bridge, or port and uplink", True)
STATUS = Row("201, 204, 302 are successes; 4xx and 5xx shown apart")
LARGE = Row("sequence number wrap-around; 4 GB and longer bodies")
SYNTAX = Row("lower-case names, obs-fold, space before colon, bare LF, absolute-form, asterisk-form, extension methods")
MALFORMED = Row("Content-Length and Transfer-Encoding; bad Content-Lengths; endless headers; binary noise; garbage")
OTHERS = Row("SSH, TLS, Redis, databases, DNS-over-TCP on any port, TLS on port 80")
TRUNCATED = Row("snap-length-truncated packets: framing kept by the lengths in the headers")
TIMEOUT = Row("a pending request counts as unanswered after --timeout")
CONNECT = Row("handshakes: how long, sent again, not seen; a server that does not take the connection", True)
PARTS = Row("whom the time is charged to: losses, windows, pauses, queues, clocks", True)

ALL = [row for row in globals().values() if isinstance(row, Row)]
