#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Generate the captures of the hard cases, and what they must give.

    generate.py DIRECTORY      writes CASE.pcap and CASE.expected.json for each case
    generate.py --table        prints the table of cases that README.md ends with
    generate.py --check-readme whether it does

The output depends on nothing but these files.
"""

import json
import pathlib
import sys

import registry
import rows


def write_case(directory, entry):
    case = registry.build(entry)
    wire_case = {
        "name": entry.name,
        "covers": entry.covers.text,
        "what": entry.what,
        "options": entry.options,
        "not_in_kernel": entry.not_in_kernel,
        "counters": case.expected_counters(),
        "sums": case.sums,
        "records": case.sorted_records(),
    }
    case.write(directory / f"{entry.name}.pcap")
    text = json.dumps(wire_case, indent=1)
    (directory / f"{entry.name}.expected.json").write_text(text + "\n")


def table():
    lines = ["| case | what it holds | (a) | (b) |", "|---|---|---|---|"]
    for row in rows.ALL:
        real = " (c)" if row.real_traffic else ""
        lines.append(f"| **{row.text}**{real} | | | |")
        for entry in registry.cases():
            if entry.covers is row:
                kernel = f"no: {entry.not_in_kernel}" if entry.not_in_kernel else "yes"
                lines.append(f"| `{entry.name}` | {entry.what.replace('|', ' ')} | yes | {kernel} |")
    return "\n".join(lines) + "\n"


def readme_is_current():
    """Whether README.md ends with the table."""
    return (pathlib.Path(__file__).parent / "README.md").read_text().endswith("\n\n" + table())


def main(arguments):
    match arguments:
        case ["--table"]:
            print(table(), end="")
        case ["--check-readme"]:
            if not readme_is_current():
                sys.exit("tests/cases/README.md does not end with what generate.py --table prints")
        case [name] if not name.startswith("-"):
            directory = pathlib.Path(name)
            directory.mkdir(parents=True, exist_ok=True)
            for old in (*directory.glob("*.pcap"), *directory.glob("*.expected.json")):
                old.unlink()
            for entry in registry.cases():
                write_case(directory, entry)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
