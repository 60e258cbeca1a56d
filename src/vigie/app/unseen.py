"""What a picture that begins anew needs and the chain's state does not hold: the newest rows of what was not shown."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from vigie.app.pipeline import Outputs
from vigie.terms.rows import chosen, joined
from vigie.terms.snapshot import decode, encode
from vigie.terms.tables import PLOT, TRACK, TRACK_ENDED, WEATHER, Rows
from vigie.terms.units import NS_PER_S
from vigie.wire.recording.body import Folder, unfold

_TRACKS_NS: Final = 2 * NS_PER_S
"""Every live track has a row each second."""
_PLOTS_NS: Final = 10 * NS_PER_S
_WEATHER_NS: Final = 900 * NS_PER_S


class Unseen:
    """The newest tracks, plots and health of every step, shown or not; it begins with ``kept`` of an earlier one."""

    def __init__(self, kept: bytes = b"") -> None:
        self.now_ns = 0
        self.health: Rows | None = None
        self._tracks: deque[tuple[int, Rows]] = deque()
        self._plots: deque[tuple[int, Rows]] = deque()
        self._weather: deque[tuple[int, Rows]] = deque()
        if kept:
            self._plots, self._weather = map(deque, decode(unfold(kept), None))

    def keep(self) -> bytes:
        """Return what a snapshot holds of it, as a body: plots and weather; tracks and health come within a second."""
        return Folder().fold(encode([list(self._plots), list(self._weather)]))

    def take(self, out: Outputs) -> None:
        """Take over one step."""
        self.now_ns, self.health = out.now_ns, out.health
        for held, rows, life_ns in (
            (self._tracks, out.tracks, _TRACKS_NS),
            (self._plots, out.plots, _PLOTS_NS),
            (self._weather, out.weather, _WEATHER_NS),
        ):
            if len(rows):
                held.append((out.now_ns, rows))
            while held and held[0][0] < out.now_ns - life_ns:
                held.popleft()

    def tracks(self) -> Rows:
        """Return the newest row of each track that has not ended."""
        rows = joined([TRACK.empty(), *(rows for _, rows in self._tracks)])
        _, last = np.unique(rows["track_no"][::-1], return_index=True)
        newest = chosen(rows, len(rows) - 1 - last)
        return chosen(newest, newest["status"] != TRACK_ENDED)

    def plots(self) -> Rows:
        """Return the plots of the last ten seconds."""
        return joined([PLOT.empty(), *(rows for _, rows in self._plots)])

    def weather(self) -> Rows:
        """Return the weather of the last quarter of an hour."""
        return joined([WEATHER.empty(), *(rows for _, rows in self._weather)])
