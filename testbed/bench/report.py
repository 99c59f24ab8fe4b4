#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The report of bench.sh from what was measured.

    report.py RAW

Ratios and differences are taken within a round, whose slices lie a fraction of a
second apart, and only then is their median taken. Exit status 1 when something was
not measured.
"""

import math
import pathlib
import platform
import statistics
import sys

import measured
from measured import median, miss, spread

KINDS = {
    "two segments": "a response in two segments, head and body (nginx with sendfile)",
    "one segment": "a response in one segment (nginx without sendfile)",
}
NAMES = {
    "nothing": "nothing",
    "empty": "empty program",
    "table": "netlat -o table",
    "json": "netlat -o json",
    "recorder": "netlat -w DIR",
}
NETLAT = ("table", "json", "recorder")
# What the recorder may cost, beyond netlat without it.
RECORDER_NS_GOAL = 100
RECORDER_RATIO_GOAL = 0.97
VULNERABILITIES = ("spec_rstack_overflow", "retbleed", "spectre_v2")


def print_table(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print(("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths))).rstrip())


def conditions_of(raw):
    """Those that were compared."""
    return raw.fact("conditions").split()


def netlats_of(raw):
    return [condition for condition in conditions_of(raw) if condition in NETLAT]


def print_goal(what, values, form, goal, is_met):
    """What the recorder costs beyond netlat without it. The median decides, and whether the
    interval that holds it with 95 % is on the same side tells how surely."""
    text = spread(values, form, what)
    if not values or any(map(math.isnan, values)):
        verdict = "not measured"
    else:
        met = is_met(statistics.median(values))
        sure = {is_met(end) for end in measured.median_interval(values) or (min(values), max(values))} == {met}
        verdict = ("met" if met else "NOT met") + ("" if sure else ", but not surely")
    print(f"  {what}: {text}; goal {goal}: {verdict}")


def first_line(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, IndexError):
        return "not told by this kernel"


def print_machine(raw):
    cpu_info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    pairs = (line.partition(":") for line in cpu_info.splitlines())
    cpu = {name.strip(): value.strip() for name, _, value in pairs}
    virtual = ", virtual machine" if "hypervisor" in cpu.get("flags", "").split() else ""
    cores = cpu_info.count("processor\t")
    notes = [note for part in ("throughput", "cost") for kind in KINDS
             for note in raw.rounds(part, kind).notes]
    rows = [
        ["kernel", f"{platform.release()} {platform.machine()}"],
        ["CPU", f"{cpu.get('model name', 'unknown')}, {cores} cores{virtual}"],
        ["clock", first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource")],
    ]
    for name in VULNERABILITIES:
        rows.append([name, first_line(f"/sys/devices/system/cpu/vulnerabilities/{name}")])
    rows += [
        ["bridge-nf-call", raw.fact("netfilter")],
        ["load", "wrk -t1 -c32, connections kept, responses of 1,024 bytes; nginx with one worker"],
        ["versions", f"{raw.fact('netlat')}, {raw.fact('nginx').replace('nginx version: ', '')}"],
        ["pinned", "wrk to CPU 0, nginx to CPU 1" if raw.fact("pin") == "1" else "nothing"],
        ["slice", f"{raw.fact('slice_s')} s, conditions in turn under one continuous load, netlat's"
         " processes up throughout"],
    ]
    every = sum(note["all"] for note in notes)
    if every:
        others = [note["others"] for note in notes]
        rows += [
            ["machine busy", f"{sum(note['busy'] for note in notes) / every:.1%}; stolen by the"
             f" hypervisor, as far as it tells: {sum(note['stolen'] for note in notes) / every:.1%}"],
            ["other processes", f"{statistics.mean(others):.1%} of one core (in a round at most {max(others):.1%})"],
        ]
    else:
        miss("CPU time of the machine")
    print("machine and method")
    print_table(rows)
    print("  Figures: median over the rounds [the interval that holds it with 95 %] smallest..largest.")


def print_cost(raw, kind):
    rounds = raw.rounds("cost", kind)
    request_bytes = raw.number(f"bytes a request, {kind}")
    rows = [["ns a packet", "as the kernel counts", "over the empty program", "packets a request"]]

    def cost(one, _):
        return one["run_ns"] / one["runs"]

    def over(one, by):
        return cost(one, by) - cost(by["empty"], by)

    def packets(one, _):
        return one["runs"] / (one["bytes"] / request_bytes)

    for condition in ["empty"] + netlats_of(raw):
        name = NAMES[condition]
        rows.append([
            name,
            spread(rounds.values(condition, cost), "{:.0f}", f"cost, {kind}, {name}"),
            spread(rounds.values(condition, over), "{:.0f}", f"cost over empty, {kind}, {name}")
            if condition in NETLAT else "",
            median(rounds.values(condition, packets), "{:.2f}", f"packets a request, {kind}, {name}"),
        ])
    print(f"\ncost: {KINDS[kind]}; kernel.bpf_stats_enabled=1; {rounds.title()}")
    print_table(rows)
    print_goal("recorder, ns a packet more", rounds.values("recorder", lambda one, by: cost(one, by) - cost(by["table"], by)),
               "{:.0f}", f"at most {RECORDER_NS_GOAL}", lambda value: value <= RECORDER_NS_GOAL)


def print_throughput(raw, kind):
    rounds = raw.rounds("throughput", kind)
    request_bytes = raw.number(f"bytes a request, {kind}")
    bases = [condition for condition in ("nothing", "empty") if condition in conditions_of(raw)]
    rows = [["throughput", "requests/s"] + [f"of {'the ' * (base == 'empty')}{NAMES[base]}" for base in bases]]

    def rate(one, _):
        return one["bytes"] / request_bytes / (one["elapsed_ns"] / 1e9)

    for condition in conditions_of(raw):
        name = NAMES[condition]
        row = [name, spread(rounds.values(condition, rate), "{:,.0f}", f"requests/s, {kind}, {name}")]
        for other in bases:
            ratios = rounds.values(condition, lambda one, by: rate(one, by) / rate(by[other], by))
            wanted = condition not in (other, "nothing")
            row.append(spread(ratios, "{:.3f}", f"ratio, {kind}, {name}") if wanted else "")
        rows.append(row)
    print(f"\nthroughput: {KINDS[kind]}; kernel.bpf_stats_enabled=0; {rounds.title()}")
    print_table(rows)
    print_goal("recorder, throughput of netlat without it",
               rounds.values("recorder", lambda one, by: rate(one, by) / rate(by["table"], by)),
               "{:.3f}", f"at least {RECORDER_RATIO_GOAL}", lambda value: value >= RECORDER_RATIO_GOAL)
    # Somebody else may have the statistics on, by bpf(BPF_ENABLE_STATS).
    if any(one.get("runs") for by in rounds for one in by.values()):
        print(f"  {miss('throughput without run-time statistics: another process has them on')}")


def print_daemon(raw):
    """The process, and whether it did its work while it was measured."""
    rows = [["daemon", *(f"% of one core, {kind}" for kind in KINDS), "packets", "requests",
             "of them paired", "gaps", "records lost"]]

    def share(one, _):
        return one["cpu_ns"] / one["elapsed_ns"]

    for condition in netlats_of(raw):
        name = NAMES[condition]
        row = [name]
        row += [median(raw.rounds("throughput", kind).values(condition, share), "{:.1%}",
                       f"CPU time, {kind}, {name}") for kind in KINDS]
        counts = {what: raw.number(f"{condition} {what}")
                  for what in ("packets", "requests", "paired", "gaps", "record_ring_full")}
        row += [f"{counts['packets']:,.0f}", f"{counts['requests']:,.0f}"]
        row.append(f"{counts['paired'] / counts['requests']:.2%}" if counts["requests"]
                   else miss(f"requests, {name}"))
        row += [f"{counts['gaps']:,.0f}", f"{counts['record_ring_full']:,.0f}"]
        rows.append(row)
    print("\ndaemon: CPU time in the throughput slices; what it counted in the whole run")
    print_table(rows)
    print("  A gap for each direction of each of the 32 connections is what switching it on makes.")
    print(f"  netlat -w DIR is with --slow 1000 --failed. Nothing is slow, but switching cuts transactions"
          f" off:\n  {raw.fact('written')}")


def print_warm(raw):
    variants = sorted(raw.warm)
    costs, notes = {}, []
    for variant in variants:
        for line in raw.warm[variant]:
            before, _, after = line.partition(" ns")
            name, _, cost = before.rpartition(" ")
            costs.setdefault(name.strip(), {}).setdefault(variant, []).append(measured.number(cost))
            if after.strip() and after not in notes:
                notes.append(after)
    rows = [["warm", *variants]]
    rows += [[name] + [median(by.get(variant), "{:.0f} ns", f"warm cost, {name}, {variant}")
                       for variant in variants] for name, by in costs.items()]
    print("\nwarm: cost by kind of packet, the measurement's own included (BPF_PROG_TEST_RUN; median of 3 runs)")
    print_table(rows if costs else [[miss("warm costs")]])
    for note in notes:
        print("  " + note.strip(" ()"))


def print_start(raw):
    rows = [["start-up", "median", "smallest", "largest"]]
    for field, name in (("ready_ms", "netlat says: observing after"),
                        ("first_ms", "first packet, from the start of the process")):
        values = [one[field] for one in raw.starts]
        # Without a record the first packet's time would be that of the epoch.
        if not values or not min(values) >= 0:
            rows.append([name, miss(f"start-up, {name}"), "", ""])
        else:
            rows.append([name] + [f"{value:.0f} ms" for value in
                                  (statistics.median(values), min(values), max(values))])
    print(f"\nstart-up: {len(raw.starts)} times, light traffic")
    print_table(rows)
    for condition in netlats_of(raw):
        if not raw.verified.get(condition):
            miss(f"instructions verified, {NAMES[condition]}")
    print("\nkernel")
    print_table([
        ["memory", raw.fact("memory")],
        ["attached", raw.fact("hooks")],
        ["instructions verified", ", ".join(f"{raw.verified.get(condition, 0):,} ({NAMES[condition]})"
                                            for condition in netlats_of(raw))],
    ])


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    raw = measured.Measured(arguments[0])
    print_machine(raw)
    for kind in KINDS:
        print_cost(raw, kind)
        print_throughput(raw, kind)
    print_daemon(raw)
    if "nothing" in conditions_of(raw):
        print_warm(raw)
        print_start(raw)
    sys.stdout.flush()
    if measured.missing:
        sys.exit("bench: not measured: " + "; ".join(sorted(set(measured.missing))))


if __name__ == "__main__":
    main(sys.argv[1:])
