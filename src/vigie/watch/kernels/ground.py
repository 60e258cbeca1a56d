"""The ground below tracks and ahead of them, from a grid of heights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import Floats, radii
from vigie.terms.kernel import kernel

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terrain:
    """Ground heights on a grid of latitude and longitude: ``heights_m[row, column]`` above mean sea level.

    ``lat0_deg`` and ``lon0_deg`` are those of row 0, column 0; ``step_deg`` is positive (rows go north).
    """

    lat0_deg: float
    lon0_deg: float
    step_deg: float
    heights_m: Floats


NO_TERRAIN = Terrain(lat0_deg=0.0, lon0_deg=0.0, step_deg=1.0, heights_m=np.zeros((0, 0)))


@kernel
def height_at(lat_rad: float, lon_rad: float, lat0_deg: float, lon0_deg: float, step_deg: float, grid: Floats) -> float:
    """Return the ground height at a place, between four points of the grid; NaN outside of it."""
    row = (math.degrees(lat_rad) - lat0_deg) / step_deg
    lon = math.degrees(lon_rad) - lon0_deg
    column = (lon - 360.0 * math.floor(lon / 360.0)) / step_deg
    if not (0.0 <= row <= grid.shape[0] - 1.0 and 0.0 <= column <= grid.shape[1] - 1.0):
        return math.nan
    i, j = min(int(row), grid.shape[0] - 2), min(int(column), grid.shape[1] - 2)
    a, b = row - i, column - j
    south = (1.0 - b) * grid[i, j] + b * grid[i, j + 1]
    north = (1.0 - b) * grid[i + 1, j] + b * grid[i + 1, j + 1]
    return float((1.0 - a) * south + a * north)


@kernel
def ground_below(
    rows: Longs, lat: Floats, lon: Floats, lat0_deg: float, lon0_deg: float, step_deg: float, grid: Floats, out: Floats
) -> None:
    """Write the ground height below each row; NaN where the grid does not reach."""
    for k in range(rows.size):
        i = rows[k]
        out[i] = height_at(lat[i], lon[i], lat0_deg, lon0_deg, step_deg, grid) if grid.size > 3 else math.nan


@kernel
def least_clearance(
    rows: Longs, lat: Floats, lon: Floats, amsl: Floats, ve: Floats, vn: Floats, climb: Floats, horizon_s: float,
    lat0_deg: float, lon0_deg: float, step_deg: float, grid: Floats, out_m: Floats, out_s: Floats,
) -> None:  # fmt: skip
    """Write the least height over the ground on the way of the next seconds, and when (s); NaN where unknown."""
    for k in range(rows.size):
        i = rows[k]
        best, at = math.inf, 0.0
        m, n = radii(lat[i])
        up = 0.0 if math.isnan(climb[i]) else climb[i]
        speed = math.sqrt(ve[i] * ve[i] + vn[i] * vn[i])
        step = min(10.0, max(1.0, 400.0 / max(1.0, speed)))
        t = 0.0
        while t <= horizon_s:
            la = lat[i] + vn[i] * t / m
            lo = lon[i] + ve[i] * t / (n * max(1e-6, math.cos(lat[i])))
            over = amsl[i] + up * t - height_at(la, lo, lat0_deg, lon0_deg, step_deg, grid)
            if over < best:
                best, at = over, t
            t += step
        out_m[k] = math.nan if best == math.inf else best
        out_s[k] = at
