# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the TCP of one end of a connection says beside the bytes: windows, options, its clock, numbers of packets."""

import struct
from dataclasses import dataclass

NOP = b"\1"


@dataclass
class Stack:
    """None: the end does not do it."""

    window: int = 64240  # bytes that it takes
    shift: int | None = None  # of its windows (RFC 7323, 2)
    mss: int | None = None
    sack: bool = False
    clock: int | None = None  # its timestamps at START_NS; they count milliseconds (RFC 7323, 3)
    ident: int | None = None  # identification of its next IPv4 packet, and one more with each
    ident_step: int = 1
    options: bytes = b""  # of every segment, beside all these

    def timestamps(self, milliseconds):
        return struct.pack("!BBII", 8, 10, (self.clock + milliseconds) & 0xFFFFFFFF, 0)

    def syn_options(self, milliseconds):
        """Those of its SYN or SYN-ACK, in the order of Linux."""
        options = b""
        if self.mss is not None:
            options += struct.pack("!BBH", 2, 4, self.mss)
        if self.sack:
            options += b"\4\2"
        if self.clock is not None:
            options += self.timestamps(milliseconds)
        if self.shift is not None:
            options += NOP + struct.pack("!BBB", 3, 3, self.shift)
        return options + NOP * (-len(options) % 4) + self.options

    def segment_options(self, milliseconds, sack=()):
        """Those of any other segment; sack: blocks of the other end's bytes, as (begin, end)."""
        options = b""
        if self.clock is not None:
            options += NOP + NOP + self.timestamps(milliseconds)
        if sack:
            options += NOP + NOP + struct.pack("!BB", 5, 2 + 8 * len(sack))
            options += b"".join(struct.pack("!II", *(edge & 0xFFFFFFFF for edge in block)) for block in sack)
        return options + self.options

    def next_ident(self):
        if self.ident is None:
            return 0
        ident = self.ident
        self.ident = (ident + self.ident_step) & 0xFFFF
        return ident
