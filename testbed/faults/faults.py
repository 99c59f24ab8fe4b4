#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Slow transactions, each with one known cause (kinds.py), between hosts of the testbed.

    faults.py list                          names of all kinds, in a line
    faults.py drops KIND...                 what drop.c has to drop for them: HOST SIDE RULE...
    faults.py hold TAG TRIES FILE KIND... -- HOST=ADDRESS...
        so many tries of each kind, between the namespaces TAG-HOST; a JSON object for each
        try to FILE. All kinds at a time, each on hosts or connections of its own.
    faults.py judge FILE RECORDS DROPS      what netlat says of them (judge.py)

../faults.sh runs it.
"""

import collections
import concurrent.futures
import json
import sys

import judge
import kinds
import talk


def drops(names):
    places = collections.defaultdict(list)
    for name in names:
        drop = kinds.KINDS[name].drop
        if drop:
            places[drop.host, drop.side] += (f"{port}:{drop.direction}:{drop.byte}:{drop.for_ms}" for port in kinds.ports_of(name))
    for (host, side), rules in places.items():
        print(host, side, *rules)


def hold(tag, tries, path, names, hosts):
    lab = talk.Lab(tag, dict(host.split("=") for host in hosts))
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool, open(path, "w", encoding="utf-8") as file:
        for told in pool.map(lambda name: talk.hold(lab, name, tries), names):
            for line in told:
                file.write(json.dumps(line) + "\n")


def known(names):
    for name in names:
        if name not in kinds.KINDS:
            sys.exit(f"faults: {name}: no such kind of fault (way out: one of {', '.join(kinds.KINDS)})")
    return names


def main(arguments):
    match arguments:
        case ["list"]:
            print(*kinds.KINDS)
        case ["drops", *names]:
            drops(known(names))
        case ["hold", tag, tries, path, *rest] if "--" in rest:
            middle = rest.index("--")
            hold(tag, int(tries), path, known(rest[:middle]), rest[middle + 1 :])
        case ["judge", tries, records, dropped]:
            judge.judge(tries, records, dropped)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
