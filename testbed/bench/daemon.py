#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The report of daemon.sh, from the facts that it wrote down.

    daemon.py FACTS length_s=N connections=N
"""

import collections
import statistics
import sys

RATE = 90_000  # requests a second that the goals speak of
GOALS = {"plain_cpu": 0.03, "log_cpu": 0.25, "resident_mb": 32, "scrape_ms": 20}


def read_facts(path):
    facts = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(path, encoding="utf-8") as file:
        for line in file:
            run, name, value = line.rstrip("\n").split("\t")
            facts[run][name].append(value)
    return facts


def number(run, name):
    return int(run[name][0])


def goal(reached, text):
    return f"goal {text}: {'reached' if reached else 'MISSED'}"


def report_load(facts, length_s):
    for name, title in (("plain", "by default, scraped every second"), ("log", "with --log")):
        run = facts[name]
        rate = number(run, "requests") / length_s
        share = number(run, "cpu_ns") / 1e9 / length_s
        print(f"{title}: {rate:,.0f} requests/s, {share:.2%} of a core,", end=" ")
        if name == "plain":
            print(goal(share < GOALS["plain_cpu"], "under 3 % at 90,000/s (it does not depend on the rate)"))
        else:
            each_ns = number(run, "cpu_ns") / number(run, "records")
            at_rate = each_ns * RATE / 1e9
            lost = number(run, "paired") - number(run, "lines")
            print(f"{each_ns:,.0f} ns a record: {at_rate:.1%} at 90,000/s,", end=" ")
            print(goal(at_rate < GOALS["log_cpu"], "under 25 %"))
            print(
                f"  {number(run, 'lines'):,} lines of {number(run, 'paired'):,} transactions,"
                f" {number(run, 'bytes') / 1e6:,.0f} MB, {number(run, 'record_ring_full'):,} lost in the ring,",
                goal(lost <= 0 and number(run, "record_ring_full") == 0, "none lost"),
            )
        resident_mb = number(run, "resident_kb") * 1024 / 1e6
        print(
            f"  resident {resident_mb:.1f} MB (of them its own, not the kernel's maps:"
            f" {number(run, 'resident_anonymous_kb') * 1024 / 1e6:.1f}), at most"
            f" {number(run, 'peak_kb') * 1024 / 1e6:.1f},",
            goal(resident_mb < GOALS["resident_mb"], "under 32 MB"),
        )


def report_scrapes(run):
    print(
        f"{number(run, 'series'):,} series of http_server_request_duration_seconds, of {number(run, 'services'):,} services:"
        f" {number(run, 'lines'):,} lines of text"
    )
    for name in ("text", "openmetrics", "protobuf"):
        pairs = [value.split() for value in run[name]]
        times_ms = sorted(float(seconds) * 1e3 for seconds, _ in pairs)
        median = statistics.median(times_ms)
        print(
            f"  {name}: median {median:.1f} ms [{times_ms[0]:.1f} .. {times_ms[-1]:.1f}] of {len(times_ms)},"
            f" {int(pairs[-1][1]) / 1e6:.2f} MB,",
            goal(median < GOALS["scrape_ms"], "under 20 ms"),
        )
    print(
        f"  resident {number(run, 'resident_kb') * 1024 / 1e6:.1f} MB"
        f" (its own: {number(run, 'resident_anonymous_kb') * 1024 / 1e6:.1f})"
    )


def main():
    facts = read_facts(sys.argv[1])
    settings = dict(argument.split("=", 1) for argument in sys.argv[2:])
    report_load(facts, int(settings["length_s"]))
    report_scrapes(facts["by_method"])
    report_scrapes(facts["by_service"])


if __name__ == "__main__":
    main()
