"""The keys of a site file that say what is around the sensors: areas, protected sites, aerodromes, flights.

Here they are only checked, key by key; ``app.knowledge`` makes airspace and flights of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from vigie.sensors.keys import Checker, KeyRule

AREA_KINDS: Final = (
    "FIR", "UIR", "ADIZ", "BORDER", "CTA", "TMA", "CTR", "ATZ", "AIRWAY", "CORRIDOR", "P", "R", "D", "TSA", "TRA",
    "MIL", "TMZ", "RMZ", "UAS", "PROTECTED", "ALERT", "GLIDER", "W", "OTHER",
)  # fmt: skip
AREA_FORMATS: Final = ("aixm", "openair", "geojson", "ed269", "ed318")


def _points(value: Any) -> bool:
    """Return whether a value is a list of [latitude, longitude] pairs, two at least."""
    return 2 <= len(value) <= 10_000 and all(
        isinstance(p, list) and len(p) == 2 and all(type(x) in (int, float) for x in p)
        and -90 <= p[0] <= 90 and -180 <= p[1] <= 180
        for p in value
    )  # fmt: skip


def _texts(value: Any) -> bool:
    return all(isinstance(t, str) and 0 < len(t) <= 400 for t in value)


def _numbers(value: Any) -> bool:
    return all(
        re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?", k) and type(v) in (int, float) for k, v in value.items()
    )


_TEXT: Final = KeyRule((str,), "a text of 1 to 400 characters", lambda v: 0 < len(v) <= 400)
_NUMBER: Final = (int, float)
_LAT: Final = KeyRule(_NUMBER, "a latitude from -90 to 90 degrees", lambda v: -90 <= v <= 90)
_LON: Final = KeyRule(_NUMBER, "a longitude from -180 to 180 degrees", lambda v: -180 <= v <= 180)
_ID: Final = KeyRule(
    (str,), "a short name of letters, digits, - _ . and spaces", lambda v: bool(re.fullmatch(r"[\w. -]{1,60}", v))
)
_FILES: Final = KeyRule((list,), "a list of file names", _texts)

AREA_KEYS: Final[dict[str, KeyRule]] = {
    "id": _ID,
    "name": _TEXT,
    "kind": KeyRule((str,), "one of " + ", ".join(AREA_KINDS), lambda v: v in AREA_KINDS),
    "class": KeyRule((str,), "a letter from A to G", lambda v: v in tuple("ABCDEFG")),
    "file": KeyRule((str,), 'a file of areas, or "builtin:niger"', lambda v: 0 < len(v) <= 400),
    "format": KeyRule((str,), "one of " + ", ".join(AREA_FORMATS) + "; else told", lambda v: v in AREA_FORMATS),
    "only": KeyRule((list,), "a list of ids, names or kinds to take from the file", _texts),
    "outline_deg": KeyRule((list,), "three or more points [latitude, longitude]", lambda v: len(v) > 2 and _points(v)),
    "lat_deg": _LAT,
    "lon_deg": _LON,
    "radius_m": KeyRule(_NUMBER, "a radius from 1 to 3000000 m", lambda v: 1 <= v <= 3e6),
    "centreline_deg": KeyRule((list,), "two or more points [latitude, longitude]", _points),
    "width_m": KeyRule(_NUMBER, "a width from 10 to 1000000 m", lambda v: 10 <= v <= 1e6),
    "floor": KeyRule((str,), "a level: SFC, 1500 FT AMSL, 500 FT AGL, FL095", lambda v: 0 < len(v) <= 40),
    "ceiling": KeyRule((str,), "a level: UNL, 1500 FT AMSL, 500 FT AGL, FL095", lambda v: 0 < len(v) <= 40),
    "times": KeyRule((list,), "a list of schedules such as MON-FRI 0600-1800", _texts),
    "by_notice": KeyRule((bool,), "true where it sleeps until a NOTAM or a supervisor wakes it"),
    "rules": KeyRule((list,), "a list of names of watch rules (else those usual for the kind)", _texts),
    "parameters": KeyRule((dict,), "numbers in SI by RULE.PARAMETER", _numbers),
}  # fmt: skip
SITE_KEYS: Final[dict[str, KeyRule]] = {
    "id": _ID,
    "name": _TEXT,
    "file": KeyRule((str,), "a CSV file of protected sites", lambda v: 0 < len(v) <= 400),
    "lat_deg": _LAT,
    "lon_deg": _LON,
    "radius_m": KeyRule(_NUMBER, "a radius from 1 to 50000 m", lambda v: 1 <= v <= 50_000),
    "warn_m": KeyRule(_NUMBER, "a distance from 10 to 500000 m", lambda v: 10 <= v <= 500_000),
    "weight": KeyRule(_NUMBER, "how much it matters, 0 to 1", lambda v: 0 <= v <= 1),
    "amsl_m": KeyRule(_NUMBER, "a height from -500 to 9000 m", lambda v: -500 <= v <= 9_000),
}
AERODROME_KEYS: Final[dict[str, KeyRule]] = {
    "icao": KeyRule((str,), "a location indicator", lambda v: bool(re.fullmatch(r"[A-Z0-9]{2,7}", v))),
    "name": _TEXT,
    "file": KeyRule((str,), 'a CSV file of aerodromes, or "builtin:niger"', lambda v: 0 < len(v) <= 400),
    "lat_deg": _LAT,
    "lon_deg": _LON,
    "elevation_m": KeyRule(_NUMBER, "a height from -500 to 6000 m above mean sea level", lambda v: -500 <= v <= 6_000),
    "radius_m": KeyRule(_NUMBER, "a radius from 100 to 50000 m", lambda v: 100 <= v <= 50_000),
    "military": KeyRule((bool,), "true or false"),
}
FLIGHTS_KEYS: Final[dict[str, KeyRule]] = {
    "messages": KeyRule((list,), "a list of files of ICAO flight messages", _texts),
    "fixm": KeyRule((list,), "a list of FIXM 4.3 files", _texts),
    "notices": KeyRule((list,), "a list of files of NOTAM text", _texts),
    "permits": _FILES,
    "repetitive": _FILES,
    "register": _FILES,
    "known": _FILES,
    "waypoints": KeyRule((list,), 'a list of CSV files of waypoints, or "builtin:niger"', _texts),
    "airways": KeyRule((list,), 'a list of CSV files of airways, or "builtin:niger"', _texts),
    "own_state": KeyRule((str,), "two letters of ISO 3166", lambda v: bool(re.fullmatch("[A-Z]{2}", v))),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One checked table of the site file: its place, and its keys."""

    where: str
    keys: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What a site file says of areas, protected sites, aerodromes and flights."""

    areas: tuple[Row, ...] = ()
    sites: tuple[Row, ...] = ()
    aerodromes: tuple[Row, ...] = ()
    flights: Row = Row("", {})


TABLES: Final = ("area", "site", "aerodrome", "flights")


def read_places(tree: dict[str, Any], check: Checker) -> Places:
    """Return the checked tables; each wrong key becomes a problem of ``check``."""
    found: dict[str, tuple[Row, ...]] = {}
    for name, rules in (("area", AREA_KEYS), ("site", SITE_KEYS), ("aerodrome", AERODROME_KEYS)):
        rows = tree.get(name, [])
        if not isinstance(rows, list):
            check.say(name, 0, name, f"is a single table, expected [[{name}]] with two brackets")
            rows = []
        found[name] = tuple(Row(check.where(name, i), check.table(row, name, i, rules)) for i, row in enumerate(rows))
    for i, row in enumerate(found["area"]):
        _one_shape(check, i, row.keys)
    for name, needed in (("site", ("id", "lat_deg", "lon_deg")), ("aerodrome", ("icao", "lat_deg", "lon_deg"))):
        for i, row in enumerate(found[name]):
            for key in needed:
                if "file" not in row.keys and key not in row.keys:
                    check.say(name, i, key, 'is missing; give it, or "file"')
    flights = check.table(tree["flights"], "flights", 0, FLIGHTS_KEYS) if "flights" in tree else {}
    return Places(
        areas=found["area"], sites=found["site"], aerodromes=found["aerodrome"],
        flights=Row(check.where("flights", 0), flights),
    )  # fmt: skip


def check_area(keys: dict[str, Any], name: str) -> tuple[dict[str, Any], list[str]]:
    """Return the good keys of one drawn area and what is wrong with it, in words; ``name`` says where it is from."""
    check = Checker("", name)
    good = check.table(keys, "area", 0, AREA_KEYS)
    for key in ("file", "format", "only", "times", "by_notice", "class"):
        if good.pop(key, None) is not None:
            check.say("area", 0, key, "cannot be given here")
    _one_shape(check, 0, good)
    return good, check.problems


def _one_shape(check: Checker, index: int, keys: dict[str, Any]) -> None:
    shapes = [k for k in ("file", "outline_deg", "radius_m", "centreline_deg") if k in keys]
    if len(shapes) != 1:
        said = f"has {' and '.join(shapes)}" if shapes else "has no shape"
        check.say("area", index, shapes[0] if shapes else "area",
                  f"{said}, expected one of file, outline_deg, radius_m, centreline_deg")  # fmt: skip
        return
    needed = {"radius_m": ("lat_deg", "lon_deg"), "centreline_deg": ("width_m",)}.get(shapes[0], ())
    for key in (*needed, *(() if shapes[0] == "file" else ("id", "kind"))):
        if key not in keys:
            check.say("area", index, key, f"is missing, an area with {shapes[0]} needs it")
