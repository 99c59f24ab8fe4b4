#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What passes a bridge under load while different programs are at its hooks in turn.

    switch.py RAW PART KIND ROUNDS SECONDS ROOT INGRESS EGRESS NAME=PID... -- CONDITION...

The hooks are those of netlat on a bridge: the ingress of the ports, the egress of the
bridge; INGRESS is the server's port, EGRESS the client's port and the bridge, with a
comma. A condition is `nothing` or a NAME, whose process PID has a program at some other
TCX hook. A round has a slice of SECONDS for each; one line a slice is added to RAW.
A round in which processes other than ROOT and its descendants took much CPU time is
marked and taken again, up to twice the number of ROUNDS in all.
"""

import ctypes
import os
import pathlib
import platform
import socket
import struct
import sys
import time

BPF_PROG_GET_FD_BY_ID, BPF_LINK_CREATE = 13, 28
BPF_TCX_INGRESS, BPF_TCX_EGRESS = 46, 47
PF_KTHREAD = 0x200000
SYSCALL_BPF = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "ppc64le": 361, "s390x": 351}
# After a change: connections are resynchronized, the records of before are drained.
SETTLE_S = 0.03
# Of one core: this much taken by others spoils a round.
OTHERS_LIMIT = 0.10

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, *words):
    number = SYSCALL_BPF.get(platform.machine())
    if number is None:
        sys.exit(f"the number of bpf() on {platform.machine()} is not known here")
    attributes = ctypes.create_string_buffer(struct.pack(f"{len(words)}I", *words), 128)
    result = libc.syscall(number, command, attributes, len(attributes))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"bpf({command}): {os.strerror(ctypes.get_errno())}")
    return result


def fdinfo(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def program_of(pid):
    """A descriptor of the program that a process has at its TCX hooks."""
    infos = [fdinfo(path) for path in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir()]
    numbers = {int(info["prog_id"]) for info in infos if info.get("link_type") == "tcx"}
    if len(numbers) != 1:
        sys.exit(f"process {pid} has {len(numbers)} programs at TCX hooks (the kernel needs TCX: 6.6)")
    return bpf(BPF_PROG_GET_FD_BY_ID, numbers.pop())


def machine_ticks():
    fields = pathlib.Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    user, nice, system, idle, iowait, irq, softirq, steal = map(int, fields[1:9])
    busy = user + nice + system + irq + softirq
    return {"busy": busy, "all": busy + idle + iowait + steal, "stolen": steal}


def others_ticks(root):
    """CPU time of all processes but kernel threads and the family of root; of those
    that ended their parent has it."""
    parents, ticks = {}, {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if not int(fields[6]) & PF_KTHREAD:
            pid = int(path.parent.name)
            parents[pid], ticks[pid] = int(fields[1]), sum(map(int, fields[11:15]))
    family = {root}
    while True:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        if not more:
            return sum(used for pid, used in ticks.items() if pid not in family)
        family |= more


class Bench:
    def __init__(self, server_port, client_port, bridge, pids):
        self.hooks = [
            (socket.if_nametoindex(server_port), BPF_TCX_INGRESS),
            (socket.if_nametoindex(client_port), BPF_TCX_INGRESS),
            (socket.if_nametoindex(bridge), BPF_TCX_EGRESS),
        ]
        self.pids = pids
        self.programs = {name: program_of(pid) for name, pid in pids.items()}
        self.bytes_path = pathlib.Path(f"/sys/class/net/{server_port}/statistics/rx_bytes")
        self.links = []

    def attach(self, condition):
        while self.links:
            os.close(self.links.pop())
        if condition == "nothing":
            return
        for ifindex, hook in self.hooks:
            self.links.append(bpf(BPF_LINK_CREATE, self.programs[condition], ifindex, hook))

    def state(self, condition):
        now = {"elapsed_ns": time.monotonic_ns(), "bytes": int(self.bytes_path.read_text())}
        if condition != "nothing":
            info = fdinfo(pathlib.Path(f"/proc/self/fdinfo/{self.programs[condition]}"))
            now |= {"run_ns": int(info["run_time_ns"]), "runs": int(info["run_cnt"])}
            tasks = pathlib.Path(f"/proc/{self.pids[condition]}/task").glob("*/schedstat")
            now["cpu_ns"] = sum(int(path.read_text().split()[0]) for path in tasks)
        return now

    def slice(self, condition, seconds):
        self.attach(condition)
        time.sleep(SETTLE_S)
        before = self.state(condition)
        time.sleep(seconds)
        after = self.state(condition)
        return {name: after[name] - before[name] for name in after}

    def verified(self, condition):
        info = fdinfo(pathlib.Path(f"/proc/self/fdinfo/{self.programs[condition]}"))
        return info.get("verified_insns", 0)


def write(file, what, fields):
    print(what, *(f"{name}={value}" for name, value in fields.items()), sep="\t", file=file)


def order_of(conditions, number):
    """Forwards, then backwards, so that a steady drift cancels; then from the next one on."""
    first = number // 2 % len(conditions)
    order = conditions[first:] + conditions[:first]
    return order[::-1] if number % 2 else order


def main(arguments):
    split = arguments.index("--")
    raw, part, kind, rounds, seconds, root, ingress, egress, *pairs = arguments[:split]
    conditions, rounds = arguments[split + 1 :], int(rounds)
    pids = dict(pair.split("=") for pair in pairs)
    bench = Bench(ingress, *egress.split(","), pids)
    per_s = os.sysconf("SC_CLK_TCK")
    where, good = {"part": part, "kind": kind}, 0
    with open(raw, "a", encoding="utf-8") as file:
        for number in range(2 * rounds):
            others, machine, begin = others_ticks(int(root)), machine_ticks(), time.monotonic()
            for condition in order_of(conditions, number):
                one = bench.slice(condition, float(seconds))
                write(file, "slice", where | {"round": number, "condition": condition} | one)
            after = machine_ticks()
            took = max(0, others_ticks(int(root)) - others) / per_s / (time.monotonic() - begin)
            ticks = {name: after[name] - machine[name] for name in after}
            note = {"round": number, "others": took, "spoiled": int(took > OTHERS_LIMIT)}
            write(file, "round", where | note | ticks)
            good += took <= OTHERS_LIMIT
            if good == rounds:
                break
        bench.attach("nothing")
        for condition in bench.programs:
            write(file, "program", {"condition": condition, "verified": bench.verified(condition)})


if __name__ == "__main__":
    main(sys.argv[1:])
