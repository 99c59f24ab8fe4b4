# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What bench.sh and switch.py wrote, as rounds, and medians with their spread.

A line has a kind and fields separated by tabs: `fact NAME VALUE`, `warm VARIANT LINE`,
and with fields NAME=VALUE `start`, `program`, `slice` and `round`.
"""

import collections
import math
import pathlib
import statistics
import sys

CONFIDENCE = 0.95

missing = []  # what could not be measured


def miss(what):
    missing.append(what)
    return "not measured"


def number(text):
    try:
        return float(text)
    except ValueError:
        return math.nan


class Rounds(list):
    """Of one part and kind, those that nobody disturbed: {condition: fields} each.
    All, if all were disturbed."""

    def __init__(self, slices, notes):
        spoiled = {which for which, note in notes.items() if note["spoiled"]}
        everything = len(spoiled) == len(slices)
        super().__init__(by for which, by in sorted(slices.items())
                         if everything or which not in spoiled)
        self.notes = [notes[which] for which in slices if which in notes]
        self.left_out = 0 if everything else len(spoiled)
        self.spoiled = everything

    def title(self):
        if not self:
            return miss("a round")
        if self.spoiled:
            return f"rounds: {len(self)}, ALL DISTURBED by other processes"
        return f"rounds: {len(self)}" + (f" ({self.left_out} disturbed ones left out)" if self.left_out else "")

    def values(self, condition, function):
        """function(fields, round) of each round; NaN where it cannot be told."""
        values = []
        for by in self:
            try:
                values.append(function(by[condition], by))
            except (KeyError, ZeroDivisionError):
                values.append(math.nan)
        return values


class Measured:
    def __init__(self, path):
        self.facts, self.starts, self.verified = {}, [], {}
        self.warm = collections.defaultdict(list)
        self.slices = collections.defaultdict(lambda: collections.defaultdict(dict))
        self.notes = collections.defaultdict(dict)
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            what, *fields = line.split("\t")
            if what == "fact":
                self.facts[fields[0]] = fields[1]
            elif what == "warm":
                self.warm[fields[0]].append(fields[1])
            elif what in ("start", "program", "slice", "round"):
                self.add(what, dict(field.split("=", 1) for field in fields))
            else:
                sys.exit(f"{path}: no such line: {line!r}")

    def add(self, what, fields):
        where, which = (fields.pop("part", None), fields.pop("kind", None)), fields.pop("round", None)
        condition = fields.pop("condition", None)
        values = {name: number(value) for name, value in fields.items()}
        if what == "start":
            self.starts.append(values)
        elif what == "program":
            self.verified[condition] = int(values["verified"])
        elif what == "slice":
            self.slices[where][int(which)][condition] = values
        else:
            self.notes[where][int(which)] = values

    def rounds(self, part, kind):
        return Rounds(self.slices[part, kind], self.notes[part, kind])

    def fact(self, name):
        return self.facts.get(name) or miss(name)

    def number(self, name):
        value = number(self.facts.get(name, ""))
        if math.isnan(value):
            miss(name)
        return value


def median_interval(values):
    """The range that holds the true median with 95 %, by the sign test; None if too few."""
    n = len(values)
    outside, rank = 0.0, 0
    while rank < n // 2:
        outside += 2 * math.comb(n, rank) / 2**n
        if outside > 1 - CONFIDENCE:
            break
        rank += 1
    ordered = sorted(values)
    return (ordered[rank - 1], ordered[n - rank]) if rank else None


def spread(values, form, what):
    """median [its interval] smallest..largest"""
    if not values or any(math.isnan(value) for value in values):
        return miss(what)
    inner = median_interval(values)
    between = f" [{form.format(inner[0])} to {form.format(inner[1])}]" if inner else ""
    return f"{form.format(statistics.median(values))}{between} {form.format(min(values))}..{form.format(max(values))}"


def median(values, form, what):
    if not values or any(math.isnan(value) for value in values):
        return miss(what)
    return form.format(statistics.median(values))
