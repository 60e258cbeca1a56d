"""The cover of a centre for the map: what its healthy sensors see at a level, and the gaps between, as GeoJSON."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.cover.cover import Cover, Grid
from vigie.sensors.site import Site
from vigie.terms.units import M_PER_FL

STEP_DEG: Final = 0.25
MOST_CELLS: Final = 160_000
_KEPT: Final = 16


class CoverLayer:
    """Cover by which sensors are well and by level; answers are kept, they change only when a sensor's health does."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._box = _box(Cover(site))
        self._made = lru_cache(_KEPT)(self._make)

    def at(self, well: frozenset[int], level_fl: int) -> str:
        """Return a FeatureCollection of three features.

        ``covered`` (by one sensor or more), ``lost`` (not covered, but would be were every sensor well) and ``gap`` (no
        sensor of this centre sees it).
        """
        return self._made(well, level_fl)

    def _make(self, well: frozenset[int], level_fl: int) -> str:
        if self._box is None:
            return '{"type":"FeatureCollection","features":[]}'
        cover = Cover(self._site)  # its own for each answer: they may be made on several threads
        cover.set_in_order({s.id: s.id in well for s in cover.sensors})
        south, west, north, east = self._box
        step = max(STEP_DEG, math.sqrt((north - south) * (east - west) / MOST_CELLS))
        grid = cover.grid(
            south_deg=south, west_deg=west, north_deg=north, east_deg=east, height_m=level_fl * M_PER_FL, step_deg=step
        )
        seen = grid.counts > 0
        everyone = frozenset(s.id for s in cover.sensors)
        could = seen
        if well < everyone:
            cover.set_in_order({s.id: True for s in cover.sensors})
            could = (
                cover.grid(
                    south_deg=south,
                    west_deg=west,
                    north_deg=north,
                    east_deg=east,
                    height_m=level_fl * M_PER_FL,
                    step_deg=step,
                ).counts
                > 0
            )
        parts = (("covered", seen), ("lost", could & ~seen), ("gap", ~could & ~seen))
        features = [
            {"type": "Feature", "properties": {"kind": kind, "level_fl": level_fl, "sensors": sorted(well)},
             "geometry": {"type": "MultiPolygon", "coordinates": _runs(grid, mask)}}
            for kind, mask in parts
        ]  # fmt: skip
        return json.dumps({"type": "FeatureCollection", "features": features})


def _runs(grid: Grid, mask: npt.NDArray[np.bool_]) -> list[list[list[list[float]]]]:
    """Return a rectangle for each run of cells in a row that the mask holds."""
    polygons: list[Any] = []
    for row, cells in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], cells, [False]]).astype(np.int8)))
        low, high = grid.south_deg + row * grid.step_deg, grid.south_deg + (row + 1) * grid.step_deg
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            left, right = grid.west_deg + begin * grid.step_deg, grid.west_deg + end * grid.step_deg
            ring = [[left, low], [right, low], [right, high], [left, high], [left, low]]
            polygons.append([[[round(x, 5), round(min(90.0, y), 5)] for x, y in ring]])
    return polygons


def _box(cover: Cover) -> tuple[float, float, float, float] | None:
    """Return south, west, north, east around all sensors' ranges with a tenth more; None without sensors."""
    if not cover.sensors:
        return None
    reach = [1.1 * min(s.max_range_m, 800_000.0) / 111_000.0 for s in cover.sensors]
    south = max(-89.0, min(s.lat_deg - r for s, r in zip(cover.sensors, reach, strict=True)))
    north = min(89.0, max(s.lat_deg + r for s, r in zip(cover.sensors, reach, strict=True)))
    narrow = math.cos(math.radians(max(abs(south), abs(north))))
    first = cover.sensors[0].lon_deg  # all longitudes are taken near the first sensor's, over the antimeridian
    lons = [first + (s.lon_deg - first + 180.0) % 360.0 - 180.0 for s in cover.sensors]
    west = min(lon - r / narrow for lon, r in zip(lons, reach, strict=True))
    east = max(lon + r / narrow for lon, r in zip(lons, reach, strict=True))
    return south, west, north, min(east, west + 359.0)
