"""Which alerts there should be, from where the targets really were: with shapely and pyproj alone.

Nothing of the watch is used, so that it can be judged. Each event is ``must`` (an alert has to be) or not (an alert may
be: the edge was nearly touched, or the conflict was only predicted). Every second of truth is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from pyproj import Geod
from shapely import STRtree, contains_xy, distance, points, prepare
from shapely.geometry import MultiPolygon, Polygon
from shapely.ops import unary_union

from vigie.terms.tables import Rows
from vigie.terms.units import NS_PER_S

GEOD: Final = Geod(ellps="WGS84")
EMERGENCY: Final = (0o7500, 0o7600, 0o7700)
LASTS_S: Final = 6
"""An event shorter than this may or may not be told."""
NEAR_M: Final = 600.0
HORIZONTAL_M: Final = 5556.0
VERTICAL_M: Final = 228.6
HORIZON_S: Final = 90.0
SLACK: Final = 1.35
"""A predicted conflict within the minima times this may be told."""
JUDGED: Final = ("emergency", "apw_intrusion", "border_crossing", "adiz_crossing", "stca")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened: rule, area, one or two targets, from when to when (ns)."""

    rule: str
    area: str
    targets: tuple[int, ...]
    start_ns: int
    end_ns: int
    must: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One volume as the judge needs it: rings (longitude, latitude), floor and ceiling as pressure altitude (m)."""

    id: str
    rule: str
    rings: tuple[tuple[tuple[float, float], ...], ...]
    floor_m: float
    ceiling_m: float


def polygon_of(rings: Sequence[Sequence[tuple[float, float]]]) -> Any:
    """Return the even-odd shape of rings in longitude and latitude, edges drawn as geodesics every 20 km."""
    shape: Any = MultiPolygon()
    for ring in rings:
        dense: list[tuple[float, float]] = []
        for (lon0, lat0), (lon1, lat1) in zip(ring, [*ring[1:], ring[0]], strict=True):
            dense.append((lon0, lat0))
            _, _, length = GEOD.inv(lon0, lat0, lon1, lat1)
            more = int(length // 20_000.0)
            dense += GEOD.npts(lon0, lat0, lon1, lat1, more) if more else []
        shape = shape.symmetric_difference(Polygon(dense).buffer(0))
    return unary_union(shape)


def events_of(truth: Rows, areas: Sequence[Area]) -> list[Event]:
    """Return every event of a truth: TRUTH rows, one per target and second."""
    out: list[Event] = []
    order = np.lexsort((truth["t_ns"], truth["target_id"]))
    rows = truth[order]
    cuts = np.flatnonzero(np.diff(rows["target_id"])) + 1
    shapes = [(area, polygon_of(area.rings)) for area in areas]
    for _, shape in shapes:
        prepare(shape)
    for part in np.split(rows, cuts):
        if len(part):
            out += _emergencies(part)
            out += _inside(part, shapes)
    return out + _conflicts(truth)


def _runs(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Return (first, last) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _emergencies(part: Rows) -> list[Event]:
    out = []
    for code in EMERGENCY:
        for a, b in _runs(part["mode3a"] == code):
            out.append(_event("emergency", f"{code:04o}", part, a, b, must=b - a >= LASTS_S))
    return out


def _event(rule: str, area: str, part: Rows, a: int, b: int, *, must: bool) -> Event:
    t = part["t_ns"]
    return Event(rule=rule, area=area, targets=(int(part["target_id"][0]),), start_ns=int(t[a]), end_ns=int(t[b]),
                 must=must)  # fmt: skip


def _inside(part: Rows, shapes: Sequence[tuple[Area, Any]]) -> list[Event]:
    out: list[Event] = []
    lon, lat, press = part["lon_deg"], part["lat_deg"], part["press_alt_m"]
    for area, shape in shapes:
        west, south, east, north = shape.bounds
        if lat.max() < south - 1 or lat.min() > north + 1 or lon.max() < west - 1 or lon.min() > east + 1:
            continue
        over = contains_xy(shape, lon, lat)
        level = (press >= area.floor_m) & (press < area.ceiling_m)
        inside = over & level
        near = _near(shape, lon, lat) & (press >= area.floor_m - 100.0) & (press < area.ceiling_m + 100.0)
        if area.rule == "apw_intrusion":
            sure = _runs(inside)
            deep = {k for a, b in sure for k in range(a, b + 1)}
            for a, b in _runs(inside | near):
                must = any(k in deep for k in range(a, b + 1)) and _longest(inside[a : b + 1]) >= LASTS_S
                out.append(_event(area.rule, area.id, part, a, b, must=must))
        else:
            for a, b in _runs(inside):
                if a == 0:
                    continue
                start_ns = _crossing_ns(part, shape, a)
                stays = b - a >= LASTS_S and a >= LASTS_S and not inside[max(0, a - LASTS_S) : a].any()
                out.append(Event(rule=area.rule, area=area.id, targets=(int(part["target_id"][0]),), start_ns=start_ns,
                                 end_ns=int(part["t_ns"][b]), must=bool(stays)))  # fmt: skip
            for a, b in _runs(near & ~inside):
                out.append(_event(area.rule, area.id, part, a, b, must=False))
    return out


def _longest(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> int:
    return max((b - a for a, b in _runs(mask)), default=0)


def _near(shape: Any, lon: Any, lat: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which places are within ``NEAR_M`` of the outline; degrees are scaled at the place, which is enough."""
    d = distance(shape.boundary, points(lon, lat)) * 111_320.0
    near: np.ndarray[Any, np.dtype[np.bool_]] = d < NEAR_M
    return near


def _crossing_ns(part: Rows, shape: Any, a: int) -> int:
    """Return when the outline was crossed between rows a - 1 and a, by halving."""
    low, high = 0.0, 1.0
    for _ in range(12):
        half = (low + high) / 2.0
        lon = part["lon_deg"][a - 1] + half * (part["lon_deg"][a] - part["lon_deg"][a - 1])
        lat = part["lat_deg"][a - 1] + half * (part["lat_deg"][a] - part["lat_deg"][a - 1])
        low, high = (low, half) if bool(contains_xy(shape, lon, lat)) else (half, high)
    t0, t1 = int(part["t_ns"][a - 1]), int(part["t_ns"][a])
    return t0 + round((t1 - t0) * high)


def _conflicts(truth: Rows) -> list[Event]:
    """Return pairs below the minima (must), and pairs that straight flight would bring below them (may)."""
    found: dict[tuple[int, int], dict[int, bool]] = {}
    for t_ns in np.unique(truth["t_ns"]).tolist():
        now = truth[truth["t_ns"] == t_ns]
        fast = now[np.hypot(now["v_east_mps"], now["v_north_mps"]) >= 25.0]
        if len(fast) < 2:
            continue
        tree = STRtree(points(fast["lon_deg"], fast["lat_deg"]))
        for i, j in tree.query(points(fast["lon_deg"], fast["lat_deg"]), "dwithin", 0.7).T.tolist():
            if i < j:
                must, may = _pair(fast[i], fast[j])
                if may:
                    key = tuple(sorted((int(fast["target_id"][i]), int(fast["target_id"][j]))))
                    found.setdefault((key[0], key[1]), {})[t_ns] = must
    out = []
    for pair, when in sorted(found.items()):
        times = sorted(when)
        begin = 0
        for k in range(1, len(times) + 1):
            if k == len(times) or times[k] - times[k - 1] > 20 * NS_PER_S:
                part = times[begin:k]
                must = sum(when[t] for t in part) >= LASTS_S
                out.append(Event(rule="stca", area="", targets=pair, start_ns=part[0], end_ns=part[-1], must=must))
                begin = k
    return out


def _pair(a: Any, b: Any) -> tuple[bool, bool]:
    azimuth, _, away = GEOD.inv(a["lon_deg"], a["lat_deg"], b["lon_deg"], b["lat_deg"])
    dx, dy = away * math.sin(math.radians(azimuth)), away * math.cos(math.radians(azimuth))
    dz = float(b["press_alt_m"] - a["press_alt_m"])
    u, v = float(b["v_east_mps"] - a["v_east_mps"]), float(b["v_north_mps"] - a["v_north_mps"])
    w = float(b["climb_mps"] - a["climb_mps"])
    must = away < HORIZONTAL_M * 0.9 and abs(dz) < VERTICAL_M * 0.8
    t = np.arange(0.0, HORIZON_S * 1.1, 2.0)
    apart = np.hypot(dx + u * t, dy + v * t)
    # The rate of climb that is tracked lags and strays: what it may add grows with time.
    up = np.abs(dz + w * t) - 3.0 * t
    return must, bool(((apart < HORIZONTAL_M * SLACK) & (up < VERTICAL_M * SLACK)).any())


def areas_of(volumes: Sequence[Any], kinds: Mapping[str, str], press_of: Any) -> list[Area]:
    """Return the areas of volumes whose kind has a rule; ``press_of(datum, m, usual)`` gives pressure altitudes."""
    return [
        Area(
            id=v.id, rule=kinds[v.kind], rings=v.rings, floor_m=press_of(v.floor.datum, v.floor.value_m, -1e9),
            ceiling_m=press_of(v.ceiling.datum, v.ceiling.value_m, 1e9),
        )
        for v in volumes
        if v.kind in kinds and not v.times
    ]  # fmt: skip
