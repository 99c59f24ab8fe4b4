#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""terminal.py NETLAT OPTION... - netlat on a terminal of its own: SIGHUP while the terminal is
there leaves it running, and ends it once the terminal is gone. Prints check lines."""
import os
import pty
import signal
import subprocess
import sys
import time


def start():
    """netlat in a session whose controlling terminal is a new one; its talk in a pipe."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", *sys.argv[1:]], stdin=slave, stdout=slave, stderr=subprocess.PIPE)
    os.close(slave)
    for line in process.stderr:
        if line.startswith(b"netlat: observing "):
            return process, master
    sys.exit(f"netlat ended early, {process.wait()}")


def say(name, good, why):
    print(f"ok {name}" if good else f"not ok {name}: {why}")


process, master = start()
process.send_signal(signal.SIGHUP)
time.sleep(0.5)
say("terminal: SIGHUP does not end it while the terminal is there", process.poll() is None,
    f"ended with {process.poll()}")
os.close(master)  # as a window that is closed: the kernel sends SIGHUP
try:
    status = process.wait(5)
    said = process.stderr.read()
    say("terminal: it ends with its terminal", status == 0, f"status {status}: {said[-300:]!r}")
    say("terminal: and with its summary", b"paired" in said, repr(said[-300:]))
except subprocess.TimeoutExpired:
    process.kill()
    say("terminal: it ends with its terminal", False, "still there after 5 s")
