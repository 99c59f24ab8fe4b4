#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The hard cases of HTTP/1, on real connections, each with the records it must give.

    cases.py hold SET CLIENT CLIENT_ADDRESS SERVER SERVER_ADDRESS PORT FILE RECORDS
        hold the conversations of a set (cases, timeouts) between two namespaces, and
        write what is expected to FILE; RECORDS is what netlat writes meanwhile
    cases.py check LABEL FILE RECORDS [replay]    netlat's JSON records against that, as check lines
    cases.py counters FILE                  the counters that must come of it: name, value

../cases.sh runs it.
"""

import json
import resource
import sys

import check
import common
import conversation
import ends
import messages
import timeouts

CASES = (messages, ends, timeouts)  # which enter themselves into common.SETS, in this order

# Both ends of all connections are this process's.
DESCRIPTORS = 4096


def hold(among, client, client_address, server, server_address, port, path, records_path):
    lab = conversation.Lab(conversation.Namespace(client, client_address), conversation.Namespace(server, server_address), int(port), records_path)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, most), most))
    for name, function in common.SETS[among]:
        lab.case = name
        try:
            function(lab)
        except Exception as error:  # which conversation could not be held, as all others would fail after it
            raise RuntimeError(f"{name}: {error!r}") from error
    lab.write(path)


def check_records(label, path, records_path, *mode):
    with open(path, encoding="utf-8") as file:
        expected = json.load(file)["records"]
    with open(records_path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    check.check(label, expected, records, bool(mode))


def counters(path):
    with open(path, encoding="utf-8") as file:
        for name, value in json.load(file)["counters"].items():
            print(name, value)


def main(arguments):
    match arguments:
        case ["hold", *rest] if len(rest) == 8:
            hold(*rest)
        case ["check", label, path, records, *mode]:
            check_records(label, path, records, *mode)
        case ["counters", path]:
            counters(path)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
