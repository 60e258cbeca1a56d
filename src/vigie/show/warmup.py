"""Compiles this room's kernels by running them on tiny input of the very types of production."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vigie.sensors.site import Sensor, make_site
from vigie.show.place import place_plots
from vigie.terms.tables import PLOT


def warmup() -> Iterator[str]:
    """Yield the name of each group of kernels just before compiling it."""
    yield "plots on the map"
    sensor = Sensor(id=1, name="warm-up", kind="radar", lat_deg=13.5, lon_deg=2.2)
    plots = PLOT.empty(1)
    plots["sensor_id"], plots["range_m"], plots["azimuth_rad"] = 1, 50_000.0, np.pi / 3
    place_plots(make_site(name="warm-up", lat_deg=13.5, lon_deg=2.2, sensors=(sensor,)), plots)
