"""What sensors that report by themselves have in common: a place, a period, an eye for who is above the horizon.

Each looks at the sky once a period, at its own phase, and puts what it says into the outbox. Faults switch ``silent``,
``mute``, ``clock_ns`` and ``lost``.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.earth.terrain import Terrain, hidden_many
from vigie.earth.wgs84 import geodetic_to_ecef
from vigie.simulate.beast_out import Navigation
from vigie.simulate.draw import key_of, unit_of
from vigie.simulate.fleet import Fleet, hermite
from vigie.simulate.ground import masks_of
from vigie.simulate.outbox import Outbox
from vigie.simulate.rows import SensorRow
from vigie.terms.tables import PLOT, Rows
from vigie.terms.units import NS_PER_S, RAD_PER_DEG

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

R_MEAN_M: Final = 6371008.8
TIME_LSB_NS: Final = 7_812_500
_STREAM_SYSTEM: Final = 11
_SUBJECTS: Final = 1 << 24


class Reporter:
    """One such sensor; ``terrain`` is what hides aircraft from it."""

    def __init__(self, row: SensorRow, link: int, start_ns: int, seed: int, terrain: Terrain | None = None) -> None:
        s = row.sensor
        self.row = row
        self.link = link
        self.start_ns = start_ns
        self.key = key_of(seed, _STREAM_SYSTEM, s.id)
        self._phase_s = unit_of(seed, _STREAM_SYSTEM, s.id) * s.period_s
        lat, lon = s.lat_deg * RAD_PER_DEG, s.lon_deg * RAD_PER_DEG
        self.at = np.array(geodetic_to_ecef(lat, lon, s.height_m))
        sl, cl, so, co = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
        self.enu = np.array([[-so, co, 0.0], [-sl * co, -sl * so, cl], [cl * co, cl * so, sl]])
        self.delay_ns = round(s.delay_s * NS_PER_S)
        self._mask = masks_of(terrain, [row])[0]
        self.silent = False
        self.mute = False
        self.clock_ns = 0
        self.lost: npt.NDArray[np.bool_] | None = None
        """Aircraft hidden from it in this block."""

    def report(self, fleet: Fleet, gnss: Navigation, outbox: Outbox) -> Rows:
        """Put what the sensor reports of the fleet's last block into ``outbox``; return it as PLOT rows."""
        t0_s = float(fleet.now_s - 1)
        period_s = self.row.sensor.period_s
        first = math.ceil((t0_s - self._phase_s) / period_s)
        rows = [PLOT.empty()]
        while first * period_s + self._phase_s < t0_s + 1.0:
            at_s = first * period_s + self._phase_s
            if not self.silent:
                self.say_alive(at_s, first, outbox)
                if not self.mute:
                    rows.append(self.look(fleet, gnss, at_s, first, outbox))
            first += 1
        out: Rows = np.concatenate(rows)
        return out

    def say_alive(self, at_s: float, number: int, outbox: Outbox) -> None:
        """Send the status message of one period, where the sensor has one."""

    def look(self, fleet: Fleet, gnss: Navigation, at_s: float, number: int, outbox: Outbox) -> Rows:
        """Put the reports of one period into the outbox; return them as PLOT rows."""
        raise NotImplementedError

    @staticmethod
    def draws(number: int, i: Ints) -> Ints:
        """Return the numbers of the draws that belong to aircraft ``i`` at one look."""
        return number * _SUBJECTS + i

    def toa_ns(self, at_s: float) -> int:
        """Return the time that the sensor's own clock shows, in whole steps of 1/128 s."""
        return round((self.start_ns + self.clock_ns + at_s * NS_PER_S) / TIME_LSB_NS) * TIME_LSB_NS

    def there(self, fleet: Fleet, wanted: int) -> Ints:
        """Return the aircraft that are there and have one of the ``wanted`` systems (0: whatever they have)."""
        there = np.isfinite(fleet.before[0]) & np.isfinite(fleet.after[0])
        there &= fleet.who.has & wanted > 0 if wanted else ~fleet.ghost
        if self.lost is not None:
            there &= ~self.lost
        return np.flatnonzero(there)

    def seen(self, fleet: Fleet, i: Ints, at_s: float) -> tuple[Ints, Floats, Floats]:
        """Return which of the aircraft are above the horizon and in range, in local and earth coordinates (m, 3)."""
        f = np.full(i.size, at_s - (fleet.now_s - 1))
        xyz = hermite(fleet.before[:, i], fleet.after[:, i], f).T
        local = (xyz - self.at) @ self.enu.T
        r = np.sqrt((local**2).sum(axis=1))
        least = self.row.physics.get("min_elevation_deg", 0.0) * RAD_PER_DEG
        up = local[:, 2] / np.maximum(r, 1.0) + r / (8.0 * R_MEAN_M)
        good = (r < self.row.sensor.max_range_m) & (up > math.sin(least))
        if self._mask.size:
            good &= ~hidden_many(self._mask, np.ascontiguousarray(local))
        return i[good], local[good], xyz[good]
