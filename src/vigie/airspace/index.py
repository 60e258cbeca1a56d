"""All volumes as arrays, with a grid over the Earth that says which of them a place may meet.

A cell of the grid knows each volume that fills it, whose edge may pass through it, or that lies within the margin. So
a point asks few volumes, and none whose cell is wholly inside is measured. Building is done when volumes change, never
at a step; ``active`` alone changes with time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from vigie.airspace.kernels import CHUNK, Ints, Longs, Octets, contains, fill_cells, find_near
from vigie.airspace.shapes import ring_edges
from vigie.airspace.volume import Ring, Volume
from vigie.earth.wgs84 import Floats, ecef_to_geodetic_many

CELL_DEG: Final = 0.5
COLUMNS: Final = 720
ROWS: Final = 360
USUAL_MARGIN_M: Final = 60_000.0


@dataclass(frozen=True, slots=True)
class Near:
    """Pairs of a point and a volume; see ``kernels.find_near`` for the meaning of each column."""

    point: Ints
    volume: Ints
    distance_m: Floats
    vertical_m: Floats


@dataclass(slots=True, kw_only=True)
class Index:
    """Volumes as arrays: row i of each belongs to ``volumes[i]``.

    ``edges[edge_first[i]:edge_first[i + 1]]`` is its outline; ``chunks[chunk_first[i]:]`` (c, 4) a ball (ECEF centre,
    radius) around each eight of its edges; ``caps`` (v, 4) the ECEF centre and radius of a ball
    around it; ``levels`` (v, 2) floor and ceiling in metres over ``datums`` (v, 2); ``margin_m`` the farthest a point
    may look. ``cell_first`` (cells + 1) points into ``cell_volume`` and ``cell_state``.
    """

    volumes: tuple[Volume, ...]
    edges: Floats
    edge_first: Longs
    chunks: Floats
    chunk_first: Longs
    caps: Floats
    levels: Floats
    datums: Octets
    margin_m: float
    cell_first: Longs
    cell_volume: Ints
    cell_state: Octets
    active: Octets

    def activate(self, t_ns: int) -> Octets:
        """Set ``active`` by the volumes' own times at ``t_ns`` and return it."""
        for i, volume in enumerate(self.volumes):
            self.active[i] = volume.active_at(t_ns)
        return self.active

    def number(self, volume_id: str) -> int:
        """Return the row of the volume with this id, -1 if there is none."""
        return next((i for i, v in enumerate(self.volumes) if v.id == volume_id), -1)

    def near(
        self,
        lat_rad: Floats,
        lon_rad: Floats,
        press_alt_m: Floats,
        amsl_m: Floats,
        ground_amsl_m: Floats,
        reach_m: Floats,
    ) -> Near:
        """Return every pair of a point and an active volume with the point inside or within its reach."""
        room = max(1024, 8 * lat_rad.size)
        while True:
            point, volume = np.empty(room, np.int32), np.empty(room, np.int32)
            distance_m, vertical_m = np.empty(room), np.empty(room)
            count = find_near(
                lat_rad, lon_rad, press_alt_m, amsl_m, ground_amsl_m, reach_m, self.active, CELL_DEG, COLUMNS,
                self.cell_first, self.cell_volume, self.cell_state, self.edges, self.edge_first, self.chunks,
                self.chunk_first, self.caps, self.levels, self.datums, point, volume, distance_m, vertical_m,
            )  # fmt: skip
            if count <= room:
                return Near(point[:count], volume[:count], distance_m[:count], vertical_m[:count])
            room = count

    def inside(self, lat_deg: float, lon_deg: float) -> list[Volume]:
        """Return the volumes, active or not, whose outline holds a place; for people and tests, not for the hot way."""
        lat, lon = math.radians(lat_deg), math.radians(lon_deg)
        first = self.edge_first
        return [v for i, v in enumerate(self.volumes) if contains(lat, lon, self.edges, first[i], first[i + 1])]


def build_index(volumes: Sequence[Volume], *, margin_m: float = USUAL_MARGIN_M) -> Index:
    """Return the index of ``volumes``; ``margin_m`` is how far outside a volume points may still ask for it."""
    parts = [_prepared(v.rings, margin_m) for v in volumes]
    edges = np.ascontiguousarray(np.vstack([*(p.edges for p in parts), np.empty((0, 6))]))
    edge_first = np.concatenate([[0], np.cumsum([len(p.edges) for p in parts], dtype=np.int64)]).astype(np.int64)
    balls = [p.balls for p in parts]
    cells, states = [p.cells for p in parts], [p.states for p in parts]
    of = np.repeat(np.arange(len(volumes), dtype=np.int32), [len(c) for c in cells])
    all_cells = np.concatenate([*cells, np.empty(0, np.int64)])
    order = np.argsort(all_cells, kind="stable")
    counts = np.bincount(all_cells, minlength=ROWS * COLUMNS)
    return Index(
        volumes=tuple(volumes),
        edges=edges,
        edge_first=edge_first,
        chunks=np.vstack([*balls, np.empty((0, 4))]),
        chunk_first=np.concatenate([[0], np.cumsum([len(b) for b in balls], dtype=np.int64)]).astype(np.int64),
        caps=np.array([p.cap for p in parts], np.float64).reshape(len(volumes), 4),
        levels=np.array([(v.floor.value_m, v.ceiling.value_m) for v in volumes], np.float64).reshape(len(volumes), 2),
        datums=np.array([(v.floor.datum, v.ceiling.datum) for v in volumes], np.uint8).reshape(len(volumes), 2),
        margin_m=margin_m,
        cell_first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        cell_volume=np.ascontiguousarray(of[order]),
        cell_state=np.ascontiguousarray(np.concatenate([*states, np.empty(0, np.uint8)])[order]),
        active=np.ones(len(volumes), np.uint8),
    )


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What depends on the outline of one volume alone."""

    edges: Floats
    balls: Floats
    cap: tuple[float, float, float, float]
    cells: Longs
    states: Octets


@lru_cache(maxsize=20_000)
def _prepared(rings: tuple[Ring, ...], margin_m: float) -> _Prepared:
    """Return the arrays of an outline; kept, so that a notice more does not measure all the others anew."""
    edges = np.ascontiguousarray(np.vstack([*(ring_edges(r) for r in rings if len(r) > 2), np.empty((0, 6))]))
    low_row, high_row, low_column, width = _box(edges, edges, 0, len(edges), margin_m)
    room = max(0, high_row - low_row + 1) * width
    cell, state = np.empty(room, np.int64), np.empty(room, np.uint8)
    count = fill_cells(
        low_row, high_row, low_column, width, COLUMNS, CELL_DEG, margin_m, edges, 0, len(edges), cell, state
    )
    return _Prepared(edges, _balls(edges), _cap(edges), cell[:count].copy(), state[:count].copy())


def _cap(outline: Floats) -> tuple[float, float, float, float]:
    """Return a ball around an outline: centre and radius (m)."""
    if not len(outline):
        return 0.0, 0.0, 0.0, 0.0
    return _ball(outline.reshape(-1, 3))


def _ball(corners: Floats) -> tuple[float, float, float, float]:
    """Return centre and radius of a ball around edges (two corners each), with their bulge over the chord."""
    centre = (corners.min(axis=0) + corners.max(axis=0)) / 2.0
    radius = float(np.sqrt(((corners - centre) ** 2).sum(axis=1)).max())
    longest_square = float(((corners[::2] - corners[1::2]) ** 2).sum(axis=1).max())
    return float(centre[0]), float(centre[1]), float(centre[2]), radius + longest_square / 5.0e7 + 0.1


def _balls(outline: Floats) -> Floats:
    """Return (c, 4): a ball around each chunk of edges, wide enough for their bulge over the chord."""
    parts = [outline[i : i + CHUNK].reshape(-1, 3) for i in range(0, len(outline), CHUNK)]
    return np.array([_ball(corners) for corners in parts], np.float64).reshape(len(parts), 4)


def _box(outline: Floats, edges: Floats, first: int, last: int, margin_m: float) -> tuple[int, int, int, int]:
    """Return low row, high row, low column, number of columns that hold an outline with its margin."""
    if not len(outline):
        return 0, -1, 0, 0
    lat_lon = np.degrees(ecef_to_geodetic_many(np.ascontiguousarray(outline[:, :3])))[:, :2]
    reach_deg = margin_m / 110_000.0 + 0.05
    low, high = float(lat_lon[:, 0].min()) - reach_deg, float(lat_lon[:, 0].max()) + reach_deg
    north = contains(math.pi / 2.0, 0.0, edges, first, last)
    south = contains(-math.pi / 2.0, 0.0, edges, first, last)
    # An edge of 200 km rises over its ends towards the pole: by 45 km at 89 degrees.
    low, high = (-90.0 if south or low < -85.0 else low), (90.0 if north or high > 85.0 else high)
    low_row = max(0, math.floor((low + 90.0) / CELL_DEG))
    high_row = min(ROWS - 1, math.floor((high + 90.0) / CELL_DEG))
    if low <= -85.0 or high >= 85.0:
        return low_row, high_row, 0, COLUMNS
    lons = np.sort(lat_lon[:, 1] % 360.0)
    # The widest gap between corners is what the outline leaves free; edges are at most 200 km, so a wider gap is empty.
    gaps = np.diff(np.concatenate([lons, [lons[0] + 360.0]]))
    widest = int(np.argmax(gaps))
    furthest = max(abs(low), abs(high))
    slack = reach_deg / math.cos(math.radians(furthest))
    if gaps[widest] <= 2.0 * slack + 3.0 / math.cos(math.radians(furthest)):
        return low_row, high_row, 0, COLUMNS
    begin = float(lons[(widest + 1) % len(lons)]) - slack
    end = begin + 360.0 - float(gaps[widest]) + 2.0 * slack
    low_column = math.floor(begin / CELL_DEG)
    width = math.floor(end / CELL_DEG) - low_column + 1
    return low_row, high_row, low_column % COLUMNS, min(width, COLUMNS)
