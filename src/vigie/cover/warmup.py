"""Compile every kernel of the cover room on tiny input."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.cover.cover import Cover
from vigie.sensors.site import Sensor, make_site, sensor_defaults


def warmup() -> Iterator[str]:
    """Yield the name of each kernel group just before compiling it by a first run."""
    yield "cover: who sees what"
    radar = Sensor(id=1, name="warm", kind="radar", lat_deg=0.0, lon_deg=0.0, **sensor_defaults("radar"))
    Cover(make_site(name="warm", lat_deg=0.0, lon_deg=0.0, sensors=(radar,))).seen_by(0.1, 0.1, 3000.0)
