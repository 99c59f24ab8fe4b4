#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Ask a range of addresses for /health, a connection each: as many services as addresses.

    many_services.py NETWORK FIRST COUNT [PORT]

The server's host has all of NETWORK (ip route add local NETWORK dev lo).
"""

import http.client
import ipaddress
import sys


def main():
    network = ipaddress.ip_network(sys.argv[1])
    first, count = int(sys.argv[2]), int(sys.argv[3])
    port = int(sys.argv[4]) if len(sys.argv) > 4 else 8080
    for number in range(first, first + count):
        connection = http.client.HTTPConnection(str(network[number]), port, timeout=10)
        connection.request("GET", "/health")
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            sys.exit(f"{network[number]}: status {response.status}")
        connection.close()


if __name__ == "__main__":
    main()
