# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Connections whose handshake, round trips and clocks are known to the nanosecond, and what that gives."""

from stack import Stack
from talk import CLIENT

# When they pass, in ms. What a clock of milliseconds says of a segment is exact, as far as
# netlat can know, where the digits behind the point are less than those of the segment before.
SYN, SYN_ACK, ACK = 0.700011, 1.600028, 2.000034

SERVER_RTT_NS = 900_017
CLIENT_RTT_NS = 400_006
CONNECT_NS = 1_300_023

# Fields of the record of a connection's first request, and of later ones.
LATER = {"connect_ns": None, "server_rtt_ns": SERVER_RTT_NS, "client_rtt_ns": CLIENT_RTT_NS, "syn_retransmits": 0}
FIRST = {**LATER, "connect_ns": CONNECT_NS}

# IPv4, and IPv6 with sequence numbers that wrap within the first messages.
FAMILIES = ({}, {"v6": True, "client_isn": 2**32 - 40, "server_isn": 2**32 - 700})


def stacks(client_ident=100, server_ident=30_000, ident_step=1, **same):
    """Two ends as Linux has them; same: fields of both that are others."""
    fields = {"mss": 1460, "sack": True, "ident_step": ident_step, **same}
    return (Stack(**{"shift": 7, "clock": 5_000_000, "ident": client_ident, **fields}),
            Stack(**{"shift": 9, "clock": 4_294_967_290, "ident": server_ident, **fields}))


def opened(c, ends=None, **options):
    """A connection that has just been opened."""
    talk = c.connection(handshake=False, stacks=ends or stacks(), **options)
    c.at(SYN)
    talk.syn()
    c.at(SYN_ACK)
    talk.syn_ack()
    c.at(ACK)
    talk.acknowledge(CLIENT)
    return talk


def in_families(c, **options):
    """The same over IPv4 and IPv6, the one some seconds after the other."""
    for family in FAMILIES:
        if c.frames:
            c.later()
        yield opened(c, ends=stacks(**options), **family)


def segments(talk, side, data, size=1000):
    """All of it, sent now in segments of this size; none has passed."""
    return [talk.segment(side, data[at:at + size]) for at in range(0, len(data), size)]


def pass_at(c, milliseconds, talk, segment):
    c.at(milliseconds)
    return talk.pass_(segment)


def acknowledge_at(c, milliseconds, talk, side, **more):
    c.at(milliseconds)
    return talk.acknowledge(side, **more)


def between(first, last):
    return last.ns - first.ns


def answered_at(c, milliseconds, talk, answer):
    c.at(milliseconds)
    return talk.server(answer.data)[0]


def asked_at(c, milliseconds, talk, request):
    c.at(milliseconds)
    return talk.client(request.data)[0]
