#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""notified.py SOCKET - be the service manager of sd_notify(3): print each message as a line
SECONDS FIELD=VALUE FIELD=VALUE..., where SECONDS is the monotonic clock's."""
import socket
import sys
import time

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("listening", flush=True)
while True:
    message = listener.recv(65536).decode()
    print(f"{time.monotonic():.3f}", message.replace("\n", "|"), flush=True)
