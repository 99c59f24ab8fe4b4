# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Whether each fault was one, and whether netlat named its cause; a table, and check lines."""

import collections
import json
import statistics

import kinds

SHARE_RIGHT = 0.95
# In what a record is divided: said of the first that is put down to something else.
PARTS = ("connect", "client", "upload", "server", "network", "download", "retransmit", "timer_retransmit", "fast_retransmit", "zero_window")


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def why_not_injected(kind, told):
    if told["took_ns"] < kind.least_ms * 1_000_000:
        return f"took {told['took_ns'] / 1e6:.1f} ms"
    for end in ("client", "server") if kind.sent_again is not None else ():
        times = told[f"{end}_sent_again"]
        if bool(times) != (end in kind.sent_again):
            return f"{end} sent {times} again"
    return None


def dropped_of(path):
    """By kind: segments dropped, and those of them that were several."""
    by_port = {port: name for name in kinds.KINDS for port in kinds.ports_of(name)}
    counts = collections.defaultdict(lambda: [0, 0])
    with open(path, encoding="utf-8") as file:
        for line in file:
            port, _, dropped, super_packets = line.split()
            count = counts[by_port[int(port)]]
            count[0] += int(dropped)
            count[1] += int(super_packets)
    return counts


def named(records, told):
    """What netlat put a try down to."""
    found = records.get(told["target"], [])
    if len(found) != 1:
        return f"{len(found)} records"
    if "cause" not in found[0]:
        return "no field"
    return found[0]["cause"]


def parts(records, told):
    for record in records.get(told["target"], []):
        values = ((part, record.get(f"{part}_ns")) for part in PARTS)
        return f"; {told['target']} in ms: " + ", ".join(f"{part} {value / 1e6:.1f}" for part, value in values if value)
    return ""


def counted(values):
    return ", ".join(f"{value} {count}" for value, count in collections.Counter(map(str, values)).most_common())


def judge_kind(name, tries, records, dropped):
    """A line of the table, and check lines."""
    kind = kinds.KINDS[name]
    enough = SHARE_RIGHT * len(tries)
    not_injected = [why for told in tries if (why := why_not_injected(kind, told))]
    wrong_tries = [told for told in tries if named(records, told) != kind.cause]
    wrong = [named(records, told) for told in wrong_tries]
    first_wrong = parts(records, wrong_tries[0]) if wrong_tries else ""
    durations = [record["duration_ns"] / 1e6 for told in tries for record in records.get(told["target"], []) if record["duration_ns"]]
    median = f"{statistics.median(durations):.1f}" if durations else "-"
    lines = [f"# {name:28} {kind.cause or '-':9} {len(tries):5} {len(tries) - len(wrong):5} {median:>9}  {counted(wrong)}"]

    def check(what, passed, why):
        lines.append(f"ok {name}: {what}" if passed else f"not ok {name}: {what}: {why}")

    check(f"{len(tries)} tries were what they should be", len(tries) - len(not_injected) >= enough, counted(not_injected))
    if kind.drop:
        count, super_packets = dropped[name]
        least = len(tries) * (2 if kind.drop.for_ms else 1)
        enough_dropped = count >= least if kind.drop.for_ms else count == least
        check(f"lost {count} segments", enough_dropped and not super_packets, f"of {least}; {super_packets} super-packets")
    check(f"put down to {kind.cause or 'nothing'}", len(tries) - len(wrong) >= enough, counted(wrong) + first_wrong)
    return lines


def judge(tries_path, records_path, drops_path):
    by_kind, records = collections.defaultdict(list), collections.defaultdict(list)
    for told in read_lines(tries_path):
        by_kind[told["kind"]].append(told)
    for record in read_lines(records_path):
        records[record["target"]].append(record)
    dropped = dropped_of(drops_path)
    judged = [judge_kind(name, tries, records, dropped) for name, tries in by_kind.items()]
    print(f"# {'kind':28} {'cause':9} {'tries':>5} {'right':>5} {'median ms':>9}  instead")
    for table_line, *_ in judged:
        print(table_line)
    for _, *checks in judged:
        print(*checks, sep="\n")
