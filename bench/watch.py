"""The watch: a full pass over 10,000 tracks and 1,000 volumes with conflict search; and how late an alert is.

usage: python bench/watch.py [--json]
``watch.cycle``: milliseconds of processor time of ten ticks in which every track is looked at once (a tenth a tick,
nothing new), one core. ``watch.alert_latency``: 99th percentile of the time from a plot at the door to its alert, at
the load of 500 tracks, through monitor, tracker, identify and watch: what the tick waits, plus what the step takes.
The peer (BlueSky's conflict detection) is not run here: its package is not installed beside ours.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from typing import Any

import numpy as np

from vigie.airspace.shapes import circle
from vigie.airspace.volume import FL, Level, Volume
from vigie.app.pipeline import State, step_plots
from vigie.sensors.site import Sensor, make_site, sensor_defaults
from vigie.terms.tables import HEALTH, IDENTITY, PLOT, TRACK, Rows
from vigie.watch.watch import Ground, Watch

S = 1_000_000_000
TICK = S // 10
T0 = 1_764_000_000 * S


def volumes(count: int, rng: np.random.Generator) -> tuple[Volume, ...]:
    """Return areas of all usual kinds, half circles and half polygons, over a state's size."""
    out = []
    for i in range(count):
        lat, lon = rng.uniform(5, 25), rng.uniform(-8, 18)
        if i % 2:
            ring = circle((lon, lat), rng.uniform(5e3, 30e3))
        else:
            corners = int(rng.integers(4, 20))
            at, r = np.sort(rng.uniform(0, 2 * np.pi, corners)), rng.uniform(0.05, 0.3, corners)
            ring = tuple(zip((lon + r * np.cos(at)).tolist(), (lat + r * np.sin(at)).tolist(), strict=True))
        floor = rng.uniform(0, 200)
        out.append(Volume(
            id=f"V{i}", name=f"V{i}", kind=("R", "D", "P", "TSA", "MIL")[i % 5], rings=(ring,),
            floor=Level(FL, floor * 30.48), ceiling=Level(FL, (floor + rng.uniform(20, 150)) * 30.48),
        ))  # fmt: skip
    return tuple(out)


def traffic(count: int, rng: np.random.Generator) -> Rows:
    """Return tracks all over the same area and some way around it."""
    rows = TRACK.empty(count)
    rows["track_no"], rows["status"] = np.arange(1, count + 1), 2
    rows["lat_deg"], rows["lon_deg"] = rng.uniform(4, 26, count), rng.uniform(-10, 20, count)
    course, speed = rng.uniform(0, 2 * np.pi, count), rng.uniform(100, 260, count)
    rows["v_east_mps"], rows["v_north_mps"] = speed * np.sin(course), speed * np.cos(course)
    rows["climb_mps"], rows["turn_radps"] = rng.choice([0, 0, 0, 8, -8], count), 0
    rows["press_alt_m"] = rows["geo_alt_m"] = rng.uniform(1000, 12500, count)
    rows["mode3a"], rows["icao24"], rows["sensors"] = rng.integers(1, 4000, count), np.arange(count) + 1, 2
    rows["pos_major_m"], rows["vel_sd_mps"] = 50, 1
    return rows


def cycle(tracks: int = 10_000, areas: int = 1_000, runs: int = 5) -> dict[str, Any]:
    """Return ``watch.cycle``."""
    rng = np.random.default_rng(1)
    watch = Watch(make_site(name="bench", lat_deg=13, lon_deg=2, sensors=()), Ground(volumes=volumes(areas, rng)))
    rows = traffic(tracks, rng)
    none, quiet, well = PLOT.empty(), IDENTITY.empty(), HEALTH.empty()
    now_ns, taken = T0, []
    for run in range(12 + runs):
        rows["lat_deg"] += rows["v_north_mps"] / 111_200
        rows["lon_deg"] += rows["v_east_mps"] / 111_200 / np.cos(np.radians(rows["lat_deg"]))
        rows["now_ns"], rows["toa_ns"] = now_ns + TICK, now_ns if run == 0 else rows["toa_ns"]
        spent = 0.0
        for tick in range(10):
            now_ns += TICK
            before = time.process_time()
            watch.step(rows if tick == 0 else TRACK.empty(), quiet, none, well, (), now_ns)
            spent += time.process_time() - before
        taken.append(spent * 1e3)
    return _figure("watch.cycle", statistics.median(taken[12:]), "ms", runs)


def alert_latency(tracks: int = 500, alerts: int = 200) -> dict[str, Any]:
    """Return ``watch.alert_latency``: emergency codes on plots at random times, at a load of ``tracks`` tracks."""
    rng = np.random.default_rng(2)
    adsb = Sensor(id=3, name="A", kind="adsb", lat_deg=13.5, lon_deg=2.2, **sensor_defaults("adsb"))
    state = State(make_site(name="bench", lat_deg=13.5, lon_deg=2.2, sensors=(adsb,)))
    rows = traffic(tracks, rng)
    late: list[float] = []
    raised: set[int] = set()
    for k in range(20 + alerts // 5):
        plots = PLOT.empty(tracks)
        plots["kind"], plots["sensor_id"] = 5, 3
        for name in ("lat_deg", "lon_deg", "press_alt_m", "v_east_mps", "v_north_mps", "icao24", "mode3a"):
            plots[name] = rows[name]
        plots["lat_deg"] += k * rows["v_north_mps"] / 111_200
        plots["lon_deg"] += k * rows["v_east_mps"] / 111_200 / np.cos(np.radians(rows["lat_deg"]))
        plots["pos_sd_m"] = 20.0
        plots["rx_ns"] = T0 + k * S + np.sort(rng.integers(0, S, tracks))
        plots["toa_ns"] = plots["rx_ns"] - S // 10
        if k >= 20:
            chosen = [n for n in rng.permutation(tracks).tolist() if n not in raised][:5]
            plots["mode3a"][chosen] = 0o7700
            raised.update(chosen)
        for tick in range(10):
            now_ns = T0 + k * S + (tick + 1) * TICK
            part = plots[(plots["rx_ns"] > now_ns - TICK) & (plots["rx_ns"] <= now_ns)]
            begun = time.process_time()
            out = step_plots(state, part, now_ns)
            took_ns = (time.process_time() - begun) * 1e9
            new = out.alerts[(out.alerts["rule"] == b"emergency") & (out.alerts["raised_ns"] == now_ns)]
            urgent = np.sort(part["rx_ns"][part["mode3a"] == 0o7700])
            late += [(now_ns - int(t) + took_ns) / 1e6 for t in urgent[: len(new)]]
    return _figure("watch.alert_latency", float(np.percentile(late, 99)), "ms (p99)", len(late))


def _figure(name: str, value: float, unit: str, runs: int) -> dict[str, Any]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"name": name, "value": value, "unit": unit, "peer": None, "peer_value": None, "ratio": None,
            "peak_mb": round(peak), "runs": runs}  # fmt: skip


def run() -> list[dict[str, Any]]:
    """Return both figures."""
    return [cycle(), alert_latency()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    print(json.dumps(run(), indent=1))
