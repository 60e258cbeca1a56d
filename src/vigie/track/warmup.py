"""Compile every kernel of the tracker on tiny input with the dtypes of production."""

from __future__ import annotations

import math
from collections.abc import Iterator

from vigie.sensors.site import Sensor, make_site, sensor_defaults
from vigie.terms.tables import HEALTH, PLOT
from vigie.terms.units import NS_PER_S
from vigie.track.smooth import Smoother
from vigie.track.tracker import Tracker


def warmup() -> Iterator[str]:
    """Yield the name of each kernel group just before compiling it by a first run."""
    radar = Sensor(id=1, name="warm", kind="radar", lat_deg=0.0, lon_deg=0.0, **sensor_defaults("radar"))
    other = Sensor(id=2, name="other", kind="external", lat_deg=0.0, lon_deg=0.0, **sensor_defaults("external"))
    site = make_site(name="warm", lat_deg=0.0, lon_deg=0.0, sensors=(radar, other))
    plots = PLOT.empty(1)
    plots["toa_ns"], plots["rx_ns"] = 100 * NS_PER_S, 100 * NS_PER_S + 300_000_000
    plots["sensor_id"], plots["kind"], plots["range_m"], plots["azimuth_rad"] = 1, 2, 50_000.0, math.pi / 4
    tracker = Tracker(site)
    none = HEALTH.empty()
    yield "tracker: intake"
    tracker.step(plots, none, 100 * NS_PER_S + 400_000_000)
    yield "tracker: association, update, life"
    tracker.step(PLOT.empty(), none, 101 * NS_PER_S + 500_000_000)
    yield "tracker: picture"
    tracker.step(PLOT.empty(), none, 102 * NS_PER_S)
    yield "tracker: smoothing"
    smoother = Smoother(tracker)
    smoother.take()
    smoother.close()
