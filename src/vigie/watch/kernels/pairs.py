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
def conflicts(
    rows: Longs, everyone: Longs, airborne: Bools, lat: Floats, lon: Floats, amsl: Floats, other: Floats,
    careful: Bools, ve: Floats, vn: Floats, climb: Floats, horizontal_m: float, vertical_m: float, horizon_s: float,
    most_climb: float, out_pair: Longs, out: Floats,
) -> int:  # fmt: skip
    """Write every pair of a row looked at and any other row that will be too near; return how many there are.

    ``out_pair`` (k, 2): the rows, the smaller first; ``out`` (k, 5): first time (s), closest time (s), horizontal
    distance then (m), both distances now. A track without height is left out. Where a height is in doubt
    (``careful``), the geometric height is tried too and the nearer counts. ``most_climb``: climbs beyond it are errors.
    """
    n = everyone.size
    start = np.zeros(BANDS + 1, np.int64)
    for band in range(BANDS):
        start[band + 1] = start[band] + columns_of(band)
    cells = start[BANDS]
    head = np.full(cells, -1, np.int64)
    after = np.full(amsl.size, -1, np.int64)
    fastest = 0.0
    for k in range(n):
        i = everyone[k]
        if not airborne[i] or math.isnan(amsl[i]):
            continue
        fastest = max(fastest, ve[i] * ve[i] + vn[i] * vn[i])
        band = min(BANDS - 1, max(0, int((math.degrees(lat[i]) + 90.0) / 180.0 * BANDS)))
        turn = lon[i] / (2.0 * math.pi)
        width = start[band + 1] - start[band]
        cell = start[band] + min(width - 1, int((turn - math.floor(turn)) * width))
        after[i] = head[cell]
        head[cell] = i
    fastest = math.sqrt(fastest)
    found = 0
    asked = np.zeros(amsl.size, np.bool_)
    for k in range(rows.size):
        asked[rows[k]] = True
    for k in range(rows.size):
        i = rows[k]
        if not airborne[i] or math.isnan(amsl[i]):
            continue
        own = math.sqrt(ve[i] * ve[i] + vn[i] * vn[i])
        reach = horizontal_m + (own + fastest) * horizon_s
        arc = reach / EARTH_M
        low = max(0, int((math.degrees(lat[i] - arc) + 90.0) / 180.0 * BANDS))
        high = min(BANDS - 1, int((math.degrees(lat[i] + arc) + 90.0) / 180.0 * BANDS))
        cosine = math.cos(lat[i])
        own_climb = min(most_climb, max(-most_climb, 0.0 if math.isnan(climb[i]) else climb[i]))
        turn = lon[i] / (2.0 * math.pi)
        turn -= math.floor(turn)
        for band in range(low, high + 1):
            width = start[band + 1] - start[band]
            edge = math.radians(
                min(89.9, max(abs(band / BANDS * 180.0 - 90.0), abs((band + 1) / BANDS * 180.0 - 90.0)))
            )
            half = arc / math.cos(edge) / (2.0 * math.pi) * width + 1.0
            span = min(width, 2 * int(half) + 1)
            left = int(turn * width) - span // 2
            for c in range(left, left + span):
                j = head[start[band] + c % width]
                while j >= 0:
                    partner = j
                    j = after[j]
                    if partner == i or (asked[partner] and partner < i):
                        continue
                    z = amsl[partner] - amsl[i]
                    up = min(most_climb, max(-most_climb, 0.0 if math.isnan(climb[partner]) else climb[partner]))
                    up -= own_climb
                    if careful[i] or careful[partner]:
                        for a in (amsl[i], other[i] if careful[i] else amsl[i]):
                            for b in (amsl[partner], other[partner] if careful[partner] else amsl[partner]):
                                if abs(b - a) < abs(z):
                                    z = b - a
                    if abs(z) - abs(up) * horizon_s > vertical_m:
                        continue
                    dlon = lon[partner] - lon[i]
                    dlon -= 2.0 * math.pi * math.floor((dlon + math.pi) / (2.0 * math.pi))
                    x = dlon * 0.5 * (cosine + math.cos(lat[partner])) * EARTH_M
                    y = (lat[partner] - lat[i]) * EARTH_M
                    if x * x + y * y > reach * reach:
                        continue
                    first, closest, nearest = window(
                        x, y, z, ve[partner] - ve[i], vn[partner] - vn[i], up, horizontal_m, vertical_m, horizon_s
                    )
                    if first > horizon_s:
                        continue
                    if found < out_pair.shape[0]:
                        out_pair[found, 0], out_pair[found, 1] = min(i, partner), max(i, partner)
                        out[found, 0], out[found, 1], out[found, 2] = first, closest, nearest
                        out[found, 3], out[found, 4] = math.sqrt(x * x + y * y), abs(z)
                    found += 1
    return found
