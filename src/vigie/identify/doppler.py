"""Range rate against what an aircraft says: an echo that comes nearer while the statement says it goes away.

A radar that measures Doppler and reads the address knows how fast an aircraft closes; its stated place and velocity
say how fast it should. Source of the measure: ASTERIX category 048, I048/120.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vigie.identify.claims import C_LAT, C_LON, C_T, C_VE, C_VN, EARTH_M, find
from vigie.sensors.site import Site
from vigie.terms.tables import PLOT_KIND, Rows

LIMIT_MPS: Final = 25.0
"""A difference beyond this is no error: radars are within 3 m/s, velocities of version 0 within 10 m/s."""
STRIKES: Final = 3
CLEARS: Final = 5
LATEST_S: Final = 5.0
"""A statement older than this is not held against a radar: the aircraft may have turned."""
NEAREST_M: Final = 10_000.0
"""Nearer than this the angle between way and line of sight is not sure enough."""
_RADAR: Final = (PLOT_KIND["psr+ssr"], PLOT_KIND["mode_s"])


@dataclass(slots=True)
class _Tally:
    strikes: int = 0
    agrees: int = 0
    flagged: bool = False


class Doppler:
    """Radar plots and the book of statements in; ``flagged`` addresses out."""

    def __init__(self, site: Site) -> None:
        self._sensors = {s.id: (math.radians(s.lat_deg), math.radians(s.lon_deg)) for s in site.sensors}
        self._tallies: dict[int, _Tally] = {}
        self.flagged: frozenset[int] = frozenset()

    def hear(self, plots: Rows, book: Any, epoch_ns: int) -> None:
        """Hold the range rates of one tick against what their addresses said."""
        told = np.isfinite(plots["range_rate_mps"]) & (plots["icao24"] != 0) & np.isin(plots["kind"], _RADAR)
        if not told.any():
            return
        for plot in plots[told]:
            off = self._off_mps(plot, book, epoch_ns)
            if math.isnan(off):
                continue
            tally = self._tallies.setdefault(int(plot["icao24"]), _Tally())
            if off > LIMIT_MPS:
                tally.strikes, tally.agrees = tally.strikes + 1, 0
            else:
                tally.agrees += 1
                tally.strikes = max(0, tally.strikes - 1)
            tally.flagged = tally.strikes >= STRIKES or (tally.flagged and tally.agrees < CLEARS)
        self.flagged = frozenset(address for address, tally in self._tallies.items() if tally.flagged)
        if len(self._tallies) > 20_000:
            self._tallies = {a: t for a, t in self._tallies.items() if t.flagged or t.strikes}

    def _off_mps(self, plot: Any, book: Any, epoch_ns: int) -> float:
        row = find(book, int(plot["icao24"]))
        place = self._sensors.get(int(plot["sensor_id"]))
        if row < 0 or place is None:
            return math.nan
        c = book[row]
        if not abs((int(plot["toa_ns"]) - epoch_ns) * 1e-9 - c[C_T]) < LATEST_S or math.isnan(c[C_VE]):
            return math.nan
        turn = (c[C_LON] - place[1] + math.pi) % (2.0 * math.pi) - math.pi
        east, north = turn * math.cos(c[C_LAT]) * EARTH_M, (c[C_LAT] - place[0]) * EARTH_M
        away = math.hypot(east, north)
        if away < NEAREST_M:
            return math.nan
        return float(abs((c[C_VE] * east + c[C_VN] * north) / away - float(plot["range_rate_mps"])))
