"""Compile every kernel of identification on tiny input with the dtypes of production."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.flights.store import State
from vigie.identify.identify import Identify
from vigie.sensors.site import Sensor, make_site, sensor_defaults
from vigie.terms.tables import HEALTH, PLOT, TRACK


def warmup() -> Iterator[str]:
    """Yield the name of the kernel group just before compiling it by a first run."""
    yield "identify: trust"
    radar = Sensor(id=1, name="warm", kind="radar", lat_deg=0.0, lon_deg=0.0, **sensor_defaults("radar"))
    adsb = Sensor(id=2, name="warm", kind="adsb", lat_deg=0.0, lon_deg=0.0, **sensor_defaults("adsb"))
    identify = Identify(make_site(name="warm", lat_deg=0.0, lon_deg=0.0, sensors=(radar, adsb)))
    tracks, plots = TRACK.empty(1), PLOT.empty(1)
    tracks["track_no"], tracks["status"], tracks["sensors"], tracks["icao24"] = 1, 2, 4, 1
    tracks["lat_deg"], tracks["lon_deg"], tracks["press_alt_m"], tracks["geo_alt_m"] = 0.5, 0.5, 9000.0, 9000.0
    plots["icao24"], plots["kind"], plots["lat_deg"], plots["lon_deg"] = 1, 5, 0.5, 0.5
    identify.step(tracks, plots, HEALTH.empty(), State(), {}, (), 10**9)
