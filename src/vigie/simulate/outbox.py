"""What the sensors have put on the wire and time has not yet let go: frames in the order of their time."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.terms.batch import FORMAT_ASTERIX, FORMAT_BEAST, FORMAT_REMOTEID, Frames, no_frames
from vigie.terms.tables import FRAME

Octets = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


class Outbox:
    """Collects frames from the sensors of a block and lets them go up to an instant, sorted by (rx_ns, link)."""

    ASTERIX: Final = FORMAT_ASTERIX
    BEAST: Final = FORMAT_BEAST
    REMOTE_ID: Final = FORMAT_REMOTEID

    def __init__(self) -> None:
        self._rows = FRAME.empty()
        self._data: list[Octets] = []
        self._size = 0
        self._new: list[npt.NDArray[np.void]] = []
        self._seq = 0

    def add_runs(self, rx_ns: Ints, link: Ints, kind: int, data: Octets, offsets: Ints) -> None:
        """Add n frames: frame k is ``data[offsets[k]:offsets[k + 1]]``, at ``rx_ns[k]`` on ``link[k]``."""
        rows = FRAME.empty(len(rx_ns))
        rows["rx_ns"] = rx_ns
        rows["link"] = link
        rows["format"] = kind
        rows["offset"] = self._size + offsets[:-1]
        rows["length"] = np.diff(offsets)
        self._data.append(data)
        self._size += data.size
        self._new.append(rows[rows["link"] > 0])

    def release(self, until_ns: int) -> Frames:
        """Return the frames with ``rx_ns <= until_ns`` in order, numbered from 0 over the whole exercise."""
        if self._new:
            rows = np.concatenate([self._rows, *self._new])
            self._rows = rows[np.lexsort((rows["link"], rows["rx_ns"]))]
            self._new = []
        n = int(np.searchsorted(self._rows["rx_ns"], until_ns, side="right"))
        if n == 0:
            return no_frames()
        rows, self._rows = self._rows[:n].copy(), self._rows[n:]
        data = np.concatenate(self._data) if self._data else np.zeros(0, np.uint8)
        out, rows["offset"] = _gather(data, rows["offset"], rows["length"])
        rows["seq"] = np.arange(self._seq, self._seq + n)
        self._seq += n
        kept, self._rows["offset"] = _gather(data, self._rows["offset"], self._rows["length"])
        self._data = [kept]
        self._size = kept.size
        return Frames(rows, out)


def _gather(data: Octets, offsets: Ints, lengths: Ints) -> tuple[Octets, Ints]:
    """Return the octets of some frames one after another, and where each begins there."""
    lengths = lengths.astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    index = np.repeat(offsets - starts, lengths) + np.arange(int(lengths.sum()))
    return data[index], starts
