"""The terrain's shading: light as the formula has it, hills where they lie, nothing where nothing is known."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vigie.show import shade
from vigie.show.maps import MapShelf
from vigie.show.mapsheet import Tile
from vigie.show.shade import Shade, illumination

from .live import in_loop
from .test_geotiff_map import where

SOUTH, WEST, STEP = 12.0, 1.0, 0.01
RIDGE_DEG = 2.0


def ridge() -> Any:
    """Heights of 200 x 200 cells: flat, but for a ridge from south to north, 800 m high and 0.2 degrees wide."""
    lon = WEST + STEP * np.arange(200)
    return np.tile(np.maximum(0.0, 800.0 * (1.0 - np.abs(lon - RIDGE_DEG) / 0.1)), (200, 1))


def pixels(tile: Tile | None) -> Any:
    assert tile is not None
    return np.asarray(Image.open(io.BytesIO(tile.octets)).convert("LA"))


def grey(source: Shade, z: int, lon: float, lat: float) -> tuple[int, int]:
    """Return grey and opacity at a place."""
    x, y, column, row = where(z, lon, lat)
    tile = source.tile(z, x, y)
    if tile is None:
        return 0, 0
    value, opacity = pixels(tile)[row, column]
    return int(value), int(opacity)


def test_light_falls_as_the_formula_of_slope_and_aspect_says() -> None:
    rng = np.random.default_rng(1)
    east, north = rng.normal(0, 0.7, (2, 500))
    slope = np.arctan(np.hypot(east, north))
    aspect = np.arctan2(-east, -north)  # clockwise from north, downhill
    zenith, azimuth = math.radians(45), math.radians(315)
    said = np.cos(zenith) * np.cos(slope) + np.sin(zenith) * np.sin(slope) * np.cos(azimuth - aspect)
    np.testing.assert_allclose(illumination(east, north), said, atol=1e-12)


@pytest.mark.parametrize("beyond", [0, 1, 2])
def test_the_flank_towards_the_light_is_white_and_the_other_black(beyond: int) -> None:
    source = Shade(ridge(), SOUTH, WEST, STEP)
    z = source.face.min_zoom + 2 + beyond
    assert z <= source.face.max_zoom
    west = grey(source, z, RIDGE_DEG - 0.05, 13.0)
    east = grey(source, z, RIDGE_DEG + 0.05, 13.0)
    assert west[0] == 255
    assert west[1] > 60
    assert east[0] == 0
    assert east[1] > 60
    assert grey(source, z, RIDGE_DEG - 0.3, 13.0)[1] == 0  # flat
    assert grey(source, z, RIDGE_DEG - 0.05, SOUTH - 0.1)[1] == 0  # beyond the grid


def test_the_crest_lies_where_the_heights_have_it() -> None:
    source = Shade(ridge(), SOUTH, WEST, STEP)
    z = source.face.max_zoom
    x, y, column, row = where(z, RIDGE_DEG, 13.005)
    line = pixels(source.tile(z, x, y))[row, :, 0].astype(int)
    turns = np.flatnonzero((line[:-1] == 255) & (line[1:] == 0))
    assert abs(int(turns[0]) - column) <= 4  # a cell is four pixels wide here


def test_nothing_is_shaded_where_nothing_is_known_or_all_is_flat() -> None:
    heights = ridge()
    heights[100:, :] = np.nan
    source = Shade(heights, SOUTH, WEST, STEP)
    z = source.face.max_zoom
    assert grey(source, z, RIDGE_DEG - 0.05, 12.5)[1] > 60
    assert grey(source, z, RIDGE_DEG - 0.05, 13.5)[1] == 0
    flat = Shade(np.full((200, 200), 250.0), SOUTH, WEST, STEP)
    x, y, _, _ = where(8, 2.0, 13.0)
    assert flat.tile(8, x, y) is None


def test_a_grid_too_fine_is_thinned_and_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shade, "MOST_CELLS", 10_000)
    source = Shade(ridge(), SOUTH, WEST, STEP)
    assert source.cells <= 10_000
    z = source.face.max_zoom
    assert grey(source, z, RIDGE_DEG - 0.05, 13.0)[0] == 255
    assert grey(source, z, RIDGE_DEG + 0.05, 13.0)[1] > 60


def test_the_shading_is_the_lowest_map_and_another_terrain_another_version() -> None:
    versions = []
    for high in (1.0, 2.0):
        source = Shade(high * ridge(), SOUTH, WEST, STEP)
        shelf = MapShelf((), source)
        shelf.look()
        (listed,) = shelf.facts()
        assert (listed["id"], listed["shown"], listed["problem"], listed["kind"]) == ("terrain", False, "", "raster")
        versions.append(listed["version"])
        x, y, _, _ = where(source.face.max_zoom, RIDGE_DEG - 0.05, 13.0)
        first = in_loop(shelf.tile("terrain", source.face.max_zoom, x, y))
        assert first is not None
        assert in_loop(shelf.tile("terrain", source.face.max_zoom, x, y)) is first  # kept, not made again
    assert versions[0] != versions[1]
