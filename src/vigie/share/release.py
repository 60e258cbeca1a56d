"""TRACK rows and one neighbour's rule to the rows it would receive, and why others stay."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from vigie.share.rules import ALWAYS, CATEGORIES, Neighbour, Rule
from vigie.terms.tables import FLAG_SIMULATED, TRACK, Rows
from vigie.terms.units import M_PER_FL, NS_PER_S

REASONS: Final = (
    "denied", "not_valid", "simulated", "delayed", "no_position", "outside_area", "no_level", "outside_band",
    "no_identity", "category",
)  # fmt: skip
"""Why a row stays; a row counts under the first that applies."""
_M_PER_DEG: Final = 111_320.0
"""Metres in a degree of the equator: a grid needs no better."""
_NOBODY: Final = 255


def release(tracks: Rows, identities: Rows, neighbour: Neighbour, now_ns: int) -> tuple[Rows, dict[str, int]]:
    """Return the rows that the neighbour would have at ``now_ns`` and the counts by reason of the others.

    ``len(tracks) == len(rows) + sum(counts)``, always.
    """
    rule = neighbour.rule
    if rule is None or not rule.valid_at(now_ns):
        n = len(tracks)
        return TRACK.empty(), {"denied" if rule is None else "not_valid": n} if n else {}
    category = categories_of(tracks, identities)
    lat, lon, level = tracks["lat_deg"], tracks["lon_deg"], tracks["press_alt_m"] / M_PER_FL
    wanted = np.isin(category, [CATEGORIES.index(name) for name in rule.categories])
    tests = {
        "simulated": (tracks["flags"] & FLAG_SIMULATED) != 0,
        "delayed": tracks["now_ns"] > now_ns - round(rule.delay_s * NS_PER_S),
        "no_position": ~(np.isfinite(lat) & np.isfinite(lon)),
        "outside_area": ~_inside(lat, lon, rule.outline_deg),
        "no_level": ~np.isfinite(level),
        "outside_band": ~((level >= rule.floor_fl) & (level < rule.ceiling_fl)),
        "no_identity": category == _NOBODY,
        "category": ~wanted,
    }
    left = np.ones(len(tracks), bool)
    counts: dict[str, int] = {}
    for reason, stays in tests.items():
        if n := int((left & stays).sum()):
            counts[reason] = n
        left &= ~stays
    return _masked(tracks[left], rule), counts


def categories_of(tracks: Rows, identities: Rows) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the category of each row as it was held at the row's time, 255 where there was none yet."""
    out = np.full(len(tracks), _NOBODY, np.uint8)
    ordered = identities[np.lexsort((identities["now_ns"], identities["track_no"]))]
    for number in np.unique(tracks["track_no"]):
        first, last = np.searchsorted(ordered["track_no"], [number, number + np.uint32(1)])
        if last > first:
            mine = np.flatnonzero(tracks["track_no"] == number)
            at = np.searchsorted(ordered["now_ns"][first:last], tracks["now_ns"][mine], "right") - 1
            out[mine] = np.where(at >= 0, ordered["category"][first + np.maximum(at, 0)], _NOBODY)
    return out


def _inside(lat: Any, lon: Any, outline: list[tuple[float, float]]) -> Any:
    """Tell which places are inside: straight lines in latitude and longitude, crossings counted."""
    inside = np.zeros(len(lat), bool)
    for (a, b), (c, d) in zip(outline, outline[1:] + outline[:1], strict=True):
        if a != c:
            inside ^= ((a > lat) != (c > lat)) & (lon < (d - b) * (lat - a) / (c - a) + b)
    return inside


def _masked(rows: Rows, rule: Rule) -> Rows:
    """Return new rows with the allowed columns only, positions on a grid of the stated accuracy."""
    out = TRACK.empty(len(rows))
    for name in (*ALWAYS, *rule.fields):
        out[name] = rows[name]
    if rule.accuracy_m > 0:
        step = rule.accuracy_m / _M_PER_DEG
        lat = np.round(rows["lat_deg"] / step) * step
        wide = step / np.maximum(np.cos(np.radians(lat)), math.radians(1.0))
        for name, value in (("lat_deg", lat), ("lon_deg", np.round(rows["lon_deg"] / wide) * wide)):
            if name in rule.fields:
                out[name] = value
        for name in {"pos_major_m", "pos_minor_m"} & set(rule.fields):
            out[name] = np.maximum(out[name], rule.accuracy_m)
    return out
