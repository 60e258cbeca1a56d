"""Geographical zones for unmanned aircraft: ED-269 (JSON) and ED-318 (GeoJSON), to volumes and back.

The restriction (prohibited, authorisation required, conditional, none), reasons and authority are kept as they are in
``Volume.extra``. A zone with several layers becomes a volume each. A bad zone is set aside with its number.
Source: EUROCAE ED-269 (2020), ED-318 (2023).
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any, Final

from vigie.airspace.geojson import WrongError, rings_of
from vigie.airspace.shapes import circle, geodesics_in_degrees, polygons_of
from vigie.airspace.times import iso, parse_iso
from vigie.airspace.volume import Ring, Volume
from vigie.terms import strict_json
from vigie.terms.levels import AGL, AMSL, FL, SFC, SURFACE, UNL, UNLIMITED, Level
from vigie.terms.listing import Problem
from vigie.terms.units import M_PER_FT
from vigie.terms.windows import ALL_DAYS, FOREVER_NS, WEEKDAYS, Window

Read = tuple[tuple[Volume, ...], tuple[Problem, ...]]
_KEPT: Final = (
    "country", "type", "variant", "restriction", "restrictionConditions", "region", "reason", "otherReasonInfo",
    "regulationExemption", "uSpaceClass", "message", "zoneAuthority",
)  # fmt: skip
_EVENTS: Final = {"SR": "SR", "SS": "SS", "BMCT": "SR", "EECT": "SS"}
"""Civil twilight is taken as sunrise and sunset: the zone counts some 25 minutes less on each side."""


def read_ed269(text: str, file: str) -> Read:
    """Return the volumes of an ED-269 file and what was set aside. Never raises."""
    return _read(text, file, _zone_269)


def read_ed318(text: str, file: str) -> Read:
    """Return the volumes of an ED-318 file and what was set aside. Never raises."""
    return _read(text, file, _zone_318)


def _read(text: str, file: str, zone: Any) -> Read:
    try:
        tree = strict_json.loads(text.removeprefix("\ufeff"))
    except ValueError as why:
        return (), (Problem(file, getattr(why, "lineno", 1), "file", f"is not JSON: {why}"),)
    features = (tree.get("features") or tree.get("UASZoneList")) if isinstance(tree, dict) else tree
    if not isinstance(features, list):
        return (), (Problem(file, 1, "features", "is no list of zones"),)
    volumes: list[Volume] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, feature in enumerate(features, 1):
        try:
            found = zone(feature, f"{file}:zone {number}")
        except WrongError as why:
            problems.append(Problem(file, number, f"zone {number}: {why.field}", str(why)))
            continue
        for volume in found:
            n = seen[volume.id] = seen.get(volume.id, 0) + 1
            volumes.append(volume if n == 1 else replace(volume, id=f"{volume.id} ({n})"))
    return tuple(volumes), tuple(problems)


def _zone_269(feature: Any, source: str) -> list[Volume]:
    said = _table(feature, "zone")
    geometry = said.get("geometry")
    if not isinstance(geometry, list) or not geometry:
        raise WrongError("geometry", "is no list of layers")
    base = _base(said, said.get("name"), said.get("applicability"), source)
    layers = []
    for layer in geometry:
        part = _table(layer, "geometry")
        unit = part.get("uomDimensions", "M")
        layers.append(
            replace(
                base, rings=_projection(_table(part.get("horizontalProjection"), "horizontalProjection"), unit),
                floor=_level(part.get("lowerLimit"), part.get("lowerVerticalReference"), unit, SURFACE),
                ceiling=_level(part.get("upperLimit"), part.get("upperVerticalReference"), unit, UNLIMITED),
            )
        )  # fmt: skip
    return layers


def _zone_318(feature: Any, source: str) -> list[Volume]:
    tree = _table(feature, "feature")
    said = _table(tree.get("properties"), "properties")
    name = said.get("name")
    if isinstance(name, list):
        name = next((n.get("text") for n in name if isinstance(n, dict) and n.get("text")), None)
    base = _base(said, name, said.get("limitedApplicability"), source)
    geometry = _table(tree.get("geometry"), "geometry")
    parts = geometry.get("geometries") if geometry.get("type") == "GeometryCollection" else [geometry]
    if not isinstance(parts, list) or not parts:
        raise WrongError("geometry", "has no geometries")
    layers = []
    for one in parts:
        part = _table(one, "geometry")
        layer = part.get("layer")
        layer = layer if isinstance(layer, dict) else {}
        unit = layer.get("uom", "m")
        extent = part.get("extent")
        if part.get("type") == "Point" and isinstance(extent, dict):
            part = {"type": "Circle", "center": part.get("coordinates"), "radius": extent.get("radius")}
        layers.append(
            replace(
                base, rings=_projection(part, "M"),
                floor=_level(layer.get("lower"), layer.get("lowerReference"), unit, SURFACE),
                ceiling=_level(layer.get("upper"), layer.get("upperReference"), unit, UNLIMITED),
            )
        )  # fmt: skip
    return layers


def _base(said: dict[str, Any], name: Any, applicability: Any, source: str) -> Volume:
    identifier = said.get("identifier")
    if not isinstance(identifier, str) or not identifier:
        raise WrongError("identifier", "is missing")
    extra = tuple(
        (key, said[key] if isinstance(said[key], str) else json.dumps(said[key], ensure_ascii=False))
        for key in _KEPT if said.get(key) is not None
    )  # fmt: skip
    return Volume(
        id=identifier[:200], name=str(name or identifier)[:200], kind="UAS", rings=(), times=_times(applicability),
        remarks=str(said.get("message") or "")[:1000], source=source, extra=extra,
    )  # fmt: skip


def _times(applicability: Any) -> tuple[Window, ...]:
    if applicability is None:
        return ()
    if not isinstance(applicability, list):
        raise WrongError("applicability", "is no list")
    found: list[Window] = []
    for one in applicability:
        period = _table(one, "applicability")
        try:
            start_ns = parse_iso(str(period["startDateTime"])) if period.get("startDateTime") else -FOREVER_NS
            end_ns = parse_iso(str(period["endDateTime"])) if period.get("endDateTime") else FOREVER_NS
        except ValueError as why:
            raise WrongError("applicability", str(why)) from why
        schedule = period.get("schedule")
        if not isinstance(schedule, list) or not schedule:
            found.append(Window(start_ns=start_ns, end_ns=end_ns))
            continue
        for row in schedule:
            part = _table(row, "schedule")
            words = part.get("day") or ["ANY"]
            words = words if isinstance(words, list) else [words]
            days = sum(1 << i for i, d in enumerate(WEEKDAYS) if d in words) or ALL_DAYS
            from_sun, to_sun = (_EVENTS.get(str(part.get(k)), "") for k in ("startEvent", "endEvent"))
            found.append(
                Window(
                    start_ns=start_ns, end_ns=end_ns, days=days, from_sun=from_sun, to_sun=to_sun,
                    from_s=_clock(part.get("startTime"), 0),
                    to_s=_clock(part.get("endTime"), 0 if to_sun else 86_400),
                )
            )  # fmt: skip
    whole = Window()
    return () if found == [whole] else tuple(found)


def _clock(value: Any, usual: int) -> int:
    text = str(value or "").rstrip("Z")
    parts = text.split(":")
    if not value:
        return usual
    if len(parts) < 2 or not all(p[:2].isdigit() for p in parts[:2]):
        raise WrongError("schedule", f"{text[:20]!r} is no time of day")
    return int(parts[0]) * 3600 + int(parts[1]) * 60


def _projection(part: dict[str, Any], unit: Any) -> tuple[Ring, ...]:
    if part.get("type") == "Circle":
        centre, radius = part.get("center"), part.get("radius")
        good = isinstance(centre, list) and len(centre) >= 2 and all(_is_number(v) for v in centre[:2])
        if not good or abs(centre[0]) > 180 or abs(centre[1]) > 90:  # type: ignore[index]
            raise WrongError("center", "is no position")
        metres = float(radius) * (M_PER_FT if str(unit).upper() == "FT" else 1.0) if _is_number(radius) else 0.0  # type: ignore[arg-type]
        if not 0.0 < metres < 1e6:
            raise WrongError("radius", f"{str(radius)[:20]!r} is out of range")
        return (circle((float(centre[0]), float(centre[1])), metres),)  # type: ignore[index]
    return rings_of(part)


def _level(value: Any, reference: Any, unit: Any, usual: Level) -> Level:
    if value is None:
        return usual
    if not _is_number(value):
        raise WrongError("limit", f"{str(value)[:20]!r} is no number")
    metres = float(value) * (M_PER_FT if str(unit).upper() in ("FT", "FEET") else 1.0)
    word = str(reference or "AGL").upper()
    if word in ("AGL", "SFC"):
        return Level(AGL, metres) if metres else (SURFACE if usual is SURFACE else Level(AGL, 0.0))
    return Level(AMSL, metres)  # AMSL; WGS84 heights differ by the geoid, at most 30 m where these zones are


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _table(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongError(name, "is missing or no table")
    return value


def write_ed269(volumes: tuple[Volume, ...]) -> str:
    """Return the text of an ED-269 file; each polygon of a volume is a layer of its zone."""
    zones = []
    for volume in volumes:
        layers = [
            {
                "uomDimensions": "M", **_limits(volume, "lowerLimit", "lowerVerticalReference", "upperLimit",
                                                "upperVerticalReference"),
                "horizontalProjection": {"type": "Polygon", "coordinates": polygon},
            }
            for polygon in polygons_of([geodesics_in_degrees(r) for r in volume.rings])
        ]  # fmt: skip
        zones.append(
            {**_said(volume), "name": volume.name, "applicability": _applicability(volume), "geometry": layers}
        )
    return json.dumps({"title": "Vigie", "features": zones}, ensure_ascii=False, indent=1) + "\n"


def write_ed318(volumes: tuple[Volume, ...]) -> str:
    """Return the text of an ED-318 file."""
    features = []
    for volume in volumes:
        layer = {"uom": "m", **_limits(volume, "lower", "lowerReference", "upper", "upperReference")}
        parts = [
            {"type": "Polygon", "coordinates": p, "layer": layer}
            for p in polygons_of([geodesics_in_degrees(r) for r in volume.rings])
        ]
        geometry = parts[0] if len(parts) == 1 else {"type": "GeometryCollection", "geometries": parts}
        said = {
            **_said(volume), "name": [{"text": volume.name, "lang": "en-GB"}],
            "limitedApplicability": _applicability(volume),
        }  # fmt: skip
        features.append({"type": "Feature", "properties": said, "geometry": geometry})
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1) + "\n"


def _said(volume: Volume) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "identifier": volume.id, "country": "ZZZ", "type": "COMMON", "restriction": "PROHIBITED", "variant": "COMMON",
        "reason": ["OTHER"], "zoneAuthority": [{"purpose": "INFORMATION"}],
    }  # fmt: skip
    for key, text in volume.extra:
        if key in _KEPT:
            kept[key] = json.loads(text) if text[:1] in "[{" else text
    if volume.remarks:
        kept["message"] = volume.remarks
    return kept


def _limits(volume: Volume, low: str, low_ref: str, high: str, high_ref: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for level, key, ref in ((volume.floor, low, low_ref), (volume.ceiling, high, high_ref)):
        if level.datum == UNL:
            continue
        # These formats know no flight level: it is written as a height above mean sea level of the standard day.
        found[key] = level.value_m
        found[ref] = {SFC: "AGL", AGL: "AGL", AMSL: "AMSL", FL: "AMSL"}[level.datum]
    return found


def _applicability(volume: Volume) -> list[dict[str, Any]]:
    found = []
    for window in volume.times:
        start = {"startEvent": window.from_sun} if window.from_sun else {"startTime": _hhmm(window.from_s)}
        end = {"endEvent": window.to_sun} if window.to_sun else {"endTime": _hhmm(window.to_s)}
        days = [d for i, d in enumerate(WEEKDAYS) if window.days >> i & 1]
        one: dict[str, Any] = {"schedule": [{"day": days if window.days != ALL_DAYS else ["ANY"], **start, **end}]}
        if window.start_ns > -FOREVER_NS:
            one["startDateTime"] = iso(window.start_ns)
        if window.end_ns < FOREVER_NS:
            one["endDateTime"] = iso(window.end_ns)
        found.append(one)
    return found


def _hhmm(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}Z"
