"""Tiles out of one GeoTIFF of the operator: warped to Web Mercator where they are asked for.

Each call opens the file anew, so that threads share nothing. GDAL's GeoTIFF driver alone reads the file, and no file
beside it. Source: EPSG:3857; tiles as in the Tiled Web Map convention (256 px, origin at the north-west).
"""

from __future__ import annotations

import io
import math
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import rasterio
from PIL import Image
from rasterio._err import CPLE_BaseError
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import CRSError, NotGeoreferencedWarning, RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds

from vigie.show.mapsheet import MOST_ZOOM, Face, MapError, Tile

TILE_PX: Final = 256
MOST_PIXELS: Final = 100_000_000
"""Without overviews inside: a tile far out reads the whole picture."""
MOST_PIXELS_WITH_OVERVIEWS: Final = 4_000_000_000
MOST_BLOCK: Final = 256 << 20
"""Octets of one block unpacked; a file of one strip is one block."""
_HALF_M: Final = math.pi * 6378137.0
_MERCATOR: Final = "EPSG:3857"
_LATITUDE: Final = 85.05
_LEVELS: Final = 9
"""Levels below the finest: farther out the picture would be a dot."""
_SAMPLE_PX: Final = 512
_ENV: Final = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO", "GDAL_CACHEMAX": 64}

Octets = npt.NDArray[np.uint8]


class GeoTiff:
    """One picture with its place. MapError where the file cannot be read, has no place or is too large."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._errors(), rasterio.Env(**_ENV), self._open() as held:
            self._check(held)
            west, south, east, north = transform_bounds(held.crs, "EPSG:4326", *held.bounds, densify_pts=51)
            size = held.width, held.height
            self._range = _value_range(held)
        if not (-180.001 <= west < east <= 180.001 and -90.001 <= south < north <= 90.001):
            raise MapError("nowhere", f"{west:.2f} {south:.2f} {east:.2f} {north:.2f} degrees")
        west, south, east, north = max(west, -180.0), max(south, -_LATITUDE), min(east, 180.0), min(north, _LATITUDE)
        if south >= north:
            raise MapError("nowhere", "it lies where the map of the display ends")
        pixel_m = min((_x_m(east) - _x_m(west)) / size[0], (_y_m(north) - _y_m(south)) / size[1])
        finest = math.ceil(math.log2(2 * _HALF_M / TILE_PX / pixel_m))
        finest = min(max(finest, 0), MOST_ZOOM)
        self.face = Face(
            kind="raster", min_zoom=max(0, finest - _LEVELS), max_zoom=finest, tile_px=TILE_PX,
            bounds_deg=(west, south, east, north),
        )  # fmt: skip

    def tile(self, z: int, x: int, y: int) -> Tile | None:
        """Return a tile as PNG, transparent where the picture ends; None where it does not reach."""
        edge = 2 * _HALF_M / (1 << z)
        px = edge / TILE_PX
        place = rasterio.Affine(px, 0.0, x * edge - _HALF_M, 0.0, -px, _HALF_M - y * edge)
        with self._errors(), rasterio.Env(**_ENV), self._open() as held:
            palette = _palette(held)
            how = Resampling.nearest if palette is not None else Resampling.bilinear
            with WarpedVRT(
                held, crs=_MERCATOR, transform=place, width=TILE_PX, height=TILE_PX, resampling=how,
                add_alpha=ColorInterp.alpha not in held.colorinterp and held.nodata is None,
            ) as warped:  # fmt: skip
                mask: Octets = warped.dataset_mask()
                if not mask.any():
                    return None
                bands = warped.read(_bands(held))
        if palette is not None:
            rgba = palette[np.clip(bands[0], 0, len(palette) - 1).astype(np.intp)]
        else:
            rgba = np.empty((TILE_PX, TILE_PX, 4), np.uint8)
            rgba[..., :3] = np.moveaxis(_as_octets(bands, self._range), 0, -1)
            rgba[..., 3] = 255
        rgba[..., 3] = np.minimum(rgba[..., 3], mask)
        out = io.BytesIO()
        Image.fromarray(rgba).save(out, "PNG", compress_level=1)
        return Tile(out.getvalue())

    def close(self) -> None:
        """Nothing is held open between calls."""

    def _open(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # it becomes a MapError
            return rasterio.open(self._path, driver="GTiff")

    @staticmethod
    def _check(held: Any) -> None:
        if held.crs is None or held.transform.is_identity:
            raise MapError("nowhere", "no coordinate reference system, or no corner")
        pixels = held.width * held.height
        inside = bool(held.overviews(1))
        if pixels > (MOST_PIXELS_WITH_OVERVIEWS if inside else MOST_PIXELS):
            raise MapError("large", f"{held.width} x {held.height} pixels" + ("" if inside else ", no overviews"))
        rows, columns = held.block_shapes[0]
        together = held.count if held.interleaving is not None and held.interleaving.name == "pixel" else 1
        if rows * columns * np.dtype(held.dtypes[0]).itemsize * together > MOST_BLOCK:
            raise MapError("large", f"one block of {columns} x {rows} pixels")
        if np.dtype(held.dtypes[0]).kind not in "uif":
            raise MapError("unknown", f"values of type {held.dtypes[0]}")

    @staticmethod
    def _errors() -> _Told:
        return _Told()


def _x_m(lon_deg: float) -> float:
    return lon_deg * _HALF_M / 180.0


def _y_m(lat_deg: float) -> float:
    return math.asinh(math.tan(math.radians(lat_deg))) * _HALF_M / math.pi


class _Told:
    """Makes what GDAL says into a MapError; some of its words come as errors of a private class."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, why: BaseException | None, _trace: object) -> None:
        if isinstance(why, (RasterioError, CRSError, CPLE_BaseError)):
            raise MapError("broken", str(why).splitlines()[0][:200] if str(why) else "") from why


def _bands(held: Any) -> list[int]:
    """Return the three bands that are red, green and blue; one band stands for all three."""
    return [1, 2, 3] if held.count >= 3 else [1, 1, 1]


def _palette(held: Any) -> Octets | None:
    if held.colorinterp[0] != ColorInterp.palette:
        return None
    colours = held.colormap(1)
    table = np.zeros((max(colours) + 1, 4), np.uint8)
    for value, rgba in colours.items():
        table[value] = rgba
    return table


def _value_range(held: Any) -> tuple[float, float]:
    """Return the values that become black and white: 0 and 255 of octets, else the 2nd and 98th of a hundred."""
    if held.dtypes[0] == "uint8":
        return 0.0, 255.0
    shape = (min(held.height, _SAMPLE_PX), min(held.width, _SAMPLE_PX))
    sample = held.read(1, out_shape=shape, masked=True).compressed().astype(np.float64)
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        raise MapError("empty")
    low, high = (float(v) for v in np.percentile(sample, (2, 98)))
    return low, max(high, low + 1e-9)


def _as_octets(bands: Any, span: tuple[float, float]) -> Octets:
    if bands.dtype == np.uint8:
        return np.asarray(bands, np.uint8)
    scaled = (np.nan_to_num(bands.astype(np.float64)) - span[0]) * (255.0 / (span[1] - span[0]))
    return np.asarray(np.clip(scaled, 0, 255), np.uint8)
