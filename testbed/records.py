#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Questions about netlat's JSON records, for the tests beside this file.

    records.py count RECORDS [FIELD=VALUE...]   how many match
    records.py sum RECORDS FIELD                total of a number
    records.py at-least RECORDS FIELD NUMBER     how many have at least this
    records.py time RECORDS APP_LOG PORT        waits against the delays that app.py injected
    records.py first RECORDS                    earliest request_first_ns
    records.py valid RECORDS                    every line has every field, with the right type

Those that judge print check lines as checks.sh takes them.
"""

import collections
import json
import sys

NULLABLE_INT = (int, type(None))
NULLABLE_STR = (str, type(None))
FIELDS = {
    "time": str,
    "client_address": str,
    "client_port": int,
    "server_address": str,
    "server_port": int,
    "protocol": str,
    "method": NULLABLE_STR,
    "target": NULLABLE_STR,
    "host": NULLABLE_STR,
    "status": NULLABLE_INT,
    "outcome": str,
    "reason": NULLABLE_STR,
    "request_bytes": NULLABLE_INT,
    "response_bytes": NULLABLE_INT,
    "request_first_ns": NULLABLE_INT,
    "request_last_ns": NULLABLE_INT,
    "response_first_ns": NULLABLE_INT,
    "response_last_ns": NULLABLE_INT,
    "wait_ns": NULLABLE_INT,
    "duration_ns": NULLABLE_INT,
    "idle_ns": NULLABLE_INT,
    "waited_ns": NULLABLE_INT,
    "cause": NULLABLE_STR,
    "connect_ns": NULLABLE_INT,
    "request_ns": NULLABLE_INT,
    "response_ns": NULLABLE_INT,
    "client_ns": NULLABLE_INT,
    "upload_ns": NULLABLE_INT,
    "server_ns": NULLABLE_INT,
    "network_ns": NULLABLE_INT,
    "download_ns": NULLABLE_INT,
    "timer_retransmit_ns": NULLABLE_INT,
    "fast_retransmit_ns": NULLABLE_INT,
    "zero_window_ns": NULLABLE_INT,
    "retransmit_ns": NULLABLE_INT,
    "server_rtt_ns": NULLABLE_INT,
    "client_rtt_ns": NULLABLE_INT,
    "syn_retransmits": int,
    "retransmits": int,
    "interim": list,
    "grade": list,
    "interface": NULLABLE_STR,
    "client_name": NULLABLE_STR,
    "client_service": NULLABLE_STR,
    "client_image": NULLABLE_STR,
    "server_name": NULLABLE_STR,
    "server_service": NULLABLE_STR,
    "server_image": NULLABLE_STR,
}
# The wire is looked at before the server wakes and after it has sent, so a wait
# below the delay can only come from the granularity of two clock readings.
TOLERATED_EARLY_NS = 1000
EXCESS_LIMIT_NS = 1_000_000
# A server whose own delays are this near to those injected leaves the rest to netlat.
PUNCTUAL_NS = 500_000
SHARE_WITHIN_LIMIT = 0.99


def read_records(path):
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                sys.exit(f"{path}: line {number} is no JSON: {error}: {line[:80]!r}")


def count(path, conditions):
    wanted = [condition.split("=", 1) for condition in conditions]
    matching = 0
    for record in read_records(path):
        matching += all(str(record.get(field)) == value for field, value in wanted)
    print(matching)


def total(path, field):
    print(sum(record[field] or 0 for record in read_records(path)))


def at_least(path, field, number):
    print(sum((record[field] or 0) >= number for record in read_records(path)))


def first(path):
    print(min((record["request_first_ns"] for record in read_records(path)), default=0))


def faults(record):
    for field, kinds in FIELDS.items():
        if field not in record:
            yield f"no {field}"
        elif not isinstance(record[field], kinds) or isinstance(record[field], bool):
            yield f"{field} is {record[field]!r}"
    for field in record.keys() - FIELDS.keys():
        yield f"unknown field {field}"
    if record.get("outcome") == "ok":
        request, response = record["request_last_ns"], record["response_first_ns"]
        if not record["request_first_ns"] <= request:
            yield "request ends before it begins"
        if not response <= record["response_last_ns"]:
            yield "response ends before it begins"
        if record["wait_ns"] != max(0, response - request):
            yield f"wait_ns is {record['wait_ns']}, the times say {response - request}"


def valid(path):
    number = 0
    for number, record in enumerate(read_records(path), 1):
        for fault in faults(record):
            print(f"not ok records are well-formed: record {number}: {fault}")
            return
    print("ok records are well-formed" if number else "not ok records are well-formed: none")


def read_app_log(path):
    """{client_port: [(target, status, injected_ns, held_ns), ...]} in order."""
    connections = collections.defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for line in file:
            _, _, port, target, status, injected_ns, _, held_ns = line.split()
            connections[int(port)].append((target, int(status), int(injected_ns), int(held_ns)))
    return connections


def quantile(ordered, share):
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def describe(name, values_ns):
    values_ns.sort()
    parts = [f"min {values_ns[0] / 1e3:.0f}"]
    parts += [f"p{share * 100:g} {quantile(values_ns, share) / 1e3:.0f}" for share in (0.5, 0.9, 0.99, 0.999)]
    parts.append(f"max {values_ns[-1] / 1e3:.0f}")
    print(f"  {name}, us: {', '.join(parts)} ({len(values_ns)} requests)")


def check(name, held, cause):
    print(f"ok {name}" if held else f"not ok {name}: {cause}")


def join_served(records_path, log_path, port):
    """((record, served), ...) and what does not match; both are in order on a connection."""
    served = read_app_log(log_path)
    seen = collections.defaultdict(list)
    for record in read_records(records_path):
        if record["server_port"] == port and record["outcome"] == "ok":
            seen[record["client_port"]].append(record)
    pairs, mismatches = [], []
    for client_port in served.keys() | seen.keys():
        records = sorted(seen[client_port], key=lambda record: record["request_first_ns"])
        entries = served[client_port]
        if len(records) != len(entries):
            mismatches.append(f"port {client_port}: {len(records)} records, {len(entries)} served")
            continue
        for record, entry in zip(records, entries):
            if (record["target"], record["status"]) != entry[:2]:
                mismatches.append(f"port {client_port}: {record['target']}, served {entry[:2]}")
            pairs.append((record, entry))
    return pairs, mismatches


def share_below(values, limit):
    return sum(value < limit for value in values) / len(values)


def compare_time(records_path, log_path, port):
    """netlat's waits against the delays: those injected, and those the server really took.

    A server that sleeps 5 ms on a busy machine wakes later; the wait is then longer, and
    netlat right. So held_ns is the truth, and the injected delay only where the machine
    itself kept it.
    """
    pairs, mismatches = join_served(records_path, log_path, port)
    check("every request has its record", pairs and not mismatches, "; ".join(mismatches[:3]) or "none at all")
    if not pairs:
        return
    beyond_injected = [record["wait_ns"] - injected for record, (_, _, injected, _) in pairs]
    beyond_held = [record["wait_ns"] - held for record, (_, _, _, held) in pairs]
    overslept = [held - injected for _, (_, _, injected, held) in pairs]
    describe("netlat's wait beyond the injected delay", beyond_injected)
    describe("of that, the server itself and its waking", overslept)
    describe("netlat's wait beyond what the server took", beyond_held)
    check("the kernel stamped each request", all(held >= 0 for _, (_, _, _, held) in pairs), "held_ns is -1")
    check("no wait is shorter than the injected delay", beyond_injected[0] >= -TOLERATED_EARLY_NS,
          f"{beyond_injected[0]} ns")
    check("no wait is shorter than the server took", beyond_held[0] >= -TOLERATED_EARLY_NS, f"{beyond_held[0]} ns")
    within = share_below(beyond_held, EXCESS_LIMIT_NS)
    check("wait exceeds what the server took by less than 1 ms for 99 %", within >= SHARE_WITHIN_LIMIT,
          f"{within:.3%} of requests")
    punctual = share_below(overslept, PUNCTUAL_NS)
    within = share_below(beyond_injected, EXCESS_LIMIT_NS)
    name = "wait exceeds the injected delay by less than 1 ms for 99 %"
    if punctual >= SHARE_WITHIN_LIMIT:
        check(name, within >= SHARE_WITHIN_LIMIT, f"{within:.3%} of requests")
    else:
        print(f"skip {name}: on this machine the server itself kept to {PUNCTUAL_NS / 1e6} ms only for {punctual:.1%}")


def main(arguments):
    match arguments:
        case ["count", path, *conditions]:
            count(path, conditions)
        case ["sum", path, field]:
            total(path, field)
        case ["at-least", path, field, number]:
            at_least(path, field, int(number))
        case ["first", path]:
            first(path)
        case ["valid", path]:
            valid(path)
        case ["time", records_path, log_path, port]:
            compare_time(records_path, log_path, int(port))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
