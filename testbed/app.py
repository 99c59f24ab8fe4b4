#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The application server of the testbed: its delays are random, but known.

For each GET it picks a random integer, sleeps 0 to --max-delay-ms (uniform) and
answers 500 when the integer is divisible by 5, else 200. /health answers at
once. What it did goes to --log, one line per answered request:

    epoch_ns client_address client_port target status injected_delay_ns measured_sleep_ns held_ns

held_ns runs from the kernel's time stamp of the request's arrival to just before
the response is sent (-1 without a stamp): what this server really took, however
late the machine woke it. A thread serves a connection, as in many real application
servers. Nothing is formatted or written between the end of the sleep and the
response, so that the wait seen on the wire is held_ns and little more.
"""

import argparse
import collections
import os
import random
import signal
import socket
import struct
import sys
import threading
import time

HEAD_BYTES_MAX = 65536
FLUSH_INTERVAL_S = 0.2
# Not in Python's socket module. Its option and message have one number (socket(7)).
SO_TIMESTAMPNS = 35
TIMESPEC = struct.Struct("qq")
REASONS = {200: "OK", 400: "Bad Request", 500: "Internal Server Error", 501: "Not Implemented"}


def response(status, text, close=False):
    """A whole response as bytes, so that one send (one segment) carries it."""
    body = text.encode()
    connection = "close" if close else "keep-alive"
    head = (
        f"HTTP/1.1 {status} {REASONS[status]}\r\n"
        "Server: testbed\r\n"
        "Content-Type: text/plain\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"Connection: {connection}\r\n\r\n"
    )
    return head.encode() + body


class Log:
    """Lines wait in a deque (append is atomic); only the main thread writes the file."""

    def __init__(self, path):
        self.entries = collections.deque()
        self.file = open(path, "w", encoding="utf-8") if path else None

    def add(self, *fields):
        if self.file:
            self.entries.append(fields)

    def flush(self):
        if not self.file:
            return
        lines = []
        while self.entries:
            lines.append(" ".join(map(str, self.entries.popleft())) + "\n")
        self.file.write("".join(lines))
        self.file.flush()


def receive(connection):
    """(data, epoch ns at which the kernel had its last byte, None if it does not say)."""
    data, messages, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(TIMESPEC.size))
    for level, kind, value in messages:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = TIMESPEC.unpack(value)
            return data, seconds * 1_000_000_000 + nanoseconds
    return data, None


def read_head(connection, buffered):
    """(head, rest, arrived_ns) of the next message; head is None at the end of the connection."""
    arrived_ns = None
    while b"\r\n\r\n" not in buffered:
        if len(buffered) > HEAD_BYTES_MAX:
            return None, b"", None
        data, arrived_ns = receive(connection)
        if not data:
            return None, b"", None
        buffered += data
    head, _, rest = buffered.partition(b"\r\n\r\n")
    return head, rest, arrived_ns


def parse_head(head):
    """(method, target, wants_close) or None where the request line is no such thing."""
    lines = head.split(b"\r\n")
    words = lines[0].split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
        return None
    wants_close = words[2] == b"HTTP/1.0"
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"connection":
            wants_close = value.strip().lower() == b"close"
    return words[0].decode("latin-1"), words[1].decode("latin-1"), wants_close


def serve_request(connection, peer, rng, options, log, head, arrived_ns):
    """Answer one request; False when the connection is to be closed."""
    received_ns = time.time_ns()
    parsed = parse_head(head)
    if parsed is None:
        connection.sendall(response(400, "not a request\n", close=True))
        return False
    method, target, wants_close = parsed
    if method != "GET":
        # A body may follow that nobody reads here: answer and hang up.
        connection.sendall(response(501, "only GET\n", close=True))
        return False

    injected_ns = measured_ns = 0
    if target == "/health":
        status, text = 200, "healthy\n"
    else:
        number = rng.randrange(1_000_000)
        status = 500 if number % 5 == 0 else 200
        text = f"{number}\n"
        injected_ns = rng.randrange(options.max_delay_ns + 1)
    payload = response(status, text, wants_close)
    if injected_ns:
        # Measured around the sleep alone; the payload is ready before it.
        before_ns = time.monotonic_ns()
        time.sleep(injected_ns / 1e9)
        measured_ns = time.monotonic_ns() - before_ns
    held_ns = time.time_ns() - arrived_ns if arrived_ns else -1
    connection.sendall(payload)
    log.add(received_ns, peer[0], peer[1], target, status, injected_ns, measured_ns, held_ns)
    return not wants_close


def serve_connection(connection, peer, rng, options, log):
    """Serve requests until either side closes."""
    address = peer[0].removeprefix("::ffff:")
    buffered = b""
    try:
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                head, buffered, arrived_ns = read_head(connection, buffered)
                if head is None:
                    return
                peer_name = (address, peer[1])
                if not serve_request(connection, peer_name, rng, options, log, head, arrived_ns):
                    return
    except OSError:
        return  # the client went away: its request is not in the log, as it was not answered


def listen(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)  # its connections inherit it
    server.bind((address, port))
    server.listen(512)
    return server


def accept_forever(server, options, log):
    connections = 0
    while True:
        try:
            connection, peer = server.accept()
        except OSError:
            return
        connections += 1
        # One generator a connection: no lock, and repeatable for a given seed.
        rng = random.Random(options.seed + connections)
        threading.Thread(
            target=serve_connection,
            args=(connection, peer, rng, options, log),
            daemon=True,
        ).start()


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--address", default="::", help="address to listen on (default: all)")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--log", help="file for the lines described above")
    parser.add_argument("--seed", type=int, help="of the random numbers (default: random)")
    parser.add_argument("--max-delay-ms", type=float, default=10.0)
    options = parser.parse_args()
    options.max_delay_ns = int(options.max_delay_ms * 1e6)
    if options.seed is None:
        options.seed = struct.unpack("I", os.urandom(4))[0]
    return options


def main():
    options = parse_options()
    signals = {signal.SIGTERM, signal.SIGINT}
    # Blocked before any thread starts, so that only the main thread takes them.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    log = Log(options.log)
    server = listen(options.address, options.port)
    threading.Thread(target=accept_forever, args=(server, options, log), daemon=True).start()
    while signal.sigtimedwait(signals, FLUSH_INTERVAL_S) is None:
        log.flush()
    server.close()
    log.flush()
    # Threads may be asleep in a request; the log is complete for what was answered.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
