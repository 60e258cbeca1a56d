"""Short-term conflict: which pairs of tracks will be too near within a horizon. Grid-bounded, closest point by algebra.

A pair is in conflict where there is a time within the horizon at which both its horizontal distance and its vertical
distance are below the minima, both flying on as they do. The tracks are sorted into cells of latitude bands; each asks
the cells that its farthest possible partner may stand in. Nothing is special at the antimeridian or a pole.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import Floats
from vigie.terms.kernel import kernel

Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

EARTH_M: Final = 6_371_008.8
BANDS: Final = 360  # of half a degree


@kernel
def columns_of(band: int) -> int:
    """Return how many cells of about half a degree of arc a band of latitude has."""
    lat = math.radians((band + 0.5) / BANDS * 180.0 - 90.0)
    return max(1, int(2.0 * BANDS * math.cos(lat)))


@kernel
def window(
    dx: float, dy: float, dz: float, ux: float, uy: float, uz: float, horizontal_m: float, vertical_m: float,
    horizon_s: float,
) -> tuple[float, float, float]:  # fmt: skip
    """Return when a pair is first too near (s, infinite: never in the horizon), and its closest time and distance.

    ``d`` is the other's place less one's own (m), ``u`` its velocity less one's own (m/s). The closest point is that of
    the horizontal distance within the horizon.
    """
    square = ux * ux + uy * uy
    along = dx * ux + dy * uy
    now2 = dx * dx + dy * dy
    closest = 0.0
    if square > 1e-9:
        closest = min(horizon_s, max(0.0, -along / square))
    ex, ey = dx + ux * closest, dy + uy * closest
    nearest = math.sqrt(ex * ex + ey * ey)
    first, last = 0.0, horizon_s
    limit = horizontal_m * horizontal_m
    if now2 > limit:
        disc = along * along - square * (now2 - limit)
        if square <= 1e-9 or disc < 0.0 or along >= 0.0:
            return math.inf, closest, nearest
        root = math.sqrt(disc)
        first, last = (-along - root) / square, (-along + root) / square
    elif square > 1e-9:
        last = min(last, (-along + math.sqrt(max(0.0, along * along - square * (now2 - limit)))) / square)
    if not math.isnan(dz):
        if abs(uz) < 1e-6:
            if abs(dz) >= vertical_m:
                return math.inf, closest, nearest
        else:
            a, b = (-vertical_m - dz) / uz, (vertical_m - dz) / uz
            first, last = max(first, min(a, b)), min(last, max(a, b))
    if first > horizon_s or first >= last or last <= 0.0:
        return math.inf, closest, nearest
    return first, closest, nearest


@kernel
def sort_cells(
    everyone: Longs, airborne: Bools, lat: Floats, lon: Floats, amsl: Floats, ve: Floats, vn: Floats, start: Longs,
    count: Longs, cell_of: Longs, packed: Longs, climb: Floats, careful: Bools, most_climb: float, near: Floats,
) -> float:  # fmt: skip
    """Sort the rows that may be partners by cell and return the fastest speed (m/s).

    ``start`` (BANDS + 1): first cell of each band. ``count`` (cells + 2) becomes, one place on, where each cell's rows
    begin in ``packed``; ``near`` (rows, 3) is latitude, height (NaN: in doubt) and rate of climb beside them.
    """
    count[:] = 0
    fastest = 0.0
    for k in range(everyone.size):
        i = everyone[k]
        cell_of[k] = -1
        if not airborne[i] or math.isnan(amsl[i]):
            continue
        fastest = max(fastest, ve[i] * ve[i] + vn[i] * vn[i])
        band = min(BANDS - 1, max(0, int((math.degrees(lat[i]) + 90.0) / 180.0 * BANDS)))
        turn = lon[i] / (2.0 * math.pi)
        width = start[band + 1] - start[band]
        cell_of[k] = start[band] + min(width - 1, int((turn - math.floor(turn)) * width))
        count[cell_of[k] + 1] += 1
    for c in range(count.size - 1):
        count[c + 1] += count[c]
    for k in range(everyone.size - 1, -1, -1):
        if cell_of[k] >= 0:
            count[cell_of[k] + 1] -= 1
            at, i = count[cell_of[k] + 1], everyone[k]
            packed[at] = i
            near[at, 0], near[at, 1] = lat[i], math.nan if careful[i] else amsl[i]
            near[at, 2] = min(most_climb, 0.0 if math.isnan(climb[i]) else abs(climb[i]))
    return math.sqrt(fastest)


@kernel
def band_starts() -> Longs:
    """Return the number of the first cell of each band, and at the end how many cells there are."""
    start = np.zeros(BANDS + 1, np.int64)
    for band in range(BANDS):
        start[band + 1] = start[band] + columns_of(band)
    return start


@kernel
def conflicts(
    rows: Longs, airborne: Bools, lat: Floats, lon: Floats, amsl: Floats, other: Floats, careful: Bools, ve: Floats,
    vn: Floats, climb: Floats, horizontal_m: float, vertical_m: float, horizon_s: float, most_climb: float,
    start: Longs, first_of: Longs, packed: Longs, near: Floats, fastest: float, asked: Bools, out_pair: Longs,
    out: Floats,
) -> int:  # fmt: skip
    """Write every pair of a row looked at (``asked``) and any other that will be too near; return how many there are.

    ``out_pair`` (k, 2): the rows, the smaller first; ``out`` (k, 5): first time (s), closest time (s), horizontal
    distance then (m), both distances now. A track without height is left out. Where a height is in doubt
    (``careful``), the geometric height is tried too and the nearer counts. ``most_climb``: climbs beyond it are errors.
    The cells of ``sort_cells`` may be a second old: the reach is widened by what a track flies in it.
    """
    found = 0
    for k in range(rows.size):
        i = rows[k]
        if not airborne[i] or math.isnan(amsl[i]):
            continue
        own = math.sqrt(ve[i] * ve[i] + vn[i] * vn[i])
        reach = horizontal_m + (own + fastest) * horizon_s
        wide = (reach + 1.1 * (own + fastest)) / EARTH_M
        arc = (reach + 1.1 * (own + fastest)) / EARTH_M
        low = max(0, int((math.degrees(lat[i] - arc) + 90.0) / 180.0 * BANDS))
        high = min(BANDS - 1, int((math.degrees(lat[i] + arc) + 90.0) / 180.0 * BANDS))
        cosine = math.cos(lat[i])
        sine = math.sin(lat[i])
        own_climb = min(most_climb, max(-most_climb, 0.0 if math.isnan(climb[i]) else climb[i]))
        turn = lon[i] / (2.0 * math.pi)
        turn -= math.floor(turn)
        for band in range(low, high + 1):
            width = start[band + 1] - start[band]
            south = band / BANDS * 180.0 - 90.0
            edge = math.radians(min(89.9, max(abs(south), abs(south + 180.0 / BANDS))))
            half = arc / math.cos(edge) / (2.0 * math.pi) * width + 1.0
            span = min(width, 2 * int(half) + 1)
            left = int(turn * width) - span // 2
            for c in range(left, left + span):
                cell = start[band] + c % width
                for p in range(first_of[cell + 1], first_of[cell + 2]):
                    # A second old, side by side in memory: enough to leave out most.
                    if abs(near[p, 0] - lat[i]) > wide:
                        continue
                    if abs(near[p, 1] - amsl[i]) - (near[p, 2] + abs(own_climb)) * (horizon_s + 1.1) > vertical_m:
                        continue
                    j = packed[p]
                    if j == i or (asked[j] and j < i):
                        continue
                    z = amsl[j] - amsl[i]
                    up = min(most_climb, max(-most_climb, 0.0 if math.isnan(climb[j]) else climb[j])) - own_climb
                    if careful[i] or careful[j]:
                        for a in (amsl[i], other[i] if careful[i] else amsl[i]):
                            for b in (amsl[j], other[j] if careful[j] else amsl[j]):
                                if abs(b - a) < abs(z):
                                    z = b - a
                    if abs(z) - abs(up) * horizon_s > vertical_m:
                        continue
                    y = (lat[j] - lat[i]) * EARTH_M
                    if abs(y) > reach:
                        continue
                    dlon = lon[j] - lon[i]
                    if abs(dlon) > math.pi:
                        dlon -= 2.0 * math.pi * math.floor((dlon + math.pi) / (2.0 * math.pi))
                    # The cosine halfway between the two latitudes, to the second order.
                    dlat = 0.5 * (lat[j] - lat[i])
                    x = dlon * (cosine * (1.0 - 0.5 * dlat * dlat) - sine * dlat) * EARTH_M
                    if x * x + y * y > reach * reach:
                        continue
                    first, closest, nearest = window(
                        x, y, z, ve[j] - ve[i], vn[j] - vn[i], up, horizontal_m, vertical_m, horizon_s
                    )
                    if first > horizon_s:
                        continue
                    if found < out_pair.shape[0]:
                        out_pair[found, 0], out_pair[found, 1] = min(i, j), max(i, j)
                        out[found, 0], out[found, 1], out[found, 2] = first, closest, nearest
                        out[found, 3], out[found, 4] = math.sqrt(x * x + y * y), abs(z)
                    found += 1
    return found


class Cells:
    """The rows sorted into cells once a second, for all that search for partners."""

    def __init__(self) -> None:
        self.start = band_starts()
        self._count = np.zeros(int(self.start[-1]) + 2, np.int64)
        self._packed = np.zeros(0, np.int64)
        self._near = np.zeros((0, 3))
        self._fastest = 0.0

    def sort(
        self, everyone: Longs, usable: Bools, lat: Floats, lon: Floats, amsl: Floats, ve: Floats, vn: Floats,
        climb: Floats, careful: Bools, most_climb: float,
    ) -> None:  # fmt: skip
        """Sort rows; ``usable`` and the arrays are by board row."""
        if self._packed.size < everyone.size:
            self._packed = np.zeros(2 * everyone.size, np.int64)
            self._near = np.zeros((2 * everyone.size, 3))
        cell_of = np.empty(everyone.size, np.int64)
        self._fastest = sort_cells(
            everyone, usable, lat, lon, amsl, ve, vn, self.start, self._count, cell_of, self._packed, climb,
            careful, most_climb, self._near,
        )  # fmt: skip

    def search(
        self, rows: Longs, airborne: Bools, lat: Floats, lon: Floats, amsl: Floats, other: Floats, careful: Bools,
        ve: Floats, vn: Floats, climb: Floats, *, horizontal_m: float, vertical_m: float, horizon_s: float,
        most_climb: float,
    ) -> tuple[Longs, Floats]:  # fmt: skip
        """Return the pairs and their numbers, see ``conflicts``."""
        asked = np.zeros(amsl.size, bool)
        asked[rows] = True
        room = 1024
        while True:
            pair, out = np.zeros((room, 2), np.int64), np.zeros((room, 5))
            count = conflicts(
                rows, airborne, lat, lon, amsl, other, careful, ve, vn, climb, horizontal_m, vertical_m, horizon_s,
                most_climb, self.start, self._count, self._packed, self._near, self._fastest, asked, pair, out,
            )  # fmt: skip
            if count <= room:
                return pair[:count], out[:count]
            room = count
