#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Ask a range of addresses for /health, a connection each: as many services as addresses.

    many_services.py [--method METHOD] NETWORK FIRST COUNT

The server's host has all of NETWORK (ip route add local NETWORK dev lo).
"""

import argparse
import http.client
import ipaddress
import sys


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--method", default="GET")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("network", type=ipaddress.ip_network)
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    return parser.parse_args()


def main():
    options = parse_options()
    expected = 200 if options.method == "GET" else 501
    for number in range(options.first, options.first + options.count):
        address = str(options.network[number])
        connection = http.client.HTTPConnection(address, options.port, timeout=10)
        connection.request(options.method, "/health")
        response = connection.getresponse()
        response.read()
        if response.status != expected:
            sys.exit(f"{address}: status {response.status}, not {expected}")
        connection.close()


if __name__ == "__main__":
    main()
