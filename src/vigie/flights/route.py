"""A route as filed becomes points on the Earth, over waypoints and airways that the operator gives.

Understood: named points and navigation aids, airways between two of their points, DCT, latitude and longitude
(``46N078W``, ``4620N07805W``), bearing and distance from a point (``DUB180040``), changes of speed and level, SIDs and
STARs by name (passed over), truncation. The same name may stand in several places of the world, even twice in one
route: the one is taken that makes the way shortest, looking at the whole route, never the first of a list. What
cannot be found is named, and the way goes on at the next point: one bad name stops nothing.
Source: ICAO Doc 4444, appendix 2, item 15.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from vigie.flights.plan import ABSENT_NS, RoutePoint
from vigie.terms.units import M_PER_NMI, NS_PER_S

Place = tuple[float, float]
"""Latitude and longitude in degrees."""

MOST_POINTS: Final = 1000
_EARTH_M: Final = 6_371_008.8
_LAT_LON: Final = re.compile(r"(\d{2})(\d{2})?([NS])(\d{3})(\d{2})?([EW])")
_PLACE_BEARING: Final = re.compile(r"([A-Z]{2,5}|\d{2}(?:\d{2})?[NS]\d{3}(?:\d{2})?[EW])(\d{3})(\d{3})")
_SPEED_LEVEL: Final = re.compile(r"(?:[NK]\d{4}|M\d{3})(?:[FA]\d{3}|[SM]\d{4}|VFR)?")
_CRUISE_CLIMB: Final = re.compile(r"C/(.+)/(?:[NK]\d{4}|M\d{3})(?:[FAB]\d{3}|[SM]\d{4}){1,2}(?:PLUS)?")
_NO_PLACE: Final = frozenset({"DCT", "IFR", "VFR", "T", "OFP", "IFPSTART", "IFPSTOP"})
_AIRWAY: Final = re.compile(r"[A-Z]{1,2}\d{1,4}[A-Z]?|[UKS][A-Z]\d{1,4}[A-Z]?")
_PROCEDURE: Final = re.compile(r"[A-Z]{2,6}\d[A-Z]?|SID|STAR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Navigation:
    """Waypoints by name (several places may share one), airways as chains of named places, aerodromes."""

    waypoints: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    airways: Mapping[str, tuple[tuple[tuple[str, Place], ...], ...]] = field(default_factory=dict)
    aerodromes: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Step:
    """One part of a route: where it may be (several places for one name), and the airway that leads to it."""

    name: str
    places: tuple[Place, ...]
    via: str = "DCT"


def expand_route(
    route: str, departure: str, destination: str, nav: Navigation, *, other: Mapping[str, str] | None = None
) -> tuple[tuple[RoutePoint, ...], tuple[str, ...]]:
    """Return the points of a route from departure to destination, and the parts that could not be found.

    ``other`` is field 18: DEP and DEST give the place of an aerodrome filed as ZZZZ where they are coordinates.
    """
    unresolved: list[str] = []
    steps: list[_Step] = []
    said = other or {}
    ends = []
    for name, key in ((departure, "DEP"), (destination, "DEST")):
        place = nav.aerodromes.get(name) or (_coordinates_in(said.get(key, "")) if name in ("ZZZZ", "AFIL") else None)
        ends.append(_Step(name, (place,)) if place else None)
    if ends[0]:
        steps.append(ends[0])
    airway = ""
    for word in route.upper().split()[:MOST_POINTS]:
        token = word.strip(".,")
        climb = _CRUISE_CLIMB.fullmatch(token)
        token = climb.group(1) if climb else token.partition("/")[0]
        if not token or token in _NO_PLACE or _SPEED_LEVEL.fullmatch(token):
            continue
        places = places_of(token, nav)
        if places:
            steps.append(_Step(token, places, airway or "DCT"))
            airway = ""
        elif token in nav.airways:
            airway = token
        elif _AIRWAY.fullmatch(token) or _PROCEDURE.fullmatch(token):
            if not (token in ("SID", "STAR") or (_PROCEDURE.fullmatch(token) and not steps[1:])):
                unresolved.append(token)  # an airway or arrival that the operator's files do not have: flown direct
        else:
            unresolved.append(token)
    if ends[1]:
        steps.append(ends[1])
    chosen = _choose(steps)
    points: list[RoutePoint] = []
    for step, place in zip(steps, chosen, strict=True):
        if step.via != "DCT" and points:
            between = _along(step.via, points[-1], step.name, place, nav)
            if between is None:
                unresolved.append(f"{step.via} {points[-1].name}-{step.name}")
            else:
                points += between
        point = RoutePoint(name=step.name, lat_deg=place[0], lon_deg=place[1], via=step.via)
        if not points or (points[-1].name, points[-1].lat_deg, points[-1].lon_deg) != (point.name, *place):
            points.append(point)
        if len(points) >= MOST_POINTS:
            break
    return tuple(points[:MOST_POINTS]), tuple(unresolved)


def places_of(token: str, nav: Navigation) -> tuple[Place, ...]:
    """Return the places that one word of a route may mean; empty where it is no place that is known."""
    if token in nav.waypoints:
        return nav.waypoints[token]
    if token in nav.aerodromes:
        return (nav.aerodromes[token],)
    written = lat_lon(token)
    if written:
        return (written,)
    bearing = _PLACE_BEARING.fullmatch(token)
    if bearing:
        degrees, miles = int(bearing.group(2)), int(bearing.group(3))
        if degrees <= 360:
            return tuple(_offset(p, degrees, miles * M_PER_NMI) for p in places_of(bearing.group(1), nav))
    return ()


def lat_lon(token: str) -> Place | None:
    """Return the place of ``46N078W`` or ``4620N07805W``, None for anything else."""
    match = _LAT_LON.fullmatch(token)
    if not match:
        return None
    lat_d, lat_m, ns, lon_d, lon_m, ew = match.groups()
    if int(lat_m or 0) > 59 or int(lon_m or 0) > 59:
        return None
    lat = int(lat_d) + int(lat_m or 0) / 60.0
    lon = int(lon_d) + int(lon_m or 0) / 60.0
    if lat > 90.0 or lon > 180.0:
        return None
    return (lat if ns == "N" else -lat), (lon if ew == "E" else -lon)


def _coordinates_in(text: str) -> Place | None:
    return next((p for p in (lat_lon(w) for w in re.findall(r"[0-9NSEW]{7,11}", text.upper())) if p), None)


def _choose(steps: Sequence[_Step]) -> list[Place]:
    """Return one place for each step so that the whole way is shortest: dynamic programming, ties to the first."""
    if not steps:
        return []
    cost = [0.0] * len(steps[0].places)
    came: list[list[int]] = []
    for before, step in pairwise(steps):
        new_cost, new_came = [], []
        for place in step.places:
            # A name said twice in a row means two places, where it has two: nobody files a point after itself.
            ways = [
                c + (distance_m(p, place) if p != place or before.name != step.name else 2.0 * _EARTH_M)
                for c, p in zip(cost, before.places, strict=True)
            ]
            best = min(range(len(ways)), key=ways.__getitem__)
            new_cost.append(ways[best])
            new_came.append(best)
        cost = new_cost
        came.append(new_came)
    at = min(range(len(cost)), key=cost.__getitem__)
    chosen = [steps[-1].places[at]]
    for i in range(len(steps) - 2, -1, -1):
        at = came[i][at]
        chosen.append(steps[i].places[at])
    return chosen[::-1]


def _along(airway: str, start: RoutePoint, name: str, place: Place, nav: Navigation) -> list[RoutePoint] | None:
    """Return the airway's points strictly between two of its points, in the order flown; None if it lacks one."""
    best: list[tuple[str, Place]] | None = None
    best_m = math.inf
    for chain in nav.airways.get(airway, ()):
        from_at = [i for i, (n, _) in enumerate(chain) if n == start.name]
        to_at = [i for i, (n, _) in enumerate(chain) if n == name]
        for i in from_at:
            for j in to_at:
                part = list(chain[i + 1 : j]) if i < j else list(chain[j + 1 : i][::-1])
                # An airway may pass two points of one name: its ends must be where the route is.
                off = distance_m(chain[i][1], (start.lat_deg, start.lon_deg)) + distance_m(chain[j][1], place)
                if off < best_m:
                    best, best_m = part, off
    if best is None:
        return None
    return [RoutePoint(name=n, lat_deg=p[0], lon_deg=p[1], via=airway) for n, p in best]


def with_times(
    points: Sequence[RoutePoint], *, start_ns: int, speed_mps: float, eet_s: int, at_point: str, at_ns: int
) -> tuple[RoutePoint, ...]:
    """Return the points with times over them.

    From an estimate of one point where there is one; else from the start. The way takes the filed time en route where
    that is known, else the filed speed. Times are unknown (-1) where neither is.
    """
    if not points:
        return ()
    along = [0.0]
    for a, b in pairwise(points):
        along.append(along[-1] + distance_m((a.lat_deg, a.lon_deg), (b.lat_deg, b.lon_deg)))
    speed = along[-1] / eet_s if eet_s > 0 and along[-1] > 0.0 else speed_mps
    anchor = next((i for i, p in enumerate(points) if at_point and p.name == at_point), -1)
    if speed <= 0.0 or (anchor < 0 and start_ns < 0):
        return tuple(replace(p, eto_ns=ABSENT_NS) for p in points)
    zero_ns, zero_m = (at_ns, along[anchor]) if anchor >= 0 and at_ns >= 0 else (start_ns, 0.0)
    if zero_ns < 0:
        return tuple(replace(p, eto_ns=ABSENT_NS) for p in points)
    return tuple(
        replace(p, eto_ns=zero_ns + round((m - zero_m) / speed) * NS_PER_S) for p, m in zip(points, along, strict=True)
    )


def distance_m(a: Place, b: Place) -> float:
    """Return the great-circle distance on the mean sphere: within 0.5 %, enough to choose and to time."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*a, *b))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2.0 * _EARTH_M * math.asin(min(1.0, math.sqrt(h)))


def _offset(place: Place, bearing_deg: float, range_m: float) -> Place:
    lat, lon, az, d = *map(math.radians, place), math.radians(bearing_deg), range_m / _EARTH_M
    lat2 = math.asin(math.sin(lat) * math.cos(d) + math.cos(lat) * math.sin(d) * math.cos(az))
    lon2 = lon + math.atan2(math.sin(az) * math.sin(d) * math.cos(lat), math.cos(d) - math.sin(lat) * math.sin(lat2))
    return math.degrees(lat2), (math.degrees(lon2) + 180.0) % 360.0 - 180.0
