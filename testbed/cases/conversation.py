# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Conversations of which every byte and its moment is given, and what netlat has to say of them.

Both ends of a connection are in this one thread, each in a namespace of its own, so
all that happens on it has an order: a piece is received before the next is sent, so
each is a segment of its own (or more, if it is large). Around each step the clock
is read, which bounds what netlat may find for its times, however slow the machine.
"""

import collections
import contextlib
import ctypes
import json
import os
import socket
import struct
import time

CLONE_NEWNET = 0x40000000
TCP_REPAIR = 19
TCP_CLOSE = 7
SEND_BUFFER_BYTES = 16 << 20  # a piece is sent before it is read: it must fit
PATIENCE_S = 20

LIBC = ctypes.CDLL(None, use_errno=True)


class Namespace:
    def __init__(self, name, address):
        self.name, self.address = name, address
        self.family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.inside = os.open(f"/run/netns/{name}", os.O_RDONLY)
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)

    def socket(self):
        """A socket belongs to the namespace in which it was made."""
        self._enter(self.inside)
        made = socket.socket(self.family, socket.SOCK_STREAM)
        self._enter(self.home)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_SNDBUFFORCE", 32), SEND_BUFFER_BYTES)
        made.settimeout(PATIENCE_S)
        return made

    @staticmethod
    def _enter(namespace):
        if LIBC.setns(namespace, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


# When a message (or another event) may have begun and ended to pass the hook, in ns: its first
# byte between first_sent and first_heard, its last between last_sent and last_heard.
Mark = collections.namedtuple("Mark", "first_sent first_heard last_sent last_heard bytes")


def now_ns():
    return time.monotonic_ns()


def receive(end, size):
    data = bytearray()
    while len(data) < size:
        part = end.recv(size - len(data))
        if not part:
            raise EOFError(f"the connection ended after {len(data)} of {size} bytes")
        data += part
    return bytes(data)


def message(sender, receiver, pieces):
    first_sent = last_sent = now_ns()
    first_heard = 0
    for piece in pieces:
        last_sent = now_ns()
        sender.sendall(piece)
        if receive(receiver, len(piece)) != piece:
            raise ValueError("other bytes arrived than were sent")
        first_heard = first_heard or now_ns()
    return Mark(first_sent, first_heard, last_sent, now_ns(), sum(map(len, pieces)))


def retransmitted(end):
    """Segments that the kernel sent again: tcpi_total_retrans."""
    return struct.unpack_from("I", end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 100)[0]


class Talk:
    """One connection, and the records that it must give, in the order of their ends."""

    def __init__(self, lab, client_port=0):
        self.lab = lab
        self.client = lab.client.socket()
        self.client.bind((lab.client.address, client_port))
        self.client.connect((lab.server.address, lab.port))
        self.server, _ = lab.listener.accept()
        for end in (self.client, self.server):
            end.settimeout(PATIENCE_S)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client_port = self.client.getsockname()[1]
        self.sent_again = 0  # segments of both ends that the case made the kernel send again
        self.spurious = 0  # others
        self.answers = []  # marks
        self.records = []

    def request(self, *pieces):
        return message(self.client, self.server, pieces)

    def response(self, *pieces):
        self.answers.append(message(self.server, self.client, pieces))
        return self.answers[-1]

    def expect(self, request, response, method, target, status, *, begun=None, bounds=None, **fields):
        """A record. `response`: its mark; of a request without a whole one, the mark of its end,
        and in `begun` that of what there was of a response."""
        outcome = fields.setdefault("outcome", "ok")
        record = {
            "client_address": self.lab.client.address,
            "client_port": self.client_port,
            "server_address": self.lab.server.address,
            "server_port": self.lab.port,
            "protocol": "HTTP/1.1",
            "method": method,
            "target": target,
            "host": "test",
            "status": status,
            "reason": None,
            "request_bytes": request.bytes,
            "response_bytes": response.bytes if outcome == "ok" else begun and begun.bytes,
            "interim": [],
            "grade": [],
            "retransmits": 0,
        }
        record.update(fields)
        if outcome == "ok":
            begun = response
            limits = {"duration_ns": (response.last_sent - request.first_heard,
                                      response.last_heard - request.first_sent)}
        else:
            record["duration_ns"] = record["wait_ns"] = None
            limits = {"waited_ns": (response.first_sent - request.last_heard,
                                    response.last_heard - request.last_sent)}
        if begun:
            limits["wait_ns"] = (begun.first_sent - request.last_heard, begun.first_heard - request.last_sent)
        record["idle_ns"] = None
        if outcome == "unanswered":
            limits.update(self._idle(request))
        limits.update(bounds or {})
        for field in limits:
            record.pop(field, None)
        self.records.append({"case": self.lab.case, "fields": record, "bounds": limits})
        self.lab.expected.append(self.records[-1])

    def _idle(self, request):
        """How long the connection was silent before a request that got no answer."""
        before = [answer for answer in self.answers if answer.last_heard <= request.first_sent]
        if not before or self.answers[-1].last_heard > request.first_sent:
            return {}
        return {"idle_ns": (request.first_sent - before[-1].last_heard, request.first_heard - before[-1].last_sent)}

    # --- ends ------------------------------------------------------------------------------

    def fin(self, end):
        """One side sends FIN and still reads; the mark of it."""
        before_ns = now_ns()
        end.shutdown(socket.SHUT_WR)
        return self.ended(end, before_ns)

    def ended(self, end, before_ns):
        other = self.server if end is self.client else self.client
        with contextlib.suppress(ConnectionResetError):
            if other.recv(1):
                raise ValueError("bytes instead of an end")
        return Mark(before_ns, now_ns(), before_ns, now_ns(), None)

    def send_into_nothing(self, end, data):
        """The other side is gone, and its kernel answers with RST; the mark of all that."""
        before_ns = now_ns()
        end.sendall(data)
        while end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != TCP_CLOSE:
            if now_ns() - before_ns > PATIENCE_S * 1e9:
                raise TimeoutError("no RST came")
            time.sleep(0.001)
        after_ns = now_ns()
        return Mark(before_ns, after_ns, before_ns, after_ns, len(data))

    def hang_up(self, end):
        """Nobody reads on this side any more: whatever comes is answered with RST."""
        before_ns = now_ns()
        self.drop(end)
        return self.ended(end, before_ns)

    def reset(self, end):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return self.hang_up(end)

    def vanish(self):
        """Both ends are gone without a packet, as with a machine that is switched off."""
        for end in (self.client, self.server):
            end.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
            self.drop(end)

    def drop(self, end):
        # The kernel may send a segment again that was not lost, if this thread did not run for
        # some milliseconds. It says so: such may be on a record, or pass when it is out.
        self.spurious += retransmitted(end)
        end.close()

    def close(self):
        """The usual end, client first, unless there was one already."""
        open_ends = [end for end in (self.client, self.server) if end.fileno() >= 0]
        for end in open_ends:
            with contextlib.suppress(OSError):
                self.fin(end)
        for end in open_ends:
            self.drop(end)
        self.spurious -= self.sent_again
        for item in self.records:
            least = item["fields"].pop("retransmits")
            item["bounds"]["retransmits"] = (least, least + self.spurious)


class Lab:
    """Where conversations are held, and what is expected of them."""

    def __init__(self, client, server, port, records_path):
        self.client, self.server, self.port = client, server, port
        self.listener = server.socket()
        self.listener.bind((server.address, port))
        self.listener.listen(64)
        self.records_path = records_path
        self.expected = []
        self.counters = collections.Counter()
        self.case = None

    @contextlib.contextmanager
    def talk(self, client_port=0):
        talk = Talk(self, client_port)
        yield talk
        talk.close()

    def wait_record(self, talk, count=1):
        """Until netlat has written so many records of this connection."""
        before_ns = now_ns()
        while True:
            with open(self.records_path, encoding="utf-8") as file:
                whole = [line for line in file if line.endswith("\n")]
            if sum(json.loads(line)["client_port"] == talk.client_port for line in whole) >= count:
                return
            if now_ns() - before_ns > PATIENCE_S * 1e9:
                raise TimeoutError("netlat wrote fewer records")
            time.sleep(0.01)

    def write(self, path):
        outcomes = collections.Counter(item["fields"]["outcome"] for item in self.expected)
        for counter, outcome in (("paired", "ok"), ("unanswered",) * 2, ("aborted",) * 2, ("in_flight",) * 2):
            self.counters[counter] += outcomes[outcome]
        self.counters["requests"] += len(self.expected)
        self.counters["orphan"] += 0
        self.counters["responses"] = self.counters["paired"] + self.counters["orphan"]
        self.counters["clean"] = sum(not item["fields"]["grade"] for item in self.expected)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"records": self.expected, "counters": self.counters}, file)
