#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How fast readers of captures are, for offline.sh.

    readers.py NETLAT ROUNDS CAPTURE PACKETS DROPPED RESPONSES TITLE

CAPTURE.quarter and CAPTURE.tenth hold its first packets. All are in the page cache:
each was just written, and a first reading, which counts what is found, is not measured.
Times are those of whole processes, from before their start until they are waited
for. Ratios to tcpdump are taken within a round. Exit status 1 when something was
not measured.
"""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import measured
from measured import miss

TCPDUMP = "tcpdump -w /dev/null"
TABLE, JSON = "netlat", "netlat -o json"
HTTPRY = "httpry"
TSHARK = "tshark -Y http.response"
READERS = (TCPDUMP, TABLE, JSON, HTTPRY)
MB = 1e6
SHORT_RUNS = 5
SPEED_TITLES = ["of tcpdump's speed", "netlat to it", "netlat -o json to it"]


def commands(netlat, capture):
    return {
        TCPDUMP: ["tcpdump", "-Z", "root", "-r", capture, "-w", "/dev/null"],
        TABLE: [netlat, "-r", capture],
        JSON: [netlat, "-r", capture, "-o", "json"],
        HTTPRY: ["httpry", "-r", capture, "-o", "/dev/null"],
        TSHARK: ["tshark", "-n", "-r", capture, "-Y", "http.response", "-T", "fields", "-e", "frame.number"],
    }


def seconds_of(command):
    """Wall time of one reading, its output thrown away."""
    begin = time.monotonic()
    process = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, check=False)
    seconds = time.monotonic() - begin
    if process.returncode:
        sys.exit(f"bench: {' '.join(command)}: exit status {process.returncode}")
    return seconds


def peak_of(command):
    """Peak resident memory, with its unit. A child of this process would begin with the peak
    of this process, as the kernel keeps it across exec; one of time(1) does not."""
    with tempfile.NamedTemporaryFile("r") as answer:
        seconds_of(["/usr/bin/time", "-f", "%M", "-o", answer.name] + command)
        return f"{int(answer.read()) * 1024 / MB:.1f} MB"


def output_of(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"bench: {' '.join(command)}: exit status {done.returncode}: {done.stderr[-200:]}")
    return done.stdout + done.stderr


def netlat_counter(text, name):
    found = re.search(rf"^\s*(\d+)\s+{name}\b", text, re.MULTILINE)
    return int(found.group(1)) if found else 0


def lines_of(command, wanted=""):
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:
        count = sum(wanted in line for line in process.stdout)
    if process.returncode:
        sys.exit(f"bench: {' '.join(command)}: exit status {process.returncode}")
    return count


def responses_found(by, name):
    """Responses, as far as the reader tells."""
    if name == TABLE:
        return netlat_counter(output_of(by[name] + ["-v"]), "paired")
    if name == JSON:
        return lines_of(by[name], '"outcome":"ok"')
    if name == TSHARK:
        return lines_of(by[name])
    if name == HTTPRY:  # one line a request and a line a response, on stdout without -o
        return lines_of(by[name][:-2] + ["-f", "direction"], "<")
    return None


def print_table(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print(("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths))).rstrip())


def found_cells(found, expected):
    if found is None:
        return ["", ""]
    return [f"{found:,}", f"{found / expected:.2%}" if expected else miss("responses")]


def between(values, form, what):
    """median (smallest to largest)"""
    if not values:
        return miss(what)
    return f"{form.format(statistics.median(values))} ({form.format(min(values))} to {form.format(max(values))})"


def speed_cells(runs, name):
    """Its speed as a part of tcpdump's, and netlat's as multiples of its."""
    def ratio(of, to, form):
        return between([one[to] / one[of] for one in runs], form, f"{of} to {to}")
    others = (ratio(netlat, name, "{:.1f}") for netlat in (TABLE, JSON))
    return ["" if name == TCPDUMP else ratio(name, TCPDUMP, "{:.4f}" if name == TSHARK else "{:.2f}"),
            *(("", "") if name in (TCPDUMP, TABLE, JSON) else others)]


def print_readers(by, rounds, capture_bytes, packets, responses):
    found = {name: responses_found(by, name) for name in READERS}
    runs = [{name: seconds_of(by[name]) for name in READERS} for _ in range(rounds)]
    rows = [["reader", "MB/s", "million packets/s"] + SPEED_TITLES + ["responses found", "of wrk's"]]
    for name in READERS:
        rows.append([
            name,
            between([capture_bytes / MB / one[name] for one in runs], "{:,.0f}", name),
            between([packets / 1e6 / one[name] for one in runs], "{:.2f}", name),
            *speed_cells(runs, name),
            *found_cells(found[name], responses),
        ])
        if name != TCPDUMP and not found[name]:
            miss(f"responses found by {name}")
    print_table(rows)


def print_tshark(by):
    """It reads a tenth, and once; the others read the same beside it."""
    tenth = os.path.getsize(by[TSHARK][3])
    expected = responses_found(by, TABLE)
    runs = [{name: seconds_of(by[name]) for name in READERS} for _ in range(SHORT_RUNS)]
    tshark_s = seconds_of(by[TSHARK])
    for one in runs:
        one[TSHARK] = tshark_s
    rows = [["first tenth", "MB/s"] + SPEED_TITLES + ["responses found", "of netlat's"]]
    for name in READERS + (TSHARK,):
        rows.append([name, between([tenth / MB / one[name] for one in runs], "{:,.1f}", name),
                     *speed_cells(runs, name), *found_cells(responses_found(by, name), expected)])
    print_table(rows)
    print(f"  tshark once; the others {SHORT_RUNS} times")


def print_memory(whole, quarter, tenth):
    rows = [["peak memory", "a tenth", "a quarter", "all of the capture"]]
    for name in READERS + (TSHARK,):
        rows.append([name] + [peak_of(by[name]) if name != TSHARK or by is tenth else ""
                              for by in (tenth, quarter, whole)])
    print_table(rows)


def main(arguments):
    if len(arguments) != 7:
        sys.exit(__doc__)
    netlat, rounds, capture, packets, dropped, responses, title = arguments
    rounds, packets, dropped, responses = int(rounds), int(packets), int(dropped), int(responses)
    capture_bytes = pathlib.Path(capture).stat().st_size
    whole, quarter, tenth = (commands(netlat, capture + part) for part in ("", ".quarter", ".tenth"))
    print(f"\noffline: {title}")
    print(f"  {capture_bytes / MB:,.0f} MB, {packets:,} packets of {capture_bytes / packets - 16:,.0f} bytes;"
          f" {dropped:,} more\n  ({dropped / (packets + dropped):.2%}) tcpdump missed as it wrote;"
          f" {responses:,} responses, as wrk says\n  (which leaves out the last of each connection when it ends)")
    print(f"  from the page cache, output to /dev/null, {rounds} rounds;"
          " median (smallest to largest)")
    print_readers(whole, rounds, capture_bytes, packets, responses)
    print_tshark(tenth)
    print_memory(whole, quarter, tenth)
    sys.stdout.flush()
    if measured.missing:
        sys.exit("bench: not measured: " + "; ".join(sorted(set(measured.missing))))


if __name__ == "__main__":
    main(sys.argv[1:])
