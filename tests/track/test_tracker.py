"""The tracker on small flights made here: one target, one number; causal, deterministic, balanced."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vigie.earth.wgs84 import ecef_to_enu, enu_to_slant, geodetic_to_ecef
from vigie.sensors.site import Sensor, Site, make_site, sensor_defaults
from vigie.terms.tables import HEALTH, PLOT, TRACK, Rows
from vigie.terms.units import NS_PER_S
from vigie.track.tracker import Tracker

T0 = 1_700_000_000 * NS_PER_S


def radar(lat: float, lon: float, number: int = 1) -> Sensor:
    return Sensor(
        id=number, name=f"R{number}", kind="radar", lat_deg=lat, lon_deg=lon, height_m=200.0, **sensor_defaults("radar")
    )


def flight(site: Site, *, lat: float, lon: float, east: float, north: float, seconds: int, seed: int = 1,
           mode3a: int = 0o4321, press_alt_m: float = 8000.0, t0: int = T0) -> tuple[Rows, np.ndarray]:  # fmt: skip
    """Plots of one straight flight by the site's first radar, one per turn, and the true (t, lat, lon)."""
    rng = np.random.default_rng(seed)
    s = site.sensors[0]
    lat0, lon0 = math.radians(s.lat_deg), math.radians(s.lon_deg)
    origin = geodetic_to_ecef(lat0, lon0, s.height_m)
    start = np.array(geodetic_to_ecef(math.radians(lat), math.radians(lon), 8000.0))
    so, co, sl, cl = (
        math.sin(math.radians(lon)),
        math.cos(math.radians(lon)),
        math.sin(math.radians(lat)),
        math.cos(math.radians(lat)),
    )
    velocity = east * np.array([-so, co, 0.0]) + north * np.array([-sl * co, -sl * so, cl])
    n = int(seconds / s.period_s)
    rows = PLOT.empty(n)
    truth = np.zeros((n, 4))
    for k in range(n):
        t = k * s.period_s
        p = start + velocity * t
        p *= np.linalg.norm(start) / np.linalg.norm(p)  # level flight, near enough
        d = p - np.array(origin)
        r, a, _ = enu_to_slant(*ecef_to_enu(d[0], d[1], d[2], lat0, lon0))
        rows["range_m"][k] = r + rng.normal(0, s.range_sd_m)
        rows["azimuth_rad"][k] = (a + rng.normal(0, s.azimuth_sd_rad)) % (2 * math.pi)
        rows["toa_ns"][k] = t0 + int(t * 1e9)
        truth[k, 0] = t
        truth[k, 1:] = p
    rows["rx_ns"] = rows["toa_ns"] + 500_000_000
    rows["sensor_id"] = s.id
    rows["kind"] = 3
    rows["mode3a"] = mode3a
    rows["press_alt_m"] = press_alt_m
    return rows, truth


def run(site: Site, plots: Rows, chunk: int = 1, tracker: Tracker | None = None) -> tuple[Rows, Tracker]:
    tracker = tracker or Tracker(site)
    plots = plots[np.argsort(plots["rx_ns"], kind="stable")]
    now = int(plots["rx_ns"][0]) // 100_000_000 * 100_000_000
    out, i = [], 0
    while now < int(plots["rx_ns"][-1]) + 3 * NS_PER_S:
        now += 100_000_000
        j = int(np.searchsorted(plots["rx_ns"], now, side="right"))
        out.append(tracker.step(plots[i:j], HEALTH.empty(), now))
        i = j
        assert tracker.ledger.balances
    return np.concatenate(out), tracker


@pytest.mark.parametrize(("lat", "lon"), [(13.5, 2.2), (-17.0, 179.95), (89.9, 30.0), (0.0, 0.0)])
def test_one_flight_is_one_track(lat: float, lon: float) -> None:
    site = make_site(name="t", lat_deg=lat, lon_deg=lon, sensors=(radar(lat, lon),), temperature_c=15.1)
    plots, truth = flight(site, lat=lat - 0.4, lon=lon, east=150.0, north=120.0, seconds=160)
    rows, _ = run(site, plots)
    shown = rows[np.isin(rows["status"], [2, 3])]
    assert len(np.unique(shown["track_no"])) == 1
    assert set(shown["mode3a"].tolist()) == {0o4321}
    last = shown[shown["now_ns"] <= plots["toa_ns"][-1]][-1]
    k = np.searchsorted(truth[:, 0], (last["now_ns"] - T0) * 1e-9)
    w = ((last["now_ns"] - T0) * 1e-9 - truth[k - 1, 0]) / (truth[k, 0] - truth[k - 1, 0])
    want = truth[k - 1, 1:] * (1 - w) + truth[k, 1:] * w
    got = np.array(geodetic_to_ecef(math.radians(last["lat_deg"]), math.radians(last["lon_deg"]), 8000.0))
    assert np.linalg.norm(got - want) < 400.0
    assert math.hypot(last["v_east_mps"], last["v_north_mps"]) == pytest.approx(math.hypot(150, 120), abs=15)


def test_same_input_same_bits_and_causal() -> None:
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(radar(13.5, 2.2),))
    plots, _ = flight(site, lat=13.9, lon=2.4, east=-150.0, north=20.0, seconds=60)
    rows, first = run(site, plots)
    again, second = run(site, plots)
    assert rows.tobytes() == again.tobytes()
    assert first.digest == second.digest
    for cut in (7, 11):
        part, _ = run(site, plots[:cut])
        upto = int(plots["rx_ns"][cut - 1])
        assert part[part["now_ns"] <= upto].tobytes() == rows[rows["now_ns"] <= upto].tobytes()


def test_repeats_leave_no_trace() -> None:
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(radar(13.5, 2.2),))
    plots, _ = flight(site, lat=13.9, lon=2.4, east=-150.0, north=20.0, seconds=60)
    once, _ = run(site, plots)
    twice, tracker = run(site, np.repeat(plots, 2))
    assert once.tobytes() == twice.tobytes()
    assert tracker.ledger.filtered == {"duplicate": len(plots)}


def test_absurd_plots_are_filtered_with_a_reason() -> None:
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(radar(13.5, 2.2),))
    plots, _ = flight(site, lat=13.9, lon=2.4, east=-150.0, north=20.0, seconds=60)
    clean, _ = run(site, plots)
    bad = PLOT.empty(5)
    bad["rx_ns"] = plots["rx_ns"][:5]
    bad["toa_ns"] = plots["toa_ns"][:5]
    bad["sensor_id"] = 1
    bad["range_m"] = [math.inf, -5.0, 1e300, math.nan, 9e5]
    bad["azimuth_rad"] = 1.0
    rows, tracker = run(site, np.concatenate([plots, bad]))
    assert tracker.ledger.filtered == {"absurd_value": 3, "no_position": 1, "outside_range": 1}
    assert rows.tobytes() == clean.tobytes()


def test_clock_far_ahead_is_used_at_receive_time() -> None:
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(radar(13.5, 2.2),))
    plots, _ = flight(site, lat=13.9, lon=2.4, east=-150.0, north=20.0, seconds=60)
    plots["toa_ns"] += 1581 * NS_PER_S
    rows, _ = run(site, plots)
    shown = rows[rows["status"] == 2]
    assert len(np.unique(shown["track_no"])) == 1
    assert (shown["flags"] & 64).all()


def test_no_sensor_no_plots_no_rows() -> None:
    site = make_site(name="t", lat_deg=0.0, lon_deg=0.0, sensors=())
    tracker = Tracker(site)
    assert len(tracker.step(PLOT.empty(), HEALTH.empty(), T0)) == 0
    assert tracker.step(PLOT.empty(), HEALTH.empty(), T0 + NS_PER_S).dtype == TRACK.dtype
