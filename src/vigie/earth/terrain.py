"""Terrain: heights on a regular grid, whether a line of sight is clear, and the horizon all round an antenna.

Rays bend with the atmosphere: straight lines over an earth of 4/3 of its radius (ITU-R P.834-9, 1; P.453 for the mean
gradient). Heights are those of the ellipsoid. Nothing is known outside the grid, and nothing there hides anything.
Diffraction over edges is left out: what is hidden is not seen at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import ecef_to_geodetic, geodetic_to_ecef
from vigie.terms.kernel import kernel

Grid = npt.NDArray[np.float32]

R_MEAN_M: Final = 6371008.8
R_EFFECTIVE_M: Final = R_MEAN_M * 4.0 / 3.0
AZIMUTHS: Final = 720
"""Directions of a horizon: every half degree."""
RANGE_STEP_M: Final = 1000.0
_NEAR_M: Final = 300.0
"""The antenna's own hill hides nothing: terrain nearer than this is not looked at."""


@dataclass(frozen=True, slots=True)
class Terrain:
    """Heights above the ellipsoid (m, NaN where unknown): ``heights[0, 0]`` at the south-west corner, row by row north.

    ``south_deg``, ``west_deg``: the centre of that first cell; ``step_deg``: from cell to cell, both ways.
    """

    heights: Grid
    south_deg: float
    west_deg: float
    step_deg: float

    @property
    def frame(self) -> tuple[float, float, float]:
        """South, west and step in degrees, as the kernels take them."""
        return self.south_deg, self.west_deg, self.step_deg


@kernel
def height_at(heights: Grid, frame: tuple[float, float, float], lat_deg: float, lon_deg: float) -> float:
    """Return the height (m) between the four nearest cells; NaN where one of them is unknown."""
    y = (lat_deg - frame[0]) / frame[2]
    x = (lon_deg - frame[1]) / frame[2]
    row = math.floor(y)
    column = math.floor(x)
    if row < 0 or column < 0 or row + 1 >= heights.shape[0] or column + 1 >= heights.shape[1]:
        return math.nan
    fy = y - row
    fx = x - column
    low = heights[row, column] * (1.0 - fx) + heights[row, column + 1] * fx
    high = heights[row + 1, column] * (1.0 - fx) + heights[row + 1, column + 1] * fx
    return float(low * (1.0 - fy) + high * fy)


@kernel
def is_clear(
    heights: Grid, frame: tuple[float, float, float], lat_a_deg: float, lon_a_deg: float, height_a_m: float,
    lat_b_deg: float, lon_b_deg: float, height_b_m: float,
) -> bool:  # fmt: skip
    """Tell whether nothing known stands between two points; heights above the ellipsoid.

    The line is looked at once every half cell of the grid.
    """
    to_rad = math.pi / 180.0
    xa, ya, za = geodetic_to_ecef(lat_a_deg * to_rad, lon_a_deg * to_rad, 0.0)
    xb, yb, zb = geodetic_to_ecef(lat_b_deg * to_rad, lon_b_deg * to_rad, 0.0)
    away = math.sqrt((xb - xa) ** 2 + (yb - ya) ** 2 + (zb - za) ** 2)
    steps = max(2, int(away / (0.5 * frame[2] * 111_000.0)))
    for k in range(1, steps):
        f = k / steps
        if f * away < _NEAR_M or (1.0 - f) * away < _NEAR_M:
            continue
        lat, lon, _ = ecef_to_geodetic(xa + f * (xb - xa), ya + f * (yb - ya), za + f * (zb - za))
        ground = height_at(heights, frame, lat / to_rad, lon / to_rad)
        bulge = f * (1.0 - f) * away * away / (2.0 * R_EFFECTIVE_M)
        if ground + bulge > height_a_m + f * (height_b_m - height_a_m):
            return False
    return True


@kernel
def horizon(
    heights: Grid, frame: tuple[float, float, float], lat_rad: float, lon_rad: float, height_m: float, out: Grid
) -> None:
    """Write how high the terrain stands before each range, seen from one antenna.

    ``out[a, j]``: the tangent of the highest apparent elevation between the antenna and ``(j + 1) * RANGE_STEP_M``, in
    the direction ``a`` of ``out.shape[0]`` from north; -1 where nothing stands.
    """
    x0, y0, z0 = geodetic_to_ecef(lat_rad, lon_rad, 0.0)
    sl = math.sin(lat_rad)
    cl = math.cos(lat_rad)
    so = math.sin(lon_rad)
    co = math.cos(lon_rad)
    to_deg = 180.0 / math.pi
    each_m = max(50.0, 0.5 * frame[2] * 111_000.0)
    for a in range(out.shape[0]):
        azimuth = 2.0 * math.pi * a / out.shape[0]
        e = math.sin(azimuth)
        n = math.cos(azimuth)
        dx = -so * e - sl * co * n
        dy = co * e - sl * so * n
        dz = cl * n
        highest = -1.0
        d = _NEAR_M
        for j in range(out.shape[1]):
            while d < (j + 1) * RANGE_STEP_M:
                along = R_MEAN_M * math.tan(d / R_MEAN_M)  # on the plane that touches the earth at the antenna
                lat, lon, _ = ecef_to_geodetic(x0 + along * dx, y0 + along * dy, z0 + along * dz)
                ground = height_at(heights, frame, lat * to_deg, lon * to_deg)
                if not math.isnan(ground):
                    highest = max(highest, (ground - height_m) / d - d / (2.0 * R_EFFECTIVE_M))
                d += each_m
            out[a, j] = highest


@kernel
def is_hidden(mask: Grid, azimuth_rad: float, range_m: float, elevation_tan: float) -> bool:
    """Tell whether the terrain of a ``horizon`` hides a point at this azimuth, range and apparent elevation."""
    if mask.shape[0] == 0:
        return False
    turn = azimuth_rad / (2.0 * math.pi)
    a = int((turn - math.floor(turn)) * mask.shape[0] + 0.5) % mask.shape[0]
    j = min(int(range_m / RANGE_STEP_M) - 1, mask.shape[1] - 1)
    hidden: bool = j >= 0 and elevation_tan < mask[a, j]
    return hidden


@kernel
def hidden_many(mask: Grid, local: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return for points in local coordinates (east, north, up in m; n, 3) which of them the terrain hides."""
    out = np.zeros(local.shape[0], np.bool_)
    for i in range(local.shape[0]):
        ground = math.sqrt(local[i, 0] * local[i, 0] + local[i, 1] * local[i, 1])
        r = math.sqrt(ground * ground + local[i, 2] * local[i, 2])
        apparent = math.atan2(local[i, 2], ground) + r / (8.0 * R_MEAN_M)
        out[i] = is_hidden(mask, math.atan2(local[i, 0], local[i, 1]), r, math.tan(apparent))
    return out


def horizon_of(terrain: Terrain, lat_deg: float, lon_deg: float, height_m: float, range_m: float) -> Grid:
    """Return the horizon (AZIMUTHS, ranges) of an antenna, out to ``range_m``."""
    out = np.empty((AZIMUTHS, max(1, math.ceil(range_m / RANGE_STEP_M))), np.float32)
    horizon(terrain.heights, terrain.frame, math.radians(lat_deg), math.radians(lon_deg), height_m, out)
    return out
