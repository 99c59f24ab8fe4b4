# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Headers as bytes, with checksums, and the capture file: Ethernet, IPv4, IPv6, TCP, pcap.

Packed by hand and not by scapy, which takes a millisecond a packet where cases have
tens of thousands; what wraps a packet in something rarer is in forms.py and is scapy's.
"""

import ipaddress
import struct
from typing import NamedTuple

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_IPV6 = 0x86DD
PROTOCOL_TCP = 6

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

LINK_ETHERNET = 1
PCAP_NANOSECONDS = 0xA1B23C4D
SECOND_NS = 1_000_000_000

CLIENT_MAC = bytes.fromhex("020000000001")
SERVER_MAC = bytes.fromhex("020000000002")


def checksum(data):
    """Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tcp(source, destination, ports, seq, ack, flags, payload, options=b"", window=64240):
    """A TCP segment; source and destination are packed addresses of one family; window as announced, not shifted."""
    words = 5 + len(options) // 4
    header = struct.pack(
        "!HHIIBBHHH", *ports, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, words << 4, flags, window, 0, 0
    ) + options
    length = len(header) + len(payload)
    if len(source) == 4:
        pseudo = source + destination + struct.pack("!HH", PROTOCOL_TCP, length)
    else:
        pseudo = source + destination + struct.pack("!II", length, PROTOCOL_TCP)
    total = checksum(pseudo + header + payload)
    return header[:16] + struct.pack("!H", total) + header[18:] + payload


def ipv4(source, destination, payload, protocol=PROTOCOL_TCP, options=b"", fragment=0, ident=0):
    """An IPv4 packet; fragment is the whole field: flags and offset."""
    words = 5 + len(options) // 4
    length = words * 4 + len(payload)
    header = struct.pack(
        "!BBHHHBBH4s4s", 0x40 | words, 0, length & 0xFFFF, ident, fragment, 64, protocol, 0,
        source, destination
    ) + options
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def ipv6(source, destination, payload, next_header=PROTOCOL_TCP):
    """An IPv6 packet; extension headers are part of the payload."""
    return struct.pack("!IHBB", 6 << 28, len(payload), next_header, 64) + source + destination + payload


def ip_version(packet):
    return packet[0] >> 4


def ethernet(packet, from_client=True):
    ethertype = ETHERTYPE_IPV4 if ip_version(packet) == 4 else ETHERTYPE_IPV6
    ends = SERVER_MAC + CLIENT_MAC if from_client else CLIENT_MAC + SERVER_MAC
    return ends + struct.pack("!H", ethertype) + packet


def address(text):
    return ipaddress.ip_address(text).packed


class Frame(NamedTuple):
    """A frame in a capture, which may hold less of it than was on the wire."""

    ns: int
    data: bytes
    wire_bytes: int
    interface: int = 0


def write_pcap(path, frames, link, snaplen):
    parts = [struct.pack("<IHHiIII", PCAP_NANOSECONDS, 2, 4, 0, 0, snaplen, link)]
    for frame in frames:
        seconds, ns = divmod(frame.ns, SECOND_NS)
        parts.append(struct.pack("<IIII", seconds, ns, len(frame.data), frame.wire_bytes))
        parts.append(frame.data)
    path.write_bytes(b"".join(parts))


def pcapng_block(kind, body):
    body += b"\0" * (-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def write_pcapng(path, frames, link, snaplen, interfaces):
    """Interfaces of one link type, times in nanoseconds (if_tsresol 9)."""
    section = pcapng_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    resolution = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)
    parts = [section] + [pcapng_block(1, struct.pack("<HHI", link, 0, snaplen) + resolution)] * interfaces
    for frame in frames:
        header = struct.pack("<IIIII", frame.interface, frame.ns >> 32, frame.ns & 0xFFFFFFFF, len(frame.data),
                             frame.wire_bytes)
        parts.append(pcapng_block(6, header + frame.data))
    path.write_bytes(b"".join(parts))
