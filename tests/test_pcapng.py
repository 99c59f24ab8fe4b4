#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What tshark, capinfos and tcpdump make of pcapng files written by daemon/snippet.c.

    test_pcapng.py     writes the files into build/pcapng, by tests/pcapng/write_files.c, and reads them

Ends with the line `N passed, N failed, N skipped`.
"""

import os
import pathlib
import shutil
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build"))
FILES = BUILD / "pcapng"
TIMEOUT_S = 60

START_NS = 1767225605000000789  # of the first packet: all of write_files.c follow
STEP_NS = 1000003
SECRET = b"SECRETsecret0123456789"
SHOWN_MAX = 5  # bytes of the secret in a row that may remain
DROPPED = 5
ERROR = 0x800000  # severity of expert information
BAD, GOOD, UNVERIFIED = "0", "1", "2"  # status of a checksum
SEPARATOR = "\x1f"
FIELDS = ("frame.time_epoch", "frame.comment", "frame.interface_name", "frame.packet_flags_direction", "frame.len",
          "tcp.checksum.status", "ip.checksum.status", "_ws.expert.severity", "_ws.malformed", "eth.src", "eth.type",
          "http.cookie", "http.authorization", "http.set_cookie", "http.response.code")
OPTIONS = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
# What tshark says to root whatever the file.
TO_ROOT = 'Running as user "root" and group "root". This could be dangerous.'

WHOLE = {"frames": 9, "at": (3, 5, 7)}  # first request, first and last response
FORMS = {
    "ipv4": WHOLE,
    "ipv6": WHOLE,
    "offload": WHOLE,
    "ip_only": WHOLE,
    "ip6_only": WHOLE,
    "big_ipv4": WHOLE,
    "big_ipv6": WHOLE,
    "huge_ipv4": WHOLE,
    "shown": {**WHOLE, "secret": True},
    "bad": {**WHOLE, "tcp": BAD},
    "cut": {**WHOLE, "cut": True},
    "huge_cut_ipv4": {**WHOLE, "cut": True},
    "huge_cut_ipv6": {**WHOLE, "cut": True},
    "overwritten": {"frames": 4, "at": (0, 0, 2), "first": 5},
    "two": {"frames": 18, "at": (3, 5, 7), "interfaces": ("veth-client", "veth-server", "interface number 7")},
}

TRANSACTION = """netlat=transaction
method=GET
target=/slow?a=REDACTED
host=shop.example
status=200
outcome=ok
cause=server
explanation=most of 5.0ms went to the server
duration_ns=4000012
request_ns=1000003
wait_ns=1000003
response_ns=2000006
connect_ns=2000006
client_ns=0
upload_ns=1000003
server_ns=1000003
network_ns=0
download_ns=2000006
timer_retransmit_ns=0
fast_retransmit_ns=0
zero_window_ns=0
retransmits=0
"""
RESPONSE_FIRST = "netlat=response_first\nstatus=200\nwait_ns=1000003\nserver_ns=1000003\nnetwork_ns=0"
RESPONSE_LAST = "netlat=response_last\nresponse_ns=2000006\nresponse_bytes="
OVERWRITTEN = "recorder=overwritten\nnote=earlier packets of this connection are missing"


def run(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def complaints(result, *expected):
    lines = [line for line in result.stderr.splitlines() if line != TO_ROOT and not line.startswith(expected)]
    if result.returncode != 0:
        lines.append(f"exit status {result.returncode}")
    return [f"{result.args[0]}: {line}" for line in lines]


def frames_of(path):
    result = run("tshark", "-n", "-r", path, *OPTIONS, "-T", "fields", "-E", "separator=" + SEPARATOR,
                 *(word for field in FIELDS for word in ("-e", field)))
    frames = [dict(zip(FIELDS, line.split(SEPARATOR))) for line in result.stdout.splitlines()]
    return frames, complaints(result)


def nanoseconds(text):
    seconds, fraction = text.split(".")
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0"))


def frame_faults(name, form, frames):
    if len(frames) != form["frames"]:
        yield f"{len(frames)} frames, not {form['frames']}"
    for number, frame in enumerate(frames):
        where = f"frame {number + 1}: "
        time_ns = START_NS + STEP_NS * (number % 9 + form.get("first", 0))
        if nanoseconds(frame["frame.time_epoch"]) != time_ns:
            yield where + f"time {frame['frame.time_epoch']}, not {time_ns} ns"
        if frame["_ws.malformed"]:
            yield where + "malformed"
        is_bad = form.get("tcp") == BAD
        if not is_bad and any(int(severity) >= ERROR for severity in frame["_ws.expert.severity"].split(",") if severity):
            yield where + "tshark finds an error"
        allowed = (BAD,) if is_bad else (GOOD, UNVERIFIED) if form.get("cut") else (GOOD,)
        if frame["tcp.checksum.status"] not in allowed:
            yield where + f"TCP checksum {frame['tcp.checksum.status']!r}"
        if "6" not in name and frame["ip.checksum.status"] != GOOD:
            yield where + f"IP checksum {frame['ip.checksum.status']!r}"
        has_link = "_only" not in name
        if (frame["eth.src"] != "00:00:00:00:00:00") != has_link:
            yield where + f"link address {frame['eth.src']}"
        if frame["eth.type"] != ("0x86dd" if "6" in name else "0x0800"):
            yield where + f"EtherType {frame['eth.type']}"


def comment_faults(form, frames):
    at = form["at"]
    for number, frame in enumerate(frames):
        number %= 9
        text = frame["frame.comment"].replace("\\n", "\n")
        for index, wanted in zip(at, (TRANSACTION, RESPONSE_FIRST, RESPONSE_LAST)):
            if (wanted in text) != (number == index):
                yield f"frame {number + 1}: comment {text!r}, at {index + 1} {wanted!r} belongs"
        if (OVERWRITTEN in text) != ("first" in form and number == 0):
            yield f"frame {number + 1}: comment {text!r} of what was overwritten"
        if number not in at and text:
            yield f"frame {number + 1}: comment {text!r}"


def direction_faults(form, frames):
    names = form.get("interfaces", ("veth-client", "veth-server"))
    for number, frame in enumerate(frames):
        is_response = frame["frame.packet_flags_direction"] == "0x00000002"
        wanted = names[is_response] if number < 9 else names[2]
        if frame["frame.interface_name"] != wanted:
            yield f"frame {number + 1}: interface {frame['frame.interface_name']!r}, not {wanted!r}"
    directions = {frame["frame.packet_flags_direction"] for frame in frames}
    if directions != {"0x00000001", "0x00000002"}:
        yield f"directions {directions}"


def secret_faults(path, form, frames):
    data = path.read_bytes()
    parts = [SECRET[i:i + SHOWN_MAX + 1] for i in range(len(SECRET) - SHOWN_MAX)]
    found = [part for part in parts if part in data]
    if bool(found) != bool(form.get("secret")):
        yield f"bytes of the secret in the file: {found}"
    if form.get("tcp") or form.get("cut") or "first" in form:
        return  # no head that tshark puts together
    for field in ("http.cookie", "http.authorization", "http.set_cookie"):
        value = "".join(frame[field] for frame in frames[:9])
        if not value or bool(value.strip("*")) != bool(form.get("secret")):
            yield f"{field} is {value!r}"


def statistics_of(path):
    """Sums of isb_ifrecv and isb_ifdrop."""
    data, at, sums = path.read_bytes(), 0, [0, 0]
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        option = at + 20
        while kind == 5 and option < at + length - 4:
            code, count = struct.unpack_from("<HH", data, option)
            if code in (4, 5):
                sums[code - 4] += struct.unpack_from("<Q", data, option + 4)[0]
            option += 4 + (count + 3 & ~3)
        at += length
    return tuple(sums)


def reader_faults(name, path, form):
    """Other readers, and what is in the file beside packets."""
    capinfos = run("capinfos", "-M", path)
    yield from complaints(capinfos)
    for wanted in (f"Number of packets:   {form['frames']}\n", "Capture application: netlat ",
                   "File timestamp precision:  nanoseconds (9)", "Encapsulation = Ethernet"):
        if wanted not in capinfos.stdout:
            yield f"capinfos does not say {wanted!r}: {capinfos.stdout}"
    tcpdump = run("tcpdump", "-n", "-r", path)
    yield from complaints(tcpdump, "reading from file")
    if len(tcpdump.stdout.splitlines()) != form["frames"]:
        yield f"tcpdump has {len(tcpdump.stdout.splitlines())} packets"
    if statistics_of(path) != (form["frames"], DROPPED):
        yield f"statistics {statistics_of(path)}, not {(form['frames'], DROPPED)}"
    version = "ipv6" if "6" in name else "ip"
    named = run("tshark", "-N", "n", "-r", path, "-T", "fields", "-e", version + ".src_host")
    if "client.example" not in named.stdout:
        yield "the client has no name"


def faults_of(name, form):
    path = FILES / f"{name}.pcapng"
    frames, faults = frames_of(path)
    faults += frame_faults(name, form, frames)
    faults += comment_faults(form, frames)
    faults += direction_faults(form, frames)
    faults += secret_faults(path, form, frames)
    faults += reader_faults(name, path, form)
    return faults


def main():
    missing = [tool for tool in ("tshark", "capinfos", "tcpdump") if not shutil.which(tool)]
    if missing:
        print(f"skip pcapng: {', '.join(missing)} not installed")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    FILES.mkdir(parents=True, exist_ok=True)
    for old in FILES.glob("*.pcapng"):
        old.unlink()
    subprocess.run([BUILD / "tests" / "pcapng" / "write_files", FILES], timeout=TIMEOUT_S, check=True)
    passed = failed = 0
    written = {path.stem for path in FILES.glob("*.pcapng")}
    for name, form in FORMS.items():
        faults = faults_of(name, form) if name in written else ["was not written"]
        for fault in faults:
            print(f"  {fault}")
        print(f"{'not ok' if faults else 'ok'} {name}")
        failed += bool(faults)
        passed += not faults
    for name in sorted(written - FORMS.keys()):
        print(f"not ok {name}: nobody knows what has to be in it")
        failed += 1
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
