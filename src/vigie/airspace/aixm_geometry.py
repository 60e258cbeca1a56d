"""GML curves and surfaces of AIXM to rings: every segment that airspace uses, and borders by reference.

Angles of arcs are bearings, clockwise from north where the first axis is latitude (EPSG:4326), counter-clockwise from
east where it is longitude (CRS84). Source: OGC 12-028r1, sections 6 and 8.
"""

from __future__ import annotations

import math
from typing import Any, Final

from vigie.airspace.shapes import GEOD, Point, arc, circle, clean_ring, straight_in_degrees
from vigie.airspace.volume import Ring
from vigie.terms.units import M_PER_FT, M_PER_NMI

_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_GML_ID: Final = "{http://www.opengis.net/gml/3.2}id"
_METRES: Final = {
    "[NMI_I]": M_PER_NMI, "NMI_I": M_PER_NMI, "NM": M_PER_NMI, "NMI": M_PER_NMI, "KM": 1000.0, "M": 1.0,
    "[FT_I]": M_PER_FT, "FT": M_PER_FT,
}  # fmt: skip
_MOST_POINTS: Final = 200_000


class WrongError(ValueError):
    """A part of a file that cannot be used: which element, why, and on which line."""

    def __init__(self, field: str, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.field = field
        self.line = line or 0


def local(element: Any) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def one(element: Any, name: str) -> Any:
    """Return the first element of a name below, None where there is none."""
    return next(element.iter(f"{{*}}{name}"), None)


def text_of(element: Any, name: str) -> str:
    """Return the text of the first element of a name below, stripped; empty where there is none."""
    found = one(element, name)
    return (found.text or "").strip() if found is not None else ""


class Curves:
    """Curves of one document, with those that others refer to by id or by the identifier of their feature."""

    def __init__(self, root: Any) -> None:
        self._by_id: dict[str, Any] = {}
        self._by_uuid: dict[str, Any] = {}
        for element in root.iter():
            if not isinstance(element.tag, str):
                continue
            gml_id = element.get(_GML_ID)
            if gml_id:
                self._by_id.setdefault(gml_id, element)
        for border in root.iter("{*}GeoBorder"):
            self._by_uuid[text_of(border, "identifier").lower()] = border

    def referred(self, link: str) -> Any:
        """Return what a reference leads to in this document, None where it leads out of it."""
        if link.startswith("#"):
            return self._by_id.get(link[1:])
        return self._by_uuid.get(link.removeprefix("urn:uuid:").lower())

    def line(self, element: Any) -> list[Point]:
        """Return the points of the curves below an element, in order."""
        points: list[Point] = []
        for segment in element.iter(*(f"{{*}}{n}" for n in _SEGMENTS)):
            points += _segment(segment, self)
        return points


def rings_of_surface(element: Any, curves: Curves) -> tuple[Ring, ...]:
    """Return the rings of a Surface (or ElevatedSurface) below an element, outer rings and holes."""
    link = element.get(_HREF)
    if link:
        element = curves.referred(link)
        if element is None:
            raise WrongError("horizontalProjection", f"refers to {link[:80]!r}, which is not in this file")
    rings = []
    for boundary in element.iter("{*}exterior", "{*}interior"):
        points = _ring(boundary, curves)
        if len(points) > _MOST_POINTS:
            raise WrongError("posList", f"has more than {_MOST_POINTS:,} points", boundary.sourceline)
        ring = clean_ring(points)
        if len(ring) < 3:
            raise WrongError("Ring", "has fewer than three points", boundary.sourceline)
        rings.append(ring)
    if not rings:
        raise WrongError("Surface", "has no exterior", element.sourceline)
    return tuple(rings)


def _ring(boundary: Any, curves: Curves) -> list[Point]:
    linear = one(boundary, "LinearRing")
    if linear is not None:
        return list(straight_in_degrees(clean_ring(_positions(linear))))
    members = list(boundary.iter("{*}curveMember"))
    drawn: list[list[Point] | str] = []
    for member in members:
        link = member.get(_HREF) or next(
            (e.get(_HREF) for e in member.iter() if e.get(_HREF) and local(e) == "Curve"), None
        )
        drawn.append(link if link and one(member, "segments") is None else curves.line(member))
    points: list[Point] = []
    for i, part in enumerate(drawn):
        if isinstance(part, str):
            target = curves.referred(part)
            if target is None:
                raise WrongError(
                    "curveMember", f"refers to {part[:80]!r}, which is not in this file", members[i].sourceline
                )
            points += _between(curves.line(target), _end(drawn, i - 1, -1), _end(drawn, (i + 1) % len(drawn), 0))
        else:
            points += part
    return points


def _end(drawn: list[list[Point] | str], i: int, which: int) -> Point | None:
    part = drawn[i]
    return part[which] if isinstance(part, list) and part else None


def _nearest(border: list[Point], point: Point) -> int:
    lons, lats = zip(*border, strict=True)
    distances = GEOD.inv([point[0]] * len(border), [point[1]] * len(border), lons, lats)[2]
    return min(range(len(border)), key=distances.__getitem__)


def _between(border: list[Point], start: Point | None, end: Point | None) -> list[Point]:
    """Return the part of a border from the point nearest to ``start`` to the one nearest to ``end``."""
    if start is None or end is None or not border:
        return border
    at = [_nearest(border, p) for p in (start, end)]
    if at[0] <= at[1]:
        return border[at[0] : at[1] + 1]
    return border[at[1] : at[0] + 1][::-1]


_SEGMENTS: Final = (
    "GeodesicString", "Geodesic", "LineStringSegment", "LineString", "CircleByCenterPoint", "ArcByCenterPoint", "Arc",
    "Circle", "ArcString",
)  # fmt: skip


def _segment(segment: Any, curves: Curves) -> list[Point]:
    name = local(segment)
    if name in ("GeodesicString", "Geodesic"):
        return _positions(segment)
    if name in ("LineStringSegment", "LineString"):
        points = _positions(segment)
        if len(points) < 2:
            return points
        # straight_in_degrees closes its ring: leave that last way out.
        closed = straight_in_degrees(points)
        return [*closed[: _index_of(closed, points[-1]) + 1]]
    if name in ("CircleByCenterPoint", "ArcByCenterPoint"):
        centre = _centre(segment, curves)
        radius = one(segment, "radius")
        metres = _value(radius, "radius") * _METRES.get((radius.get("uom") or "M").upper().strip(), 1.0)
        if not 0.0 < metres < 6e6:
            raise WrongError("radius", f"{metres:g} m is out of range", segment.sourceline)
        if name == "CircleByCenterPoint":
            return list(circle(centre, metres))
        start = _value(one(segment, "startAngle"), "startAngle")
        end = _value(one(segment, "endAngle"), "endAngle")
        clockwise = end >= start
        if not _lat_first(segment):
            start, end, clockwise = 90.0 - start, 90.0 - end, not clockwise
        return list(arc(centre, metres, start, end, clockwise))
    points = _positions(segment)
    if len(points) < 3:
        raise WrongError(name, "needs three points", segment.sourceline)
    return _through(points[0], points[1], points[2], whole=name == "Circle")


def _index_of(points: Ring, point: Point) -> int:
    return max(
        (i for i, p in enumerate(points) if abs(p[0] - point[0]) < 1e-12 and p[1] == point[1]), default=len(points) - 1
    )


def _through(a: Point, b: Point, c: Point, *, whole: bool) -> list[Point]:
    """Return the points of the arc through three points: its centre is found in the plane around the middle one."""
    xy = []
    for p in (a, b, c):
        azimuth, _, distance = GEOD.inv(*b, *p)
        xy.append((distance * math.sin(math.radians(azimuth)), distance * math.cos(math.radians(azimuth))))
    (ax, ay), _, (cx, cy) = xy
    d = 2.0 * (ax * cy - ay * cx)
    if abs(d) < 1.0:
        return [a, b, c]  # on one line
    ux = (cy * (ax * ax + ay * ay) - ay * (cx * cx + cy * cy)) / d
    uy = (ax * (cx * cx + cy * cy) - cx * (ax * ax + ay * ay)) / d
    lon, lat, _ = GEOD.fwd(*b, math.degrees(math.atan2(ux, uy)), math.hypot(ux, uy))
    centre = (lon, lat)
    bearings = [GEOD.inv(*centre, *p)[0] for p in (a, b, c)]
    clockwise = (bearings[1] - bearings[0]) % 360.0 < (bearings[2] - bearings[0]) % 360.0
    radius = GEOD.inv(*centre, *a)[2]
    return list(circle(centre, radius)) if whole else list(arc(centre, radius, bearings[0], bearings[2], clockwise))


def _centre(segment: Any, curves: Curves) -> Point:
    points = _positions(segment)
    if points:
        return points[0]
    link = next((e.get(_HREF) for e in segment.iter("{*}pointProperty", "{*}pos") if e.get(_HREF)), "")
    target = curves.referred(link) if link else None
    points = _positions(target) if target is not None else []
    if not points:
        raise WrongError(local(segment), "has no centre in this file", segment.sourceline)
    return points[0]


def _positions(element: Any) -> list[Point]:
    """Return the positions below an element as (longitude, latitude)."""
    points: list[Point] = []
    for found in element.iter("{*}posList", "{*}pos"):
        try:
            values = [float(v) for v in (found.text or "").split()]
        except ValueError:
            raise WrongError(local(found), "holds a word that is no number", found.sourceline) from None
        size = found.get("srsDimension") or "2"
        step = 3 if size == "3" else 2
        if len(values) % step:
            raise WrongError(local(found), "holds half a position", found.sourceline)
        for i in range(0, len(values), step):
            lat, lon = (values[i], values[i + 1]) if _lat_first(found) else (values[i + 1], values[i])
            if not (abs(lat) <= 90.0 and abs(lon) <= 360.0):
                raise WrongError(local(found), f"{lat:g} {lon:g} is not on the Earth", found.sourceline)
            points.append((lon, lat))
    return points


def _lat_first(element: Any) -> bool:
    """Return whether the reference system that holds for an element has latitude first; 4326 where none is said."""
    while element is not None:
        name = element.get("srsName")
        if name:
            return "CRS84" not in name.upper()
        element = element.getparent()
    return True


def _value(element: Any, name: str) -> float:
    try:
        return float((element.text or "").strip()) if element is not None else math.nan
    except ValueError:
        raise WrongError(name, f"{(element.text or '').strip()[:20]!r} is no number", element.sourceline) from None
