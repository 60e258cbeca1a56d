"""Which reports were of which target: what a watch can be asked to tell."""

from __future__ import annotations

import math

import numpy as np
from pyproj import Geod

from tests.watch.world import SQUARE
from vigie.evaluate.expected import Area, events_of
from vigie.evaluate.seen import seen_of
from vigie.sensors.site import Sensor, make_site, sensor_defaults
from vigie.terms.tables import PLOT, TRUTH, Rows

S = 1_000_000_000
GEOD = Geod(ellps="WGS84")
RADAR = Sensor(id=1, name="R", kind="radar", lat_deg=13.5, lon_deg=2.5, height_m=250.0, **sensor_defaults("radar"))
SITE = make_site(name="T", lat_deg=13.5, lon_deg=2.5, sensors=(RADAR,))


def flight(target: int, lat: float, lon: float, seconds: int = 200, icao24: int = 0) -> Rows:
    """A level flight east at 200 m/s."""
    rows = TRUTH.empty(seconds)
    rows["t_ns"], rows["target_id"] = np.arange(seconds) * S, target
    rows["lat_deg"], rows["lon_deg"] = lat, lon + np.arange(seconds) * 200.0 / 108_300.0
    rows["press_alt_m"], rows["geo_alt_m"], rows["v_east_mps"], rows["icao24"] = 9000.0, 9000.0, 200.0, icao24
    return rows


def scan(truth: Rows, first: int, last: int, *, tilt: float = 0.0, height: bool = True) -> Rows:
    """What the radar measures of a flight every four seconds."""
    mine = truth[first:last:4]
    plots = PLOT.empty(len(mine))
    for plot, row in zip(plots, mine, strict=True):
        azimuth, _, ground = GEOD.inv(RADAR.lon_deg, RADAR.lat_deg, row["lon_deg"], row["lat_deg"])
        plot["azimuth_rad"] = math.radians(azimuth % 360.0) + tilt
        plot["range_m"] = math.hypot(ground, row["geo_alt_m"] - RADAR.height_m)
        plot["toa_ns"], plot["sensor_id"], plot["kind"] = row["t_ns"], 1, 2
        plot["press_alt_m"] = row["press_alt_m"] if height else math.nan
        plot["icao24"] = row["icao24"]
    return plots


def test_a_target_is_in_cover_while_its_reports_come() -> None:
    near, far = flight(1, 13.2, 1.8), flight(2, 13.9, 1.8)
    truth = np.concatenate([far, near])
    seen = seen_of(truth, scan(near, 40, 120), SITE)
    assert not seen.cover[:200].any()
    cover = seen.cover[200:]
    assert not cover[:50].any()
    assert cover[56:120].all()
    assert not cover[140:].any()
    assert seen.height[200:][60]
    assert not seen.code.any()


def test_a_report_elsewhere_or_of_another_address_is_of_nobody() -> None:
    truth = flight(1, 13.2, 1.8, icao24=0x62014)
    assert seen_of(truth, scan(truth, 0, 200), SITE).cover[30:].all()
    assert not seen_of(truth, scan(truth, 0, 200, tilt=0.4), SITE).cover.any()
    named = scan(truth, 0, 200)
    named["icao24"] = 0x62015
    assert not seen_of(truth, named, SITE).cover.any()


def test_only_what_was_seen_must_be_told_and_an_unknown_height_may_be_any() -> None:
    truth = flight(1, 13.5, 1.9, icao24=0x62014)
    areas = [
        Area(id="NE", rule="border_crossing", rings=(SQUARE,), floor_m=-1e9, ceiling_m=1e9),
        Area(id="R", rule="apw_intrusion", rings=(SQUARE,), floor_m=-1e9, ceiling_m=8000.0),
    ]
    entry_s = 0.1 * 108_300 / 200

    def of(plots: Rows) -> list[tuple[str, bool]]:
        return [(e.rule, e.must) for e in events_of(truth, areas, seen_of(truth, plots, SITE))]

    assert of(scan(truth, 0, 200)) == [("border_crossing", True), ("border_crossing", False)]
    assert ("border_crossing", True) not in of(scan(truth, 0, int(entry_s) - 20))
    assert ("border_crossing", True) not in of(scan(truth, int(entry_s) + 2, 200))
    blind = of(scan(truth, 0, 200, height=False))
    assert ("border_crossing", True) in blind
    assert ("apw_intrusion", False) in blind
