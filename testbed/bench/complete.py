#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Whether every slow transaction of a load has a complete file, for complete.sh.

    complete.py NETLAT FILES RECORDS SAID LOG LOAD NAME=VALUE...

FILES is what `netlat -w` wrote, RECORDS what it printed as JSON meanwhile, SAID its summary; LOG is the
server's, of slow requests only; LOAD the output of wrk. A file is complete if tcpdump finds in it every
byte of the request and of its response, as many as the server's log counts, if `netlat -r`
makes of it the times and sizes of the live record, and if netlat did not mark it as cut short. Handshakes are
counted apart: each connection has one, but the table of those under way may have lost it. tshark opens a
sample. Exit status 1 when something was not measured.
"""

import json
import pathlib
import re
import subprocess
import sys
import typing

import measured
from measured import miss

RATE_GOAL = 90000
# Of the record and of the packets of its file; `time` may differ by the resampled offset of the clocks.
SAME_FIELDS = ("client_port", "target", "status", "outcome", "request_bytes", "response_bytes",
               "wait_ns", "duration_ns")
TIME_SLACK_NS = 1_000_000
OVERWRITTEN = b"recorder=overwritten"
SEGMENT = re.compile(r"^[\d.]+ IP6? \S+\.(\d+) > \S+\.(\d+): Flags \[([^\]]*)\],"
                     r"(?: seq (\d+)(?::(\d+))?,)?.* length (\d+)(?:$|:)")
WRITTEN = r"^slow and failed transactions in .*: (\d+) written"
SHOWN_MAX = 5


class Judged(typing.NamedTuple):
    """A file; the live record that it is of, if any; what is wrong, if anything."""
    path: pathlib.Path
    record: dict | None
    wrong: str | None
    has_handshake: bool


def key_of(record):
    return record["client_port"], record["target"]


def output_of(command):
    """Standard output; None if it failed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return None if done.returncode else done.stdout


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def server_log(path):
    """{(client port, target): bytes of the request, of the response}"""
    slow = {}
    for line in pathlib.Path(path).read_text(encoding="ascii").splitlines():
        port, status, request_bytes, response_bytes, _, target = line.split()
        if status == "200":
            slow[int(port), target] = int(request_bytes), int(response_bytes)
    return slow


def covers(pieces, begin, length):
    """Whether pieces (sequence number, bytes) leave no byte of begin + length out."""
    at = 0
    for offset, size in sorted(((seq - begin) & 0xFFFFFFFF, size) for seq, size in pieces):
        if offset > at:
            break
        at = max(at, offset + size)
    return at >= length


def by_tcpdump(path, record, want):
    """What is missing in a file, by its packets alone (None: nothing), and whether the handshake is there."""
    text = output_of(["tcpdump", "-Z", "root", "-nn", "-S", "-tt", "-r", path, "tcp"])
    if text is None:
        return "tcpdump cannot read it", False
    sent, syns = {True: [], False: []}, 0
    for found in filter(None, map(SEGMENT.match, text.splitlines())):
        is_client = int(found[1]) == record["client_port"]
        if "S" in found[3]:
            syns += 1
        elif int(found[6]):
            sent[is_client].append((int(found[4]), int(found[6])))
    for is_client, what in ((True, "request"), (False, "response")):
        pieces = sent[is_client]
        if not pieces or not covers(pieces, pieces[0][0], want[0 if is_client else 1]):
            return f"bytes of the {what} are missing", syns >= 2
    return None, syns >= 2


def by_netlat(netlat, path, records, wanted_ms):
    """The live record that a file is of, and what is wrong with it."""
    text = output_of([netlat, "-q", "-r", path, "-o", "json", "--min-latency", wanted_ms])
    if text is None:
        return None, "netlat -r fails"
    found = json_lines(text)
    if len(found) != 1:
        return None, f"netlat -r finds {len(found)} slow transactions"
    one = found[0]
    for record in records.get(one["client_port"], []):
        if abs(record["request_first_ns"] - one["request_first_ns"]) < TIME_SLACK_NS:
            differs = [name for name in SAME_FIELDS if one[name] != record[name]]
            return record, f"netlat -r has another {differs[0]}" if differs else None
    return None, "netlat -r finds what was no record"


def judge_file(netlat, path, records, log, wanted_ms):
    record, wrong = by_netlat(netlat, path, records, wanted_ms)
    if wrong:
        return Judged(path, record, wrong, False)
    logged = log.get(key_of(record))
    want = logged or (record["request_bytes"], record["response_bytes"])
    wrong, has_handshake = by_tcpdump(path, record, want)
    if OVERWRITTEN in path.read_bytes():
        wrong = "netlat says that the recorder had lost packets"
    return Judged(path, record, wrong, has_handshake)


def judge_files(netlat, paths, records, log, wanted_ms):
    by_port = {}
    for record in records:
        by_port.setdefault(record["client_port"], []).append(record)
    return [judge_file(netlat, path, by_port, log, wanted_ms) for path in paths]


def opened_by_tshark(judged, sample):
    """Of a sample, how many tshark reads whole, with the request as their first."""
    chosen = judged[:: max(1, -(-len(judged) // sample))]
    good = 0
    for one in chosen:
        targets = output_of(["tshark", "-n", "-r", one.path, "-Y", "http.request", "-T", "fields",
                             "-e", "http.request.uri"])
        good += bool(targets and one.record and targets.splitlines()[0] == one.record["target"])
    return good, len(chosen)


def print_rows(rows):
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"  {name.ljust(width)}  {value}")


def number_in(pattern, text, what):
    found = re.search(pattern, text, re.MULTILINE)
    if not found:
        miss(what)
        return 0
    return float(found[1])


def count_in(pattern, text):
    found = re.search(pattern, text, re.MULTILINE)
    return int(found[1]) if found else 0


def print_report(facts, load, said, records, log, judged):
    rate = number_in(r"^Requests/sec: *([\d.]+)", load, "requests/s")
    number_in(WRITTEN, said, "netlat's count of files")
    complete = [one for one in judged if not one.wrong]
    lacking = set(log) - {key_of(one.record) for one in complete}
    known = set(log) & {key_of(record) for record in records}
    good, sample = opened_by_tshark(judged, int(facts["sample"]))
    print(f"\ncompleteness: netlat -w DIR --slow {facts['wanted_ms']} --recorder-mb {facts['recorder_mb']},"
          f" wrk -t1 -c{facts['connections']} for {facts['length_s']} s;\n  each 1,000th request takes"
          f" {facts['slow_ms']} ms, but in the last second")
    print_rows([
        ["requests/s", f"{rate:,.0f} (goal {RATE_GOAL:,}: {'reached' if rate >= RATE_GOAL else 'NOT reached'})"],
        ["slow, by the server's log", f"{len(log):,}" if log else miss("slow requests")],
        ["slow, by netlat's records", f"{len(records):,}: {len(known):,} of these, {len(records) - len(known):,} others"
         f" of {facts['wanted_ms']} ms or more; lost {count_in(r'^ *([0-9]+) +record_ring_full ', said):,}"],
        ["files", f"{len(judged):,}; by netlat's summary {count_in(WRITTEN, said):,}, of them in part"
         f" {count_in(r', ([0-9]+) of them in part', said):,}"],
        ["complete", f"{len(complete):,}; with the handshake {sum(one.has_handshake for one in judged):,}"],
        ["read by tshark", f"{good:,} of {sample:,}"],
        ["netlat", f"{float(facts['cpu_ns']) / 1e9 / float(facts['length_s']):.1%} of one core; memory at its"
         f" peak {float(facts['peak_kb']) * 1024 / 1e6:,.0f} MB"],
    ])
    wrongs = [f"{one.path.name}: {one.wrong}" for one in judged if one.wrong]
    wrongs += [f"{target} from port {port}: no complete file" for port, target in sorted(lacking)]
    for wrong in wrongs[:SHOWN_MAX]:
        print(f"  {wrong}")
    if len(wrongs) > SHOWN_MAX:
        print(f"  and {len(wrongs) - SHOWN_MAX:,} more")
    is_met = log and not wrongs and good == sample and len(judged) == len(records) == count_in(WRITTEN, said)
    print(f"  goal: a complete file of every slow one: {'met' if is_met else 'NOT met'},"
          f" {len(log) - len(lacking):,} of {len(log):,}")


def main(arguments):
    if len(arguments) < 7:
        sys.exit(__doc__)
    netlat, files, records_path, said_path, log_path, load_path = arguments[:6]
    facts = dict(pair.split("=", 1) for pair in arguments[6:])
    records = json_lines(pathlib.Path(records_path).read_text(encoding="utf-8"))
    said = pathlib.Path(said_path).read_text(encoding="utf-8")
    load = pathlib.Path(load_path).read_text(encoding="utf-8")
    log = server_log(log_path)
    judged = judge_files(netlat, sorted(pathlib.Path(files).glob("*.pcapng")), records, log, facts["wanted_ms"])
    print_report(facts, load, said, records, log, judged)
    sys.stdout.flush()
    if measured.missing:
        sys.exit("bench: not measured: " + "; ".join(sorted(set(measured.missing))))


if __name__ == "__main__":
    main(sys.argv[1:])
