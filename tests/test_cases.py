#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""netlat -r on every generated case: the records it must give, field by field, and the counters.

    test_cases.py [CASE...]     of build/cases, or of $CASES

Ends with the line `N passed, N failed, N skipped`.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NETLAT = os.environ.get("NETLAT", ROOT / "build" / "netlat")
CASES = pathlib.Path(os.environ.get("CASES", ROOT / "build" / "cases"))
TIMEOUT_S = 60
SHOWN = int(os.environ.get("SHOWN", "3"))  # differences of a case
PARTS = "client upload server network download timer_retransmit fast_retransmit zero_window".split()
COUNTER = re.compile(r"^ *(\d+) ([a-z_0-9]+) ", re.MULTILINE)


def run(capture, output, options):
    arguments = [NETLAT, "-r", capture, "-o", output, "-v", "--strict", "--show-sensitive"]
    for name, value in options.items():
        arguments.append("--" + name.replace("_", "-"))
        if value is not True:
            arguments.append(str(value))
    return subprocess.run(arguments, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def order(record):
    return record["request_first_ns"], record["client_address"], record["client_port"]


def record_faults(expected, found):
    for number, (want, have) in enumerate(zip(expected, found)):
        instead = want.pop("or_else", None)
        if instead and have.get("outcome") == instead["outcome"]:
            want = instead
        for field, value in want.items():
            if field not in have or have[field] != value or type(have[field]) is not type(value):
                yield f"record {number} ({want['target']!r}): {field} is {have.get(field)!r}, not {value!r}"
    if len(expected) != len(found):
        yield f"{len(found)} records, not {len(expected)}"


def between(record, first, last):
    """From one time of a record to another, as netlat has it: None where one is not known."""
    if record[first] is None or record[last] is None:
        return None
    return max(0, record[last] - record[first])


def whole_ns(record):
    """The time that the parts of a record divide; None where its fields do not tell it."""
    if record["outcome"] == "ok" or record["waited_ns"] is None:
        return record["duration_ns"]
    return record["request_last_ns"] - record["request_first_ns"] + record["waited_ns"]


def division_faults(found):
    """Whatever the case: the parts of each record sum to its whole time, to the nanosecond."""
    for number, record in enumerate(found):
        at = f"record {number} ({record['target']!r})"
        whole = whole_ns(record)
        parts = [record[f"{name}_ns"] or 0 for name in PARTS]
        if whole is not None and sum(parts) != whole:
            yield f"{at}: the parts sum to {sum(parts)}, not {whole}: {dict(zip(PARTS, parts))}"
        if record["retransmit_ns"] != record["timer_retransmit_ns"] + record["fast_retransmit_ns"]:
            yield f"{at}: retransmit_ns is not the sum of its two"
        for message in ("request", "response"):
            span = between(record, f"{message}_first_ns", f"{message}_last_ns")
            if record[f"{message}_ns"] != span:
                yield f"{at}: {message}_ns is {record[f'{message}_ns']}, not {span}"


def counters(result):
    """What -v printed: on standard error beside records, on standard output without."""
    found = {name: int(value) for value, name in COUNTER.findall(result.stderr + result.stdout)}
    return collections.defaultdict(int, found)


def counter_faults(expected, sums, found):
    if not found:
        yield "no counters were printed"
    for name, value in expected.items():
        if found[name] != value:
            yield f"{name} is {found[name]}, not {value}"
    for entry in sums:
        total = sum(found[name] for name in entry["names"])
        if total != entry["total"]:
            yield f"{' + '.join(entry['names'])} is {total}, not {entry['total']}"


def mode_faults(with_records, without):
    """
    What is counted does not depend on whether somebody wants records; but head_cut, which
    is about the excerpts in them, and with it what is clean.
    """
    names = (with_records.keys() | without.keys()) - {"records", "grade_head_cut"}
    if with_records["grade_head_cut"]:
        names -= {"clean", "graded"}
    for name in sorted(names):
        if with_records[name] != without[name]:
            yield f"{name} is {with_records[name]} with -o json, {without[name]} with -o none"
    if without["grade_head_cut"]:
        yield "head_cut is counted where no heads are kept"


def faults(case):
    expected = json.loads(case.read_text())
    capture = case.with_name(expected["name"] + ".pcap")
    result = run(capture, "json", expected["options"])
    if result.returncode != 0:
        yield f"exit status {result.returncode}: {result.stderr.strip()[-500:]}"
    found = sorted((json.loads(line) for line in result.stdout.splitlines()), key=order)
    yield from record_faults(expected["records"], found)
    yield from division_faults(found)
    with_records = counters(result)
    yield from counter_faults(expected["counters"], expected["sums"], with_records)
    without = counters(run(capture, "none", expected["options"]))
    yield from mode_faults(with_records, without)


def differences_of(case):
    try:
        return list(faults(case))
    except (ValueError, subprocess.TimeoutExpired) as error:  # no JSON, no UTF-8, no end
        return [str(error)]


def main(names):
    cases = [CASES / f"{name}.expected.json" for name in names] or sorted(CASES.glob("*.expected.json"))
    passed = failed = 0
    for case in cases:
        differences = differences_of(case)
        name = case.name.removesuffix(".expected.json")
        if differences:
            failed += 1
            for line in differences[:SHOWN]:
                print(f"# {name}: {line}")
            if len(differences) > SHOWN:
                print(f"# {name}: and {len(differences) - SHOWN} more")
            print(f"not ok {name}")
        else:
            passed += 1
            print(f"ok {name}")
    if not cases:
        failed = 1
        print(f"not ok there are no cases in {CASES}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
