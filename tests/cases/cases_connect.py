# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Handshakes: how long they took, what they say of the round trips, and to which record it is charged."""

import rows
from messages import get, response
from opened import (
    FIRST, LATER, SERVER_RTT_NS, acknowledge_at, answered_at, asked_at, between, in_families,
    opened, stacks,
)
from registry import case
from talk import CLIENT, SERVER, parts

UNKNOWN = {"connect_ns": None, "server_rtt_ns": None, "client_rtt_ns": None, "syn_retransmits": 0}


def at(c, milliseconds, what):
    c.at(milliseconds)
    return what()


def ask(c, talk, asked_ms, answered_ms, rtt_ns, request=None, **fields):
    """A transaction of which all but the round trip is the server's."""
    request = request or get("/")
    asked = asked_at(c, asked_ms, talk, request)
    answered = answered_at(c, answered_ms, talk, response())
    wait_ns = between(asked, answered)
    network_ns = None if rtt_ns is None else min(rtt_ns, wait_ns)
    talk.expect(request, response(), asked, answered,
                **parts(server=wait_ns - (network_ns or 0), network=network_ns), **fields)


@case(rows.CONNECT)
def connect_is_of_the_first_request(c):
    """the first request has the handshake's time and round trips, the second the round trips alone"""
    for talk in in_families(c):
        ask(c, talk, 3.5, 43.4, SERVER_RTT_NS, cause="server", **FIRST)
        ask(c, talk, 343.3, 344.8, SERVER_RTT_NS, get("/next"), cause="network", **LATER)


@case(rows.CONNECT)
def connect_that_took_most(c):
    """an answer within a millisecond: the handshake took longer than any part"""
    for talk in in_families(c):
        ask(c, talk, 3.5, 4.4, SERVER_RTT_NS, cause="connect", **FIRST)


@case(rows.CONNECT)
def handshake_not_seen(c):
    """the capture begins behind the handshake: no round trip is known, all of the wait is the server's"""
    for v6 in (False, True):
        talk = c.connection(v6=v6, handshake=False, stacks=stacks())
        ask(c, talk, 1, 41.3, None, cause="server", **UNKNOWN)
        c.later()


@case(rows.CONNECT)
def handshake_not_seen_but_an_ack(c):
    """the same, but the server acknowledges the request before it answers: that is the round trip"""
    talk = c.connection(handshake=False, stacks=stacks())
    asked = asked_at(c, 1, talk, get("/"))
    ack = acknowledge_at(c, 1.700123, talk, SERVER)
    answered = answered_at(c, 41.3, talk, response())
    rtt_ns = between(asked, ack)
    talk.expect(get("/"), response(), asked, answered, cause="server",
                **parts(server=between(ack, answered), network=rtt_ns), **{**UNKNOWN, "server_rtt_ns": rtt_ns})


@case(rows.CONNECT)
def handshake_seen_in_part(c):
    """of two connections the SYN alone and the SYN-ACK alone were seen: nothing is said of either"""
    talk = c.connection(handshake=False, stacks=stacks())
    at(c, 0, talk.syn)
    acknowledge_at(c, 0.9, talk, CLIENT)
    ask(c, talk, 1, 41.3, None, cause="server", **UNKNOWN)
    c.later()
    talk = c.connection(handshake=False, stacks=stacks())
    at(c, 0.5, talk.syn_ack)
    acknowledge_at(c, 0.9, talk, CLIENT)
    ask(c, talk, 1, 41.3, None, cause="server", **UNKNOWN)


@case(rows.CONNECT)
def handshake_ack_with_the_request(c):
    """no ACK but the request's own: connect_ns goes up to the SYN-ACK, the client's round trip is not known"""
    talk = c.connection(handshake=False, stacks=stacks())
    syn = at(c, 0.700011, talk.syn)
    taken = at(c, 1.600028, talk.syn_ack)
    asked = asked_at(c, 3.5, talk, get("/"))
    answered = answered_at(c, 43.4, talk, response())
    talk.expect(get("/"), response(), asked, answered, cause="server", **parts(
        server=between(asked, answered) - SERVER_RTT_NS, network=SERVER_RTT_NS,
    ), **{**FIRST, "connect_ns": between(syn, taken), "client_rtt_ns": None})


@case(rows.CONNECT)
def round_trip_is_the_least(c):
    """ACKs of a request and of a part of a response that come quicker than the handshake's lessen the round trips"""
    for talk in in_families(c):
        asked = asked_at(c, 3.5, talk, get("/"))
        ack = acknowledge_at(c, 3.800071, talk, SERVER)
        answer = response(200, b"x" * 1500)
        begun = at(c, 43.4, lambda: talk.server(answer.data[:1000]))[0]
        heard = acknowledge_at(c, 43.600003, talk, CLIENT)
        ended = at(c, 44.3, lambda: talk.server(answer.data[1000:]))[0]
        rtt_ns = between(asked, ack)
        talk.expect(get("/"), answer, asked, (begun, ended), cause="server", **parts(
            network=rtt_ns, server=between(ack, begun), download=between(begun, ended),
        ), **{**FIRST, "server_rtt_ns": rtt_ns, "client_rtt_ns": between(begun, heard)})


@case(rows.CONNECT)
def syn_sent_twice(c):
    """the first SYN was lost behind here: connect_ns begins with it; which is answered cannot be told, so no round trip"""
    for v6 in (False, True):
        talk = c.connection(v6=v6, handshake=False, stacks=stacks())
        syn = at(c, 0.700011, talk.syn)
        at(c, 1001.094, talk.syn)
        taken = at(c, 1001.594017, talk.syn_ack)
        ack = acknowledge_at(c, 1001.900023, talk, CLIENT)
        ask(c, talk, 1002.5, 1042.4, None, cause="connect", connect_ns=between(syn, ack), server_rtt_ns=None,
            client_rtt_ns=between(taken, ack), syn_retransmits=1)
        ask(c, talk, 1052.3, 1072.2, None, cause="server", **{
            **LATER, "server_rtt_ns": None, "client_rtt_ns": between(taken, ack)})
        c.later()


@case(rows.CONNECT)
def syn_sent_five_times(c):
    """four SYNs, in ever longer intervals, before one is answered"""
    talk = c.connection(handshake=False, stacks=stacks())
    sent = [at(c, milliseconds, talk.syn) for milliseconds in (0, 1000.1, 3000.2, 7000.3, 15000.4)]
    taken = at(c, 15000.9, talk.syn_ack)
    ack = acknowledge_at(c, 15001.1, talk, CLIENT)
    ask(c, talk, 15002.5, 15042.4, None, cause="connect", connect_ns=between(sent[0], ack), server_rtt_ns=None,
        client_rtt_ns=between(taken, ack), syn_retransmits=4)


@case(rows.CONNECT)
def syn_ack_sent_twice(c):
    """the first SYN-ACK was lost behind here: whose ACK it is cannot be told, so no round trip of the client"""
    for v6 in (False, True):
        talk = c.connection(v6=v6, handshake=False, stacks=stacks())
        syn = at(c, 0.700011, talk.syn)
        taken = at(c, 1.600028, talk.syn_ack)
        at(c, 1033.6, talk.syn_ack)
        ack = acknowledge_at(c, 1034, talk, CLIENT)
        rtt_ns = between(syn, taken)
        ask(c, talk, 1035.5, 1075.4, rtt_ns, cause="connect", connect_ns=between(syn, ack), server_rtt_ns=rtt_ns,
            client_rtt_ns=None, syn_retransmits=0)
        c.later()


@case(rows.CONNECT)
def syn_ack_lost_before_here(c):
    """both ends send theirs again: SYN-ACK, SYN, ACK, SYN-ACK, ACK; nothing answers the last SYN, so no round trip"""
    talk = c.connection(handshake=False, stacks=stacks())
    syn = at(c, 0, talk.syn)
    at(c, 1018.302, talk.syn_ack)
    at(c, 1018.313, talk.syn)
    ack = acknowledge_at(c, 1018.430, talk, CLIENT)
    at(c, 1018.438, talk.syn_ack)
    acknowledge_at(c, 1018.528, talk, CLIENT)
    ask(c, talk, 1018.916, 1069.833, None, cause="connect", connect_ns=between(syn, ack), server_rtt_ns=None,
        client_rtt_ns=None, syn_retransmits=1)


@case(rows.CONNECT)
def accept_queue_full(c):
    """a SYN-ACK again behind the request, which the server did not take: a loss that is the handshake's"""
    for v6 in (False, True):
        talk = c.connection(v6=v6, handshake=False, stacks=stacks())
        syn = at(c, 0.700011, talk.syn)
        taken = at(c, 0.728, talk.syn_ack)
        ack = acknowledge_at(c, 100.409, talk, CLIENT)
        c.at(100.426)
        request = talk.segment(CLIENT, get("/").data)
        asked = talk.pass_(request)
        at(c, 419.653, lambda: talk.again(request))
        at(c, 739.270, lambda: talk.again(request))
        at(c, 1009.231, talk.syn_ack)
        acknowledge_at(c, 1109.807, talk, CLIENT)
        last = at(c, 1379.645, lambda: talk.again(request))
        acknowledge_at(c, 1379.690, talk, SERVER)
        answered = answered_at(c, 1380.014, talk, response())
        rtt_ns = between(syn, taken)
        talk.expect(get("/"), response(), asked, answered, retransmits=3, cause="connect", **parts(
            timer_retransmit=between(asked, last), network=rtt_ns, server=between(last, answered) - rtt_ns,
        ), connect_ns=between(syn, ack), server_rtt_ns=rtt_ns, client_rtt_ns=between(taken, ack), syn_retransmits=0)
        c.count(retransmission=c.counters.get("retransmission", 0) + 3)
        c.later()


@case(rows.CONNECT)
def port_used_again(c):
    """a second connection with the ports of the first: its handshake is its own"""
    first = opened(c, client_port=50000)
    ask(c, first, 3.5, 43.4, SERVER_RTT_NS, cause="server", **FIRST)
    c.later()
    second = opened(c, client_port=50000, client_isn=77_000_000, server_isn=88_000_000)
    ask(c, second, 3.5, 43.4, SERVER_RTT_NS, cause="server", **FIRST)


@case(rows.CONNECT)
def idle_before_the_first_request(c):
    """a browser opens a connection in advance: the ten seconds until the request are no one's"""
    talk = opened(c)
    ask(c, talk, 10_003.5, 10_043.4, SERVER_RTT_NS, cause="server", **FIRST)


@case(rows.CONNECT)
def round_trip_of_a_request_sent_again(c):
    """no handshake seen; the ACK of a request that passed twice may be of either: no round trip (Karn)"""
    talk = c.connection(handshake=False, stacks=stacks())
    c.at(1)
    request = talk.segment(CLIENT, get("/").data)
    asked = talk.pass_(request)
    again = at(c, 201.3, lambda: talk.again(request))
    acknowledge_at(c, 201.7, talk, SERVER)
    answered = answered_at(c, 501.2, talk, response())
    talk.expect(get("/"), response(), asked, answered, retransmits=1, cause="server", **parts(
        timer_retransmit=between(asked, again), server=between(again, answered), network=None), **UNKNOWN)
    c.count(retransmission=1)
