"""The simulator: flight, sensors and encoding, each on one core.

``simulate.flight``: 10,000 aircraft on routes, guidance once a second included, eight motion steps a second.
``simulate.sensors``: 10,000 aircraft seen by 60 sensors (40 radars of 4 to 5 s, 20 ADS-B receivers), bytes made, as
simulated seconds a second. ``simulate.physics``: the same sky with terrain, FRUIT, split plots, second-time-around,
reflectors, showers and clutter at every radar, and 37 sensors more (multilateration, stations, neighbours, observers,
acoustic posts, Remote ID receivers). ``simulate.encode``: CAT048 records from PLOT rows, in batches of 10,000.

Processor time, so that other work on the machine counts little.

    python bench/simulate.py
"""

from __future__ import annotations

import json
import resource
import statistics
import time
from dataclasses import replace
from typing import Any
from unittest import mock

import numpy as np

from vigie.earth.terrain import Terrain
from vigie.simulate import fly
from vigie.simulate.asterix_records import encode_plots
from vigie.simulate.exercise import parse_exercise
from vigie.simulate.fleet import Fleet
from vigie.simulate.rows import Exercise
from vigie.simulate.run import Simulation
from vigie.terms.tables import PLOT
from vigie.terms.units import NS_PER_S

AIRCRAFT = 10_000
PEER = "BlueSky 1.1.1"


def busy_sky(radars: int = 40, receivers: int = 20) -> Exercise:
    """10,000 airliners over the whole Sahel, sensors on a grid of 3 by 3 degrees and finer."""
    text = [
        '[exercise]\nname_en = "bench"\nname_fr = "mesure"\nstart = "2026-01-01T00:00:00Z"\nduration_s = 9000',
        "seed = 1",
        'centre = "Niamey"\nlat_deg = 13.5\nlon_deg = 2.2',
    ]
    points = [f"{lat:02d}00N{lon:03d}00E" for lat in range(6, 24, 2) for lon in range(0, 24, 2)]
    text.append(
        f'[[traffic]]\nname = "all"\ncount = {AIRCRAFT}\nfrom = {points}\nto = {points}\nvia = {points[::3]}\n'
        'types = ["A320", "B738", "A332", "B789"]\nlevels_fl = [310, 330, 350, 370, 390]\nfirst_s = -300\nlast_s = 0'
    )
    for k in range(radars + receivers):
        kind = (
            'kind = "radar"\nmodes = "mode_s"\nsac = 1'
            if k < radars
            else 'kind = "adsb"\nloss = 0.2\nmax_range_nmi = 200'
        )
        link = f"udp://127.0.0.1:{4000 + k}" if k < radars else f"tcp://127.0.0.1:{4000 + k}"
        text.append(
            f'[[sensor]]\nid = {k + 1}\nname = "s{k}"\n{kind}\nsic = {k + 1}\nlat_deg = {7 + (k * 7) % 15}\n'
            f'lon_deg = {1 + (k * 11) % 21}\nheight_m = 300\nperiod_s = {4 + k % 2}\nlink = "{link}"'
        )
    return parse_exercise("\n".join(text), file="bench")


def rich_sky() -> Exercise:
    """The same, with everything that an exercise can say of its sensors."""
    plain = busy_sky()
    text = ['[exercise]\nname_en = "x"\nname_fr = "y"\nstart = "2026-01-01T00:00:00Z"\nduration_s = 9000\nseed = 1']
    text.append('centre = "Niamey"\nlat_deg = 13.5\nlon_deg = 2.2')
    for k in range(40):
        text.append(
            f'[[sensor]]\nid = {k + 1}\nname = "s{k}"\nkind = "radar"\nmodes = "psr+mode_s"\nsac = 1\nsic = {k + 1}\n'
            f"lat_deg = {7 + (k * 7) % 15}\nlon_deg = {1 + (k * 11) % 21}\nheight_m = 300\nperiod_s = {4 + k % 2}\n"
            f"fruit_hz = 4000\nsplit_share = 0.02\nprf_hz = 300\n"
            f'clutter_per_scan = 10\nlink = "udp://127.0.0.1:{4000 + k}"'
        )
        text.append(f"[[clutter]]\nsensor = {k + 1}\nfrom_nmi = 3\nto_nmi = 20\npoints = 30")
        text.append(f"[[reflector]]\nsensor = {k + 1}\nazimuth_deg = {9 * k}\nrange_nmi = 3\nfaces_deg = {9 * k}")
    text += [
        f"[[shower]]\nlat_deg = {8 + k}\nlon_deg = {2 + 2 * k}\nradius_nmi = 10\nplots_per_scan = 20" for k in range(10)
    ]
    kinds = ["mlat"] * 5 + ["adsb"] * 5 + ["external"] * 2 + ["observer"] * 10 + ["acoustic"] * 10 + ["remoteid"] * 5
    for k, kind in enumerate(kinds):
        form = '\nformat = "asterix"' if kind == "adsb" else ""
        text.append(
            f'[[sensor]]\nid = {100 + k}\nname = "t{k}"\nkind = "{kind}"{form}\nsac = 2\nsic = {k + 1}\n'
            f"lat_deg = {7 + (k * 7) % 15}\nlon_deg = {1 + (k * 11) % 21}\nheight_m = 300\n"
            f'link = "udp://127.0.0.1:{4100 + k}"'
        )
    for k in range(200):
        lat, lon = 7 + (k * 7) % 15, 1 + (k * 11) % 21
        text.append(
            f'[[flight]]\ncallsign = "DRN{k}"\ntype = "DRNS"\nroute = ["{lat:02d}01N{lon:03d}01E", '
            f'"{lat:02d}04N{lon:03d}01E"]\nlevel_fl = 13\nremote_id = "BENCH{k}"'
        )
    rich = parse_exercise("\n".join(text), file="bench")
    receivers = tuple(row for row in plain.sensors if row.kind == "adsb")
    return replace(rich, traffic=plain.traffic, sensors=rich.sensors + receivers)


def flight(runs: int) -> list[float]:
    """Aircraft-steps a second."""
    fleet = Fleet(busy_sky(), 1)
    out = []
    for _ in range(runs + 1):
        begun = time.process_time()
        fly.fly_blocks(fleet.state, fleet.plan, fleet.mode, fleet.points, fleet.wind, fleet.air, float(fleet.now_s), 60)
        out.append(60 * fly.BLOCK_STEPS * int(fleet.present.sum()) / (time.process_time() - begun))
    return out[1:]


def sensors(runs: int, sky: Exercise, seconds: int = 10) -> tuple[list[float], float]:
    """Simulated seconds a second, and the octets of one simulated second."""
    simulation = Simulation(sky, 1)
    now = simulation.start_ns + 5 * NS_PER_S
    simulation.step(now)
    simulation.plots()
    out, octets = [], 0
    for _ in range(runs):
        begun = time.process_time()
        for _ in range(seconds):
            now += NS_PER_S
            octets += simulation.step(now).data.size
            simulation.plots()
        out.append(seconds / (time.process_time() - begun))
    return out, octets / (runs * seconds)


def physics(runs: int) -> list[float]:
    """Simulated seconds a second of the rich sky over hills of a coarse grid."""
    hills = 400.0 * np.random.default_rng(1).random((850, 1150))
    terrain = Terrain(hills.astype(np.float32), 6.0, 0.0, 0.02)
    with mock.patch("vigie.simulate.run.terrain_of", return_value=terrain):
        return sensors(runs, rich_sky())[0]


def encode(runs: int, n: int = 10_000) -> list[float]:
    """Plots a second."""
    rng = np.random.default_rng(1)
    rows = PLOT.empty(n)
    rows["toa_ns"] = rng.integers(0, 86_400 * NS_PER_S, n)
    rows["range_m"] = rng.uniform(0, 4e5, n)
    rows["azimuth_rad"] = rng.uniform(0, 6.28, n)
    rows["mode3a"] = rng.integers(0, 4096, n)
    rows["press_alt_m"] = rng.uniform(0, 12_000, n)
    rows["icao24"] = rng.integers(1, 1 << 24, n)
    rows["callsign"] = b"VIG1234"
    one = np.ones(n, np.int64)
    out = []
    for _ in range(runs + 1):
        begun = time.process_time()
        for _ in range(10):
            encode_plots(one, one, 5 * one, rows)
        out.append(10 * n / (time.process_time() - begun))
    return out[1:]


def _figure(name: str, values: list[float], unit: str, peer: str | None = None) -> dict[str, Any]:
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "name": name, "value": statistics.median(values), "unit": unit, "peer": peer, "peer_value": None, "ratio": None,
        "peak_mb": peak_mb, "runs": len(values),
    }  # fmt: skip


def run() -> list[dict[str, Any]]:
    """Every figure of the simulator."""
    return [
        _figure("simulate.flight", flight(5), "aircraft-steps/s", PEER),
        _figure("simulate.encode", encode(5), "plots/s"),
        _figure("simulate.sensors", sensors(3, busy_sky())[0], "x real time, 10,000 aircraft, 60 sensors"),
        _figure("simulate.physics", physics(3), "x real time, 10,200 aircraft, 97 sensors with terrain and echoes"),
    ]


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
