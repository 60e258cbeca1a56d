"""Outlines on the ellipsoid: geodesics cut into short edges, circles, arcs, sectors and corridors.

All points are (longitude, latitude) in degrees. Source: PROJ's geodesics (Karney 2013), accurate to nanometres.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely
from pyproj import Geod, Proj

from vigie.airspace.volume import Ring
from vigie.earth.wgs84 import A_M, ecef_to_geodetic_many, geodetic_to_ecef_many

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
        parts = _parts(a, b, sag_m)
        points += [(a[0] + (b[0] - a[0]) * i / parts, a[1] + (b[1] - a[1]) * i / parts) for i in range(parts)]
    return clean_ring(points)


def geodesics_in_degrees(ring: Sequence[Point], sag_m: float = SAG_M) -> Ring:
    """Return a ring with points put into its geodesics, so close that lines straight in degrees follow them.

    The other way of ``straight_in_degrees``: what a writer of GeoJSON needs.
    """
    points: list[Point] = []
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        parts = _parts(a, ((b[0] - a[0] + 180.0) % 360.0 - 180.0 + a[0], b[1]), sag_m)
        points += [a, *(GEOD.npts(*a, *b, parts - 1) if parts > 1 else ())]
    return clean_ring(points)


def _parts(a: Point, b: Point, sag_m: float) -> int:
    """Return in how many parts an edge must be cut so that geodesic and straight line agree within ``sag_m``."""
    across = b[0] - a[0]  # a line of more than 180 degrees is meant as written
    middle = math.radians((a[1] + b[1]) / 2.0)
    bend = abs(math.sin(middle) * math.cos(middle)) + abs(math.radians(b[1] - a[1])) / 2.0
    sag = math.radians(abs(across)) ** 2 / 8.0 * bend * A_M
    if math.cos(middle) * math.radians(abs(across)) * A_M + abs(math.radians(b[1] - a[1])) * A_M < 2_000.0:
        return 1
    # One part in a hundred of slack, so that a line that was cut to measure is not cut again.
    return max(1, math.ceil(math.sqrt(sag / sag_m) - 0.01), math.ceil(abs(across) / 90.0))


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


def unwrapped(points: Ring) -> Ring:
    """Return the ring with longitudes that run on over the antimeridian: no step is more than half a turn."""
    out = [points[0]]
    for lon, lat in points[1:]:
        step = (lon - out[-1][0] + 180.0) % 360.0 - 180.0
        if abs(lon - out[-1][0]) <= 180.0:
            step = lon - out[-1][0]
        out.append((out[-1][0] + step, lat))
    return tuple(out)


def polygons_of(rings: Sequence[Ring]) -> list[list[list[Point]]]:
    """Return rings of the even-odd rule as polygons: an outer ring and its holes, each closed by its first point."""
    closed = [[*(u := unwrapped(r)), u[0]] for r in rings]
    shapes = [shapely.Polygon(r) for r in closed]
    holes_of: dict[int, list[int]] = {}
    held: set[int] = set()
    for i, inner in enumerate(shapes):
        outer = [
            j
            for j, s in enumerate(shapes)
            if j != i and s.area > inner.area and s.contains_properly(inner.representative_point())
        ]
        if len(outer) % 2:
            holes_of.setdefault(min(outer, key=lambda j: shapes[j].area), []).append(i)
            held.add(i)
    return [[closed[i], *(closed[h] for h in holes_of.get(i, []))] for i in range(len(closed)) if i not in held]


def combine(first: Sequence[Ring], second: Sequence[Ring], operation: str) -> tuple[Ring, ...]:
    """Return the union, difference or intersection (UNION, SUBTR, INTERS) of two outlines.

    Worked out in the plane that keeps distances from the middle of the first, edges cut to 20 km: corners of the result
    are within metres for areas up to 1,000 km.
    """
    if not first or not second:
        return tuple(first) if operation != "INTERS" else ()
    middle = _middle(first)
    there, back = _plane(middle)
    shapes = [_even_odd([there(_cut(ring)) for ring in rings]) for rings in (first, second)]
    done = {
        "UNION": shapely.union, "SUBTR": shapely.difference, "INTERS": shapely.intersection,
    }[operation](*shapes)  # fmt: skip
    rings: list[Ring] = []
    for part in shapely.get_parts(done):
        if part.geom_type == "Polygon" and part.area > 10_000.0:  # no slivers along a shared border
            rings += [back(shapely.simplify(r, 0.5).coords[:-1]) for r in (part.exterior, *part.interiors)]
    return tuple(r for r in rings if len(r) > 2)


def _middle(rings: Sequence[Ring]) -> Point:
    xyz = np.vstack([ring_edges(r)[:, :3] for r in rings]).mean(axis=0)
    lat, lon, _ = ecef_to_geodetic_many(xyz.reshape(1, 3))[0]
    return math.degrees(lon), math.degrees(lat)


def _plane(middle: Point) -> tuple[Callable[[Ring], Any], Callable[[Sequence[Point]], Ring]]:
    wanted = f"+proj=aeqd +lat_0={middle[1]!r} +lon_0={middle[0]!r} +ellps=WGS84"
    project = Proj(wanted)

    def there(ring: Ring) -> Any:
        return np.column_stack(project(*np.array(ring).T))

    def back(points: Sequence[Point]) -> Ring:
        x, y = np.array(points).T
        lon, lat = project(x, y, inverse=True)
        return clean_ring(list(zip(lon.tolist(), lat.tolist(), strict=True)))

    return there, back


def _even_odd(rings: Sequence[Any]) -> Any:
    """Return one shape of rings by the even-odd rule."""
    shape: Any = shapely.Polygon()
    for ring in rings:
        shape = shapely.symmetric_difference(shape, shapely.make_valid(shapely.Polygon(ring)))
    return shape


def _cut(ring: Ring) -> Ring:
    """Return a ring whose edges are at most 20 km long."""
    points: list[Point] = []
    for (lon0, lat0), (lon1, lat1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        _, _, length = GEOD.inv(lon0, lat0, lon1, lat1)
        more = math.ceil(length / 20_000.0) - 1
        points += [(lon0, lat0), *(GEOD.npts(lon0, lat0, lon1, lat1, more) if more > 0 else ())]
    return tuple(points)
