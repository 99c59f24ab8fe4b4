#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""check_readme.py - hold the README of each folder against its files.

Each file is named in backquotes in the README of its folder, or of the next folder above that has
one: by its name or path from there, by a pattern (`unit/test_*.c`), or, a header, by the name of
its .c. Names of sources in any README are those of files there are. What is wrong is printed, and the
exit status is 1 then.
"""

import fnmatch
import os
import re
import subprocess
import sys

# What no README has to name: itself, what is known anyway, and what the fuzzers found.
UNNAMED = ("README.md", "LICENSE", "Makefile", ".*", "tests/fuzz/regressions/*")
SOURCE = re.compile(r"[\w./*@-]+\.(?:bpf\.[ch]|[ch]|sh|py|lua|proto|yml|service)")


def tracked():
    return subprocess.run(["git", "ls-files"], check=True, capture_output=True,
                          text=True).stdout.splitlines()


def names_in(readme):
    with open(readme, encoding="utf-8") as file:
        return re.findall(r"`([^`\n]+)`", file.read())


def is_meant(name, path, folder):
    """Whether `name`, as it stands in the README of `folder`, is the file `path`."""
    relative = os.path.relpath(path, folder or ".")
    wanted = [relative, os.path.basename(path)]
    if path.endswith(".h"):
        wanted += [each[:-2] + ".c" for each in wanted]
    return any(fnmatch.fnmatchcase(each, name) for each in wanted)


def readme_of(path, readmes):
    folder = os.path.dirname(path)
    while folder and folder not in readmes:
        folder = os.path.dirname(folder)
    return folder


def unnamed(files, readmes):
    for path in files:
        if any(fnmatch.fnmatchcase(path, each) or os.path.basename(path) == each
               for each in UNNAMED):
            continue
        folder = readme_of(path, readmes)
        if folder and not any(is_meant(name, path, folder) for name in readmes[folder]):
            yield f"{path}: is not named in {folder}/README.md"


def missing(files, readmes):
    for folder, names in sorted(readmes.items()):
        for name in names:
            if not SOURCE.fullmatch(name) or name.startswith(("/", "build/")):
                continue
            path = os.path.normpath(os.path.join(folder, name))
            if not any(fnmatch.fnmatchcase(each, path) or fnmatch.fnmatchcase(each, "*/" + name)
                       or fnmatch.fnmatchcase(each, name) for each in files):
                yield f"{folder or '.'}/README.md: there is no {name}"


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    files = tracked()
    readmes = {os.path.dirname(path): names_in(path) for path in files
               if os.path.basename(path) == "README.md"}
    wrong = [*unnamed(files, readmes), *missing(files, readmes)]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
