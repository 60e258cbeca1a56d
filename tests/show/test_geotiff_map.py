"""A GeoTIFF as a map: its pixels lie where rasterio says they lie, damaged and placeless files are told."""

from __future__ import annotations

import io
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.warp import transform

from vigie.show import geotiff
from vigie.show.geotiff import GeoTiff
from vigie.show.mapsheet import MapError, Tile

# rasterio multiplies its own matrices in the way that affine will give up one day.
pytestmark = pytest.mark.filterwarnings("ignore:Use .@. matmul:PendingDeprecationWarning")

SIZE = 600
DOTS = ((100, 150), (300, 300), (500, 80), (60, 540))


def write(path: Path, data: Any, *, crs: str | None, place: Any, **more: Any) -> Path:
    bands = data if data.ndim == 3 else data[None]
    with rasterio.open(
        path, "w", driver="GTiff", width=bands.shape[2], height=bands.shape[1], count=bands.shape[0],
        dtype=bands.dtype, crs=crs, transform=place, **more,
    ) as out:  # fmt: skip
        out.write(bands)
    return path


def dotted() -> Any:
    """A dark picture with four red squares of 9 pixels."""
    data = np.full((3, SIZE, SIZE), 20, np.uint8)
    for row, column in DOTS:
        data[0, row - 4 : row + 5, column - 4 : column + 5] = 250
    return data


def pixels(tile: Tile | None) -> Any:
    assert tile is not None
    return np.asarray(Image.open(io.BytesIO(tile.octets)).convert("RGBA"))


def where(z: int, lon_deg: float, lat_deg: float) -> tuple[int, int, int, int]:
    """Return tile and pixel of a place, by the formula of the tiled web map."""
    n = 256 * 2**z
    x = (lon_deg + 180.0) / 360.0 * n
    y = (1.0 - math.log(math.tan(math.radians(lat_deg)) + 1.0 / math.cos(math.radians(lat_deg))) / math.pi) / 2.0 * n
    return int(x) // 256, int(y) // 256, int(x) % 256, int(y) % 256


def from_origin(west: float, north: float, wide: float, high: float) -> Any:
    return rasterio.Affine(wide, 0.0, west, 0.0, -high, north)


C, S = 0.002 * math.cos(math.radians(25)), 0.002 * math.sin(math.radians(25))
UTM = from_origin(400_000, 1_500_000, 200, 200)
TURNED = rasterio.Affine(C, S, 2.0, S, -C, 14.0)


@pytest.mark.parametrize(
    ("crs", "place"),
    [("EPSG:32631", UTM), ("EPSG:4326", from_origin(2.0, 14.0, 0.002, 0.002)), ("EPSG:4326", TURNED)],
)
def test_pixels_lie_where_rasterio_says(tmp_path: Path, crs: str, place: Any) -> None:
    path = write(tmp_path / "a.tif", dotted(), crs=crs, place=place)
    source = GeoTiff(path)
    with rasterio.open(path) as held:
        xs, ys = zip(*(held.xy(row, column) for row, column in DOTS), strict=True)
    lons, lats = transform(crs, "EPSG:4326", xs, ys)
    z = source.face.max_zoom
    for lon, lat in zip(lons, lats, strict=True):
        west, south, east, north = source.face.bounds_deg
        assert west < lon < east
        assert south < lat < north
        x, y, column, row = where(z, lon, lat)
        shown = pixels(source.tile(z, x, y))
        assert shown[row, column, 0] > 200
        for dr, dc in ((0, 24), (24, 0), (0, -24), (-24, 0)):  # farther than the square is wide at its finest level
            if 0 <= row + dr < 256 and 0 <= column + dc < 256:
                assert shown[row + dr, column + dc, 0] < 40
    assert source.tile(z, 0, 0) is None


def test_where_the_picture_ends_or_knows_nothing_it_is_transparent(tmp_path: Path) -> None:
    data = np.full((SIZE, SIZE), 90, np.uint8)
    data[:, :300] = 0
    place = from_origin(2.0, 14.0, 0.002, 0.002)
    source = GeoTiff(write(tmp_path / "a.tif", data, crs="EPSG:4326", place=place, nodata=0))
    z = source.face.max_zoom - 3
    x, y, column, row = where(z, 2.9, 13.5)
    assert tuple(pixels(source.tile(z, x, y))[row, column]) == (90, 90, 90, 255)
    x, y, column, row = where(z, 2.3, 13.5)
    assert pixels(source.tile(z, x, y))[row, column, 3] == 0


def test_palettes_and_heights_become_colours(tmp_path: Path) -> None:
    place = from_origin(2.0, 14.0, 0.002, 0.002)
    path = write(tmp_path / "p.tif", np.full((SIZE, SIZE), 7, np.uint8), crs="EPSG:4326", place=place)
    with rasterio.open(path, "r+") as held:
        held.write_colormap(1, {7: (10, 200, 30, 255)})
    source = GeoTiff(path)
    x, y, column, row = where(source.face.max_zoom, 2.6, 13.4)
    assert tuple(pixels(source.tile(source.face.max_zoom, x, y))[row, column]) == (10, 200, 30, 255)
    heights = np.tile(np.linspace(0, 3000, SIZE, dtype=np.float32), (SIZE, 1))
    source = GeoTiff(write(tmp_path / "h.tif", heights, crs="EPSG:4326", place=place))
    z = source.face.min_zoom + 5
    greys = []
    for lon in (2.1, 2.6, 3.1):
        x, y, column, row = where(z, lon, 13.4)
        greys.append(int(pixels(source.tile(z, x, y))[row, column, 0]))
    assert greys[0] < greys[1] < greys[2]


def test_a_picture_of_the_whole_world_is_one_of_the_map(tmp_path: Path) -> None:
    data = np.full((180, 360), 200, np.uint8)
    source = GeoTiff(write(tmp_path / "w.tif", data, crs="EPSG:4326", place=from_origin(-180, 90, 1, 1)))
    assert source.face.min_zoom == 0
    assert pixels(source.tile(0, 0, 0))[128, :, 3].min() == 255


def test_no_place_or_too_large_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = np.zeros((50, 50), np.uint8)
    place = from_origin(2.0, 14.0, 0.002, 0.002)
    for crs, at, code in ((None, place, "nowhere"), ("EPSG:4326", from_origin(500, 500, 1, 1), "nowhere")):
        with pytest.raises(MapError) as told:
            GeoTiff(write(tmp_path / "a.tif", data, crs=crs, place=at))
        assert told.value.code == code
    path = write(tmp_path / "b.tif", data, crs="EPSG:4326", place=place)
    monkeypatch.setattr(geotiff, "MOST_PIXELS", 2499)
    with pytest.raises(MapError) as told:
        GeoTiff(path)
    assert told.value.code == "large"
    monkeypatch.undo()
    monkeypatch.setattr(geotiff, "MOST_BLOCK", 100)
    with pytest.raises(MapError) as told:
        GeoTiff(path)
    assert told.value.code == "large"


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_picture_is_a_map_error_and_nothing_else(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = write(tmp_path / "a.tif", dotted(), crs="EPSG:32631", place=UTM, compress="deflate")
    octets = bytearray(path.read_bytes())
    for _ in range(1 + seed % 9):
        octets[chance.randrange(len(octets) if seed % 2 else 400)] = chance.randrange(256)
    if seed % 5 == 0:
        del octets[chance.randrange(len(octets)) :]
    path.write_bytes(octets)
    try:
        source = GeoTiff(path)
        x, y, _, _ = where(8, 2.5, 13.2)
        source.tile(8, x, y)
    except MapError:
        return
