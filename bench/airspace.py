"""Figures of the airspace index, flight messages and cover; shapely's STRtree answers the same question beside ours.

``airspace.near``: 10,000 places against 1,000 volumes, which hold each and how far the edge is, in ms; the peer answers
only which hold it (in the plane of degrees). One core.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from vigie.airspace.index import build_index
from vigie.airspace.shapes import circle
from vigie.airspace.volume import Volume
from vigie.cover.cover import Cover
from vigie.sensors.site import Sensor, make_site, sensor_defaults
from vigie.wire.flightplan.reader import read_messages

RUNS = 7
FPL = (
    "(FPL-NIG{:03d}-IS\n-B738/M-SDFGHIRWY/LB1\n-DRRN1030\n-N0450F350 VINAM VG1 VIAGA\n-DRZA0130\n-PBN/A1 DOF/261127)\n"
)


def run() -> list[dict[str, Any]]:
    """Return the figures."""
    rng = np.random.default_rng(7)
    centres = np.column_stack([rng.uniform(-5, 16, 1000), rng.uniform(9, 24, 1000)])
    rings = [
        circle((lon, lat), r) for (lon, lat), r in zip(centres.tolist(), rng.uniform(5e3, 80e3, 1000), strict=True)
    ]
    volumes = [Volume(id=str(i), name="", kind="R", rings=(ring,)) for i, ring in enumerate(rings)]
    build_s = _median(lambda: build_index(volumes))
    index = build_index(volumes)
    lat, lon = np.radians(rng.uniform(9, 24, 10_000)), np.radians(rng.uniform(-5, 16, 10_000))
    height, ground, reach = np.full(10_000, 9_000.0), np.zeros(10_000), np.full(10_000, 10_000.0)
    near_s = _median(lambda: index.near(lat, lon, height, height, ground, reach))
    tree = shapely.STRtree([shapely.Polygon(ring) for ring in rings])
    points = shapely.points(np.degrees(lon), np.degrees(lat))
    peer_s = _median(lambda: tree.query(points, predicate="within"))
    text = "".join(FPL.format(i) for i in range(1000)).encode()
    messages_s = _median(lambda: read_messages(text))
    sensors = tuple(
        Sensor(
            id=i, name="", kind="radar", lat_deg=12.0 + i, lon_deg=2.0 + i, height_m=240.0, **sensor_defaults("radar")
        )
        for i in range(1, 6)
    )
    cover = Cover(make_site(name="", lat_deg=13.0, lon_deg=2.0, sensors=sensors))
    grid_s = _median(
        lambda: cover.grid(south_deg=8.0, west_deg=-6.0, north_deg=25.0, east_deg=18.0, height_m=3_000.0, step_deg=0.1)
    )
    return [
        _figure("airspace.near", near_s * 1e3, "ms", "shapely.STRtree", peer_s * 1e3),
        _figure("airspace.index", build_s * 1e3, "ms"),
        _figure("airspace.messages", 1000 / messages_s, "messages/s"),
        _figure("airspace.cover_grid", grid_s * 1e3, "ms"),
    ]


def _median(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _figure(
    name: str, value: float, unit: str, peer: str | None = None, peer_value: float | None = None
) -> dict[str, Any]:
    return {
        "name": name, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value,
        "ratio": None if peer_value is None else peer_value / value,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "runs": RUNS,
    }  # fmt: skip
