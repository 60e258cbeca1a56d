"""GeoJSON areas to volumes and back: Polygon and MultiPolygon features, our own properties and the usual foreign ones.

Lines of GeoJSON are straight in longitude and latitude (RFC 7946, 3.1.1), so points are put in where a geodesic would
stray. A bad feature is set aside with its number and never stops the next.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any, Final

from vigie.airspace.shapes import clean_ring, geodesics_in_degrees, polygons_of, straight_in_degrees, unwrapped
from vigie.airspace.times import iso, parse_iso
from vigie.airspace.volume import CLASSES, KINDS, Ring, Volume
from vigie.terms import strict_json
from vigie.terms.levels import SURFACE, UNLIMITED, Level, parse_level
from vigie.terms.listing import Problem
from vigie.terms.windows import ALL_DAYS, FOREVER_NS, Window

MOST_POINTS: Final = 200_000
_MOST_RANGE_PARTS: Final = 400


class WrongError(ValueError):
    """A part of a feature that cannot be used: which, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def read_geojson(text: str, file: str) -> tuple[tuple[Volume, ...], tuple[Problem, ...]]:
    """Return the volumes of a GeoJSON text and what was set aside. Never raises."""
    try:
        tree = strict_json.loads(text.removeprefix("\ufeff"))
    except ValueError as why:
        return (), (Problem(file, getattr(why, "lineno", 1), "file", f"is not JSON: {why}"),)
    features = tree.get("features") if isinstance(tree, dict) else None
    if isinstance(tree, dict) and tree.get("type") == "Feature":
        features = [tree]
    if not isinstance(features, list):
        return (), (Problem(file, 1, "features", "is no list of features: give a FeatureCollection"),)
    volumes: list[Volume] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, feature in enumerate(features, 1):
        try:
            volume = _feature(feature, number, f"{file}:feature {number}")
        except WrongError as why:
            problems.append(Problem(file, number, f"feature {number}: {why.field}", str(why)))
            continue
        seen[volume.id] = seen.get(volume.id, 0) + 1
        volumes.append(volume if seen[volume.id] == 1 else _renamed(volume, seen[volume.id]))
    return tuple(volumes), tuple(problems)


def _renamed(volume: Volume, n: int) -> Volume:
    return replace(volume, id=f"{volume.id} ({n})")


def _feature(feature: Any, number: int, source: str) -> Volume:
    if not isinstance(feature, dict) or not isinstance(feature.get("geometry"), dict):
        raise WrongError("geometry", "is missing")
    said = feature.get("properties")
    said = said if isinstance(said, dict) else {}
    name = str(said.get("name") or said.get("id") or feature.get("id") or f"area {number}")[:200]
    kind = str(said.get("kind") or said.get("type") or "OTHER").upper()
    class_ = str(said.get("class") or said.get("icao_class") or "").upper()
    return Volume(
        id=str(said.get("id") or feature.get("id") or name)[:200], name=name, kind=kind if kind in KINDS else "OTHER",
        icao_class=class_ if class_ in CLASSES else "", rings=rings_of(feature["geometry"]),
        floor=_level(said, "floor", SURFACE), ceiling=_level(said, "ceiling", UNLIMITED),
        times=tuple(_window(w) for w in _list(said, "times")), by_notice=said.get("by_notice") is True,
        rules=tuple(str(r) for r in _list(said, "rules")), parameters=_numbers(said), source=source,
        remarks=str(said.get("remarks") or "")[:1000],
        frequency_mhz=float(said["frequency_mhz"]) if isinstance(said.get("frequency_mhz"), (int, float)) else 0.0,
        extra=tuple((str(k), str(v)) for k, v in said.items() if k not in _OURS and isinstance(v, (str, int, float))),
    )  # fmt: skip


_OURS: Final = frozenset({
    "id", "name", "kind", "class", "floor", "ceiling", "times", "by_notice", "rules", "parameters", "remarks",
    "frequency_mhz",
})  # fmt: skip


def rings_of(geometry: dict[str, Any]) -> tuple[Ring, ...]:
    """Return the rings of a Polygon or MultiPolygon; WrongError (a ValueError) says what is wrong with it."""
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "Polygon":
        coordinates = [coordinates]
    elif kind != "MultiPolygon":
        raise WrongError("geometry", f"{str(kind)[:30]!r} is neither Polygon nor MultiPolygon")
    if not isinstance(coordinates, list):
        raise WrongError("coordinates", "is no list")
    rings = []
    for polygon in coordinates:
        if not isinstance(polygon, list):
            raise WrongError("coordinates", "a polygon is no list of rings")
        for ring in polygon:
            points = clean_ring([_position(p) for p in ring]) if isinstance(ring, list) else ()
            if len(points) < 3:
                raise WrongError("coordinates", "a ring has fewer than three points")
            if len(points) > MOST_POINTS:
                raise WrongError("coordinates", f"a ring has more than {MOST_POINTS:,} points")
            rings.append(straight_in_degrees(unwrapped(points)))
    if not rings:
        raise WrongError("coordinates", "there is no ring")
    return tuple(rings)


def _position(value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) < 2 or not all(type(v) in (int, float) for v in value[:2]):
        raise WrongError("coordinates", f"{str(value)[:40]} is no position")
    lon, lat = float(value[0]), float(value[1])
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 360.0 and abs(lat) <= 90.0):
        raise WrongError("coordinates", f"{str(value)[:40]} is not on the Earth")
    return lon, lat


def _level(said: dict[str, Any], key: str, usual: Level) -> Level:
    value = said.get(key)
    if value is None or value == "":
        return usual
    try:
        return parse_level(str(value))
    except ValueError as why:
        raise WrongError(key, str(why)) from why


def _list(said: dict[str, Any], key: str) -> list[Any]:
    value = said.get(key, [])
    if not isinstance(value, list) or len(value) > _MOST_RANGE_PARTS:
        raise WrongError(key, "is no list, or too long a one")
    return value


def _numbers(said: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    value = said.get("parameters", {})
    if not isinstance(value, dict) or not all(type(v) in (int, float) and math.isfinite(v) for v in value.values()):
        raise WrongError("parameters", "is no table of numbers")
    return tuple((str(k), float(v)) for k, v in value.items())


def _window(said: Any) -> Window:
    if not isinstance(said, dict):
        raise WrongError("times", "is no list of windows")
    try:
        return Window(
            start_ns=parse_iso(said["start"]) if said.get("start") else -FOREVER_NS,
            end_ns=parse_iso(said["end"]) if said.get("end") else FOREVER_NS,
            days=int(said.get("days", ALL_DAYS)) & ALL_DAYS, from_s=int(said.get("from_s", 0)),
            to_s=int(said.get("to_s", 86_400)), dates=tuple(parse_iso(d) for d in said.get("dates", [])),
            from_sun=str(said.get("from_sun", "")), to_sun=str(said.get("to_sun", "")),
        )  # fmt: skip
    except (ValueError, TypeError, AttributeError) as why:
        raise WrongError("times", str(why)) from why


def write_geojson(volumes: tuple[Volume, ...]) -> str:
    """Return a FeatureCollection with all that a volume knows; ``read_geojson`` gives the same volumes again."""
    features = [
        {
            "type": "Feature", "id": v.id,
            "properties": {
                "id": v.id, "name": v.name, "kind": v.kind, "class": v.icao_class, "floor": exact(v.floor),
                "ceiling": exact(v.ceiling), "times": [_window_tree(w) for w in v.times], "by_notice": v.by_notice,
                "rules": list(v.rules), "parameters": dict(v.parameters), "frequency_mhz": v.frequency_mhz,
                "remarks": v.remarks, **{k: x for k, x in v.extra if k not in _OURS},
            },
            "geometry": geometry_of(v.rings),
        }
        for v in volumes
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1) + "\n"


def geometry_of(rings: tuple[Ring, ...]) -> dict[str, Any]:
    """Return rings as a geometry: each its own polygon, holes (a ring inside another) with the ring they are in."""
    polygons = polygons_of([geodesics_in_degrees(r) for r in rings])
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def exact(level: Level) -> str:
    """Return a level as text that ``parse_level`` turns into the very same level."""
    text = str(level)
    return (
        text
        if parse_level(text) == level
        else f"{level.value_m!r} M {'STD' if level.datum == 2 else ('', 'AMSL', '', 'AGL')[level.datum]}"
    )


def _window_tree(window: Window) -> dict[str, Any]:
    return {
        "start": iso(window.start_ns), "end": iso(window.end_ns), "days": window.days, "from_s": window.from_s,
        "to_s": window.to_s, "dates": [iso(d) for d in window.dates], "from_sun": window.from_sun,
        "to_sun": window.to_sun,
    }  # fmt: skip
