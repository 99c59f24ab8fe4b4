# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The tries of a kind: a listener in the server's namespace, clients in the client's."""

import concurrent.futures
import ctypes
import os
import socket
import time

import kinds
import wire

CLONE_NEWNET = 0x40000000
PATIENCE_S = 30
BACKLOG = 64
# When a full accept queue is emptied, after it was filled. A dropped SYN is sent again after a
# second. Where the handshake's last ACK is dropped, the client believes that it is connected and
# sends its request again and again; only a SYN-ACK sent again, after a second as well, tells this
# from a loss.
EMPTIED_S = {"syn": 0.5, "ack": 1.1}
# The far client's SYN comes 50 ms after its connect() began, its ACK at 150.
FILLED_S = 0.1

LIBC = ctypes.CDLL(None, use_errno=True)


class Lab:
    """Sockets in the hosts' namespaces."""

    def __init__(self, tag, addresses):
        self.addresses = addresses
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.inside = {host: os.open(f"/run/netns/{tag}-{host}", os.O_RDONLY) for host in addresses}

    def socket(self, host, receive_buffer=0):
        """A socket belongs to the namespace in which its thread was when it was made."""
        self._enter(self.inside[host])
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._enter(self.home)
        if receive_buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.settimeout(PATIENCE_S)
        return made

    def listen(self, host, port, backlog, receive_buffer):
        listener = self.socket(host, receive_buffer)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.addresses[host], port))
        listener.listen(backlog)
        return listener

    @staticmethod
    def _enter(namespace):
        if LIBC.setns(namespace, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


def target_of(name, number):
    return f"/fault/{name}/{number:05}"


def serve(kind, connection):
    """Until the client closes; returns how many segments this end sent again."""
    with connection:
        connection.settimeout(PATIENCE_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while first_line := kind.receive_request(connection):
            target = first_line.split()[1]
            if target == wire.WARM_TARGET:
                wire.send(connection, wire.response(wire.WARM_BYTES))
            else:
                kind.serve(connection, int(target.rsplit("/", 1)[1]))
        return wire.sent_again(connection)


def ask(lab, name, number, port):
    """One try, as the client sees it."""
    kind = kinds.KINDS[name]
    with lab.socket(kind.client, 0 if kind.upload_bytes else kind.receive_buffer) as end:
        begun = time.monotonic_ns()
        end.connect((lab.addresses[kind.server], port))
        if kind.warm:
            wire.send(end, wire.request(wire.WARM_TARGET))
            wire.receive(end)
            time.sleep(kind.idle_s)
            begun = time.monotonic_ns()
        wire.send(end, wire.request(target_of(name, number), kind.upload_bytes), kind.send_pieces, kind.send_pause_s)
        if not kind.receive_response(end):
            raise EOFError(f"{name}: no response")
        took = time.monotonic_ns() - begun
        return {"client_port": end.getsockname()[1], "took_ns": took, "client_sent_again": wire.sent_again(end)}


def through_full_queue(lab, kind, listener, start_client):
    """A listener with a backlog of 0 has room for one connection. That one comes before the client's
    SYN, which is dropped then, or while the client's ACK is under way, which then is."""
    client = start_client() if kind.full_queue == "ack" else None
    if client:
        time.sleep(FILLED_S)
    with lab.socket("client") as filler:
        filler.connect(listener.getsockname())
        client = client or start_client()
        time.sleep(EMPTIED_S[kind.full_queue])
        listener.accept()[0].close()
    return client


def try_once(lab, name, number, listener, pool):
    kind = kinds.KINDS[name]

    def start_client():
        return pool.submit(ask, lab, name, number, listener.getsockname()[1])

    client = through_full_queue(lab, kind, listener, start_client) if kind.full_queue else start_client()
    connection, _ = listener.accept()
    server_sent_again = serve(kind, connection)
    return {
        "target": target_of(name, number),
        "kind": name,
        "cause": kind.cause,
        **client.result(),
        "server_sent_again": server_sent_again,
    }


def work(lab, name, port, numbers):
    """One try after the other, with a listener of its own."""
    kind = kinds.KINDS[name]
    backlog, buffer = (0 if kind.full_queue else BACKLOG), (kind.receive_buffer if kind.upload_bytes else 0)
    with lab.listen(kind.server, port, backlog, buffer) as listener, concurrent.futures.ThreadPoolExecutor(1) as pool:
        return [try_once(lab, name, number, listener, pool) for number in numbers]


def hold(lab, name, tries):
    """All tries of a kind: what each was, and how it went for the two ends."""
    ports = kinds.ports_of(name)
    with concurrent.futures.ThreadPoolExecutor(len(ports)) as pool:
        workers = [pool.submit(work, lab, name, port, range(at, tries, len(ports))) for at, port in enumerate(ports)]
        return [told for worker in workers for told in worker.result()]
