"""Where every target was at any time: truth rows in order of target and time, and the curve between two of them.

Between rows the path is a cubic in latitude and unwrapped longitude whose ends have the stated velocities. Those are
velocities at height; the surface point below moves slower by height over radius (about 0.2 %), so they are scaled to
the distance really covered, within one per cent. Without velocities the path is straight.
Source: Hermite's cubic; the radii of curvature of WGS-84 (``earth.wgs84``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import radii
from vigie.terms.errors import VigieError
from vigie.terms.kernel import kernel
from vigie.terms.tables import Rows
from vigie.terms.units import NS_PER_S

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LONGEST_GAP_STEPS: Final = 3.0
"""Rows of a target farther apart than this many usual steps are a gap: it is absent between them."""
SHORTEST_GAP_S: Final = 3.0
_SAME_TIME_S: Final = 1e-6


class Paths(NamedTuple):
    """The rows of all targets, as kernels take them: one array per column, targets one after the other."""

    t_s: Floats
    lat: Floats
    lon: Floats
    v_east: Floats
    v_north: Floats
    climb: Floats
    first: Ints
    last: Ints
    gap_s: float
    straight: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """All targets: their paths (times in seconds after ``t0_ns``) and who they are (one entry per target)."""

    t0_ns: int
    paths: Paths
    target_id: npt.NDArray[np.uint32]
    icao24: npt.NDArray[np.uint32]
    mode3a: npt.NDArray[np.uint16]
    callsign: npt.NDArray[np.bytes_]

    @property
    def end_s(self) -> float:
        """Seconds from the first to the last row of all."""
        return float(self.paths.t_s.max())


def truth_of(rows: Rows) -> Truth:
    """Return the targets of TRUTH rows in any order; VigieError where there is none."""
    if len(rows) == 0:
        raise VigieError("the truth holds no row: nothing can be compared with it")
    order = np.lexsort((rows["t_ns"], rows["target_id"]))
    target = rows["target_id"][order]
    t0_ns = int(rows["t_ns"].min())
    t_s = (rows["t_ns"][order] - t0_ns) * (1.0 / NS_PER_S)
    begins = np.r_[True, target[1:] != target[:-1]]
    first = np.flatnonzero(begins)
    last = np.r_[first[1:], len(target)] - 1
    steps = np.diff(t_s)[~begins[1:]]
    usual_s = float(np.median(steps)) if len(steps) else 1.0
    lat = np.radians(rows["lat_deg"][order])
    lon = _unwrapped(np.radians(rows["lon_deg"][order]), begins, first)
    v_east = rows["v_east_mps"][order].astype(np.float64)
    v_north = rows["v_north_mps"][order].astype(np.float64)
    unknown = np.isnan(v_east) | np.isnan(v_north)
    straight = bool(unknown.any())
    if straight:
        _differences(t_s, lat, lon, v_east, v_north, unknown, first, last)
    names = {c: rows[c][order][first] for c in ("target_id", "icao24", "mode3a", "callsign")}
    paths = Paths(
        t_s=t_s, lat=lat, lon=lon, v_east=v_east, v_north=v_north, climb=rows["climb_mps"][order].astype(np.float64),
        first=first.astype(np.int64), last=last.astype(np.int64),
        gap_s=max(LONGEST_GAP_STEPS * usual_s, SHORTEST_GAP_S), straight=straight,
    )  # fmt: skip
    return Truth(t0_ns=t0_ns, paths=paths, **names)


def _unwrapped(lon: Floats, begins: npt.NDArray[np.bool_], first: Ints) -> Floats:
    """Return longitudes without jumps of a whole turn inside a target."""
    step = np.diff(lon, prepend=lon[0])
    turns = np.where(begins, 0.0, -np.round(step / (2 * math.pi)))
    total = np.cumsum(turns)
    group = np.cumsum(begins) - 1
    unwrapped: Floats = lon + 2 * math.pi * (total - total[first][group])
    return unwrapped


def _differences(
    t_s: Floats, lat: Floats, lon: Floats, v_east: Floats, v_north: Floats,
    unknown: npt.NDArray[np.bool_], first: Ints, last: Ints,
) -> None:  # fmt: skip
    """Put velocities by central differences where none is stated."""
    for a, b in zip(first.tolist(), last.tolist(), strict=True):
        here = slice(a, b + 1)
        if not unknown[here].any():
            continue
        if b == a:
            v_east[a] = v_north[a] = 0.0
            continue
        m, n = np.array([radii(x) for x in lat[here]]).T
        dt = np.gradient(t_s[here])
        with np.errstate(all="ignore"):
            north, east = np.gradient(lat[here]) / dt * m, np.gradient(lon[here]) / dt * n * np.cos(lat[here])
        v_east[here] = np.where(unknown[here], east, v_east[here])
        v_north[here] = np.where(unknown[here], north, v_north[here])


@kernel
def row_before(paths: Paths, target: int, t_s: float) -> int:
    """Return the target's last row at or before a time, but neither before its first nor its very last row."""
    low = paths.first[target]
    high = paths.last[target]
    if high == low:
        return int(low)
    high -= 1
    while low < high:
        middle = (low + high + 1) // 2
        if paths.t_s[middle] <= t_s:
            low = middle
        else:
            high = middle - 1
    return int(low)


@kernel
def is_present(paths: Paths, target: int, t_s: float) -> bool:
    """Return whether the target's rows enclose a time without a gap, or one stands at it."""
    if paths.t_s[paths.first[target]] > t_s + _SAME_TIME_S or paths.t_s[paths.last[target]] < t_s - _SAME_TIME_S:
        return False
    k = row_before(paths, target, t_s)
    n = min(k + 1, paths.last[target])
    if paths.t_s[n] - paths.t_s[k] <= paths.gap_s:
        return True
    return bool(min(abs(t_s - paths.t_s[k]), abs(t_s - paths.t_s[n])) < _SAME_TIME_S)


@kernel
def curve(p0: float, p1: float, v0: float, v1: float, dt: float, u: float) -> float:
    """Return a coordinate at share ``u`` between two rows, straight on outside; v are its rates at both ends."""
    d = p1 - p0
    m0 = v0 * dt
    m1 = v1 * dt
    if abs(m0 + m1) > 1e-12:
        scale = min(1.01, max(0.99, 2.0 * d / (m0 + m1)))
        m0 *= scale
        m1 *= scale
    if u < 0.0:
        return p0 + m0 * u
    if u > 1.0:
        return p1 + m1 * (u - 1.0)
    u2 = u * u
    u3 = u2 * u
    return p0 + (u3 - 2.0 * u2 + u) * m0 + (3.0 * u2 - 2.0 * u3) * d + (u3 - u2) * m1


@kernel
def place_at(paths: Paths, target: int, t_s: float) -> tuple[float, float, float, float]:
    """Return latitude, longitude (rad), velocity east and north (m/s) of a target at a time."""
    k = row_before(paths, target, t_s)
    n = min(k + 1, paths.last[target])
    dt = paths.t_s[n] - paths.t_s[k]
    if n == k or dt <= 0.0:
        dt = 1.0
    u = (t_s - paths.t_s[k]) / dt
    w = min(1.0, max(0.0, u))
    v_east = paths.v_east[k] + (paths.v_east[n] - paths.v_east[k]) * w
    v_north = paths.v_north[k] + (paths.v_north[n] - paths.v_north[k]) * w
    if paths.straight:
        lat = paths.lat[k] + (paths.lat[n] - paths.lat[k]) * u
        return lat, paths.lon[k] + (paths.lon[n] - paths.lon[k]) * u, v_east, v_north
    m, p = radii(paths.lat[k])
    p *= math.cos(paths.lat[k])
    if n == k:
        return paths.lat[k] + v_north / m * u, paths.lon[k] + v_east / p * u, v_east, v_north
    lat = curve(paths.lat[k], paths.lat[n], paths.v_north[k] / m, paths.v_north[n] / m, dt, u)
    lon = curve(paths.lon[k], paths.lon[n], paths.v_east[k] / p, paths.v_east[n] / p, dt, u)
    return lat, lon, v_east, v_north


@kernel
def turn_and_climb(paths: Paths, target: int, t_s: float) -> tuple[float, float]:
    """Return how fast the target's course turns (rad/s) and how fast it climbs (m/s, NaN unknown) at a time."""
    k = row_before(paths, target, t_s)
    n = min(k + 1, paths.last[target])
    dt = paths.t_s[n] - paths.t_s[k]
    if n == k or dt <= 0.0:
        return 0.0, paths.climb[k]
    cross = paths.v_north[k] * paths.v_east[n] - paths.v_east[k] * paths.v_north[n]
    dot = paths.v_north[k] * paths.v_north[n] + paths.v_east[k] * paths.v_east[n]
    w = min(1.0, max(0.0, (t_s - paths.t_s[k]) / dt))
    return math.atan2(cross, dot) / dt, paths.climb[k] + (paths.climb[n] - paths.climb[k]) * w
