# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Every way in which a TCP segment may be wrapped, or cut into fragments."""

import struct

import forms
import rows
import wire
from messages import get, post, response
from registry import case
from talk import CLIENT, SERVER


def talk_in_form(c, **options):
    """Three transactions and the end of a connection."""
    talk = c.connection(**options)
    talk.exchange(get("/1"), response())
    talk.exchange(post("/2"), response(404, b"x" * 300), request_cut=20, response_cut=100)
    talk.exchange(get("/3"), response(204, None))
    talk.close()


@case(rows.FORMS)
def vlan(c):
    """one VLAN tag"""
    talk_in_form(c, encode=forms.tagged((0x8100, 100)))
    talk_in_form(c, encode=forms.tagged((0x8100, 4094)), v6=True)


@case(rows.FORMS)
def qinq(c):
    """802.1ad outside 802.1Q, and 802.1Q twice"""
    talk_in_form(c, encode=forms.tagged((0x88A8, 100), (0x8100, 200)))
    talk_in_form(c, encode=forms.tagged((0x8100, 100), (0x8100, 200)), v6=True)


@case(rows.FORMS)
def three_tags(c):
    """three VLAN tags, and five"""
    talk_in_form(c, encode=forms.tagged((0x88A8, 1), (0x8100, 2), (0x8100, 3)))
    talk_in_form(c, encode=forms.tagged(*[(0x8100, number) for number in range(1, 6)]), v6=True)


@case(rows.FORMS)
def same_addresses_in_two_vlans(c):
    """equal addresses and ports in two VLANs at a time are two connections"""
    talks = [c.connection(client_port=43000, encode=forms.tagged((0x8100, vlan_id))) for vlan_id in (1, 2)]
    asked = [talk.client(get(f"/{number}").data) for number, talk in enumerate(talks)]
    for number, talk in enumerate(talks):
        answered = talk.server(response(200 + number).data)
        talk.expect(get(f"/{number}"), response(200 + number), asked[number], answered)
    c.count(flows=2)


@case(rows.FORMS)
def ipv4_with_options(c):
    """IPv4 headers of 24 to 60 bytes"""
    for count in (4, 12, 40):
        talk_in_form(c, ip_encode=forms.ipv4_options(b"\x01" * count))
    talk_in_form(c, ip_encode=forms.ipv4_options(b"\x94\x04\0\0"), encode=forms.tagged((0x8100, 9)))


@case(rows.FORMS)
def tcp_with_options(c):
    """TCP headers of 32, 40 and 60 bytes"""
    for count in (12, 20, 40):
        talk_in_form(c, options=b"\x01" * count)
        talk_in_form(c, options=b"\x01" * count, v6=True)


@case(rows.FORMS)
def ipv6_with_extensions(c):
    """hop-by-hop, routing, atomic fragment and destination options, alone and together"""
    for numbers in ((0,), (60,), (43,), (44,), (0, 60), (0, 43, 44, 60)):
        talk_in_form(c, v6=True, ip_encode=forms.ipv6_extensions(*numbers))
    talk_in_form(c, v6=True, ip_encode=forms.ipv6_extensions(0, 60), encode=forms.tagged((0x88A8, 1), (0x8100, 2)))


@case(rows.FORMS)
def ethernet_padding(c):
    """frames padded to 60 bytes with what looks like text, and a trailer behind all"""
    for encode in (forms.padded, forms.with_trailer):
        talk = c.connection(encode=encode)
        talk.exchange(get("/1"), response(), request_cut=1, response_cut=3)
        talk.exchange(get("/2"), response(204, None))
        talk.acknowledge(CLIENT)
        talk.close()


@case(rows.FORMS)
def wrong_checksums(c):
    """checksums left to the network card"""

    def encode(source, destination, payload):
        return wire.ipv4(source, destination, payload[:16] + b"\xde\xad" + payload[18:])

    talk_in_form(c, ip_encode=encode)


@case(rows.FORMS)
def total_length_zero(c):
    """IPv4 total length 0: segmentation offload, or a packet of 64 KB and more"""

    def encode(source, destination, payload):
        packet = wire.ipv4(source, destination, payload)
        return packet[:2] + b"\0\0" + packet[4:]

    talk_in_form(c, ip_encode=encode)


@case(rows.FORMS)
def fragments_ipv4(c):
    """a request in two IPv4 fragments: both are counted, its response is an orphan"""
    talk = c.connection()
    talk.exchange(get("/1"), response())
    packet = talk.packet(talk.segment(CLIENT, post("/2", b"x" * 100).data))
    source, destination = talk.addresses
    payload = packet[20:]
    for at, more in ((0, 0x2000), (80, 0)):
        piece = payload[at:at + 80] if more else payload[at:]
        c.emit(wire.ethernet(wire.ipv4(source, destination, piece, fragment=more | at // 8, ident=77)))
    talk.server(response(201).data)
    talk.exchange(get("/3"), response())
    c.count(fragment=2, orphan=1, gaps=1)


@case(rows.FORMS)
def fragments_ipv6(c):
    """a response in three IPv6 fragments: its request is unanswered, the next pair is right"""
    talk = c.connection(v6=True)
    talk.exchange(get("/1"), response())
    asked = talk.client(get("/2").data)
    packet = talk.packet(talk.segment(SERVER, response(200, b"x" * 150).data))
    destination, source = talk.addresses
    payload = packet[40:]
    for at in (0, 80, 160):
        more = at < 160
        header = struct.pack("!BBHI", wire.PROTOCOL_TCP, 0, at | more, 77)
        piece = payload[at:at + 80] if more else payload[at:]
        c.emit(wire.ethernet(wire.ipv6(source, destination, header + piece, 44), False))
    second = talk.client(get("/3").data)
    answered = talk.server(response(201).data)
    talk.expect(get("/2"), None, asked, None, outcome="unanswered", reason="gap", grade=["gap", "mid_stream"])
    talk.expect(get("/3"), response(201), second, answered, grade=["mid_stream", "pipelined"])
    c.count(fragment=3, gaps=1)


@case(rows.FORMS)
def other_packets_between(c):
    """ARP, ICMP, UDP, LLDP and fragments of UDP between the segments"""
    talk = c.connection()
    source, destination = talk.addresses
    others = [
        wire.CLIENT_MAC + wire.SERVER_MAC + b"\x08\x06" + b"\0" * 28,
        wire.CLIENT_MAC + wire.SERVER_MAC + b"\x88\xcc" + b"\0" * 40,
        wire.ethernet(wire.ipv4(source, destination, b"\x08\0" + b"G" * 30, protocol=1)),
        wire.ethernet(wire.ipv4(source, destination, b"\0\x35\0\x35\0\x1c\0\0GET / HTTP/1.1\r\n\r\n", protocol=17)),
    ]
    for number in range(3):
        for frame in others:
            c.emit(frame)
        talk.exchange(get(f"/{number}"), response())
    c.count(not_ip=6, not_tcp=6)


@case(rows.FORMS)
def contradicting_headers(c):
    """header lengths that contradict each other are counted, and harm nothing"""
    talk = c.connection()
    talk.exchange(get("/1"), response())
    packet = talk.packet(talk.segment(CLIENT, get("/bad").data))
    talk.seq[CLIENT] -= len(get("/bad").data)
    for broken in (
        b"\x44" + packet[1:],                        # IPv4 header of 16 bytes
        b"\x55" + packet[1:],                        # version 5
        packet[:2] + b"\0\x1e" + packet[4:],         # ends within the TCP header
        packet[:32] + b"\x40" + packet[33:],         # TCP header of 16 bytes
        packet[:2] + b"\0\x29" + packet[4:32] + b"\xf0" + packet[33:],  # TCP header behind the end
    ):
        c.emit(wire.ethernet(broken) if broken[0] != 0x55 else wire.ethernet(packet)[:14] + broken)
    talk.exchange(get("/2"), response())
    c.count(malformed_header=5)


def tunnel_case(name, what, encode, **options):
    """A case of one encapsulation: IPv4 in it, and IPv6 in it."""

    def function(c):
        talk_in_form(c, encode=encode)
        talk_in_form(c, encode=encode, v6=True)
        c.count(flows=2)

    function.__name__ = name
    function.__doc__ = what
    case(rows.FORMS, **options)(function)


tunnel_case("in_vxlan", "VXLAN over IPv4, port 4789", forms.vxlan)
tunnel_case("in_vxlan_over_ipv6", "VXLAN over IPv6", forms.vxlan_over_ipv6)
tunnel_case("in_geneve", "GENEVE, port 6081", forms.geneve)
tunnel_case("in_gre", "GRE without options", forms.gre)
tunnel_case("in_gre_with_key", "GRE with key and sequence number", forms.gre_with_key)
tunnel_case("in_gre_ethernet", "Ethernet in GRE", forms.gre_ethernet)
tunnel_case("in_ipv4", "IPIP and 6in4", forms.in_ipv4)
tunnel_case("in_ipv6", "4in6 and 6in6", forms.in_ipv6)
tunnel_case("in_mpls", "one MPLS label", forms.mpls(16))
tunnel_case("in_mpls_stack", "three MPLS labels", forms.mpls(16, 17, 18))


@case(rows.FORMS, options={"no_decap": True})
def tunnels_not_opened(c):
    """with --no-decap what is in VXLAN, GENEVE, GRE, IPIP or MPLS is counted as encapsulated"""
    for encode in (forms.vxlan, forms.geneve, forms.gre, forms.in_ipv4, forms.mpls(16)):
        talk = c.connection(encode=encode)
        talk.client(get("/").data)
        talk.server(response().data)
    c.count(encapsulated=25)


ETHERNET_ONLY = "test_run takes Ethernet frames only"


def link_case(name, what, link, encode):
    def function(c):
        c.link = link
        talk_in_form(c, encode=encode)
        talk_in_form(c, encode=encode, v6=True)
        c.count(flows=2)

    function.__name__ = name
    function.__doc__ = what
    case(rows.FORMS, not_in_kernel=ETHERNET_ONLY)(function)


link_case("link_cooked", "link type Linux cooked, version 1", 113, forms.cooked)
link_case("link_cooked_v2", "link type Linux cooked, version 2", 276, forms.cooked_v2(2))
link_case("link_raw", "link type raw IP", 101, forms.raw)
link_case("link_null", "link type BSD loopback", 0, forms.null)
link_case("link_loop", "link type OpenBSD loopback", 108, forms.loop)


def on_two_interfaces(c, talk, again):
    """Let every packet of talk pass again 20 us later, as again(packet, from_client) lets it."""
    once = talk.pass_

    def twice(segment, captured=None):
        sent = once(segment, captured)
        c.now_ns = sent.ns + 20_000
        again(talk.packet(segment), segment.side == CLIENT)
        return sent

    talk.pass_ = twice
    for number in range(10):
        talk.exchange(get(f"/{number}"), response(200, b"x" * 3000), response_cut=1400)
    talk.close()
    c.count(duplicate=10 * 4)


@case(rows.TWICE, not_in_kernel=ETHERNET_ONLY)
def port_and_bridge_in_cooked_v2(c):
    """a capture on all interfaces (Linux cooked v2): every packet on a port, 20 us later on the bridge"""
    c.link = 276
    talk = c.connection(encode=forms.cooked_v2(4), handshake=False)
    on_two_interfaces(c, talk, lambda packet, from_client: c.emit(forms.cooked_v2(3)(packet, from_client)))


@case(rows.TWICE)
def port_and_bridge_in_pcapng(c):
    """a pcapng of two interfaces: every packet on a port, 20 us later on the bridge (test_run has one)"""
    c.interfaces = 2
    talk = c.connection(v6=True)
    on_two_interfaces(c, talk, lambda packet, from_client: c.emit(wire.ethernet(packet, from_client), interface=1))


@case(rows.TWICE)
def every_packet_twice(c):
    """every packet twice on one interface, the two 1 us apart: one record each, the copies are retransmissions"""
    talk = c.connection()
    plain = talk.pass_

    def twice(segment, captured=None):
        sent = plain(segment, captured)
        talk.case.now_ns = sent.ns + 1000
        plain(segment, captured)
        return sent

    talk.pass_ = twice
    for number in range(10):
        # The copy of the response passes when nothing is pending.
        talk.exchange(get(f"/{number}"), response(), retransmits=1)
    talk.close()
    c.count(retransmission=20)
