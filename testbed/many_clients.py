#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A capture of many clients, each with one connection and one transaction on it.

    many_clients.py FILE CLIENTS

Ethernet, IPv4 without options, checksums 0; 10 us between packets. Times and numbers
are the same with each call.
"""

import struct
import sys

REQUEST = b"GET / HTTP/1.1\r\nHost: many\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SYN, FIN, PSH, ACK = 0x02, 0x01, 0x08, 0x10
SERVER, SERVER_PORT, CLIENTS_FROM = 0x0AFF0001, 80, 0x0A000001
STEP_US = 10


def frame(source, destination, ports, numbers, flags, payload):
    ethernet = bytes(12) + b"\x08\x00"
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 40 + len(payload), 0, 0, 64, 6, 0, source, destination)
    tcp = struct.pack(">HHIIBBHHH", *ports, *numbers, 0x50, flags, 65535, 0, 0)
    return ethernet + ip + tcp + payload


def connection(client):
    address, port = CLIENTS_FROM + client, 1024 + client % 60000
    after, end = 1 + len(REQUEST), 1 + len(RESPONSE)
    for is_client, seq, ack, flags, payload in (
            (True, 0, 0, SYN, b""),
            (False, 0, 1, SYN | ACK, b""),
            (True, 1, 1, PSH | ACK, REQUEST),
            (False, 1, after, PSH | ACK, RESPONSE),
            (True, after, end, FIN | ACK, b""),
            (False, end, after + 1, FIN | ACK, b"")):
        if is_client:
            yield frame(address, SERVER, (port, SERVER_PORT), (seq, ack), flags, payload)
        else:
            yield frame(SERVER, address, (SERVER_PORT, port), (seq, ack), flags, payload)


def main(path, clients):
    now_us = 1_700_000_000_000_000
    with open(path, "wb") as capture:
        capture.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for client in range(int(clients)):
            for packet in connection(client):
                now_us += STEP_US
                capture.write(struct.pack("<IIII", *divmod(now_us, 1_000_000), len(packet), len(packet)) + packet)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
