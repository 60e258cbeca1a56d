"""Compiles every kernel of the room by flying a small exercise for two seconds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vigie.earth.terrain import Terrain, hidden_many, horizon_of
from vigie.simulate.exercise import parse_exercise
from vigie.simulate.fleet import Fleet
from vigie.simulate.run import Simulation
from vigie.terms.units import NS_PER_S

_SMALL = """
[exercise]
name_en = "warm-up"
name_fr = "mise en route"
start = "2026-01-01T00:00:00Z"
duration_s = 5
seed = 1
centre = "Niamey"
lat_deg = 13.5
lon_deg = 2.2
[[flight]]
callsign = "ONE"
type = "A320"
route = ["1330N00200E", "1500N00300E", "DRZA"]
[[flight]]
callsign = "TWO"
type = "C208"
depart_s = -2
route = ["DRRN", "1400N00100E"]
[[sensor]]
id = 1
name = "radar"
kind = "radar"
modes = "psr+mode_s"
sac = 1
sic = 1
lat_deg = 13.48
lon_deg = 2.17
period_s = 1.0
clutter_per_scan = 2
jitter_s = 0.01
link = "udp://127.0.0.1:4001"
[[sensor]]
id = 2
name = "receiver"
kind = "adsb"
lat_deg = 13.48
lon_deg = 2.17
link = "tcp://127.0.0.1:30005"
[[sensor]]
id = 3
name = "multilateration"
kind = "mlat"
sac = 1
sic = 3
lat_deg = 13.48
lon_deg = 2.17
link = "udp://127.0.0.1:4003"
[[shower]]
lat_deg = 13.6
lon_deg = 2.3
radius_nmi = 3
plots_per_scan = 2
"""


def warmup() -> Iterator[str]:
    """Yield the name of each group of kernels just before it is compiled."""
    exercise = parse_exercise(_SMALL, file="warm-up")
    yield "flight"
    Fleet(exercise, 1).next_block()
    yield "terrain"
    mask = horizon_of(Terrain(np.zeros((2, 2), np.float32), 13.0, 2.0, 0.1), 13.0, 2.0, 10.0, 3000.0)
    hidden_many(mask, np.zeros((1, 3)))
    yield "simulated sensors"
    simulation = Simulation(exercise)
    simulation.step(simulation.start_ns + 2 * NS_PER_S)
    simulation.truth_rows(simulation.start_ns + 2 * NS_PER_S)
