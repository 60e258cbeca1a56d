"""Outlines on the ellipsoid: geodesics cut into short edges, circles, arcs, sectors and corridors.

All points are (longitude, latitude) in degrees. Source: PROJ's geodesics (Karney 2013), accurate to nanometres.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from pyproj import Geod

from vigie.airspace.volume import Ring
from vigie.earth.wgs84 import A_M, geodetic_to_ecef_many

GEOD: Final = Geod(ellps="WGS84")
LONGEST_EDGE_M: Final = 200_000.0
SAG_M: Final = 10.0
"""How far a chain of edges may stray from the curve it stands for (circle, parallel)."""

Point = tuple[float, float]


def wrap_lon(lon_deg: float) -> float:
    """Return a longitude in [-180, 180)."""
    return (lon_deg + 180.0) % 360.0 - 180.0


def clean_ring(points: Sequence[Point]) -> Ring:
    """Return a ring without the repeated last point and without points that stand on the one before."""
    ring: list[Point] = []
    for lon, lat in points:
        point = (lon if lon == 180.0 else wrap_lon(lon), lat)
        if not ring or point != ring[-1]:
            ring.append(point)
    while len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    return tuple(ring)


def circle(centre: Point, radius_m: float) -> Ring:
    """Return a circle of ``radius_m`` around a point, clockwise, its edges within ``SAG_M`` (and 1 %) of it."""
    return clean_ring(_arc_points(centre, radius_m, 0.0, 360.0)[:-1])


def arc(centre: Point, radius_m: float, from_deg: float, to_deg: float, clockwise: bool = True) -> tuple[Point, ...]:
    """Return the points of an arc between two true bearings from its centre, both ends included."""
    sweep = (to_deg - from_deg) % 360.0 if clockwise else -((from_deg - to_deg) % 360.0)
    return tuple(_arc_points(centre, radius_m, from_deg, from_deg + (sweep or 360.0)))


def arc_between(centre: Point, start: Point, end: Point, clockwise: bool = True) -> tuple[Point, ...]:
    """Return the points of an arc from ``start`` to ``end`` around ``centre``; the radius changes evenly."""
    from_deg, _, from_m = GEOD.inv(centre[0], centre[1], start[0], start[1])
    to_deg, _, to_m = GEOD.inv(centre[0], centre[1], end[0], end[1])
    sweep = (to_deg - from_deg) % 360.0 if clockwise else -((from_deg - to_deg) % 360.0)
    between = _arc_points(centre, from_m, from_deg, from_deg + sweep, end_radius_m=to_m)
    return (start, *between[1:-1], end)


def _arc_points(
    centre: Point, radius_m: float, from_deg: float, to_deg: float, end_radius_m: float | None = None
) -> list[Point]:
    """Return points along an arc so close that a chord's sag is at most ``SAG_M`` and 0.1 % of the radius."""
    sag = max(0.5, min(SAG_M, radius_m / 1000.0))
    step = 2.0 * math.acos(max(0.0, 1.0 - sag / max(radius_m, sag)))
    count = min(2000, max(1, math.ceil(abs(math.radians(to_deg - from_deg)) / step)))
    bearings = np.linspace(from_deg, to_deg, count + 1)
    distances = np.linspace(radius_m, radius_m if end_radius_m is None else end_radius_m, count + 1)
    lon, lat, _ = GEOD.fwd(np.full(count + 1, centre[0]), np.full(count + 1, centre[1]), bearings, distances)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def corridor(centreline: Sequence[Point], width_m: float) -> Ring:
    """Return the outline of a corridor: all within half of ``width_m`` of a line of geodesics, square ends.

    Outer corners are round; on the inner side of a sharp turn the outline is cut where its two sides meet.
    """
    line = list(clean_ring(centreline)) if centreline and centreline[0] != centreline[-1] else list(centreline)
    if len(line) < 2:
        return ()
    half = width_m / 2.0
    legs = [GEOD.inv(a[0], a[1], b[0], b[1]) for a, b in pairwise(line)]
    left: list[Point] = []
    right: list[Point] = []
    for i, point in enumerate(line):
        into = (legs[i - 1][1] + 180.0) % 360.0 if i else legs[0][0] % 360.0  # course on arriving
        out = legs[i][0] % 360.0 if i < len(legs) else into  # course on leaving
        turn = (out - into + 180.0) % 360.0 - 180.0
        for side, outline in ((-90.0, left), (90.0, right)):
            outer = turn * side < 0.0
            if abs(turn) < 0.01 or i in (0, len(line) - 1):
                lon, lat, _ = GEOD.fwd(point[0], point[1], into + side, half)
                outline.append((lon, lat))
            elif outer:
                outline.extend(_arc_points(point, half, into + side, into + side + turn))
            else:
                reach = half / max(0.2, math.cos(math.radians(turn / 2.0)))
                lon, lat, _ = GEOD.fwd(point[0], point[1], into + turn / 2.0 + side, reach)
                outline.append((lon, lat))
    return clean_ring(left + right[::-1])


def straight_in_degrees(ring: Sequence[Point], sag_m: float = SAG_M) -> Ring:
    """Return a ring whose geodesics follow lines that are straight in longitude and latitude, as GeoJSON means them.

    Points are put in so that no edge strays more than ``sag_m`` from the line. Source: RFC 7946, section 3.1.1.
    """
    points: list[Point] = []
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        across = b[0] - a[0]  # a line of more than 180 degrees is meant as written
        middle = math.radians((a[1] + b[1]) / 2.0)
        sag = math.radians(abs(across)) ** 2 / 8.0 * abs(math.sin(middle) * math.cos(middle)) * A_M
        parts = max(1, math.ceil(math.sqrt(sag / sag_m)), math.ceil(abs(across) / 90.0))
        points += [(a[0] + across * i / parts, a[1] + (b[1] - a[1]) * i / parts) for i in range(parts)]
    return clean_ring(points)


def ring_edges(ring: Ring) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the edges of a ring as (k, 6): ECEF of both ends on the ellipsoid, none longer than ``LONGEST_EDGE_M``."""
    lons: list[float] = []
    lats: list[float] = []
    for (lon0, lat0), (lon1, lat1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        lons.append(lon0)
        lats.append(lat0)
        if abs(lat1 - lat0) < 0.5 and abs(lon1 - lon0) < 0.5:
            continue  # short by sight
        _, _, length = GEOD.inv(lon0, lat0, lon1, lat1)
        more = math.ceil(length / LONGEST_EDGE_M) - 1
        if more > 0:
            for lon, lat in GEOD.npts(lon0, lat0, lon1, lat1, more):
                lons.append(lon)
                lats.append(lat)
    xyz = geodetic_to_ecef_many(np.radians(np.array(lats)), np.radians(np.array(lons)), np.zeros(len(lats)))
    return np.hstack([xyz, np.roll(xyz, -1, axis=0)])
