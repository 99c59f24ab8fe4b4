#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""confine.py UNIT WRITABLE COMMAND... - run COMMAND under the restrictions of a systemd unit, where there
is no systemd to start it: CapabilityBoundingSet=, NoNewPrivileges=, SystemCallFilter=,
RestrictAddressFamilies=, MemoryDenyWriteExecute= and ProtectSystem=strict (the caller's mount
namespace becomes read-only, but for /proc, /dev, /sys and the directory WRITABLE). Needs python3-seccomp and, for the sets of system calls, systemd-analyze."""
import ctypes
import errno
import os
import socket
import subprocess
import sys

import seccomp

PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1


def settings(path):
    """All [Service] lines as a list of (key, value)."""
    section, found = None, []
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and line[0] not in "#;":
            found.append(tuple(line.split("=", 1)))
    return found


def calls_of(name):
    """Names of the system calls of @SET, or of the call itself."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True,
                            capture_output=True, text=True).stdout
    words = [line.strip() for line in listed.splitlines()[1:] if "#" not in line and line.strip()]
    return set().union(*(calls_of(word) for word in words))


def allowed_calls(unit):
    """As systemd.exec(5) has it: the first line makes it a list of what is allowed."""
    # A set that systemd itself adds, for what happens before and in execve().
    allowed = calls_of("@default")
    for key, value in unit:
        if key != "SystemCallFilter":
            continue
        named = set().union(*(calls_of(word) for word in value.lstrip("~").split()))
        allowed = allowed - named if value.startswith("~") else allowed | named
    return allowed | {"execve"}


def filter_calls(unit, allowed):
    refuse = seccomp.ERRNO(errno.EPERM)
    calls = seccomp.SyscallFilter(defaction=refuse)
    families = {value for key, text in unit if key == "RestrictAddressFamilies"
                for value in text.split()}
    for name in allowed:
        if name == "socket":
            for family in families:
                calls.add_rule(seccomp.ALLOW, "socket",
                               seccomp.Arg(0, seccomp.EQ, getattr(socket, family)))
            continue
        try:
            calls.add_rule(seccomp.ALLOW, name)
        except (RuntimeError, ValueError):
            pass  # a name that this architecture, or this libseccomp, does not have
    calls.load()


def make_read_only(writable):
    """What ProtectSystem=strict leaves: the API file systems, and the unit's own directories."""
    subprocess.run(["mount", "--bind", writable, writable], check=True)
    keep = ("/proc", "/dev", "/sys", writable)
    for line in open("/proc/self/mountinfo", encoding="utf-8").readlines():
        point = line.split()[4]
        if not any(point == top or point.startswith(top + "/") for top in keep):
            subprocess.run(["mount", "-o", "remount,bind,ro", point], check=True)


def deny_write_execute():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0:
        sys.exit("confine.py: prctl(PR_SET_MDWE): " + os.strerror(ctypes.get_errno()))


def main():
    path, writable, *command = sys.argv[1:]
    unit = settings(path)
    values = dict(unit)
    assert values["ProtectSystem"] == "strict" and values["NoNewPrivileges"] == "yes"
    assert values["MemoryDenyWriteExecute"] == "yes"
    # First what the filter would forbid; this script goes on as what setpriv executes.
    if os.environ.pop("CONFINED", "") != "yes":
        make_read_only(writable)
        capabilities = ",".join("+" + name.removeprefix("CAP_").lower()
                                for name in values["CapabilityBoundingSet"].split())
        os.environ["CONFINED"] = "yes"
        os.execvp("setpriv", ["setpriv", "--no-new-privs", f"--bounding-set=-all,{capabilities}",
                              "--inh-caps=-all", sys.executable, os.path.abspath(__file__),
                              path, writable, *command])
    allowed = allowed_calls(unit)
    deny_write_execute()
    filter_calls(unit, allowed)
    os.execvp(command[0], command)


main()
