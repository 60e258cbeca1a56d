"""The operator's terrain tiles, put together into one grid: SRTM (.hgt), DTED (.dt0 .dt1 .dt2), GeoTIFF (.tif).

Tiles hold heights above mean sea level; the geoid's height, given by the caller, makes them heights of the ellipsoid.
A cell of the grid holds the highest point in it, so that a ridge hides what it hides.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.warp import Resampling, reproject, transform_bounds

from vigie.earth.terrain import Terrain
from vigie.terms.errors import UsageError

SUFFIXES: Final = (".hgt", ".dt0", ".dt1", ".dt2", ".tif", ".tiff")
_DRIVER: Final = {".hg": "SRTMHGT", ".dt": "DTED", ".ti": "GTiff"}
_CRS: Final = "EPSG:4326"
STEP_DEG: Final = 0.0025


def tile_files(folder: Path) -> list[Path]:
    """Return the tiles in a folder (or the one file) by name; UsageError where there is none."""
    if folder.is_file() and folder.suffix.lower() in SUFFIXES:
        return [folder]
    try:
        found = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    except OSError as why:
        raise UsageError(f"terrain {folder}: cannot be read: {why.strerror}. Give a folder of tiles.") from why
    if not found:
        raise UsageError(f"terrain {folder}: holds no tile. Expected files that end in {', '.join(SUFFIXES)}.")
    return found


def load_terrain(
    folder: Path, *, south_deg: float, west_deg: float, north_deg: float, east_deg: float, undulation_m: float,
    step_deg: float = STEP_DEG,
) -> Terrain:  # fmt: skip
    """Read the tiles that lie in a box, into one grid with cells of ``step_deg``.

    Raises
    ------
    UsageError
        When a tile cannot be read, or none lies in the box: the message names it.
    """
    rows = math.ceil((north_deg - south_deg) / step_deg) + 1
    columns = math.ceil((east_deg - west_deg) / step_deg) + 1
    grid = np.full((rows, columns), np.nan, np.float32)
    top = south_deg + (rows - 0.5) * step_deg
    place = rasterio.Affine(step_deg, 0.0, west_deg - 0.5 * step_deg, 0.0, -step_deg, top)
    for file in tile_files(folder):
        try:
            with rasterio.open(file, driver=_DRIVER[file.suffix.lower()[:3]]) as tile:
                _add(tile, grid, place, (west_deg, south_deg, east_deg, north_deg))
        except RasterioError as why:
            raise UsageError(f"terrain {file}: cannot be read as a tile: {why}") from why
    if not np.isfinite(grid).any():
        raise UsageError(
            f"terrain {folder}: no tile lies between {south_deg:.2f} and {north_deg:.2f} degrees north, {west_deg:.2f} "
            f"and {east_deg:.2f} degrees east, where the sensors look. Add the tiles of this area, or leave it out."
        )
    heights = np.ascontiguousarray(grid[::-1]) + np.float32(undulation_m)
    return Terrain(heights, south_deg, west_deg, step_deg)


def _add(tile: Any, grid: np.ndarray[Any, np.dtype[np.float32]], place: Any, box: tuple[float, ...]) -> None:
    """Put one tile into the grid; what it does not know stays as it is."""
    if tile.crs is None:
        raise UsageError(f"terrain {tile.name}: does not say where it lies (no coordinate reference system)")
    west, south, east, north = transform_bounds(tile.crs, _CRS, *tile.bounds)
    if east < box[0] or west > box[2] or north < box[1] or south > box[3]:
        return
    part = np.full(grid.shape, np.nan, np.float32)
    reproject(
        rasterio.band(tile, 1), part, dst_transform=place, dst_crs=_CRS, src_nodata=tile.nodata, dst_nodata=np.nan,
        resampling=Resampling.max, num_threads=1,
    )  # fmt: skip
    known = np.isfinite(part)
    grid[known] = part[known]
