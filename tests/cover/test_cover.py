"""Cover: range, horizon, cone; each against a calculation of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from vigie.cover.cover import Cover, horizon_m
from vigie.sensors.site import Sensor, make_site, sensor_defaults

GEOD = Geod(ellps="WGS84")


def cover(
    kind: str = "radar", height_m: float = 30.0, range_m: float = 400e3, lat: float = 13.5, lon: float = 2.2
) -> Cover:
    values = {**sensor_defaults(kind), "max_range_m": range_m}
    sensors = (
        Sensor(id=1, name="one", kind=kind, lat_deg=lat, lon_deg=lon, height_m=height_m, **values),
        Sensor(id=9, name="watcher", kind="observer", lat_deg=lat, lon_deg=lon, **sensor_defaults("observer")),
    )
    return Cover(make_site(name="x", lat_deg=lat, lon_deg=lon, sensors=sensors), ground_m=0.0)


@settings(max_examples=40)
@given(st.floats(10, 60), st.floats(100, 12_000), st.floats(0, 360), st.floats(-80, 80), st.floats(-180, 180))
def test_the_horizon_is_that_of_a_larger_earth(
    antenna_m: float, height_m: float, azimuth: float, lat: float, lon: float
) -> None:
    """Two tangents to a sphere of 4/3 radius: sqrt(2kRh) for each, by geometry of its own."""
    one = cover(height_m=antenna_m, range_m=2e6, lat=lat, lon=lon)
    edge = horizon_m(height_m, antenna_m)
    for part, expected in ((0.98, (1,)), (1.02, ())):
        x, y, _ = GEOD.fwd(lon, lat, azimuth, part * edge)
        assert one.seen_by(y, x, height_m) == expected


def test_range_and_cone_of_a_radar_and_none_of_a_receiver() -> None:
    radar = cover(range_m=100e3)
    for metres, expected in ((95e3, (1,)), (105e3, ()), (3e3, ()), (15e3, (1,))):
        lon, lat, _ = GEOD.fwd(2.2, 13.5, 90.0, metres)
        assert radar.seen_by(lat, lon, 9_000.0) == expected
    assert cover("adsb").seen_by(13.5, 2.2, 9_000.0) == (1,)


def test_a_plateau_does_not_lengthen_the_horizon() -> None:
    """An antenna 800 m over the ellipsoid is taken to stand 30 m over its ground: target 1,000 m over that ground."""
    site = make_site(name="x", lat_deg=0.0, lon_deg=0.0, sensors=cover(height_m=800.0, lat=0.0, lon=0.0).sensors)
    edge = horizon_m(1_000.0, 30.0)
    for part, expected in ((0.98, (1,)), (1.02, ())):
        lon, lat, _ = GEOD.fwd(0.0, 0.0, 45.0, part * edge)
        assert Cover(site).seen_by(lat, lon, 1_770.0) == expected


def test_what_is_out_of_order_covers_nothing() -> None:
    one = cover()
    assert one.seen_by(13.9, 2.2, 5_000.0) == (1,)
    assert one.set_in_order({1: False})
    assert not one.set_in_order({1: False})
    assert one.seen_by(13.9, 2.2, 5_000.0) == ()
    assert one.counts(np.radians([13.9]), np.radians([2.2]), np.array([math.nan])).tolist() == [0]


def test_the_grid_is_the_points_and_runs_over_the_antimeridian() -> None:
    one = cover(lat=0.0, lon=179.9, range_m=150e3)
    grid = one.grid(south_deg=-2.0, west_deg=178.0, north_deg=2.0, east_deg=-178.0, height_m=6_000.0, step_deg=0.5)
    assert grid.counts.shape == (8, 8)
    for row in range(8):
        for column in range(8):
            lat, lon = -2.0 + (row + 0.5) * 0.5, 178.0 + (column + 0.5) * 0.5
            assert grid.counts[row, column] == len(one.seen_by(lat, lon, 6_000.0))
    assert 0 < grid.counts.sum() < 64
    assert grid.counts[:, 4:].any()  # beyond the antimeridian


def test_a_site_without_sensors_covers_nothing() -> None:
    none = Cover(make_site(name="x", lat_deg=0.0, lon_deg=0.0, sensors=()))
    assert none.seen_by(0.0, 0.0, 1000.0) == ()
    assert not none.grid(south_deg=0, west_deg=0, north_deg=1, east_deg=1, height_m=1000.0).counts.any()
    assert pytest.approx(0.0) == horizon_m(0.0, 0.0)
