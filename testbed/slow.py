#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Slow and failed transactions that are known, and what `netlat -w` made of them.

    slow.py serve PORT                      does what a request's target says
    slow.py ask ADDRESS... PORT             from two threads; a line of JSON for each request
    slow.py judge RUN NETLAT       the files of test_slow.sh's directory: those of one transaction
                                   each, the one file of all, and those of a replay

Targets: /PATH/THREAD/KIND/MS/NUMBER?QUERY, where KIND is ok, fail (a 503), never (no answer) or cut
(a part of a response, then a reset). Those that judge print check lines as checks.sh takes them.
"""

import concurrent.futures
import functools
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import time

SECRET = "SECRETsecret0123456789"
QUERY = f"?token={SECRET}&page=2"
REDACTED_QUERY = "?token=REDACTED&page=REDACTED"
SLOW_NS = 100_000_000
PAUSE_S = 0.08  # longer than a transaction's packets are waited for
LARGE_BYTES = 100_000
# Of a record, what the packets in its file must give again.
SAME = ("client_address", "client_port", "server_address", "server_port", "method", "target", "status", "outcome",
        "request_bytes", "response_bytes", "request_first_ns", "request_last_ns", "response_first_ns",
        "response_last_ns", "wait_ns", "duration_ns", "connect_ns", "request_ns", "response_ns", "client_ns",
        "upload_ns", "server_ns", "network_ns", "download_ns", "timer_retransmit_ns", "fast_retransmit_ns",
        "zero_window_ns", "retransmits")
TO_ROOT = 'Running as user "root" and group "root". This could be dangerous.'
KINDS = {
    "503": lambda record: record["status"] == 503,
    "500": lambda record: record["status"] == 500,
    "unanswered": lambda record: record["outcome"] == "unanswered",
    "aborted": lambda record: record["outcome"] == "aborted",
    "slow": lambda record: (record["duration_ns"] or 0) >= SLOW_NS,
    "slow and not the first": lambda record: (record["duration_ns"] or 0) >= SLOW_NS and record["connect_ns"] is None,
}
CLOSE_BY_RESET = struct.pack("ii", 1, 0)


def decisions_of(target):
    """(kind, milliseconds), as they stand in it."""
    return target.split("/")[3:5]


def message(first_line, body, fields=""):
    return f"{first_line}\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body


def read_message(connection, buffered=b""):
    """(head, rest): a whole message of Content-Length; head is None at the connection's end."""
    while b"\r\n\r\n" not in buffered:
        data = connection.recv(65536)
        if not data:
            return None, b""
        buffered += data
    head, _, rest = buffered.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
    while len(rest) < length:
        data = connection.recv(65536)
        if not data:
            return None, b""
        rest += data
    return head, rest[length:]


def serve_connection(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffered = b""
    with connection:
        while True:
            head, buffered = read_message(connection, buffered)
            if head is None:
                return
            kind, milliseconds = decisions_of(head.split(b" ")[1].decode())
            if kind == "never":
                connection.recv(1)
                return
            time.sleep(int(milliseconds) / 1000)
            body = b"b" * (LARGE_BYTES if b"/large" in head else 10)
            status = "503 Unavailable" if kind == "fail" else "200 OK"
            fields = f"Set-Cookie: session={SECRET}; Path=/\r\nLocation: /next?token={SECRET}#{SECRET}\r\n"
            answer = message(f"HTTP/1.1 {status}", body, fields)
            if kind == "cut":
                connection.sendall(answer[:-5])
                time.sleep(0.02)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSE_BY_RESET)
                return
            connection.sendall(answer)


def serve_quietly(connection):
    try:
        serve_connection(connection)
    except ConnectionError:
        pass  # the client went away, as it shall


def serve(port):
    server = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64)
    while True:
        threading.Thread(target=serve_quietly, args=(server.accept()[0],), daemon=True).start()


class Client:
    def __init__(self, address, port):
        self.connection = socket.create_connection((address, port), timeout=5)

    def ask(self, target, method="GET", body=b""):
        fields = (f"Host: shop.example\r\nAuthorization: Bearer {SECRET}\r\nCookie: session={SECRET}\r\n"
                  f"Referer: /?token={SECRET}\r\n")
        self.connection.sendall(message(f"{method} {target}{QUERY} HTTP/1.1", body, fields))
        if "/never" in target:
            time.sleep(0.05)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSE_BY_RESET)
        else:
            read_message_or_reset(self.connection)
        sys.stdout.write(json.dumps({"target": target}) + "\n")  # at once: threads share it

    def close(self):
        self.connection.close()
        time.sleep(PAUSE_S)


def read_message_or_reset(connection):
    try:
        read_message(connection)
    except ConnectionError:
        pass


def ask_all(address, port, thread):
    def name(path, kind, milliseconds, number):
        return f"/{path}/{thread}/{kind}/{milliseconds}/{number}"

    kept = Client(address, port)
    for number, (kind, milliseconds) in enumerate((("ok", 0), ("ok", 130), ("ok", 1), ("fail", 0), ("ok", 0))):
        kept.ask(name("kept", kind, milliseconds, number))
        time.sleep(PAUSE_S)
    # Back to back: neither the one before nor those after belong to the slow one.
    for number, milliseconds in enumerate((0, 0, 140, 0, 0)):
        kept.ask(name("close", "ok", milliseconds, number))
    kept.close()
    for path, kind, milliseconds in (("large", "ok", 110), ("never", "never", 0), ("cut", "cut", 5), ("fast", "ok", 5)):
        client = Client(address, port)
        client.ask(name(path, kind, milliseconds, 0))
        client.close()
    client = Client(address, port)
    client.ask(name("post", "ok", 120, 0), "POST", b"p" * 20000)
    client.close()


def ask(*arguments):
    *addresses, port = arguments
    threads = [threading.Thread(target=ask_all, args=(addresses[i % len(addresses)], int(port), i)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- what came of it ----------------------------------------------------------------------


def check(name, faults):
    faults = list(faults)
    print(f"not ok {name}: {'; '.join(faults[:4])} ({len(faults)} faults)" if faults else f"ok {name}")


def run(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)


def complaints(path, result, *expected):
    lines = [line for line in result.stderr.splitlines() if line != TO_ROOT and not line.startswith(expected)]
    if result.returncode != 0:
        lines.append(f"exit status {result.returncode}")
    return [f"{result.args[0]} on {path.name}: {line}" for line in lines]


def nanoseconds(text):
    seconds, fraction = text.split(".")
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0"))


def records_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def is_wanted(record):
    return (record["outcome"] in ("unanswered", "aborted") or 500 <= (record["status"] or 0) <= 599
            or whole_ns(record) + (record["connect_ns"] or 0) >= SLOW_NS)


def whole_ns(record):
    return record["duration_ns"] if record["outcome"] == "ok" else record["waited_ns"] or 0


def name_of(record):
    """Its file's name up to the duration, which a record that is not ok does not have to the same digit."""
    time_text = record["time"][:23].replace(":", "-") + "Z"
    ends = [f"{record[side + '_address'].replace(':', '-')}-{record[side + '_port']}" for side in ("client", "server")]
    result = record["outcome"] if record["outcome"] != "ok" else record["status"]
    start = f"{time_text}_{ends[0]}_{ends[1]}_{record['method']}_{result}_"
    return start + (f"{record['duration_ns'] // 10**6}ms.pcapng" if record["outcome"] == "ok" else "")


DIRECTION = "frame.packet_flags_direction"
FRAME_FIELDS = ("frame.time_epoch", "frame.comment", DIRECTION, "tcp.flags", "tcp.seq_raw", "tcp.ack_raw", "tcp.len",
                "tcp.payload", "frame.len", "tcp.srcport")


@functools.cache
def frames_of(path):
    result = run("tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=\x1f",
                 *(word for field in FRAME_FIELDS for word in ("-e", field)))
    frames = [dict(zip(FRAME_FIELDS, line.split("\x1f"))) for line in result.stdout.splitlines()]
    return frames, complaints(path, result)


def frame_faults(path, record, frames):
    told = {kind: nanoseconds(frame["frame.time_epoch"]) for frame in frames
            for key, kind in lines_of(frame) if key == "netlat"}
    for kind, field in (("transaction", "request_first_ns"), ("response_first", "response_first_ns"),
                        ("response_last", "response_last_ns")):
        if record[field] is None or (kind == "response_last" and record[field] == record["response_first_ns"]):
            continue  # one frame, one comment
        if told.get(kind) != record[field]:
            yield f"{path.name}: frame of {kind} at {told.get(kind)}, record says {record[field]}"
    times = [nanoseconds(frame["frame.time_epoch"]) for frame in frames]
    if times != sorted(times):
        yield f"{path.name}: frames are not in order"
    if [int(frame["tcp.flags"], 16) & 0x12 for frame in frames[:3]] != [0x02, 0x12, 0x10]:
        yield f"{path.name}: does not begin with the handshake"


def lines_of(frame):
    """(key, value) of the comment; tshark writes the ends of lines as \\n."""
    text = frame["frame.comment"].replace("\\n", "\n")
    return [tuple(line.split("=", 1)) for line in text.split("\n") if "=" in line]


def replay_faults(path, record, netlat):
    result = run(netlat, "-r", path, "-o", "json", "-q")
    if result.returncode != 0 or result.stderr:
        yield f"netlat -r {path.name}: {result.stderr.strip()}"
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    if len(lines) != 1:
        yield f"{path.name}: {len(lines)} transactions: {[line['target'] for line in lines]}"
    for line in lines[:1]:
        for field in SAME:
            # A later request of a connection: the file has the handshake, but fewer round trips.
            if record["connect_ns"] is None and field in ("connect_ns", "server_ns", "network_ns"):
                continue
            if line[field] != record[field]:
                yield f"{path.name}: {record['target']}: {field} {line[field]}, live {record[field]}"
        if line["server_ns"] + line["network_ns"] != record["server_ns"] + record["network_ns"]:
            yield f"{path.name}: {record['target']}: server and network are not what they were"


def app_faults(wanted, app_log):
    """Of app.py, whose log says which are slow or a 500; within 2 ms of the limit it may be either."""
    seen = {}
    for record in wanted:
        seen.setdefault(record["client_port"], []).append(record["target"])
    with open(app_log, encoding="utf-8") as file:
        for line in file:
            _, _, port, target, status, _, _, held_ns = line.split()
            if target == "/health" or abs(int(held_ns) - SLOW_NS) < 2_000_000:
                continue
            is_there = target in seen.get(int(port), [])
            if is_there != (status == "500" or int(held_ns) > SLOW_NS):
                yield f"{target}: {status} after {held_ns} ns is {'there' if is_there else 'missing'}"


def asked_faults(asked, wanted):
    targets = [record["target"] for record in wanted]
    for line in records_of(asked):
        target = line["target"]
        kind, milliseconds = decisions_of(target)
        expected = int(kind != "ok" or int(milliseconds) >= 100)
        if targets.count(target + REDACTED_QUERY) != expected:
            yield f"{target}: {targets.count(target + REDACTED_QUERY)} files, expected {expected}"


def judge(run_directory, netlat):
    run_path = pathlib.Path(run_directory)
    directory, replayed = run_path / "files", run_path / "replayed"
    read_ahead([*directory.iterdir(), *replayed.iterdir(), run_path / "one.pcapng"])
    records = records_of(run_path / "netlat-files.out")
    judge_files(directory, records, run_path / "asked", run_path / "app-app.log", netlat)
    judge_one(run_path / "one.pcapng", directory)
    judge_replay(directory, replayed)


def read_ahead(paths):
    """tshark takes a third of a second to start."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(frames_of, paths))


def judge_files(directory, records, asked, app_log, netlat):
    wanted = [record for record in records if is_wanted(record)]
    files = sorted(directory.iterdir())
    by_name, unmatched = {}, []
    for record in wanted:
        matching = [path for path in files if path.name.startswith(name_of(record))]
        if len(matching) == 1:
            by_name[matching[0]] = record
        else:
            unmatched.append(f"{name_of(record)}: {len(matching)} files")
    check("files: one for each slow or failed record", unmatched)
    check("files: and no other", (path.name for path in files if path not in by_name))
    check("files: of what was asked, just the slow and failed", asked_faults(asked, wanted))
    check("files: of the application, just the slow and failed", app_faults(wanted, app_log))
    check("files: at least two of each kind", (
        f"{sum(map(is_such, wanted))} {kind}" for kind, is_such in KINDS.items() if sum(map(is_such, wanted)) < 2))
    faults = {"tools": [], "frames": [], "replay": [], "secrets": []}
    for path, record in by_name.items():
        frames, complained = frames_of(path)
        faults["tools"] += complained
        faults["tools"] += complaints(path, run("tcpdump", "-n", "-r", path), "reading from file", "dropped privs")
        faults["frames"] += frame_faults(path, record, frames)
        faults["replay"] += replay_faults(path, record, netlat)
        if SECRET.encode() in path.read_bytes():
            faults["secrets"].append(path.name)
    check("files: tshark and tcpdump read them without complaint", faults["tools"])
    check("files: frames at the record's times, after the handshake", faults["frames"])
    check("files: netlat -r finds the same transaction, and only that", faults["replay"])
    check("files: no secret is in them", faults["secrets"])
    check("records, and by HTTP: no secret is in them",
          (path.name for path in (directory.parent / "netlat-files.out", directory.parent / "slow.json")
           if SECRET.encode() in path.read_bytes() or REDACTED_QUERY.encode() not in path.read_bytes()))


def targets_of(path):
    return [value for frame in frames_of(path)[0] for key, value in lines_of(frame) if key == "target"]


def judge_one(path, directory):
    faults = complaints(path, run("tcpdump", "-n", "-r", path), "reading from file", "dropped privs")
    check("one file: tshark and tcpdump read it without complaint", frames_of(path)[1] + faults)
    told = sorted(target.replace(QUERY, REDACTED_QUERY) for target in targets_of(path))
    expected = sorted(target for other in directory.iterdir() for target in targets_of(other))
    check("one file: the transactions of the directory",
          [] if told == expected else [f"{len(told)}, expected {len(expected)}: {set(told) ^ set(expected)}"])
    check("one file: with --show-sensitive, what was sent",
          [] if SECRET.encode() in path.read_bytes() else ["no secret is in it"])


def by_target(directory):
    """What the files hold of each transaction, without its times, nor its order: data and ACKs that
    cross pass the two ports of the bridge in another one than either of them."""
    return {targets_of(path)[0]: sorted(tuple(frame[field] for field in FRAME_FIELDS[3:])
                                        for frame in frames_of(path)[0])
            for path in sorted(directory.iterdir())}


def directions_in(directory):
    return {int(frame[DIRECTION], 16) for path in directory.iterdir() for frame in frames_of(path)[0]}


def judge_replay(directory, replayed):
    """The capture was taken at the client's port: what the application was asked is not in it."""
    live = {target: frames for target, frames in by_target(directory).items() if REDACTED_QUERY in target}
    again = by_target(replayed)
    check("files: which way each frame went", ["unknown"] if 0 in directions_in(directory) else [])
    check("replay: which way they went is not known",
          (f"direction {direction}" for direction in directions_in(replayed) - {0}))
    check("replay: the same transactions, a file each",
          (f"{target}: {'live' if target in live else 'replayed'} only" for target in live.keys() ^ again.keys()))
    check("replay: with the same packets",
          (f"{target}: {len(live[target])} frames, replayed {len(again[target])}"
           for target in live.keys() & again.keys() if live[target] != again[target]))


def main():
    commands = {"serve": serve, "ask": ask, "judge": judge}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
