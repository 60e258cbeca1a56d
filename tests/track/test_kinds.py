"""Each kind of report counts for what it is: places, addresses, range rate, elevation, velocities, slow targets."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from tests.track.test_tracker import T0, flight, radar, run

from vigie.sensors.site import Sensor, Site, make_site, sensor_defaults
from vigie.terms.tables import PLOT, Rows
from vigie.terms.units import NS_PER_S
from vigie.track.models import SET_SLOW, SET_TRAFFIC
from vigie.track.state import I_NO, I_SET, N_PFACTOR

LAT, LON = 41.3, 2.08
M_PER_DEG = 111_200.0


def airport() -> Site:
    mlat = Sensor(id=1, name="M", kind="mlat", lat_deg=LAT, lon_deg=LON, **sensor_defaults("mlat"))
    return make_site(name="t", lat_deg=LAT, lon_deg=LON, sensors=(mlat,))


def places(east: np.ndarray, north: np.ndarray, t: np.ndarray, *, icao24: int, sd: float, seed: int = 1) -> Rows:
    """Multilateration reports along a path, as such systems send them: with range and azimuth from their origin too."""
    rng = np.random.default_rng(seed)
    e, n = east + rng.normal(0, sd, t.size), north + rng.normal(0, sd, t.size)
    rows = PLOT.empty(t.size)
    rows["lat_deg"], rows["lon_deg"] = LAT + n / M_PER_DEG, LON + e / (M_PER_DEG * math.cos(math.radians(LAT)))
    rows["range_m"], rows["azimuth_rad"] = np.hypot(e, n), np.arctan2(e, n) % (2 * math.pi)
    rows["v_east_mps"] = np.gradient(east, t) + 20.0  # its own smoothed and wrong idea
    rows["v_north_mps"] = 0.0
    rows["toa_ns"] = T0 + (t * 1e9).astype(np.int64)
    rows["rx_ns"] = rows["toa_ns"] + 100_000_000
    rows["sensor_id"], rows["kind"], rows["icao24"] = 1, 6, icao24
    return rows


def shown(rows: Rows) -> Rows:
    return rows[np.isin(rows["status"], [2, 3])]


def test_places_of_multilateration_are_used_as_places_and_their_accuracy_is_learned() -> None:
    t = np.arange(0.0, 120.0)
    plots = places(8.0 * t, 3.0 * t, t, icao24=0x345678, sd=5.0)
    rows, tracker = run(airport(), plots)
    late = shown(rows)[60:]
    s = (late["now_ns"] - T0) * 1e-9
    e = (late["lon_deg"] - LON) * M_PER_DEG * math.cos(math.radians(LAT)) - 8.0 * s
    n = (late["lat_deg"] - LAT) * M_PER_DEG - 3.0 * s
    assert len(np.unique(late["track_no"])) == 1
    assert np.median(np.hypot(e, n)) < 6.0  # by range and azimuth (0.086 degree of azimuth, 100 m) it would not be
    assert np.median(late["pos_major_m"]) < 10.0  # 30 m is what the site says of such systems
    assert tracker._sensors[0, N_PFACTOR] < 0.7


def test_one_address_jumping_keeps_its_one_track() -> None:
    t = np.arange(0.0, 90.0)
    jump = np.where((t > 40) & (t < 43), 4000.0, 0.0)  # three reports of a false solution
    gone = np.where(t > 60, 6000.0, 0.0)  # and one that stays: the older solution was the false one
    plots = places(70.0 * t + jump + gone, 0.0 * t, t, icao24=0x345678, sd=8.0)
    rows, _ = run(airport(), plots)
    by_time = shown(rows)["now_ns"]
    assert len(by_time) == len(np.unique(by_time))
    assert len(np.unique(shown(rows)["track_no"])) == 1
    last = shown(rows)[-1]
    east = (last["lon_deg"] - LON) * M_PER_DEG * math.cos(math.radians(LAT))
    assert east == pytest.approx(70.0 * (last["now_ns"] - T0) * 1e-9 + 6000.0, abs=150.0)


def test_two_aircraft_on_one_address_are_two_tracks() -> None:
    t = np.arange(0.0, 60.0)
    plots = np.concatenate(
        [
            places(70.0 * t, 0.0 * t, t, icao24=0x345678, sd=8.0),
            places(-70.0 * t, 5000.0 + 0.0 * t, t + 0.4, icao24=0x345678, sd=8.0, seed=2),
        ]
    )
    rows, _ = run(airport(), plots)
    last = shown(rows)[shown(rows)["now_ns"] == T0 + 55 * NS_PER_S]
    assert len(last) == 2
    assert set(last["icao24"].tolist()) == {0x345678}


def test_one_plot_of_another_address_changes_no_address() -> None:
    t = np.arange(0.0, 40.0)
    plots = places(70.0 * t, 0.0 * t, t, icao24=0x345678, sd=8.0)
    plots["icao24"][20] = 0x111111
    rows, _ = run(airport(), plots)
    assert set(shown(rows)["icao24"].tolist()) == {0x345678}
    plots["icao24"][20:] = 0x111111  # a transponder that was changed: the number stays
    rows, _ = run(airport(), plots)
    assert len(np.unique(shown(rows)["track_no"])) == 1
    assert shown(rows)["icao24"][-1] == 0x111111


@pytest.mark.parametrize(("speed", "ground", "expected"), [(0.0, True, SET_SLOW), (0.0, False, SET_SLOW),
                                                           (150.0, False, SET_TRAFFIC)])  # fmt: skip
def test_the_slow_set_is_chosen_by_what_is_seen(speed: float, ground: bool, expected: int) -> None:
    t = np.arange(0.0, 60.0)
    plots = places(speed * t, 0.0 * t, t, icao24=0x345678, sd=5.0)
    plots["flags"] = 32 if ground else 0
    _, tracker = run(airport(), plots)
    assert tracker._i[tracker._i[:, I_NO] > 0][0, I_SET] == expected


def radial_flight(*, rate: bool, told: bool, seed: int = 3) -> tuple[np.ndarray, Rows]:
    """Errors of velocity (m/s) of a turning flight seen by a noisy radar, with or without what else it can tell."""
    coarse = dataclasses.replace(radar(13.5, 2.2), range_sd_m=200.0)
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(coarse,), temperature_c=15.1)
    plots, truth = flight(site, lat=13.9, lon=2.25, east=0.0, north=150.0, seconds=100, seed=seed)
    rng = np.random.default_rng(seed)
    if rate:
        r = np.linalg.norm(truth[:, 1:] - np.array(_ecef(coarse)), axis=1)
        plots["range_rate_mps"] = np.gradient(r, truth[:, 0]) + rng.normal(0, 1.0, len(plots))
    if told:
        plots["kind"], plots["heading_rad"] = 4, 0.0
        plots["v_east_mps"] = rng.normal(0, 1.0, len(plots))
        plots["v_north_mps"] = 150.0 + rng.normal(0, 1.0, len(plots))
    rows, _ = run(site, plots)
    good = shown(rows)[10:60]
    return np.hypot(good["v_east_mps"], good["v_north_mps"] - 150.0), rows


def _ecef(s: Sensor) -> tuple[float, float, float]:
    from vigie.earth.wgs84 import geodetic_to_ecef

    return geodetic_to_ecef(math.radians(s.lat_deg), math.radians(s.lon_deg), s.height_m)


def test_range_rate_and_velocities_told_sharpen_the_velocity() -> None:
    plain = np.mean([radial_flight(rate=False, told=False, seed=k)[0].mean() for k in range(3)])
    rate = np.mean([radial_flight(rate=True, told=False, seed=k)[0].mean() for k in range(3)])
    told = np.mean([radial_flight(rate=False, told=True, seed=k)[0].mean() for k in range(3)])
    assert rate < 0.8 * plain
    assert told < 0.35 * plain


def test_a_radars_own_idea_of_velocity_is_no_evidence() -> None:
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(radar(13.5, 2.2),), temperature_c=15.1)
    plots, _ = flight(site, lat=13.9, lon=2.25, east=0.0, north=150.0, seconds=100)
    plots["kind"], plots["v_east_mps"], plots["v_north_mps"] = 4, 60.0, 120.0  # no heading: not from its registers
    rows, _ = run(site, plots)
    assert abs(shown(rows)["v_east_mps"][-1]) < 15.0


def test_ambiguous_range_rates_lead_nobody_astray() -> None:
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(radar(13.5, 2.2),), temperature_c=15.1)
    plots, _ = flight(site, lat=13.9, lon=2.25, east=0.0, north=150.0, seconds=100)
    plots["range_rate_mps"] = 148.0
    plots["range_rate_mps"][10::2] -= 120.0  # folded by a blind speed
    rows, _ = run(site, plots)
    assert len(np.unique(shown(rows)["track_no"])) == 1
    assert shown(rows)["v_north_mps"][-1] == pytest.approx(150.0, abs=12.0)


def test_elevation_tells_a_height_that_is_as_sure_as_the_angle() -> None:
    wide = dataclasses.replace(radar(13.5, 2.2), elevation_sd_rad=0.002)
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(wide,), temperature_c=15.1)
    plots, truth = flight(site, lat=13.9, lon=2.25, east=0.0, north=150.0, seconds=160, mode3a=65535)
    plots["press_alt_m"], plots["kind"] = math.nan, 1
    rows, _ = run(site, plots)
    assert np.isnan(shown(rows)["geo_alt_m"]).all()  # primary alone: the height is unknown
    d = truth[:, 1:] - np.array(_ecef(wide))
    lat, lon = math.radians(13.5), math.radians(2.2)
    up = np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])
    noise = np.random.default_rng(4).normal(0, 0.002, len(plots))
    plots["elevation_rad"] = np.arcsin(d @ up / np.linalg.norm(d, axis=1)) + noise
    rows, _ = run(site, plots)
    heights = shown(rows)["geo_alt_m"]
    assert np.isfinite(heights).all()
    assert abs(np.median(heights[20:]) - 8000.0) < 100.0


def test_a_young_track_of_a_slow_radar_far_away_lives_to_its_next_plot() -> None:
    slow = dataclasses.replace(radar(13.5, 2.2), period_s=10.0, azimuth_sd_rad=0.0105)
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(slow,), temperature_c=15.1)
    plots, _ = flight(site, lat=14.6, lon=2.3, east=150.0, north=60.0, seconds=200)
    rows, _ = run(site, plots)
    assert len(np.unique(shown(rows)["track_no"])) == 1
    assert not (rows["status"] == 4).any()
