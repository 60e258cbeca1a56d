"""Tuning areas of a site file: volumes in which the tracker believes, waits or models otherwise than elsewhere.

Nobody needs one. Where a training area is full of fast jets, or ground clutter makes false tracks round a hill, or
tracks should live on through a known gap, a table of a few lines says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from vigie.sensors.keys import Checker, KeyRule
from vigie.sensors.places import AREA_KEYS
from vigie.terms.units import M_PER_FL

MODELS: Final = ("traffic", "fast", "slow")
_NUMBER: Final = (int, float)

TUNING_KEYS: Final[dict[str, KeyRule]] = {
    "id": AREA_KEYS["id"],
    "outline_deg": AREA_KEYS["outline_deg"],
    "lat_deg": AREA_KEYS["lat_deg"],
    "lon_deg": AREA_KEYS["lon_deg"],
    "radius_m": AREA_KEYS["radius_m"],
    "floor_fl": KeyRule(_NUMBER, "a flight level from 0 to 999", lambda v: 0 <= v <= 999),
    "ceiling_fl": KeyRule(_NUMBER, "a flight level from 0 to 999", lambda v: 0 <= v <= 999),
    "confirm_odds": KeyRule(_NUMBER, "log odds asked for above the usual, from -3 to 12", lambda v: -3 <= v <= 12),
    "coast_s": KeyRule(_NUMBER, "how long a track lives without a plot, from 5 to 300 s", lambda v: 5 <= v <= 300),
    "models": KeyRule((str,), "one of " + ", ".join(MODELS), lambda v: v in MODELS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningArea:
    """A volume and what is different in it; ``outline_deg`` of one point is a circle's middle."""

    id: str
    outline_deg: tuple[tuple[float, float], ...]
    radius_m: float = 0.0
    floor_m: float = -math.inf
    ceiling_m: float = math.inf
    confirm_odds: float = 0.0
    coast_s: float = 0.0
    """0: as usual."""
    models: str = ""
    """"" leaves the choice to the tracker."""


def read_tuning(tree: dict[str, Any], check: Checker) -> tuple[TuningArea, ...]:
    """Return the tuning areas of a parsed site file; what is wrong goes into ``check``."""
    rows = tree.get("tuning", [])
    if not isinstance(rows, list):
        check.say("tuning", 0, "tuning", "is a single table, expected [[tuning]] with two brackets")
        return ()
    found = []
    for index, row in enumerate(rows):
        keys = check.table(row, "tuning", index, TUNING_KEYS)
        circle = {"lat_deg", "lon_deg", "radius_m"} & keys.keys()
        if ("outline_deg" in keys and circle) or ("outline_deg" not in keys and len(circle) < 3):
            check.say("tuning", index, "outline_deg", "give either an outline, or lat_deg, lon_deg and radius_m")
            continue
        if not {"confirm_odds", "coast_s", "models"} & keys.keys():
            check.say("tuning", index, "id", "changes nothing: give confirm_odds, coast_s or models")
        floor, ceiling = keys.get("floor_fl"), keys.get("ceiling_fl")
        if floor is not None and ceiling is not None and floor >= ceiling:
            check.say("tuning", index, "ceiling_fl", f"found {ceiling:g}, expected more than floor_fl, {floor:g}")
        outline = keys.get("outline_deg") or [[keys["lat_deg"], keys["lon_deg"]]]
        found.append(TuningArea(
            id=keys.get("id", f"T{index + 1}"), outline_deg=tuple((float(a), float(o)) for a, o in outline),
            radius_m=keys.get("radius_m", 0.0), floor_m=-math.inf if floor is None else floor * M_PER_FL,
            ceiling_m=math.inf if ceiling is None else ceiling * M_PER_FL, confirm_odds=keys.get("confirm_odds", 0.0),
            coast_s=keys.get("coast_s", 0.0), models=keys.get("models", ""),
        ))  # fmt: skip
    return tuple(found)
