"""Real trajectories flown as exercises: route, levels and times over points are taken from them, the rest is ours.

The bounds asserted here are those that docs/reference/exercises.md and docs/figures.md state.
"""

from __future__ import annotations

import gzip
import json
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.simulate.skies import table
from vigie.simulate import fly
from vigie.simulate.exercise import parse_exercise
from vigie.simulate.fleet import Fleet
from vigie.simulate.performance import aircraft_types
from vigie.terms.units import M_PER_FT, MPS_PER_KT

HEAD = """
[exercise]
name_en = "real"
name_fr = "réel"
start = "2026-01-01T00:00:00Z"
duration_s = 86400
seed = 1
centre = "x"
lat_deg = 45
lon_deg = 3
"""
SOURCES = [("traffic_quickstart", "A320", 20), ("inflight_refuelling", "KC2", 4), ("border_control", "DRNM", 1)]


def trajectories(path: Path, least_s: int, slow_mps: float) -> Iterator[np.ndarray]:
    """Runs without a gap of 30 s, of each aircraft the longest: rows of seconds, latitude, longitude, height (m)."""
    found: dict[str, list[tuple[float, float, float, float]]] = defaultdict(list)
    with gzip.open(path, "rt") as text:
        for p in json.load(text):
            if p["latitude"] is not None and p["altitude"] is not None and not p.get("onground"):
                found[p["icao24"]].append(
                    (p["timestamp"] / 1000, p["latitude"], p["longitude"], p["altitude"] * M_PER_FT)
                )
    for address in sorted(found):
        rows = np.array(sorted(found[address]))
        rows = rows[np.concatenate([[True], np.diff(rows[:, 0]) > 0.5])]
        if len(rows) < 100:
            continue
        # A height that leaps and comes back is the receiver's, not the aircraft's.
        near = np.lib.stride_tricks.sliding_window_view(np.pad(rows[:, 3], 7, mode="edge"), 15)
        rows = rows[np.abs(rows[:, 3] - np.median(near, axis=1)) < 150]
        # Taxiing is no flight: where it moves slower than it could fly, the run ends.
        xy = metres(rows)
        k = np.arange(len(rows))
        a, b = np.maximum(k - 8, 0), np.minimum(k + 8, len(rows) - 1)
        speed = np.hypot(*(xy[b] - xy[a]).T) / np.maximum(rows[b, 0] - rows[a, 0], 1.0)
        cuts = np.flatnonzero((np.diff(rows[:, 0]) > 30) | (np.diff((speed > slow_mps).astype(int)) != 0))
        runs = [r for r, s in zip(np.split(rows, cuts + 1), np.split(speed, cuts + 1), strict=True) if s[0] > slow_mps]
        if not runs:
            continue
        longest = max(runs, key=lambda r: r[-1, 0] - r[0, 0])
        if longest[-1, 0] - longest[0, 0] >= least_s:
            longest = longest[: np.searchsorted(longest[:, 0], longest[0, 0] + 5400)]
            longest[:, 0] -= longest[0, 0]
            yield longest


def metres(rows: np.ndarray) -> np.ndarray:
    """East and north of the first point, m."""
    north = (rows[:, 1] - rows[0, 1]) * 111_200
    return np.stack([(rows[:, 2] - rows[0, 2]) * 111_320 * np.cos(np.radians(rows[:, 1])), north], axis=1)


def waypoints(rows: np.ndarray, tolerance_m: float = 250.0, tall_m: float = 60.0, apart_s: float = 120.0) -> list[int]:
    """Which points keep the line within ``tolerance_m``, in place and time, and the height within ``tall_m``."""
    xy = metres(rows)
    kept = {0, len(rows) - 1}
    todo = [(0, len(rows) - 1)]
    while todo:
        a, b = todo.pop()
        if b - a < 2:
            continue
        f = (rows[a : b + 1, 0] - rows[a, 0]) / (rows[b, 0] - rows[a, 0])
        off = np.hypot(*(xy[a : b + 1] - (xy[a] + f[:, None] * (xy[b] - xy[a]))).T) / tolerance_m
        off = np.maximum(off, np.abs(rows[a : b + 1, 3] - (rows[a, 3] + f * (rows[b, 3] - rows[a, 3]))) / tall_m)
        k = a + int(np.argmax(off)) if off.max() > 1.0 else (a + b) // 2
        if (
            min(rows[k, 0] - rows[a, 0], rows[b, 0] - rows[k, 0]) < 10
        ):  # positions of one second jitter by hundreds of m
            k = (a + b) // 2
            if rows[b, 0] - rows[a, 0] < 20:
                continue
        if off.max() > 1.0 or rows[b, 0] - rows[a, 0] > apart_s:
            kept.add(k)
            todo += [(a, k), (k, b)]
    return sorted(kept)


def flown(rows: np.ndarray, kind: str) -> np.ndarray:
    """Where the exercise's aircraft is at each of the times: east, north (m), height (m)."""
    keep = waypoints(rows)
    spots = [table("point", name=f"P{n}", lat_deg=float(rows[k, 1]), lon_deg=float(rows[k, 2]))
             for n, k in enumerate(keep)]  # fmt: skip
    xy = metres(rows)
    soon = int(np.searchsorted(rows[:, 0], 15.0))
    speed = np.hypot(*(xy[soon] - xy[0])) / rows[soon, 0] / MPS_PER_KT
    route = [f"P0/N{max(min(round(speed), 699), 10):02d}F{max(rows[0, 3], 30) / 30.48:06.2f}"]
    route += [f"P{n}/F{max(rows[k, 3], 30) / 30.48:06.2f}T{round(rows[k, 0])}" for n, k in enumerate(keep) if n]
    ground_kt = np.hypot(*np.diff(xy, axis=0).T) / np.diff(rows[:, 0]) / MPS_PER_KT
    over = max(float(np.median(ground_kt)) - 440.0, 0.0)  # what the type cannot fly is wind from behind
    course = math.degrees(math.atan2(*(xy[-1] - xy[0])))
    flight = {"callsign": "REAL", "type": kind, "route": route, "level_fl": float(max(rows[0, 3], 0) / 30.48)}
    wind = table("wind", level_fl=300, from_deg=(course + 180) % 360, speed_kt=over)
    text = HEAD + "".join(spots) + table("flight", **flight) + wind
    fleet = Fleet(parse_exercise(text, file="real.toml"), 1)
    out = np.full((len(rows), 3), np.nan)
    k = 0
    last = np.array([fleet.state[fly.LAT, 0], fleet.state[fly.LON, 0], fleet.state[fly.ALT, 0]])
    while k < len(rows) and fleet.mode[fly.PHASE, 0] != fly.GONE:
        fleet.next_block()
        now = fleet.state[[fly.LAT, fly.LON, fly.ALT], 0].copy()
        while k < len(rows) and rows[k, 0] <= fleet.now_s:
            f = rows[k, 0] - (fleet.now_s - 1)
            at = last + f * (now - last)
            here = np.array([[0.0, *rows[0, 1:3]], [0.0, math.degrees(at[0]), math.degrees(at[1])]])
            out[k] = *metres(here)[1], at[2]
            k += 1
        last = now
    return out


@pytest.mark.shared
@pytest.mark.campaign
@pytest.mark.parametrize(("name", "kind", "sample"), SOURCES)
def test_a_real_trajectory_flown_as_an_exercise_stays_within_its_bounds(
    shared: Path, campaign: bool, name: str, kind: str, sample: int
) -> None:
    across_m, height_m, counted = [], [], 0
    slow_mps = 0.62 * aircraft_types()[kind].approach_cas_mps
    for rows in trajectories(shared / f"data/tracks/{name}.json.gz", 900, slow_mps):
        at = flown(rows, kind)
        known = np.isfinite(at[:, 0])
        assert known.mean() > 0.97
        across_m.append(np.hypot(*(at[known, :2] - metres(rows)[known]).T))
        height_m.append(np.abs(at[known, 2] - rows[known, 3]))
        counted += 1
        if counted == sample and not campaign:
            break
    assert counted >= (10 if name == "traffic_quickstart" else 1)
    off, tall = np.concatenate(across_m), np.concatenate(height_m)
    assert np.median(off) < 120
    assert np.quantile(off, 0.95) < 300
    assert np.quantile(off, 0.99) < 600
    assert np.median(tall) < 20
    assert np.quantile(tall, 0.95) < 100
