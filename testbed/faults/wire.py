# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""HTTP/1 messages of known sizes, sent and received at a wanted pace."""

import socket
import struct
import time

TCP_INFO_BYTES = 104
TOTAL_RETRANS_AT = 100  # tcpi_total_retrans of struct tcp_info
READ_BYTES = 65536
WARM_TARGET = "/warm"
WARM_BYTES = 200


def request(target, body_bytes=0):
    method = "POST" if body_bytes else "GET"
    head = f"{method} {target} HTTP/1.1\r\nHost: fault\r\nContent-Length: {body_bytes}\r\n\r\n"
    return head.encode() + b"u" * body_bytes


def response(body_bytes):
    return f"HTTP/1.1 200 OK\r\nContent-Length: {body_bytes}\r\n\r\n".encode() + b"d" * body_bytes


def send(end, message, pieces=1, pause_s=0.0):
    size = -(-len(message) // pieces)
    for at in range(0, len(message), size):
        if at:
            time.sleep(pause_s)
        end.sendall(message[at : at + size])


def receive(end, read_bytes=READ_BYTES, pause_s=0.0):
    """A message with Content-Length, or chunks without trailer; returns its first line, "" at the end
    of the connection. After each read of a body so much time passes."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = end.recv(read_bytes)
        if not part:
            return ""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    left = int(fields[b"content-length"]) - len(body) if b"content-length" in fields else None
    while left if left is not None else not body.endswith(b"0\r\n\r\n"):
        time.sleep(pause_s)
        part = end.recv(read_bytes)
        if not part:
            raise EOFError("the connection ended within a message")
        if left is None:
            body += part
        else:
            left -= len(part)
    return head.split(b"\r\n", 1)[0].decode()


def sent_again(end):
    """Segments that the kernel sent again, SYN and SYN-ACK among them."""
    information = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
    return struct.unpack_from("I", information, TOTAL_RETRANS_AT)[0]
