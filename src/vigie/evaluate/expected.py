"""Which alerts there should be, from where the targets really were: with shapely and pyproj alone.

Nothing of the watch is used, so that it can be judged. Each event is ``must`` (an alert has to be) or not (an alert may
be: the edge was nearly touched, the conflict was only predicted, or nobody could see it: ``seen``). Every second of
truth is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from pyproj import Geod
from shapely import STRtree, contains_xy, distance, points, prepare
from shapely.geometry import MultiPolygon, Polygon
from shapely.ops import unary_union

from vigie.evaluate.seen import Bools, Seen, everything
from vigie.terms.tables import Rows
from vigie.terms.units import NS_PER_S

GEOD: Final = Geod(ellps="WGS84")
EMERGENCY: Final = (0o7500, 0o7600, 0o7700)
LASTS_S: Final = 6
"""An event shorter than this may or may not be told."""
AGAIN_S: Final = 70
"""An entry so soon after the last into the same area is the same alert: it waits a minute before it is cleared."""
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
    due_ns: int = 0
    """When it could first be told: its start, or when sensors saw it after that. Only where it must be."""


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


def events_of(truth: Rows, areas: Sequence[Area], seen: Seen | None = None) -> list[Event]:
    """Return every event of a truth: TRUTH rows, one per target and second; ``seen`` of the same rows, None all."""
    out: list[Event] = []
    order = np.lexsort((truth["t_ns"], truth["target_id"]))
    rows, of_rows = truth[order], (seen or everything(truth)).take(order)
    cuts = [0, *(np.flatnonzero(np.diff(rows["target_id"])) + 1).tolist(), len(rows)]
    shapes = [(area, polygon_of(area.rings)) for area in areas]
    for _, shape in shapes:
        prepare(shape)
    for a, b in pairwise(cuts):
        if b > a:
            part, of_part = rows[a:b], of_rows.take(slice(a, b))
            out += _emergencies(part, of_part)
            out += _inside(part, of_part, shapes)
    return out + _conflicts(rows, of_rows)


def _runs(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Return (first, last) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _emergencies(part: Rows, seen: Seen) -> list[Event]:
    told = seen.cover & seen.code
    return [
        _lasting("emergency", f"{code:04o}", part, a, b, told)
        for code in EMERGENCY
        for a, b in _runs(part["mode3a"] == code)
    ]


def _lasting(rule: str, area: str, part: Rows, a: int, b: int, sure: Bools) -> Event:
    """Return what lasted from row a to row b: it must be told where it was ``sure`` for ``LASTS_S`` seconds."""
    t = part["t_ns"]
    long = [first for first, last in _runs(sure[a : b + 1]) if last - first >= LASTS_S]
    return Event(rule=rule, area=area, targets=(int(part["target_id"][0]),), start_ns=int(t[a]), end_ns=int(t[b]),
                 must=bool(long), due_ns=int(t[a + long[0]]) if long else 0)  # fmt: skip


def _inside(part: Rows, seen: Seen, shapes: Sequence[tuple[Area, Any]]) -> list[Event]:
    out: list[Event] = []
    lon, lat, press = part["lon_deg"], part["lat_deg"], part["press_alt_m"]
    nothing = np.zeros(len(part), bool)
    for area, shape in shapes:
        west, south, east, north = shape.bounds
        if lat.max() < south - 1 or lat.min() > north + 1 or lon.max() < west - 1 or lon.min() > east + 1:
            continue
        over = contains_xy(shape, lon, lat)
        inside = over & (press >= area.floor_m) & (press < area.ceiling_m)
        edge, about = _near(shape, lon, lat), (press >= area.floor_m - 100.0) & (press < area.ceiling_m + 100.0)
        # Where nobody is told its height it may be at any.
        near = (over | edge) & (about | ~seen.height)
        if area.rule == "apw_intrusion":
            out += [_lasting(area.rule, area.id, part, a, b, inside & seen.cover) for a, b in _runs(inside | near)]
            continue
        for a, b in _runs(inside):
            if a:
                again = bool(inside[max(0, a - AGAIN_S) : a].any())
                out.append(_crossing(area, shape, part, seen, again=again, a=a, b=b))
        out += [_lasting(area.rule, area.id, part, a, b, nothing) for a, b in _runs(near & ~inside)]
    return out


def _crossing(area: Area, shape: Any, part: Rows, seen: Seen, *, again: bool, a: int, b: int) -> Event:
    """Return the crossing between rows a - 1 and a: it must be told where it stays in and was seen on both sides."""
    stays = b - a >= LASTS_S and a >= LASTS_S and not again
    at_ns = _crossing_ns(part, shape, a)
    must = stays and bool(seen.cover[a - LASTS_S] and seen.cover[a : a + LASTS_S].all())
    return Event(rule=area.rule, area=area.id, targets=(int(part["target_id"][0]),), start_ns=at_ns,
                 end_ns=int(part["t_ns"][b]), must=must, due_ns=at_ns)  # fmt: skip


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


def _conflicts(truth: Rows, seen: Seen) -> list[Event]:
    """Return pairs below the minima (must), and pairs that straight flight would bring below them (may)."""
    found: dict[tuple[int, int], dict[int, bool]] = {}
    told = seen.cover & seen.height
    order = np.argsort(truth["t_ns"], kind="stable")
    cuts = [0, *(np.flatnonzero(np.diff(truth["t_ns"][order])) + 1).tolist(), len(order)]
    for first, end in pairwise(cuts):
        at = order[first:end]
        at = at[np.hypot(truth["v_east_mps"][at], truth["v_north_mps"][at]) >= 25.0]
        if len(at) < 2:
            continue
        fast, t_ns = truth[at], int(truth["t_ns"][at[0]])
        tree = STRtree(points(fast["lon_deg"], fast["lat_deg"]))
        for i, j in tree.query(points(fast["lon_deg"], fast["lat_deg"]), "dwithin", 0.7).T.tolist():
            if i < j:
                must, may = _pair(fast[i], fast[j])
                if may:
                    key = tuple(sorted((int(fast["target_id"][i]), int(fast["target_id"][j]))))
                    found.setdefault((key[0], key[1]), {})[t_ns] = must and bool(told[at[i]] and told[at[j]])
    out = []
    for pair, when in sorted(found.items()):
        times = sorted(when)
        begin = 0
        for k in range(1, len(times) + 1):
            if k == len(times) or times[k] - times[k - 1] > 20 * NS_PER_S:
                part = times[begin:k]
                sure = [t for t in part if when[t]]
                must = len(sure) >= LASTS_S
                out.append(Event(rule="stca", area="", targets=pair, start_ns=part[0], end_ns=part[-1], must=must,
                                 due_ns=sure[0] if must else 0))  # fmt: skip
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
