"""Files of ASTERIX blocks without a capture around them: raw chains and recorders' files, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.terms.batch import FORMAT_ASTERIX, Frames, Octets
from vigie.terms.tables import FRAME
from vigie.wire.asterix.times import block_times, guess_editions
from vigie.wire.containers.chain import (
    C_JUNK,
    C_SIZE,
    FINAL,
    GPS,
    GPS_HEAD,
    RAW,
    cut_chain,
    cut_recorder,
    running_time,
)

BlockTimes = Callable[[Octets, npt.NDArray[np.int64], npt.NDArray[np.int64], int], npt.NDArray[np.int64]]
"""``times(data, offsets, lengths, day_ns)``: the time of each block in ns, -1 where it has none."""

_PIECES: Final = 16_384
_WAIT_OCTETS: Final = 4 << 20  # how far to look for the first time of a file
_KIND: Final = {"asterix": RAW, "gps": GPS, "final": FINAL}


class BlockClock:
    """The times that blocks state, each category read by the edition that its first blocks obey."""

    def __init__(self) -> None:
        self._editions: dict[int, str] = {}

    def __call__(
        self, data: Octets, offsets: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], day_ns: int
    ) -> npt.NDArray[np.int64]:
        """Return the time of each block in ns, dated by ``day_ns``, -1 where it has none."""
        if not len(offsets):
            return np.empty(0, np.int64)
        sizes = lengths.astype(np.int32)
        strangers = np.isin(data[offsets], np.array(list(self._editions), np.uint8), invert=True)
        if strangers.any():
            self._editions.update(guess_editions(data, offsets[strangers], sizes[strangers]))
        return block_times(data, offsets, sizes, day_ns, editions=self._editions)


class BlockReader:
    """Reads raw ASTERIX (``kind`` "asterix") and recorders' files ("gps", "final"): ``feed`` octets, ``close``.

    One frame per block. Receive time: a recorder's stamp, else the running maximum of the blocks' own times, dated by
    ``day_ns`` and rolled over midnight; blocks before the first time bear that one.
    """

    def __init__(self, kind: str, *, day_ns: int, link: int = 0, times: BlockTimes | None = None) -> None:
        self._kind = _KIND[kind]
        self._day_ns = day_ns
        self._link = link
        self._times = times
        self._rest: Octets = np.zeros(0, np.uint8)
        self._head_left = GPS_HEAD if kind == "gps" else 0
        self._cut_state = np.zeros(C_SIZE, np.int64)
        self._time_state = np.array([-1, -1, 0], np.int64)
        self._pieces = np.empty((_PIECES, 3), np.int64)
        self.blocks = 0

    @property
    def junk_octets(self) -> int:
        """Octets that belong to no block; they are given out as frames of their own."""
        return int(self._cut_state[C_JUNK])

    def feed(self, octets: bytes | memoryview | npt.NDArray[np.uint8]) -> Iterator[Frames]:
        """Yield the blocks that ``octets`` complete."""
        piece = octets if isinstance(octets, np.ndarray) else np.frombuffer(octets, np.uint8)
        if self._head_left:
            passed = min(self._head_left, len(piece))
            self._head_left -= passed
            piece = piece[passed:]
        yield from self._walk(np.concatenate((self._rest, piece)), final=False)

    def close(self) -> Iterator[Frames]:
        """Yield what the end of the file completes or cuts."""
        yield from self._walk(self._rest.copy(), final=True)

    def _walk(self, data: Octets, *, final: bool) -> Iterator[Frames]:
        if not final and self._time_state[0] < 0 and self._kind == RAW and not self._first_time(data):
            self._rest = data
            return
        while True:
            n = len(data)
            if self._kind == RAW:
                used, found = cut_chain(data, n, final, self._cut_state, self._pieces)
            else:
                used, found = cut_recorder(data, n, final, self._kind, self._pieces)
            if found:
                yield self._frames(data, self._pieces[:found])
            data = data[used:]
            if found < _PIECES - 1:
                self._rest = data.copy()
                return

    def _first_time(self, data: Octets) -> bool:
        """Whether the first time of the file is known, or not worth waiting for; it is found in whole blocks only."""
        if self._times is None or len(data) >= _WAIT_OCTETS:
            return True
        state = np.zeros(C_SIZE, np.int64)
        _, found = cut_chain(data, len(data), False, state, self._pieces)
        times = self._block_times(data, self._pieces[:found])
        return bool((times >= 0).any())

    def _block_times(self, data: Octets, pieces: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if self._times is None:
            return np.full(len(pieces), -1, np.int64)
        offsets, lengths = np.ascontiguousarray(pieces[:, 0]), np.ascontiguousarray(pieces[:, 1])
        times = self._times(data, offsets, lengths, self._day_ns)
        return np.where(pieces[:, 2] == 0, times, -1)

    def _frames(self, data: Octets, pieces: npt.NDArray[np.int64]) -> Frames:
        if self._kind == RAW:
            times = self._block_times(data, pieces)
        else:
            times = np.where(pieces[:, 2] >= 0, pieces[:, 2] + self._day_ns, -1)
        if self._time_state[0] < 0 and not (times >= 0).any():
            rx_ns = np.full(len(pieces), self._day_ns, np.int64)
        else:
            rx_ns = np.empty(len(pieces), np.int64)
            running_time(times, self._time_state, rx_ns)
            known = rx_ns[rx_ns >= 0]
            rx_ns[rx_ns < 0] = known[0]
        self.blocks += len(pieces)
        rows = FRAME.empty(len(pieces))
        rows["rx_ns"] = rx_ns
        rows["link"] = self._link
        rows["format"] = FORMAT_ASTERIX
        rows["offset"] = pieces[:, 0]
        rows["length"] = pieces[:, 1]
        return Frames(rows, data)
