"""The bounded buffer between the reading thread and the tick: rows and octets, allocated once, counted when full."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from vigie.terms.batch import Frames, Octets, no_frames
from vigie.terms.rows import copied, put
from vigie.terms.tables import FRAME

DATAGRAM_MAX: Final = 65_536

# rx_ns, seq, link, format, offset, length, src_addr, src_port: one row of FRAME as it lies in memory.
_ROW: Final = struct.Struct("<qqHBqiIH")
assert _ROW.size == FRAME.dtype.itemsize, "FRAME has changed: the row written here must follow it"


class FrameBuffer:
    """Room for frames up to a mark in octets and in rows. The caller holds the lock."""

    def __init__(self, octets: int, rows: int) -> None:
        self._size = octets + DATAGRAM_MAX
        self._mark = octets
        self._most = rows
        self._new()

    def _new(self) -> None:
        self._data = np.empty(self._size, np.uint8)
        self._view = self._data.data
        self._rows = bytearray(self._most * _ROW.size)
        self._used = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def is_full(self) -> bool:
        """Whether the next frame must be dropped and counted."""
        return self._used >= self._mark or self._count >= self._most

    def room(self) -> memoryview:
        """Return where the next datagram is to be read to: always room for the longest."""
        return self._view[self._used : self._used + DATAGRAM_MAX]

    def peek(self, length: int) -> Octets:
        """Return the ``length`` octets that were just read to ``room()``."""
        return self._data[self._used : self._used + length]

    def commit(self, rx_ns: int, link: int, form: int, length: int, src_addr: int, src_port: int) -> None:
        """Keep the ``length`` octets that were just read to ``room()`` as one frame."""
        _ROW.pack_into(
            self._rows, self._count * _ROW.size, rx_ns, 0, link, form, self._used, length, src_addr, src_port
        )
        self._used += length
        self._count += 1

    def take(self, until_ns: int) -> Frames:
        """Return the frames with ``rx_ns <= until_ns``; the others stay. Rows must have been kept in order of time."""
        if not self._count:
            return no_frames()
        rows = np.frombuffer(self._rows, FRAME.dtype, self._count)
        n = int(np.searchsorted(rows["rx_ns"], until_ns, side="right"))
        if n == 0:
            return no_frames()
        end = int(rows["offset"][n - 1] + rows["length"][n - 1])
        taken = Frames(copied(rows[:n]), self._data[:end].copy())
        left = self._count - n
        if left:
            stay = copied(rows[n:])
            stay["offset"] -= end
            rest = self._data[end : self._used].copy()
            self._data[: len(rest)] = rest
            put(rows, slice(0, left), stay)
        self._used -= end
        self._count = left
        return taken
