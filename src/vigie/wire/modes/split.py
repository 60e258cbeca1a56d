"""Files of Mode S streams: which kind a file is, and where its messages end and when they came.

A reader feeds blocks of a file to a ``MessageCutter`` and makes one frame of each piece, or of all pieces of 100 ms
(``Cut.by_period``). The pieces lie end to end: put together they are the file, octet for octet, so nothing of it
escapes the ledger. Times come from the stamps in the file; without any, all are 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.terms.units import NS_PER_S
from vigie.wire.modes.sbs import LINE_STATUS, NO_TIME, new_lines, split_sbs
from vigie.wire.modes.stream import HEX_VALUES, KIND_MODE_AC, KIND_NONE, KIND_STATUS, new_items, split_avr, split_beast
from vigie.wire.modes.tables import I8, U1

KINDS: Final = ("beast", "avr", "sbs")
_BLOCK: Final = 8192
_LOOK: Final = 65536
_WRAP: Final = 1 << 48
_LOW: Final = (1 << 30) - 1
_GAP_NS: Final = 3600 * NS_PER_S
"""A stamp more than an hour on, or one that goes back, begins a new count: the time then stands still for a message."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Pieces of a file, one message each: ``octets[offsets[i] : offsets[i] + lengths[i]]``.

    ``time_ns`` counts from the first message of the file and never goes back. ``first_ns`` is when that was, as far as
    the file tells: ``clock`` "logged" (BaseStation: UTC as written), "gps" (time of day), "ticks" (12 MHz: 0), "" (0).
    """

    octets: U1
    offsets: I8
    lengths: I8
    time_ns: I8
    first_ns: int
    clock: str

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self.offsets)

    def by_period(self, period_ns: int) -> Cut:
        """Return the cut with neighbouring pieces of the same period as one, with the time of its last message."""
        if not len(self):
            return self
        last = np.append(np.flatnonzero(np.diff(self.time_ns // period_ns)), len(self) - 1)
        ends = (self.offsets + self.lengths)[last]
        starts = np.append(self.offsets[:1], ends[:-1])
        return Cut(self.octets, starts, ends - starts, self.time_ns[last], self.first_ns, self.clock)


def sniff_kind(data: bytes | U1) -> str | None:
    """Return "beast", "avr" or "sbs" by what the first 64 KiB hold, None where it is none of them.

    Nine tenths of the octets must belong to messages that read well; a cut first or last message does no harm.
    """
    head = np.array(np.frombuffer(data, np.uint8)[:_LOOK] if isinstance(data, bytes) else data[:_LOOK])
    if not len(head):
        return None
    state = np.zeros(8, np.int64)
    if bool((head == 0x1A).any()):
        items = new_items(_BLOCK)
        count, used = split_beast(head, len(head), state, items)
        good = items.kind[:count] != KIND_NONE
        covered = int((items.end[:count] - items.start[:count])[good].sum())
        if good.any() and covered >= 0.9 * used - 64:
            return "beast"
    if bool((head > 126).any()):
        return None
    text = np.append(head, np.uint8(10))
    for kind in ("avr", "sbs"):
        state[:] = 0
        if kind == "avr":
            items = new_items(_BLOCK)
            count, _ = split_avr(text, len(text), state, HEX_VALUES, items)
            good = items.reason[:count] == 0
            good &= items.kind[:count] >= KIND_MODE_AC
        else:
            lines = new_lines(_BLOCK)
            count, _ = split_sbs(text, len(text), state, HEX_VALUES, np.zeros(24, np.int64), lines)
            good = (lines.reason[:count] == 0) & (lines.kind[:count] > 0)
        if good.any() and good.sum() >= 0.9 * count - 2:
            return kind
    return None


class MessageCutter:
    """Cuts a file of one kind, block by block; keeps the unfinished rest between blocks, and the clock."""

    def __init__(self, kind: str, *, gps: bool | None = None) -> None:
        """Cut files of ``kind`` "beast", "avr" or "sbs".

        ``gps`` says whether the stamps come from a GPS clock; None: as the first block that has stamps makes it look.
        """
        self.kind = kind
        self.clock = ""
        self.first_ns = 0
        self._gps = gps
        self._rest: U1 = np.zeros(0, np.uint8)
        self._state = np.zeros(8, np.int64)
        self._items = new_items(_BLOCK)
        self._lines = new_lines(_BLOCK)
        self._cuts = np.zeros(24, np.int64)
        self._last_stamp = -1
        self._time_ns = 0

    def cut(self, block: bytes | U1, *, end: bool = False) -> Cut:
        """Return the pieces that end in this block; with ``end`` the unfinished rest is the last piece."""
        new = np.frombuffer(block, np.uint8) if isinstance(block, bytes) else block
        octets = np.concatenate((self._rest, new))  # a copy: kernels are compiled for octets that may be written
        ends: list[I8] = []
        stamps: list[I8] = []
        used = 0
        while used < len(octets):
            count, taken, done, stamp = self._split(octets[used:])
            ends.append(done + used)
            stamps.append(stamp)
            used += taken
            if taken == 0 or (count == 0 and used >= len(octets)):
                break
        if end and used < len(octets):
            ends.append(np.array([len(octets)]))
            stamps.append(np.array([-1]))
            used = len(octets)
        stops = np.concatenate(ends) if ends else np.zeros(0, np.int64)
        times = self._times(np.concatenate(stamps) if stamps else np.zeros(0, np.int64))
        if len(stops):
            # What lies between two messages goes with the second; what is behind the last waits, or closes the file.
            if end:
                stops[-1] = len(octets)
            self._rest = octets[int(stops[-1]) :].copy()
        elif end and len(octets):
            stops, times = np.array([len(octets)]), np.array([self._time_ns])
            self._rest = np.zeros(0, np.uint8)
        else:
            self._rest = octets.copy()
        self._state[:] = 0  # the rest is read again with the next block
        starts = np.append(np.zeros(min(1, len(stops)), np.int64), stops[:-1])
        return Cut(octets, starts, stops - starts, times, self.first_ns, self.clock)

    def _split(self, octets: U1) -> tuple[int, int, I8, I8]:
        """Return the count of messages in a block's worth, the octets used, where each ends, and its stamp."""
        if self.kind == "sbs":
            lines = self._lines
            count, taken = split_sbs(octets, len(octets), self._state, HEX_VALUES, self._cuts, lines)
            stamps = np.where(
                (lines.reason[:count] == 0) & (lines.kind[:count] != LINE_STATUS), lines.logged_ns[:count], NO_TIME
            )
            return count, taken, lines.end[:count].copy(), stamps
        items = self._items
        if self.kind == "beast":
            count, taken = split_beast(octets, len(octets), self._state, items)
        else:
            count, taken = split_avr(octets, len(octets), self._state, HEX_VALUES, items)
        usable = (items.kind[:count] != KIND_NONE) & (items.kind[:count] != KIND_STATUS) & (items.reason[:count] == 0)
        return count, taken, items.end[:count].copy(), np.where(usable, items.stamp[:count], -1)

    def _times(self, stamps: I8) -> I8:
        """Return the time of each message since the first, from stamps of which -1 is none."""
        known = stamps > 0
        if not self.clock and bool(known.any()):
            first = int(stamps[known][0])
            if self.kind == "sbs":
                self.clock, self.first_ns = "logged", first
            elif self._gps or (self._gps is None and _is_gps(stamps[known])):
                self.clock, self.first_ns = "gps", (first >> 30) * NS_PER_S + (first & _LOW)
            else:
                self.clock = "ticks"
            self._last_stamp = first
        out = np.full(len(stamps), self._time_ns, np.int64)
        if not known.any():
            return out
        values = stamps[known]
        steps = np.diff(values, prepend=self._last_stamp)
        self._last_stamp = int(values[-1])
        if self.clock == "gps":
            ns = (values >> 30) * NS_PER_S + (values & _LOW)
            before = values[0] - steps[0]
            steps = np.diff(ns, prepend=(before >> 30) * NS_PER_S + (before & _LOW))
            steps = np.where(steps < -43_200 * NS_PER_S, steps + 86_400 * NS_PER_S, steps)
        elif self.clock == "ticks":
            steps = (steps % _WRAP) * 1000 // 12
        steps = np.where((steps < 0) | (steps > _GAP_NS), 0, steps)
        at = np.cumsum(known) - 1
        total = self._time_ns + np.cumsum(steps)
        out = np.where(at >= 0, total[np.maximum(at, 0)], self._time_ns)
        self._time_ns = int(total[-1])
        return out


def _is_gps(stamps: I8) -> bool:
    """Return whether stamps are second and nanosecond of the day, not a 12 MHz count.

    A count's lower 30 bits run to 1.07e9 before the upper ones step; nanoseconds never reach 1e9. So the stamps must
    step at least once, in the way of seconds; a file too short to show it is taken as counted.
    """
    seconds = stamps >> 30
    return bool(
        (seconds < 86400).all() and ((stamps & _LOW) < NS_PER_S).all() and seconds[-1] != seconds[0] and len(stamps) > 8
    )


def cut_all(data: bytes | U1, kind: str) -> Cut:
    """Return all messages of a file that is in memory."""
    return MessageCutter(kind).cut(data, end=True)
