"""Slant plots on the map: where they were measured from must be where they are drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vigie.earth.atmosphere import press_alt_from_amsl
from vigie.earth.wgs84 import ecef_to_enu, enu_to_slant, geodetic_to_ecef
from vigie.sensors.site import Sensor, make_site
from vigie.show.place import place_plots
from vigie.terms.tables import PLOT, Rows

A = Sensor(id=7, name="A", kind="radar", lat_deg=13.48, lon_deg=2.18, height_m=260.0)
B = Sensor(id=300, name="B", kind="radar", lat_deg=-75.0, lon_deg=179.9, height_m=0.0)
SITE = make_site(name="x", lat_deg=13.5, lon_deg=2.2, sensors=(B, A), qnh_hpa=1003.0, temperature_c=31.0)


def seen(sensor: Sensor, lat_deg: float, lon_deg: float, height_m: float) -> tuple[float, float, float]:
    """What the sensor measures of a point: slant range, azimuth, elevation."""
    here = geodetic_to_ecef(math.radians(sensor.lat_deg), math.radians(sensor.lon_deg), sensor.height_m)
    there = geodetic_to_ecef(math.radians(lat_deg), math.radians(lon_deg), height_m)
    d = [b - a for a, b in zip(here, there, strict=True)]
    return enu_to_slant(*ecef_to_enu(d[0], d[1], d[2], math.radians(sensor.lat_deg), math.radians(sensor.lon_deg)))


def one(sensor_id: int, measured: tuple[float, float, float], **more: float) -> Rows:
    plots = PLOT.empty(1)
    plots["sensor_id"] = sensor_id
    plots["range_m"], plots["azimuth_rad"] = measured[:2]
    for name, value in more.items():
        plots[name] = value
    return plots


POINTS = [(A, 13.9, 3.0, 11_000.0), (A, 12.0, 1.0, 900.0), (B, -74.0, -178.0, 10_000.0), (B, -77.5, 170.0, 5_000.0)]


@pytest.mark.parametrize(("sensor", "lat", "lon", "height"), POINTS)
@pytest.mark.parametrize("by", ["geo_alt_m", "press_alt_m", "elevation_rad"])
def test_a_plot_is_drawn_where_it_was_seen(sensor: Sensor, lat: float, lon: float, height: float, by: str) -> None:
    measured = seen(sensor, lat, lon, height)
    value = {
        "geo_alt_m": height,
        "press_alt_m": press_alt_from_amsl(height, SITE.qnh_hpa, SITE.temperature_c),
        "elevation_rad": measured[2],
    }[by]
    placed = place_plots(SITE, one(sensor.id, measured, **{by: value}))
    assert placed["lat_deg"][0] == pytest.approx(lat, abs=1e-6)
    assert placed["lon_deg"][0] == pytest.approx(lon, abs=1e-6)


def test_without_any_height_it_is_drawn_close_by() -> None:
    placed = place_plots(SITE, one(A.id, seen(A, 14.4, 2.18, 10_000.0)))
    assert placed["lat_deg"][0] == pytest.approx(14.4, abs=0.01)
    overhead = place_plots(SITE, one(A.id, (500.0, 1.0, 0.0)))
    assert placed["lon_deg"][0] == pytest.approx(2.18, abs=1e-6)
    assert overhead["lat_deg"][0] == pytest.approx(13.48, abs=0.01)


def test_what_has_a_place_or_none_at_all_is_left_alone() -> None:
    plots = PLOT.empty(4)
    plots["sensor_id"] = [7, 7, 99, 0]
    plots["lat_deg"][0], plots["lon_deg"][0] = 1.0, 2.0
    plots["azimuth_rad"] = 1.0  # the second is a bearing only, the others of sensors nobody knows
    plots["range_m"][[0, 2, 3]] = 1e5
    before = plots.copy()
    placed = place_plots(SITE, plots)
    assert placed.tobytes() == before.tobytes() == plots.tobytes()
    assert place_plots(SITE, PLOT.empty()).size == 0
    assert place_plots(make_site(name="x", lat_deg=0.0, lon_deg=0.0, sensors=()), plots).size == 4


def test_the_given_rows_are_not_changed() -> None:
    plots = one(A.id, (1e5, 1.0, 0.0))
    before = plots.tobytes()
    placed = place_plots(SITE, plots)
    assert plots.tobytes() == before
    assert np.isfinite(placed["lat_deg"][0])
