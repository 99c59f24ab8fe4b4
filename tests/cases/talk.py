# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A case: connections that talk, the packets that pass, the records they must give.

Segments are made in the order in which they are sent (that gives them their sequence
numbers) and pass in the order in which they are emitted: one that is never emitted is
lost, one emitted twice is retransmitted, others may overtake.
"""

from dataclasses import dataclass, replace

import wire
from stack import Stack

START_NS = 1_700_000_000 * wire.SECOND_NS + 123_456_789
STEP_NS = 1_000_007  # about a millisecond, and every digit counts
CLIENT, SERVER = 0, 1

# Counters that are 0 unless the case says otherwise.
ZERO_COUNTERS = (
    "orphan gaps gap_bytes step_limit pipeline_overflow malformed record_ring_full partial_heads "
    "tunnels flows_evicted fragment truncated_header malformed_header retransmission duplicate "
    "filtered encapsulated lock_contended flow_table_error internal_error not_ip not_tcp not_http"
).split()

# What the time of a transaction is divided into.
PARTS = "client upload server network download timer_retransmit fast_retransmit zero_window".split()

GRADES = "gap mid_stream reordered pipelined early truncated malformed closed head_cut".split()


@dataclass(frozen=True)
class Sent:
    """A frame that passed."""

    number: int
    ns: int


@dataclass(frozen=True)
class Segment:
    """Bytes that an end of a connection sent; whether they pass is another matter."""

    connection: "Connection"
    side: int
    seq: int
    ack: int
    flags: int
    data: bytes
    options: bytes = b""
    window: int = 64240  # as announced, not shifted
    ident: int = 0  # of its IPv4 packet

    def part(self, start, end=None):
        return replace(self, seq=self.seq + start, data=self.data[start:end])

    def with_ack(self, ack):
        return replace(self, ack=ack)


class Case:
    """What one capture holds and must give."""

    def __init__(self, name):
        self.name = name
        self.link = wire.LINK_ETHERNET
        self.interfaces = 1  # more: the capture is a pcapng
        self.snaplen = 262144
        self.now_ns = self.base_ns = START_NS
        self.frames = []
        self.records = []
        self.counters = {}
        self.sums = []
        self.next_port = 40001

    def wait(self, seconds=0.0, ns=0):
        self.now_ns += int(seconds * wire.SECOND_NS) + ns

    def at(self, milliseconds):
        """It is so long after START_NS, or after the last later()."""
        self.now_ns = self.base_ns + round(milliseconds * 1_000_000)

    def later(self, seconds=1):
        """From so long after the last frame on, in whole milliseconds after START_NS, at() counts."""
        passed_ns = max(frame.ns for frame in self.frames) - START_NS
        self.now_ns = self.base_ns = START_NS + passed_ns // 1_000_000 * 1_000_000 + seconds * wire.SECOND_NS

    def emit(self, frame, wire_bytes=None, interface=0):
        """Let a frame pass now; wire_bytes where the capture cut it."""
        self.frames.append(wire.Frame(self.now_ns, frame, wire_bytes or len(frame), interface))
        sent = Sent(len(self.frames), self.now_ns)
        self.now_ns += STEP_NS
        return sent

    def connection(self, **options):
        return Connection(self, **options)

    def count(self, **counters):
        """Counters that the case says itself; None: it does not matter."""
        self.counters.update(counters)

    def sum(self, total, *names):
        """These counters together, where one alone cannot be told."""
        self.sums.append({"names": names, "total": total})

    def expected_counters(self):
        """What the records alone say of the counters, and what the case adds."""
        outcomes = [record["outcome"] for record in self.records]
        expected = dict.fromkeys(ZERO_COUNTERS, 0)
        for outcome, counter in (
            ("ok", "paired"), ("unanswered", "unanswered"), ("aborted", "aborted"),
            ("evicted", "evicted"), ("in_flight", "in_flight"),
        ):
            expected[counter] = outcomes.count(outcome)
        expected["evicted"] += self.counters.get("pipeline_overflow", 0)
        expected["packets"] = len(self.frames)
        expected["records"] = len(self.records)
        for grade in GRADES:
            expected["grade_" + grade] = sum(grade in record["grade"] for record in self.records)
        expected["clean"] = sum(not record["grade"] for record in self.records)
        expected["interim"] = sum(len(record["interim"]) for record in self.records)
        expected.update(self.counters)
        for total, parts in (
            ("requests", ("paired", "unanswered", "aborted", "evicted", "in_flight")),
            ("responses", ("paired", "orphan")),
        ):
            values = [expected[name] for name in parts]
            expected[total] = None if None in values else sum(values)
        return {name: value for name, value in expected.items() if value is not None}

    def sorted_records(self):
        """By the time of the request; of one connection in the order in which they were asked."""
        return sorted(self.records, key=lambda r: (r["request_first_ns"], r["client_address"], r["client_port"]))

    def write(self, path):
        if self.interfaces > 1:
            wire.write_pcapng(path, self.frames, self.link, self.snaplen, self.interfaces)
        else:
            wire.write_pcap(path, self.frames, self.link, self.snaplen)


def parts(**ns):
    """The parts of a record, by their names without _ns; 0 where not named. network None: not known."""
    fields = {f"{name}_ns": ns.pop(name, 0) for name in PARTS}
    assert not ns, f"no parts: {ns}"
    fields["retransmit_ns"] = fields["timer_retransmit_ns"] + fields["fast_retransmit_ns"]
    return fields


def assert_divided(record):
    """That the parts which a case expects are those of the whole time it expects."""
    whole_ns = record["duration_ns"]
    if record["request_last_ns"] is None:
        return  # nor does the record tell
    if whole_ns is None:
        whole_ns = record["request_last_ns"] - record["request_first_ns"] + record["waited_ns"]
    parts_ns = sum(record[f"{name}_ns"] or 0 for name in PARTS)
    assert parts_ns == whole_ns, f"{record['target']}: the parts sum to {parts_ns}, not {whole_ns}"


class Connection:
    """Two ends. Their acknowledgments say that all that the other sent has arrived."""

    def __init__(self, case, v6=False, client=None, server=None, client_port=None, server_port=80,
                 client_isn=1_000_000, server_isn=2_000_000, encode=None, ip_encode=None,
                 handshake=True, options=b"", stacks=None):
        self.case = case
        self.client_address = client or ("fd00::1:1" if v6 else "10.1.0.1")
        self.server_address = server or ("fd00::2:1" if v6 else "10.2.0.1")
        self.addresses = (wire.address(self.client_address), wire.address(self.server_address))
        if client_port is None:
            client_port = case.next_port
            case.next_port += 1
        self.ports = (client_port, server_port)
        self.encode = encode or wire.ethernet
        self.ip_encode = ip_encode
        self.stacks = stacks or (Stack(options=options), Stack(options=options))
        self.is_scaled = all(stack.shift is not None for stack in self.stacks)
        self.isn = (client_isn, server_isn)
        self.seq = [client_isn + 1, server_isn + 1]
        if handshake:
            self.handshake()

    def handshake(self):
        self.syn()
        self.syn_ack()
        self.acknowledge(CLIENT)

    def syn(self):
        return self.pass_(self.stamp(Segment(self, CLIENT, self.isn[CLIENT], 0, wire.SYN, b"")))

    def syn_ack(self):
        return self.pass_(self.stamp(Segment(self, SERVER, self.isn[SERVER], self.isn[CLIENT] + 1,
                                             wire.SYN | wire.ACK, b"")))

    def stamp(self, segment, sack=()):
        """The segment as its end's TCP sends it now; sack: blocks that it has beyond its ack, as (begin, end)."""
        stack = self.stacks[segment.side]
        is_syn = bool(segment.flags & wire.SYN)
        shift = stack.shift if self.is_scaled and not is_syn else 0
        milliseconds = (self.case.now_ns - START_NS) // 1_000_000
        options = stack.syn_options(milliseconds) if is_syn else stack.segment_options(milliseconds, sack)
        return replace(segment, options=options, window=stack.window >> shift, ident=stack.next_ident())

    def segment(self, side, data, flags=wire.ACK | wire.PSH):
        """The next bytes that this end sends now; not passed yet."""
        segment = self.stamp(Segment(self, side, self.seq[side], self.seq[side ^ 1], flags, data))
        self.seq[side] += len(data) + bool(flags & wire.FIN)
        return segment

    def packet(self, segment):
        """The IP packet of a segment."""
        source, destination = self.addresses[segment.side], self.addresses[segment.side ^ 1]
        ports = self.ports if segment.side == CLIENT else self.ports[::-1]
        payload = wire.tcp(source, destination, ports, segment.seq, segment.ack, segment.flags,
                           segment.data, segment.options, segment.window)
        if self.ip_encode:
            return self.ip_encode(source, destination, payload)
        if len(source) == 4:
            return wire.ipv4(source, destination, payload, ident=segment.ident)
        return wire.ipv6(source, destination, payload)

    def pass_(self, segment, captured=None):
        """Let a segment pass; captured: bytes of its frame that the capture holds."""
        frame = self.encode(self.packet(segment), segment.side == CLIENT)
        return self.case.emit(frame[:captured], len(frame))

    def send(self, side, data, cut=()):
        """Send and pass, cut at these positions or into pieces of this size. Returns (first, last)."""
        if isinstance(cut, int):
            cut = range(cut, len(data), cut)
        places = [0, *cut, len(data)]
        sent = [self.pass_(self.segment(side, data[a:b])) for a, b in zip(places, places[1:])]
        return sent[0], sent[-1]

    def client(self, data, cut=()):
        return self.send(CLIENT, data, cut)

    def server(self, data, cut=()):
        return self.send(SERVER, data, cut)

    def acknowledge(self, side, ack=None, window=None, sack=()):
        """
        Pass an ACK without data, of all that the other end sent or of what is before `ack`; window: bytes that
        this end takes from now on; sack: see stamp().
        """
        if window is not None:
            self.stacks[side].window = window
        ack = self.seq[side ^ 1] if ack is None else ack
        return self.pass_(self.stamp(Segment(self, side, self.seq[side], ack, wire.ACK, b""), sack))

    def again(self, segment):
        """Send a segment once more: with the number and the clock of now."""
        return self.pass_(self.stamp(segment))

    def fin(self, side):
        return self.pass_(self.segment(side, b"", wire.ACK | wire.FIN))

    def rst(self, side):
        return self.pass_(self.segment(side, b"", wire.ACK | wire.RST))

    def close(self, first=CLIENT):
        self.fin(first)
        self.fin(first ^ 1)
        self.acknowledge(first)

    def exchange(self, request, response, request_cut=(), response_cut=(), **more):
        """One transaction after the other's end, in order and whole."""
        asked = self.client(request.data, request_cut)
        answered = self.server(response.data, response_cut)
        return self.expect(request, response, asked, answered, **more)

    def expect(self, request, response=None, asked=None, answered=None, ended=None, outcome="ok",
               reason=None, grade=(), retransmits=0, interim=(), **other):
        """
        The record of a transaction. asked, answered: the frames with the first and last byte
        of the messages, one frame where it is the same, None where there was none; ended: the
        frame that showed that there is no more to come. other: fields as they are.
        """
        if outcome == "in_flight":
            reason = "observation_over"
        asked = asked if isinstance(asked, tuple) else (asked, asked)
        answered = answered if isinstance(answered, tuple) else (answered, answered)
        times = [sent.ns if isinstance(sent, Sent) else sent for sent in (*asked, *answered)]
        record = {
            "client_address": self.client_address,
            "client_port": self.ports[CLIENT],
            "server_address": self.server_address,
            "server_port": self.ports[SERVER],
            "protocol": request.protocol,
            "method": request.method,
            "target": request.target,
            "host": request.host,
            "status": response.status if response else None,
            "outcome": outcome,
            "reason": reason,
            "request_bytes": len(request.data),
            "response_bytes": len(response.data) if response else None,
            "request_first_ns": times[0],
            "request_last_ns": times[1],
            "response_first_ns": times[2],
            "response_last_ns": times[3],
            "wait_ns": None,
            "duration_ns": None,
            "retransmits": retransmits,
            "interim": list(interim),
            "grade": list(grade),
        }
        if times[1] and times[2]:  # DESIGN, 5
            record["wait_ns"] = max(0, times[2] - times[1])
        elif times[2] and "early" in grade:
            record["wait_ns"] = 0
        if outcome == "ok":
            record["duration_ns"] = times[3] - times[0]
        if ended is not None and times[1]:
            record["waited_ns"] = (ended.ns if isinstance(ended, Sent) else ended) - times[1]
        record.update(other)
        if "client_ns" in other:
            assert_divided(record)
        self.case.records.append(record)
        return record

    def or_else(self, response=None, **other):
        """The record just expected, or else one without this response, as `other` has it."""
        record = self.case.records[-1]
        instead = {**record, "wait_ns": None, "duration_ns": None, **other}
        if response is None:
            for field in ("status", "response_bytes", "response_first_ns", "response_last_ns"):
                instead[field] = None
        record["or_else"] = instead
