#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A client that counts what it received, for containers that have nothing else.

    client.py URL REQUESTS CONNECTIONS [PAUSE_MS]

Sends exactly so many requests, each connection's one after the other with a
pause between them, and prints a line `STATUS COUNT` for each status it was given. Exit status 1 when a
request had no answer.
"""

import collections
import http.client
import sys
import threading
import time
import urllib.parse


def ask(address, target, requests, pause_s, counts, errors):
    connection = http.client.HTTPConnection(address, timeout=10)
    own = collections.Counter()
    try:
        for _ in range(requests):
            connection.request("GET", target)
            response = connection.getresponse()
            response.read()
            own[response.status] += 1
            time.sleep(pause_s)
    except (OSError, http.client.HTTPException) as error:
        errors.append(error)
    connection.close()
    counts.append(own)


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    url = urllib.parse.urlsplit(sys.argv[1])
    requests, connections = int(sys.argv[2]), int(sys.argv[3])
    pause_s = float(sys.argv[4]) / 1000 if len(sys.argv) == 5 else 0
    counts, errors, threads = [], [], []
    for number in range(connections):
        share = requests // connections + (number < requests % connections)
        arguments = (url.netloc, url.path or "/", share, pause_s, counts, errors)
        threads.append(threading.Thread(target=ask, args=arguments))
        threads[-1].start()
    for thread in threads:
        thread.join()
    for status, count in sorted(sum(counts, collections.Counter()).items()):
        print(status, count)
    for error in errors:
        print(f"client.py: {error!r}", file=sys.stderr)
    sys.exit(bool(errors))


if __name__ == "__main__":
    main()
