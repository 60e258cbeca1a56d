"""The terrain's shading as tiles: the slopes of the centre's own height grid, lit from the north-west.

Lit slopes are white, those in the shade black, flat ground is transparent: what lies under it keeps its colours, by
night and by day. Source: Lambert's law on the surface normal, light from azimuth 315 degrees, 45 degrees high, as in
Horn (1981), "Hill shading and the reflectance map", Proc. IEEE 69(1).
"""

from __future__ import annotations

import io
import math
import zlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from vigie.show.mapsheet import Face, Tile

TILE_PX: Final = 256
M_PER_DEG: Final = 111_195.0
AZIMUTH_RAD: Final = math.radians(315.0)
ELEVATION_RAD: Final = math.radians(45.0)
STRENGTH: Final = 0.85
"""Opacity of a slope that faces the light straight on."""
MOST_CELLS: Final = 9_000_000
"""A finer grid is thinned: two slopes of every cell are held."""
_COARSE: Final = 8
"""Cells to a pixel at the lowest level; farther out the hills would flicker."""
_FINE: Final = 4
"""Pixels to a cell at the highest level of ours; the display itself goes on from there."""

Floats = npt.NDArray[np.float64]
Grid = npt.NDArray[np.float32]


class Shade:
    """The shading of one grid of heights (m, NaN where unknown), row 0 in the south, column 0 in the west.

    ``south_deg`` and ``west_deg`` are the centre of the first cell; ``step_deg`` is from cell to cell.
    """

    def __init__(self, heights_m: Floats, south_deg: float, west_deg: float, step_deg: float) -> None:
        thin = math.ceil(math.sqrt(heights_m.size / MOST_CELLS))
        heights_m, step_deg = heights_m[::thin, ::thin], step_deg * thin
        rows, columns = heights_m.shape
        self.cells = rows * columns
        self.digest = zlib.crc32(heights_m.tobytes())
        """Another terrain has another one, so that no browser shows what it kept of the one before."""
        self._south, self._west, self._step = south_deg, west_deg, step_deg
        north, east = south_deg + (rows - 1) * step_deg, west_deg + (columns - 1) * step_deg
        lat = np.radians(south_deg + step_deg * np.arange(rows))
        step_m = step_deg * M_PER_DEG
        # A cell is about a kilometre wide, so that its slope is far less than what the eye knows of the hill.
        steeper = min(12.0, max(2.0, 6.0 * math.sqrt(step_m / 1000.0)))
        up_north, up_east = (np.asarray(g) for g in np.gradient(heights_m.astype(np.float64), step_m))
        self._east: Grid = (steeper * up_east / np.maximum(np.cos(lat), 0.02)[:, None]).astype(np.float32)
        self._north: Grid = (steeper * up_north).astype(np.float32)
        per_px = 360.0 / TILE_PX / step_deg
        lowest = max(0, math.ceil(math.log2(per_px / _COARSE)))
        self.face = Face(
            kind="raster", min_zoom=lowest, max_zoom=max(lowest, math.ceil(math.log2(per_px * _FINE))), tile_px=TILE_PX,
            bounds_deg=(max(-180.0, west_deg), max(-85.0, south_deg), min(180.0, east), min(85.0, north)),
        )  # fmt: skip

    def tile(self, z: int, x: int, y: int) -> Tile | None:
        """Return a tile as PNG of grey and opacity; None where nothing is known or all is flat."""
        lit = illumination(*self._slopes(z, x, y))
        flat = math.sin(ELEVATION_RAD)
        over = np.where(lit > flat, (lit - flat) / (1.0 - flat), (flat - lit) / flat)
        opacity = np.nan_to_num(np.clip(over, 0.0, 1.0) ** 0.8 * STRENGTH * 255.0).astype(np.uint8)
        if not opacity.any():
            return None
        pixels = np.empty((TILE_PX, TILE_PX, 2), np.uint8)
        pixels[..., 0] = np.where(lit > flat, 255, 0)
        pixels[..., 1] = opacity
        out = io.BytesIO()
        Image.fromarray(pixels, "LA").save(out, "PNG", compress_level=1)
        return Tile(out.getvalue())

    def close(self) -> None:
        """Nothing is held but the grid."""

    def _slopes(self, z: int, x: int, y: int) -> tuple[Any, Any]:
        """Return the slopes to the east and to the north at the middle of each pixel of a tile; NaN where unknown."""
        along = (np.arange(TILE_PX) + 0.5) / TILE_PX
        lon = (x + along) / (1 << z) * 360.0 - 180.0
        lat = np.degrees(np.arctan(np.sinh(math.pi * (1.0 - 2.0 * (y + along) / (1 << z)))))
        return tuple(_between(g, (lat - self._south) / self._step, (lon - self._west) / self._step)
                     for g in (self._east, self._north))  # type: ignore[return-value]  # fmt: skip


def illumination(east: Any, north: Any) -> Any:
    """Return how much light falls on slopes (m up for a metre east and north): -1 to 1, flat ground sin(45 degrees)."""
    light = (
        math.sin(AZIMUTH_RAD) * math.cos(ELEVATION_RAD), math.cos(AZIMUTH_RAD) * math.cos(ELEVATION_RAD),
        math.sin(ELEVATION_RAD),
    )  # fmt: skip
    return (light[2] - east * light[0] - north * light[1]) / np.sqrt(1.0 + east * east + north * north)


def _between(grid: Grid, rows: Floats, columns: Floats) -> Floats:
    """Return values between the four nearest cells for each row and column; NaN outside the grid."""
    top, wide = grid.shape
    r = np.clip(np.floor(rows), 0, top - 2).astype(np.intp)
    c = np.clip(np.floor(columns), 0, wide - 2).astype(np.intp)
    fr, fc = (rows - r)[:, None], (columns - c)[None, :]
    low = grid[np.ix_(r, c)] * (1.0 - fc) + grid[np.ix_(r, c + 1)] * fc
    high = grid[np.ix_(r + 1, c)] * (1.0 - fc) + grid[np.ix_(r + 1, c + 1)] * fc
    out = low * (1.0 - fr) + high * fr
    out[(rows < 0) | (rows > top - 1), :] = np.nan
    out[:, (columns < 0) | (columns > wide - 1)] = np.nan
    return np.asarray(out, np.float64)
