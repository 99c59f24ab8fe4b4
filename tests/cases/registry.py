# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The list of cases: every function under @case of the modules named cases_*.py."""

import importlib
import pathlib
from dataclasses import dataclass
from typing import Callable

import rows
from talk import Case


@dataclass(frozen=True)
class Entry:
    name: str
    covers: rows.Row
    what: str
    options: dict
    not_in_kernel: str | None
    function: Callable


entries = []


def case(covers, options=None, not_in_kernel=None):
    """
    Register a case; its docstring's first line says what it holds. covers: a row of rows.py.
    options: of netlat (max_flows, timeout). not_in_kernel: why test_run refuses it, where it does.
    """

    def register(function):
        what = (function.__doc__ or "").strip().splitlines()
        assert what, f"{function.__name__} has no docstring"
        entries.append(Entry(function.__name__, covers, what[0].rstrip("."), options or {},
                             not_in_kernel, function))
        return function

    return register


def cases():
    if not entries:
        here = pathlib.Path(__file__).parent
        for path in sorted(here.glob("cases_*.py")):
            importlib.import_module(path.stem)
        names = [entry.name for entry in entries]
        assert len(names) == len(set(names)), "two cases of one name"
        missing = [row.text for row in rows.ALL if row not in {entry.covers for entry in entries}]
        assert not missing, f"no case for: {missing}"
    return entries


def build(entry):
    built = Case(entry.name)
    entry.function(built)
    assert built.frames, f"{entry.name} has no packets"
    return built
