# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What wraps an IP packet, by scapy: tags, tunnels, extension headers, link headers."""

import logging

logging.getLogger("scapy").setLevel(logging.ERROR)

# pylint: disable=wrong-import-position
from scapy.contrib.geneve import GENEVE
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import GRE, IP, UDP
from scapy.layers.inet6 import (
    IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting,
)
from scapy.layers.l2 import CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

import wire

# The ends of a tunnel, and the Ethernet ends outside and inside of one.
NEAR, FAR = "192.0.2.1", "192.0.2.2"
NEAR6, FAR6 = "2001:db8::1", "2001:db8::2"
MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")


def ether(from_client, **fields):
    source, destination = MACS if from_client else MACS[::-1]
    return Ether(src=source, dst=destination, **fields)


def ethertype(packet):
    return wire.ETHERTYPE_IPV4 if wire.ip_version(packet) == 4 else wire.ETHERTYPE_IPV6


def outer(from_client, v6=False, **fields):
    if v6:
        ends = (NEAR6, FAR6) if from_client else (FAR6, NEAR6)
        return ether(from_client) / IPv6(src=ends[0], dst=ends[1], **fields)
    ends = (NEAR, FAR) if from_client else (FAR, NEAR)
    return ether(from_client) / IP(src=ends[0], dst=ends[1], **fields)


def tagged(*tags):
    """VLAN tags from the outside in: (0x8100 or 0x88a8, VLAN ID)."""

    def encode(packet, from_client):
        types = [kind for kind, _ in tags] + [ethertype(packet)]
        frame = ether(from_client, type=types[0])
        for number, (kind, vlan) in enumerate(tags):
            layer = Dot1AD if kind == 0x88A8 else Dot1Q
            frame /= layer(vlan=vlan, prio=3, type=types[number + 1])
        return bytes(frame / Raw(packet))

    return encode


def padded(packet, from_client):
    """Ethernet frames of at least 60 bytes, padded with what would be text."""
    return wire.ethernet(packet, from_client).ljust(60, b"G")


def with_trailer(packet, from_client):
    """Four bytes of frame check sequence behind the packet."""
    return wire.ethernet(packet, from_client) + b"GET "


def vxlan(packet, from_client):
    inner = ether(from_client, type=ethertype(packet)) / Raw(packet)
    return bytes(outer(from_client) / UDP(sport=55555, dport=4789) / VXLAN(vni=42, flags=8) / inner)


def vxlan_over_ipv6(packet, from_client):
    inner = ether(from_client, type=ethertype(packet)) / Raw(packet)
    return bytes(outer(from_client, v6=True) / UDP(sport=55555, dport=4789) / VXLAN(vni=42, flags=8) / inner)


def geneve(packet, from_client):
    inner = ether(from_client, type=ethertype(packet)) / Raw(packet)
    return bytes(outer(from_client) / UDP(sport=55555, dport=6081) / GENEVE(vni=42, proto=0x6558) / inner)


def gre(packet, from_client):
    return bytes(outer(from_client, proto=47) / GRE(proto=ethertype(packet)) / Raw(packet))


def gre_with_key(packet, from_client):
    header = GRE(proto=ethertype(packet), key_present=1, seqnum_present=1, key=7, sequence_number=9)
    return bytes(outer(from_client, proto=47) / header / Raw(packet))


def gre_ethernet(packet, from_client):
    inner = ether(from_client, type=ethertype(packet)) / Raw(packet)
    return bytes(outer(from_client, proto=47) / GRE(proto=0x6558) / inner)


def in_ipv4(packet, from_client):
    protocol = 4 if wire.ip_version(packet) == 4 else 41
    return bytes(outer(from_client, proto=protocol) / Raw(packet))


def in_ipv6(packet, from_client):
    header = 4 if wire.ip_version(packet) == 4 else 41
    return bytes(outer(from_client, v6=True, nh=header) / Raw(packet))


def mpls(*labels):
    def encode(packet, from_client):
        frame = ether(from_client, type=0x8847)
        for label in labels:
            frame /= MPLS(label=label, s=int(label == labels[-1]), ttl=64)
        return bytes(frame) + packet

    return encode


def ipv4_options(options):
    def encode(source, destination, payload):
        return wire.ipv4(source, destination, payload, options=options)

    return encode


EXTENSIONS = {0: IPv6ExtHdrHopByHop, 43: IPv6ExtHdrRouting, 44: IPv6ExtHdrFragment, 60: IPv6ExtHdrDestOpt}


def ipv6_extensions(*numbers):
    """Extension headers in this order; a fragment header is that of a whole packet (RFC 6946)."""

    def encode(source, destination, payload):
        following = [*numbers[1:], wire.PROTOCOL_TCP]
        headers = b"".join(bytes(EXTENSIONS[number](nh=after)) for number, after in zip(numbers, following))
        return wire.ipv6(source, destination, headers + payload, numbers[0])

    return encode


def cooked(packet, from_client):
    """Linux cooked, version 1 (DLT 113)."""
    return bytes(CookedLinux(pkttype=4 if from_client else 0, lladdrlen=6, src=b"\x02\0\0\0\0\x01", proto=ethertype(packet))) + packet


def cooked_v2(ifindex):
    """Linux cooked, version 2 (DLT 276), with the number of the interface."""

    def encode(packet, from_client):
        header = CookedLinuxV2(pkttype=4 if from_client else 0, lladdrlen=6, src=b"\x02\0\0\0\0\x01", ifindex=ifindex,
                               proto=ethertype(packet))
        return bytes(header) + packet

    return encode


def raw(packet, from_client):
    """IP from the first byte (DLT 101 in files)."""
    return packet


def null(packet, from_client):
    """BSD loopback in host byte order (DLT 0)."""
    return (2 if wire.ip_version(packet) == 4 else 30).to_bytes(4, "little") + packet


def loop(packet, from_client):
    """BSD loopback in network byte order (DLT 108)."""
    return (2 if wire.ip_version(packet) == 4 else 24).to_bytes(4, "big") + packet
