"""Replays: an address that flies again, to the metre and to the third of a second, the way it flew before.

A transmitter that sends recorded messages says what a genuine flight said some time ago. Nobody flies a way twice so:
pilots and autopilots that repeat a lap differ by more over two minutes. Kept is a place every eight seconds, for one
hour; what repeats is looked for along the lines between them.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.terms.tables import Rows
from vigie.terms.units import NS_PER_S

EVERY_S: Final = 8.0
KEPT: Final = 450
EARLIEST_S: Final = 60.0
"""A replay begins at least so long after what it repeats: nearer it is the flight itself."""
ASIDE_M: Final = 25.0
UP_M: Final = 16.0
DELAY_S: Final = 0.4
RUN: Final = 15
"""So many places in a row, two minutes, are no chance."""
SLOWEST_MPS: Final = 30.0
FORGOTTEN_S: Final = 3600.0
MOST: Final = 2_000
_EARTH_M: Final = 6_371_008.8
Floats = npt.NDArray[np.float32]


class _Path:
    """What one address said of its way: time, east, north (s, m from its first place), pressure altitude."""

    def __init__(self, lat: float, lon: float, t_s: float) -> None:
        self.lat, self.lon, self.start_s = lat, lon, t_s
        self.rows: Floats = np.full((RUN, 4), np.nan, np.float32)
        self.count = 0
        self.last_s = -math.inf
        self.delay_s = math.nan
        self.run = 0


class Replays:
    """Position reports in, in order of time; ``flagged`` addresses out."""

    def __init__(self) -> None:
        self._paths: dict[int, _Path] = {}
        self.flagged: frozenset[int] = frozenset()

    def hear(self, said: Rows, epoch_ns: int) -> None:
        """Take the position reports of one tick (airborne, with address)."""
        _, last = np.unique(said["icao24"][::-1], return_index=True)
        changed = False
        for plot in said[::-1][last]:
            t_s = (int(plot["toa_ns"]) - epoch_ns) / NS_PER_S
            path = self._paths.get(int(plot["icao24"]))
            if path is None:
                if len(self._paths) >= MOST:
                    self._forget(t_s)
                path = self._paths[int(plot["icao24"])] = _Path(float(plot["lat_deg"]), float(plot["lon_deg"]), t_s)
            if t_s - path.last_s >= EVERY_S:
                before = path.run >= RUN
                _add(path, t_s, plot)
                changed |= before != (path.run >= RUN)
        if changed:
            self.flagged = frozenset(a for a, p in self._paths.items() if p.run >= RUN)

    def _forget(self, now_s: float) -> None:
        kept = {a: p for a, p in self._paths.items() if now_s - p.last_s < FORGOTTEN_S}
        self._paths = kept if len(kept) < MOST else dict(list(kept.items())[MOST // 10 :])


def _add(path: _Path, t_s: float, plot: Any) -> None:
    """Keep a place, and look whether it lies on the way as it was flown before, with the delay of the last ones."""
    turn = (float(plot["lon_deg"]) - path.lon + 180.0) % 360.0 - 180.0
    x = math.radians(turn) * math.cos(math.radians(path.lat)) * _EARTH_M
    y = math.radians(float(plot["lat_deg"]) - path.lat) * _EARTH_M
    press = float(plot["press_alt_m"])
    delays = _delays(path, t_s - path.start_s, x, y, press)
    same = delays[np.abs(delays - path.delay_s) < DELAY_S] if path.run else delays[:0]
    if same.size:
        path.run += 1
    elif delays.size:
        path.run, path.delay_s = 1, float(delays.min())
    else:
        path.run, path.delay_s = 0, math.nan
    if path.count == len(path.rows) < KEPT:
        more = min(len(path.rows), KEPT - len(path.rows))
        path.rows = np.concatenate([path.rows, np.full((more, 4), np.nan, np.float32)])
    path.rows[path.count % len(path.rows)] = t_s - path.start_s, x, y, press
    path.count += 1
    path.last_s = t_s


def _delays(path: _Path, t_s: float, x: float, y: float, press: float) -> npt.NDArray[np.float64]:
    """Return how long ago the address was at a place, once for each line of its way that holds it."""
    n = min(path.count, KEPT)
    rows = np.roll(path.rows, -(path.count % KEPT), axis=0)[-n:] if path.count > KEPT else path.rows[:n]
    if n < RUN:
        return np.zeros(0)
    a, b = rows[:-1], rows[1:]
    step = b - a
    square = step[:, 1] ** 2 + step[:, 2] ** 2
    far = (step[:, 0] > 0.0) & (step[:, 0] < 3.0 * EVERY_S) & (square > (SLOWEST_MPS * step[:, 0]) ** 2)
    far &= a[:, 0] < t_s - EARLIEST_S
    a, step, square = a[far], step[far], square[far]
    share = ((x - a[:, 1]) * step[:, 1] + (y - a[:, 2]) * step[:, 2]) / np.maximum(square, 1.0)
    aside = np.hypot(a[:, 1] + share * step[:, 1] - x, a[:, 2] + share * step[:, 2] - y)
    up = np.abs(a[:, 3] + share * step[:, 3] - press)
    on = (share >= 0.0) & (share < 1.0) & (aside < ASIDE_M) & ~(up > UP_M)
    out: npt.NDArray[np.float64] = t_s - (a[:, 0] + share * step[:, 0])[on].astype(np.float64)
    return out
