#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""netlat -r -o csv on every generated case: read by Python's csv, it is what -o json says.

    test_csv.py [CASE...]     of build/cases, or of $CASES

Ends with the line `N passed, N failed, N skipped`.
"""

import csv
import io
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NETLAT = os.environ.get("NETLAT", ROOT / "build" / "netlat")
CASES = pathlib.Path(os.environ.get("CASES", ROOT / "build" / "cases"))
CONTROL = re.compile("[\0-\x1f\x7f]")


def run(capture, output):
    arguments = [NETLAT, "-r", capture, "-o", output, "-q", "--show-sensitive"]
    return subprocess.run(arguments, capture_output=True, timeout=60, check=True).stdout.decode()


def text_of(value):
    """A JSON value as its field has to be."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "|".join(map(text_of, value))
    if isinstance(value, str):
        return CONTROL.sub(lambda match: f"%{ord(match[0]):02X}", value)
    return str(value)


def faults(capture):
    records = [json.loads(line) for line in run(capture, "json").splitlines()]
    text = run(capture, "csv")
    lines = text.split("\r\n")
    if lines.pop() != "" or "\n" in text.replace("\r\n", "") or len(lines) != len(records) + 1:
        yield f"{len(lines)} lines, not {len(records) + 1}"
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    for number, record in enumerate(records):
        if list(record) != rows[0]:
            yield f"the header is {rows[0]}, the record has {list(record)}"
        for name, value, field in zip(record, record.values(), rows[number + 1], strict=True):
            if field != text_of(value):
                yield f"record {number}: {name} is {field!r}, not {text_of(value)!r}"
    # What csv.reader cannot tell: null and an empty string.
    for number, record in enumerate(records):
        if lines[number + 1].count('""') < sum(value == "" for value in record.values()):
            yield f"record {number}: an empty string is not quoted"


def main(names):
    captures = [CASES / f"{name}.pcap" for name in names] or sorted(CASES.glob("*.pcap"))
    passed = failed = 0
    for capture in captures:
        try:
            differences = list(faults(capture))
        except (ValueError, csv.Error, subprocess.SubprocessError) as error:
            differences = [str(error)]
        for line in differences[:3]:
            print(f"# {capture.stem}: {line}")
        passed += not differences
        failed += bool(differences)
        if differences:
            print(f"not ok {capture.stem}: as CSV what it is as JSON")
    if not captures:
        failed = 1
        print(f"not ok there are no cases in {CASES}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
