#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Clients of netlat's own HTTP that mean no good, and one that only wants its answers.

    http_limits.py watch ADDRESS PORT TOKEN FILE    a scrape each 50 ms, until FILE exists
    http_limits.py attack ADDRESS PORT TOKEN        everything below, one after the other
    http_limits.py never-read ADDRESS PORT TOKEN    take nothing of large answers, for 20 s
    http_limits.py handshakes ADDRESS PORT          begin with TLS, and not go on
    http_limits.py hold ADDRESS PORT                an idle connection, until it is closed

They print check lines as checks.sh takes them.
"""

import os
import random
import socket
import ssl
import struct
import sys
import threading
import time

WORST_S = 2.0  # for an answer, while others attack, on a machine that does more than this
MANY = 1000  # idle connections
TRICKLE_S = 4.0


class Target:
    def __init__(self, address, port, token=""):
        self.address = (address, int(port))
        self.token = token

    def connect(self, timeout=10.0, receive_buffer=0):
        connection = socket.socket()
        connection.settimeout(timeout)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.connect(self.address)
        return connection

    def request(self, target, method="GET", more=""):
        return (f"{method} {target} HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer {self.token}\r\n"
                f"{more}\r\n").encode("latin-1")


def say(name, is_good, why):
    print(f"ok {name}" if is_good else f"not ok {name}: {why}", flush=True)


def read_answer(connection, rest=b""):
    """Status, head, body and what follows of one answer; None where it ends early."""
    data = rest
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
    head, data = data.split(b"\r\n\r\n", 1)
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(data) < length:
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
    return int(head.split()[1]), head, data[:length], data[length:]


def read_all(connection):
    """All until the end; a reset is one."""
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except ConnectionError:
        pass
    return data


def statuses(data):
    return [int(piece.split(b" ", 1)[0]) for piece in data.split(b"HTTP/1.1 ")[1:]]


# --- the one who only wants answers ---------------------------------------------------------------

def scrape(target, kept):
    """One request, on a kept connection if it lives; (seconds, the connection)."""
    begun = time.monotonic()
    for connection in ([kept] if kept else []) + [None]:
        try:
            connection = connection or target.connect()
            connection.sendall(target.request("/api/v1/slow"))
            answer = read_answer(connection)
        except OSError:
            answer = None
        if answer and answer[0] == 200:
            return time.monotonic() - begun, connection
        if answer:
            raise RuntimeError(f"status {answer[0]}")
        connection.close()  # as any client does where a kept connection has ended meanwhile
    raise RuntimeError("no answer on a new connection")


def watch(target, until):
    seconds, failures, kept = [], [], None
    number = 0
    while not os.path.exists(until):
        number += 1
        try:
            # A kept connection and a new one take turns.
            took, connection = scrape(target, kept if number % 2 else None)
            seconds.append(took)
            if number % 2:
                kept = connection
            else:
                connection.close()
        except (RuntimeError, OSError) as error:
            failures.append(str(error))
            kept = None
        time.sleep(0.05)
    seconds.sort()
    print(f"  meanwhile: {len(seconds)} scrapes, median {seconds[len(seconds) // 2] * 1e3:.1f} ms,"
          f" worst {seconds[-1] * 1e3:.0f} ms")
    say("another client: every scrape is answered", not failures and len(seconds) >= 50,
        f"{len(failures)} of {number} are not: {failures[:3]}")
    say(f"another client: none takes longer than {WORST_S:.0f} s", seconds[-1] <= WORST_S, f"{seconds[-1]:.2f} s")


# --- the others ------------------------------------------------------------------------------------

def idle(target):
    connections = [target.connect() for _ in range(MANY)]
    time.sleep(1)
    closed = 0
    for connection in connections:
        connection.setblocking(False)
        try:
            closed += connection.recv(1) == b""
        except BlockingIOError:
            pass
        except ConnectionError:
            closed += 1
    say(f"{MANY} idle connections: only so many are kept", MANY - 64 <= closed < MANY, f"{closed} were closed")
    for connection in connections:
        connection.close()


def trickle(target):
    """A head, a byte at a time: closed long before it is whole."""
    connections = [target.connect() for _ in range(200)]
    request = target.request("/health", more="X-Filler: " + "a" * 10000 + "\r\n")
    begun, at = time.monotonic(), 0
    while time.monotonic() - begun < TRICKLE_S:
        for connection in list(connections):
            try:
                connection.send(request[at:at + 1])
            except ConnectionError:
                connections.remove(connection)
        at += 1
        time.sleep(0.05)
    say("trickling heads: at most as many as there are places go on", len(connections) <= 64, len(connections))
    for connection in connections:
        connection.close()


def pipelined(target):
    connection = target.connect()
    connection.sendall(target.request("/health") * 500 + target.request("/nothing", more="Connection: close\r\n"))
    found = statuses(read_all(connection))
    say("500 pipelined requests: all are answered, in order", found == [200] * 500 + [404],
        f"{len(found)}, the last {found[-3:]}")


def oversized(target):
    cases = {
        "line": b"GET /" + b"a" * 1000000 + b" HTTP/1.1\r\n\r\n",
        "field": target.request("/health", more="X-Large: " + "a" * 1000000 + "\r\n"),
        "number of fields": target.request("/health", more="X: y\r\n" * 100000),
        "query": target.request("/api/v1/slow?" + "limit=1&" * 20000),
        "body": target.request("/health", more="Content-Length: 1000000\r\n") + b"a" * 1000000,
        "chunked body": target.request("/health", more="Transfer-Encoding: chunked\r\n") + b"fffff\r\n" + b"a" * 100000,
        "empty lines": b"\r\n" * 500000,
    }
    for name, request in cases.items():
        connection = target.connect()
        try:
            connection.sendall(request)
        except ConnectionError:
            pass
        found = statuses(read_all(connection))
        say(f"too large: {name}: refused", not found or (len(found) == 1 and 400 <= found[0] < 500), found)


def paths(target):
    tricks = ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/etc/passwd%00.pcapng",
              "/api/v1/slow/../../../etc/passwd", "/api/v1/slow/%2e%2e%2f%2e%2e%2fetc%2fpasswd.pcapng",
              "/api/v1/slow/1%00.pcapng", "/api/v1/slow/-1.pcapng", "/api/v1/slow/99999999999999999999.pcapng",
              "/api/v1/slow//1.pcapng", "/%25%2e", "/%", "/%zz", "/%n%n%n%s%s", "/health/", "/health/..", "/./health",
              "/HEALTH", "http://127.0.0.1/etc/passwd", "*", "/\xff\xfe", "/..;/health", "\\..\\..\\etc\\passwd", "/?/../health/x"]
    wrong = []
    for trick in tricks:
        connection = target.connect()
        connection.sendall(target.request(trick, more="Connection: close\r\n"))
        data = read_all(connection)
        found = statuses(data)
        if b"root:" in data or found and not 400 <= found[0] < 500 and not trick.startswith("/?"):
            wrong.append((trick, found))
    say(f"{len(tricks)} tricks with paths: none gets anything", not wrong, wrong)


def nonsense(target):
    chance = random.Random(5)
    answered = stuck = 0
    for _ in range(1000):
        connection = target.connect(timeout=2)
        data = chance.randbytes(chance.randrange(1, 4000))
        if chance.random() < 0.5:
            at = chance.randrange(0, 60)
            whole = bytearray(target.request("/health", more="Connection: close\r\n"))
            whole[at:at + 3] = data[:3]
            data = bytes(whole)
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answered += 200 in statuses(read_all(connection))
        except TimeoutError:
            stuck += 1
        except OSError:
            pass
        connection.close()
    say("1000 times nonsense: the next is answered", scrape(target, None)[0] < WORST_S, "it is not")
    say("1000 times nonsense: most of it gets no 200", answered < 600, answered)
    say("1000 times nonsense: each is ended within 2 s of the client's end", stuck == 0, f"{stuck} are not")


def half_closed(target):
    connection = target.connect()
    connection.sendall(target.request("/health")[:-1])
    connection.shutdown(socket.SHUT_WR)
    found = statuses(read_all(connection))
    say("half a request, and its end: closed without a 200", 200 not in found, found)
    connection = target.connect()
    connection.sendall(target.request("/health"))
    connection.shutdown(socket.SHUT_WR)
    found = statuses(read_all(connection))
    say("a request, and its end: answered, or closed", found in ([200], []), found)


def reset(target):
    for number in range(2000):
        connection = target.connect()
        connection.sendall(target.request("/api/v1/slow")[:number % 120])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    say("2000 connections that are reset: the next is answered", scrape(target, None)[0] < WORST_S, "it is not")


def hammer(target):
    """Full speed on eight connections for three seconds: others have their turn all the same."""
    counts = []

    def ask():
        kept, count, end = None, 0, time.monotonic() + 3
        while time.monotonic() < end:
            _, kept = scrape(target, kept)
            count += 1
        counts.append(count)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"  hammered: {sum(counts) / 3:.0f} requests/s")
    say("full speed on 8 connections: each is served", len(counts) == 8 and min(counts) > 10, counts)


def never_read(target):
    """Each asks for megabytes, more than the kernel keeps for it, and takes nothing of it."""
    connections = []
    for _ in range(100):
        connection = target.connect(receive_buffer=4096)
        connection.setblocking(False)
        try:
            connection.send(target.request("/api/v1/transactions?limit=1000") * 200)
        except (BlockingIOError, ConnectionError):
            pass
        connections.append(connection)
        time.sleep(0.01)
    time.sleep(18)
    ended = refused = 0
    for connection in connections:
        connection.setblocking(False)
        data = b""
        try:
            while piece := connection.recv(1 << 20):
                data += piece
            ended += 1
        except ConnectionError:
            ended += 1
        except BlockingIOError:  # it still lives: then it was told that there is no memory for it
            refused += data.startswith(b"HTTP/1.1 503 ")
        connection.close()
    print(f"  100 clients that take nothing: {ended} were closed, {refused} refused")
    say("100 clients that take nothing: each is given up or refused", ended + refused == 100 and ended,
        f"{ended} closed, {refused} refused")


def hold(target):
    connection = target.connect(timeout=30)
    begun = time.monotonic()
    data = read_all(connection)
    seconds = time.monotonic() - begun
    say("an idle connection that never asked is closed after 10 s", not data and 9.5 <= seconds <= 13, f"{seconds:.1f} s")


def handshakes(target):
    """A ClientHello whole, cut or changed; and what it is followed by is random, or nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        context.wrap_bio(incoming, outgoing).do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello, chance, held = outgoing.read(), random.Random(7), []
    for number in range(600):
        data = bytearray(hello[:chance.randrange(1, len(hello) + 1)] if number % 3 else hello)
        if number % 4 == 0:
            data[chance.randrange(len(data))] ^= 0xff
        connection = target.connect()
        connection.sendall(bytes(data) + (chance.randbytes(300) if number % 5 == 0 else b""))
        if number % 2:
            held.append(connection)
        else:
            connection.close()
    begun = time.monotonic()
    with context.wrap_socket(target.connect()) as connection:
        connection.sendall(target.request("/health", more="Connection: close\r\n"))
        answer = read_answer(connection)
    seconds = time.monotonic() - begun
    say("600 broken handshakes: another is answered in time", answer and seconds < WORST_S, f"{seconds:.1f} s, {answer}")
    for connection in held:
        connection.close()
    time.sleep(1)


def attack(target):
    for way in (idle, trickle, pipelined, oversized, paths, nonsense, half_closed, reset, hammer):
        way(target)


def main(what, *arguments):
    if what == "watch":
        watch(Target(*arguments[:3]), arguments[3])
    else:
        {"attack": attack, "never-read": never_read, "hold": hold, "handshakes": handshakes}[what](Target(*arguments))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
