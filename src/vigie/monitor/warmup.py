"""The kernels of the monitor, compiled by running them on tiny input with the dtypes of production."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.monitor.monitor import Monitor
from vigie.sensors.site import Sensor, make_site
from vigie.terms.tables import PLOT, REJECT, SERVICE


def warmup() -> Iterator[str]:
    """Yield the name of the kernel group, then compile it."""
    yield "sensor monitor"
    sensor = Sensor(id=1, name="warm-up", kind="radar", lat_deg=0.0, lon_deg=0.0)
    monitor = Monitor(make_site(name="warm-up", lat_deg=0.0, lon_deg=0.0, sensors=(sensor,)))
    plots, services = PLOT.empty(1), SERVICE.empty(1)
    plots["sensor_id"] = services["sensor_id"] = 1
    plots["kind"] = plots["azimuth_rad"] = services["kind"] = 1
    for tick in range(1, 3):
        monitor.step(plots, services, REJECT.empty(), tick * 100_000_000, tick * 100_000_000)
