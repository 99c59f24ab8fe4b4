#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""completed.py FILE TYPED - what a bash on a terminal, which sourced FILE, makes of TYPED and the
tabulator: its words, a line each."""
import os
import pty
import re
import select
import sys
import time

PROMPT, MARK = b"READY> ", b"word:"


def until(fd, wanted, seconds=20):
    """Everything up to what is wanted."""
    got, end = b"", time.monotonic() + seconds
    while not re.search(wanted, got):
        if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"bash did not come to {wanted!r}: {got!r}")
        got += os.read(fd, 65536)
    return got


os.environ.update(PS1=PROMPT.decode(), INPUTRC="/dev/null", TERM="dumb", COLUMNS="400")
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
until(terminal, PROMPT)
os.write(terminal, f"source {sys.argv[1]}; stty cols 400; echo sour''ced\n".encode())
until(terminal, b"sourced\r\n(.|\n)*" + PROMPT)
os.write(terminal, sys.argv[2].encode() + b"\t")
time.sleep(0.5)
# To the line's beginning, and print its words instead of running them.
os.write(terminal, b"\x01printf 'wo''rd:%s\\n' \n")
answer = until(terminal, b"\n" + MARK + b"(.|\n)*" + PROMPT)
print("\n".join(re.findall(r"\nword:(.*?)\r", answer.decode())))
os.write(terminal, b"exit\n")
