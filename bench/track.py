"""Plots per second through the tracker, from 100 to 100,000 targets, each plot's whole way from intake to picture.

usage: python bench/track.py [track.n500 ...]
One radar of 4 s per 500 targets' area, codes and heights on most, false plots a third of the targets' number per turn.
The peer of track.n100 is Stone Soup (EKF, global nearest neighbour) on the plots of its first six turns, in the
environment that ``make peers`` installs; the ratio is to ours on the very same plots, in the same run.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vigie.sensors.measure import sensor_frame
from vigie.sensors.site import Sensor, Site, make_site
from vigie.terms.tables import HEALTH, PLOT, Rows
from vigie.terms.units import NS_PER_S, RAD_PER_DEG
from vigie.terms.utc import TICK_NS
from vigie.track.tracker import Tracker

T0 = 1_750_000_000 * NS_PER_S
RANGE_M = 250_000.0
ROOT = Path(__file__).resolve().parents[1]
PEER_TURNS = 6
PEER = "Stone Soup 1.9.1, EKF and global nearest neighbour"


def exercise(targets: int, seconds: int, seed: int = 5) -> tuple[Site, Rows]:
    """Return a site with a radar for every 500 targets or so (at most 40) and its plots, sorted by receive time."""
    rng = np.random.default_rng(seed)
    radars = max(1, min(40, targets // 500))
    side = math.ceil(math.sqrt(radars))
    sensors = tuple(
        Sensor(id=k + 1, name=f"R{k + 1}", kind="radar", lat_deg=(k // side) * 4.0, lon_deg=(k % side) * 4.0,
               height_m=200.0, period_s=4.0, range_sd_m=50.0, azimuth_sd_rad=0.08 * RAD_PER_DEG, max_range_m=RANGE_M)
        for k in range(radars)
    )  # fmt: skip
    parts = []
    share = np.array_split(np.arange(targets), radars)
    for sensor, ids in zip(sensors, share, strict=True):
        n = len(ids)
        r, a = RANGE_M * 0.9 * np.sqrt(rng.random(n)), 2 * np.pi * rng.random(n)
        e, v = np.stack([r * np.sin(a), r * np.cos(a)], 1), rng.uniform(120, 250, n)
        heading, omega = 2 * np.pi * rng.random(n), np.radians(2.0) * rng.choice([-1, 0, 0, 0, 1], n)
        height, code = rng.uniform(1500, 12000, n), rng.integers(1, 4000, n)
        code[rng.random(n) < 0.3] = 65535
        for turn in range(seconds // 4):
            heading = heading + omega * 4.0
            e = e + 4.0 * v[:, None] * np.stack([np.sin(heading), np.cos(heading)], 1)
            up = height - 200.0 - (e**2).sum(1) / (2 * 6371000.0)
            slant = np.sqrt((e**2).sum(1) + up**2)
            seen = (rng.random(n) < 0.9) & (slant < RANGE_M)
            false = max(1, n // 3)
            m = int(seen.sum()) + false
            rows = PLOT.empty(m)
            rows["range_m"][:-false] = slant[seen] + rng.normal(0, 50, m - false)
            rows["azimuth_rad"][:-false] = np.arctan2(e[seen, 0], e[seen, 1]) + rng.normal(0, 0.0014, m - false)
            rows["press_alt_m"][:-false] = np.where(rng.random(m - false) < 0.9, height[seen] / 1.043, np.nan)
            rows["mode3a"][:-false] = code[seen]
            rows["range_m"][-false:] = RANGE_M * np.sqrt(rng.random(false))
            rows["azimuth_rad"][-false:] = 2 * np.pi * rng.random(false)
            rows["azimuth_rad"] %= 2 * np.pi
            rows["kind"] = 3
            rows["sensor_id"] = sensor.id
            rows["toa_ns"] = T0 + ((turn + rows["azimuth_rad"] / (2 * np.pi)) * 4e9).astype(np.int64)
            rows["rx_ns"] = rows["toa_ns"] + rng.integers(250_000_000, 750_000_000, m)
            parts.append(rows)
    plots = np.concatenate(parts)
    return make_site(name="bench", lat_deg=0.0, lon_deg=0.0, sensors=sensors), plots[np.argsort(plots["rx_ns"])]


METRES = np.array([111_319.5, 110_574.3])  # of a degree of longitude and latitude, at the equator


class Traffic(NamedTuple):
    """Aircraft that fly straight on: where they begin (degrees east, north), velocity (m/s), height (m), code."""

    start_deg: Any
    velocity: Any
    height: Any
    code: Any

    def places(self, t: Any, who: Any) -> Any:
        """Return longitude and latitude (degrees) of aircraft ``who`` after ``t`` s."""
        return self.start_deg[who] + self.velocity[who] * np.asarray(t)[..., None] / METRES


def _ecef(lon_lat: Any, h: Any) -> Any:
    lo, la = np.radians(lon_lat[:, 0]), np.radians(lon_lat[:, 1])
    n = 6378137.0 / np.sqrt(1 - 0.0066943799901413165 * np.sin(la) ** 2)
    return np.stack([(n + h) * np.cos(la) * np.cos(lo), (n + h) * np.cos(la) * np.sin(lo),
                     (n * 0.9933056200098587 + h) * np.sin(la)], 1)  # fmt: skip


def radar_plots(sensor: Sensor, traffic: Traffic, seconds: int, rng: np.random.Generator, *, false: int) -> list[Rows]:
    """Return what a radar reports of the traffic, and ``false`` plots a turn: a batch for each turn."""
    frame = sensor_frame(sensor.lat_deg * RAD_PER_DEG, sensor.lon_deg * RAD_PER_DEG, sensor.height_m)
    parts = []
    for turn in range(int(seconds / sensor.period_s)):
        who = np.flatnonzero(rng.random(len(traffic.code)) < 0.9)
        t = np.full(who.size, turn * sensor.period_s)
        for _ in range(2):
            d = _ecef(traffic.places(t, who), traffic.height[who]) - frame[:3]
            azimuth = np.arctan2(d @ frame[3:6], d @ frame[6:9]) % (2 * np.pi)
            t = (turn + azimuth / (2 * np.pi)) * sensor.period_s
        slant = np.linalg.norm(d, axis=1)
        near = slant < RANGE_M
        m = int(near.sum())
        rows = PLOT.empty(m + false)
        rows["range_m"][:m] = slant[near] + rng.normal(0, 50, m)
        rows["azimuth_rad"][:m] = azimuth[near] + rng.normal(0, 0.0014, m)
        rows["press_alt_m"][:m] = traffic.height[who[near]] / 1.043
        rows["mode3a"][:m] = traffic.code[who[near]]
        rows["range_m"][m:], rows["azimuth_rad"][m:] = RANGE_M * np.sqrt(rng.random(false)), 6.283 * rng.random(false)
        rows["azimuth_rad"] %= 2 * np.pi
        rows["kind"], rows["sensor_id"] = 3, sensor.id
        rows["toa_ns"] = T0 + ((turn + rows["azimuth_rad"] / (2 * np.pi)) * sensor.period_s * 1e9).astype(np.int64)
        rows["rx_ns"] = rows["toa_ns"] + rng.integers(250_000_000, 750_000_000, m + false)
        parts.append(rows)
    return parts


def big(seconds: int = 120, targets: int = 5000, seed: int = 6) -> tuple[Site, Rows]:
    """Return six radars within one country, 5,000 targets that all six may see, and ADS-B on half of them."""
    rng = np.random.default_rng(seed)
    spots = [(0.0, 0.0), (1.2, 0.3), (-1.1, 0.9), (0.4, -1.3), (-0.6, -1.2), (0.9, 1.5)]
    sensors = tuple(
        Sensor(id=k + 1, name=f"R{k + 1}", kind="radar", lat_deg=lat, lon_deg=lon, height_m=200.0,
               period_s=4.0 + k % 3, range_sd_m=50.0, azimuth_sd_rad=0.08 * RAD_PER_DEG, max_range_m=RANGE_M)
        for k, (lat, lon) in enumerate(spots)
    )  # fmt: skip
    adsb = Sensor(id=7, name="A", kind="adsb", lat_deg=0.0, lon_deg=0.0, height_m=200.0, period_s=1.0,
                  pos_sd_m=25.0, max_range_m=500_000.0)  # fmt: skip
    start = rng.uniform(-250e3, 250e3, (targets, 2))
    heading, speed, height = (
        2 * np.pi * rng.random(targets),
        rng.uniform(120, 250, targets),
        rng.uniform(2e3, 12e3, targets),
    )
    velocity = speed[:, None] * np.stack([np.sin(heading), np.cos(heading)], 1)
    code = rng.integers(1, 4000, targets)
    parts = []
    traffic = Traffic(start / METRES, velocity, height, code)
    for sensor in sensors:
        parts += radar_plots(sensor, traffic, seconds, rng, false=150)
    half = np.arange(0, targets, 2)
    phase = rng.random(half.size)
    for second in range(seconds):
        at = traffic.places(second + phase, half) + rng.normal(0, 20, (half.size, 2)) / METRES
        rows = PLOT.empty(half.size)
        rows["lon_deg"], rows["lat_deg"], rows["geo_alt_m"] = at[:, 0], at[:, 1], height[half]
        rows["press_alt_m"], rows["icao24"] = height[half] / 1.043, 0x400000 + half
        rows["v_east_mps"], rows["v_north_mps"] = velocity[half, 0], velocity[half, 1]
        rows["kind"], rows["sensor_id"], rows["pos_sd_m"] = 5, 7, 20.0
        rows["toa_ns"] = T0 + ((second + phase) * 1e9).astype(np.int64)
        rows["rx_ns"] = rows["toa_ns"] + rng.integers(100_000_000, 400_000_000, half.size)
        parts.append(rows)
    plots = np.concatenate(parts)
    site = make_site(name="big", lat_deg=0.0, lon_deg=0.0, sensors=(*sensors, adsb))
    return site, plots[np.argsort(plots["rx_ns"])]


def once(site: Site, plots: Rows) -> tuple[float, float, int]:
    """Return seconds for all plots, the 99th percentile of one step in seconds, and confirmed tracks at the end."""
    tracker = Tracker(site)
    ticks = np.arange(T0, int(plots["rx_ns"][-1]) + NS_PER_S, TICK_NS)
    ends = np.searchsorted(plots["rx_ns"], ticks, side="right").tolist()
    none, start, shown, steps = HEALTH.empty(), 0, 0, []
    begin = time.thread_time()  # processor time: what else runs on the machine does not count
    for tick, end in zip(ticks.tolist(), ends, strict=True):
        at = time.perf_counter()
        rows = tracker.step(plots[start:end], none, tick)
        steps.append(time.perf_counter() - at)
        start = end
        if len(rows):
            shown = int((rows["status"] == 2).sum())
    return time.thread_time() - begin, float(np.percentile(steps, 99)), shown


def peer(site: Site, plots: Rows) -> dict[str, Any]:
    """Return what Stone Soup carries on the first turns of ``plots``, and the ratio of ours to it on these."""
    absent = {"peer": None, "peer_value": None, "ratio": None}
    python = ROOT / ".peers/bin/python"
    if not python.is_file():
        return {**absent, "peer_note": "Stone Soup is not installed; 'make peers' installs it"}
    turn = (plots["toa_ns"] - T0) // (4 * NS_PER_S)
    part, turn = plots[turn < PEER_TURNS], turn[turn < PEER_TURNS]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plots.npz"
        np.savez(file, t_s=(part["toa_ns"] - T0) * 1e-9, range_m=part["range_m"], azimuth_rad=part["azimuth_rad"],
                 turn=turn)  # fmt: skip
        done = subprocess.run([python, ROOT / "bench/track_peer.py", file], capture_output=True, check=False)
    if done.returncode:
        return {**absent, "peer_note": "Stone Soup did not run; 'make peers' installs it anew"}
    theirs = json.loads(done.stdout)["plots_per_s"]
    ours = len(part) / float(np.median([once(site, part)[0] for _ in range(3)]))
    return {"peer": PEER, "peer_value": round(theirs), "ratio": round(ours / theirs), "peer_plots": len(part)}


CASES = {"track.n100": (100, 240), "track.n500": (500, 240), "track.n5000": (5000, 60), "track.n100000": (100_000, 24)}


def run(names: list[str] | None = None) -> list[dict[str, Any]]:
    """Return one entry per case (plots/s over the whole run, track start included; step p99 as a second entry)."""
    out: list[dict[str, Any]] = []
    once(*exercise(20, 12))  # kernels compiled
    for name, (targets, seconds) in CASES.items():
        if names and name not in names:
            continue
        site, plots = exercise(targets, seconds)
        runs = 3 if targets <= 5000 else 1
        results = [once(site, plots) for _ in range(runs)]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
        common = {"peer": None, "peer_value": None, "ratio": None, "peak_mb": round(peak), "runs": runs}
        rate = float(np.median([len(plots) / r[0] for r in results]))
        step = float(np.median([r[1] for r in results]))
        out.append({"name": name, "value": round(rate), "unit": "plots/s", **common,
                    **(peer(site, plots) if targets == 100 else {})})  # fmt: skip
        out.append({"name": f"{name}.step_p99", "value": round(1000 * step, 2), "unit": "ms", **common,
                    "confirmed": results[-1][2], "targets": targets})  # fmt: skip
    if not names or "track.big" in names:
        site, plots = big()
        results = [once(site, plots) for _ in range(3)]
        took = float(np.median([r[0] for r in results]))
        out.append({"name": "track.big", "value": round(120.0 / took, 1), "unit": "x real time", "peer": None,
                    "peer_value": None, "ratio": None, "runs": 3, "confirmed": results[-1][2], "targets": 5000,
                    "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0),
                    "plots": len(plots)})  # fmt: skip
    return out


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, epilog="example: python bench/track.py track.n500")
    p.add_argument("names", nargs="*")
    print(json.dumps(run(p.parse_args().names), indent=1))
