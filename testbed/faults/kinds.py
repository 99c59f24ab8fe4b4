# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What can go wrong with a transaction, and the cause that netlat has to put it down to.

The vantage point is the bridge. "Before" it is what happens to a segment between its
sender and the bridge, "after" it what happens between the bridge and its receiver.
../faults.sh makes the hosts that are named here, and says what is special about each.
"""

import collections
import dataclasses
import time
import typing

import wire

FIRST_PORT = 9000
PORTS_PER_KIND = 4
SEGMENT_BYTES = 1448  # of payload, with timestamps, at an MTU of 1,500
BULK_BYTES = 1 << 20  # 0.5 s at the rate of the shapers
ROUNDS_BYTES = 150_000  # by slow start from ten segments on, four round trips
FLIGHT_BYTES = 7 * SEGMENT_BYTES + SEGMENT_BYTES // 2  # with a head eight segments: less than the initial window
SMALL_BUFFER_BYTES = 8192  # the kernel doubles these
READER_BUFFER_BYTES = 65536  # smaller ones drop what they promised to take

# A host's link, and the side of it that drops: its "own" end or the bridge's "port"; of each
# connection in the direction "to" or "from" the server the segment with this byte, or "syn", once,
# or each time that it is sent for so long.
Drop = collections.namedtuple("Drop", "host side direction byte for_ms", defaults=[0])


@dataclasses.dataclass(frozen=True)
class Kind:
    cause: typing.Optional[str]  # the right name; None: it is not slow
    client: str  # hosts
    server: str
    least_ms: int  # for the client, or the fault was none
    serve: typing.Callable  # answers a request: (connection, number of the try)
    upload_bytes: int = 0  # body of the request
    send_pieces: int = 1  # in which the client sends it
    send_pause_s: float = 0.0
    receive_request: typing.Callable = wire.receive
    receive_response: typing.Callable = wire.receive
    receive_buffer: int = 0  # of who receives the larger message; 0: the kernel's choice
    # Which ends must have sent segments again, any of "client", "server"; no other may have.
    # None: these may, as whoever acknowledges late is probed (RFC 8985, 7).
    sent_again: typing.Optional[tuple] = ()
    drop: typing.Optional[Drop] = None
    warm: bool = False  # another request on the connection comes first: no handshake is in the try
    idle_s: float = 0.0  # after that one
    full_queue: str = ""  # of the listener: when the "syn" or the handshake's last "ack" comes
    parallel: int = PORTS_PER_KIND  # connections at a time


def answer(body_bytes):
    return lambda connection, number: wire.send(connection, wire.response(body_bytes))


SMALL = answer(200)


def sleep_first(connection, number):
    time.sleep(0.2 + number * 37 % 200 / 1000)
    SMALL(connection, number)


def trickle(connection, number):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(8):
        time.sleep(0.04)
        connection.sendall(b"3e8\r\n" + b"d" * 1000 + b"\r\n")
    connection.sendall(b"0\r\n\r\n")


def slowly(end):
    return wire.receive(end, read_bytes=16384, pause_s=0.01)


def in_segment(number, warm=b""):
    """A byte in the middle of this segment, from 0, of a message sent at once, after others."""
    return len(warm) + number * SEGMENT_BYTES + SEGMENT_BYTES // 2


NEAR = {"client": "client", "server": "server"}
LOSSY = {"client": "lossclient", "server": "lossserver"}
FAR = {"client": "far", "server": "lossserver", "warm": True}
WARM_REQUEST = wire.request(wire.WARM_TARGET)
WARM_RESPONSE = wire.response(wire.WARM_BYTES)


def loss(place, who, drop, least_ms=100, **more):
    """A flight of segments in the direction that drops."""
    if drop.direction == "from":
        return Kind("loss", **place, least_ms=least_ms, serve=more.pop("serve", answer(FLIGHT_BYTES)), sent_again=(who,), drop=drop, **more)
    return Kind("loss", **place, least_ms=least_ms, serve=SMALL, upload_bytes=FLIGHT_BYTES, sent_again=(who,), drop=drop, **more)


KINDS = {
    "nothing": Kind(None, **NEAR, least_ms=0, serve=SMALL),
    "nothing_after_idle": Kind(None, **NEAR, least_ms=0, serve=SMALL, warm=True, idle_s=0.3),
    # The server.
    "server_sleeps": Kind("server", **NEAR, least_ms=200, serve=sleep_first),
    "server_sleeps_far_away": Kind("server", "client", "far", least_ms=300, serve=sleep_first, warm=True),
    "server_trickles": Kind("server", **NEAR, least_ms=300, serve=trickle),
    "server_reads_slowly": Kind(
        "server", **NEAR, least_ms=200, serve=SMALL, upload_bytes=BULK_BYTES, receive_request=slowly, receive_buffer=READER_BUFFER_BYTES, sent_again=None
    ),
    # The client.
    "client_reads_slowly": Kind(
        "client", **NEAR, least_ms=200, serve=answer(BULK_BYTES), receive_response=slowly, receive_buffer=READER_BUFFER_BYTES, sent_again=None
    ),
    "client_pauses": Kind("client", **NEAR, least_ms=250, serve=SMALL, upload_bytes=6000, send_pieces=6, send_pause_s=0.05),
    # The way.
    "network_far_server": Kind("network", "client", "far", least_ms=100, serve=SMALL, warm=True),
    "download_shaped_before": Kind("download", "client", "outserver", least_ms=350, serve=answer(BULK_BYTES), parallel=1, sent_again=None),
    "download_shaped_after": Kind("download", "inclient", "server", least_ms=350, serve=answer(BULK_BYTES), parallel=1, sent_again=None),
    "upload_shaped_before": Kind("upload", "outclient", "server", least_ms=350, serve=SMALL, upload_bytes=BULK_BYTES, parallel=1, sent_again=None),
    "upload_shaped_after": Kind("upload", "client", "inserver", least_ms=350, serve=SMALL, upload_bytes=BULK_BYTES, parallel=1, sent_again=None),
    "download_to_far_client": Kind("download", **FAR, least_ms=350, serve=answer(ROUNDS_BYTES)),
    "download_from_far_server": Kind("download", "client", "far", least_ms=350, serve=answer(ROUNDS_BYTES), warm=True),
    "upload_from_far_client": Kind("upload", **FAR, least_ms=350, serve=SMALL, upload_bytes=ROUNDS_BYTES),
    "upload_to_far_server": Kind("upload", "client", "far", least_ms=350, serve=SMALL, upload_bytes=ROUNDS_BYTES, warm=True),
    # Loss between neighbors, which a timer repairs: duplicate acknowledgments would within a millisecond.
    "request_lost_after": Kind("loss", **LOSSY, least_ms=100, serve=SMALL, sent_again=("client",), drop=Drop("lossserver", "port", "to", 0)),
    "upload_tail_lost_before": loss(LOSSY, "client", Drop("lossclient", "own", "to", in_segment(7))),
    "upload_tail_lost_after": loss(LOSSY, "client", Drop("lossserver", "port", "to", in_segment(7))),
    "response_tail_lost_before": loss(LOSSY, "server", Drop("lossserver", "own", "from", in_segment(7))),
    # What duplicate acknowledgments have sent again is lost too, and the window is full behind the hole.
    "response_lost_again_after": loss(
        LOSSY, "server", Drop("lossclient", "port", "from", 20000, 100), serve=answer(65536), receive_buffer=SMALL_BUFFER_BYTES
    ),
    # Loss with a client 100 ms away, which duplicate acknowledgments repair one round trip later.
    "upload_middle_lost_before": loss(FAR, "client", Drop("far", "own", "to", in_segment(4, WARM_REQUEST))),
    "upload_middle_lost_after": loss(FAR, "client", Drop("lossserver", "port", "to", in_segment(4, WARM_REQUEST))),
    "response_first_lost_before": loss(FAR, "server", Drop("lossserver", "own", "from", len(WARM_RESPONSE))),
    "response_middle_lost_before": loss(FAR, "server", Drop("lossserver", "own", "from", in_segment(4, WARM_RESPONSE))),
    # The handshake.
    "syn_lost_after": Kind("connect", **LOSSY, least_ms=900, serve=SMALL, sent_again=("client",), drop=Drop("lossserver", "port", "to", "syn")),
    "synack_lost_before": Kind(
        "connect", **LOSSY, least_ms=900, serve=SMALL, sent_again=("client", "server"), drop=Drop("lossserver", "own", "from", "syn")
    ),
    "synack_lost_after": Kind(
        "connect", **LOSSY, least_ms=900, serve=SMALL, sent_again=("client", "server"), drop=Drop("lossclient", "port", "from", "syn")
    ),
    "accept_queue_full_at_syn": Kind("connect", **NEAR, least_ms=900, serve=SMALL, sent_again=("client",), full_queue="syn"),
    "accept_queue_full_at_ack": Kind(
        "connect", "far", "lossserver", least_ms=1100, serve=SMALL, sent_again=("client", "server"), full_queue="ack"
    ),
}


def ports_of(name):
    """One for each connection at a time."""
    first = FIRST_PORT + list(KINDS).index(name) * PORTS_PER_KIND
    return range(first, first + KINDS[name].parallel)
